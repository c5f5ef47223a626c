//! `q.delete-retriever`: deletes the retriever of a Q Business application, for good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{QPartKind, QPartRef, Residual, Story};
use crate::aws::{Call, DeleteQRetriever, GetQRetriever, Operation, QThing, Request};
use crate::base::{EntityKind, Impact};

/// A retriever.
pub struct QRetriever;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The retriever.
    pub retriever: QPartRef,
}

/// The Amazon Kendra index that a retriever looks into, if it does.
pub(super) fn kendra_index(retriever: &QThing) -> Option<&str> {
    retriever.words.pointer("/configuration/kendraIndexConfiguration/indexId")?.as_str()
}

/// The index of its own application that a retriever looks into, if it does.
pub(super) fn native_index(retriever: &QThing) -> Option<&str> {
    retriever.words.pointer("/configuration/nativeIndexConfiguration/indexId")?.as_str()
}

impl QPartKind for QRetriever {
    type Input = Input;
    type Get = GetQRetriever;

    const NAME: &'static str = "q.delete-retriever";
    const SUMMARY: &'static str = "Delete a retriever of a Q Business application, for good";
    const PAGE: &'static str = include_str!("q_delete_retriever.md");
    const READS: &'static [&'static Operation] = &[GetQRetriever::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteQRetriever::OPERATION];
    const KIND: EntityKind = EntityKind::QRetriever;
    const SHOWS_GOING: bool = false;

    fn part<'i>(&self, input: &'i Input) -> &'i QPartRef {
        &input.retriever
    }

    fn delete(&self, QPartRef { region, application, id }: QPartRef) -> Call {
        DeleteQRetriever { region, application, id }.into()
    }

    fn tell(&self, found: Option<&QThing>) -> Story {
        let kendra = found.and_then(kendra_index);
        let what = match kendra {
            Some(index) => format!(
                "the Amazon Kendra index {index} with all its documents, for whoever may query it: it is no part of Q \
                 Business, and only a person can delete it, in Kendra"
            ),
            None => "the index with all its documents: q.delete-index takes it away".to_owned(),
        };
        Story {
            now: match found {
                None => "gone".to_owned(),
                Some(retriever) => format!(
                    "`{}`, looks into {}",
                    retriever.name.as_deref().unwrap_or("?"),
                    match (kendra, native_index(retriever)) {
                        (Some(index), _) => format!("the Kendra index {index}"),
                        (None, Some(index)) => format!("the index {index}"),
                        (None, None) => "nothing that AWS tells".to_owned(),
                    },
                ),
            },
            does: "delete it for good, its configuration captured first".to_owned(),
            impact: Impact::Outage,
            because: "the application answers nobody from the company's documents any more".to_owned(),
            undo: String::new(),
            residual: vec![Residual::stays(what)],
            notes: vec![],
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::actions::{Action, Assignment, DeleteQPart, Doomed, Facts, Move, Stage};
    use crate::aws::Place;
    use crate::base::Partition;

    fn told(configuration: serde_json::Value) -> String {
        let words = json!({ "configuration": configuration });
        let created = jiff::Timestamp::UNIX_EPOCH;
        let retriever = QThing { name: Some("r".to_owned()), created, status: "ACTIVE".to_owned(), words };
        QRetriever.tell(Some(&retriever)).residual[0].what.clone()
    }

    #[test]
    fn the_kendra_index_is_said_to_stay() {
        let kendra = told(json!({ "kendraIndexConfiguration": { "indexId": "K" } }));
        assert!(kendra.contains("Kendra index K") && kendra.contains("only a person"), "{kendra}");
        let native = told(json!({ "nativeIndexConfiguration": { "indexId": "N" } }));
        assert!(native.contains("q.delete-index"), "{native}");
    }

    #[test]
    fn what_this_run_has_deleted_is_waited_for_and_not_deleted_again() {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let id = |text: &str| text.parse().expect("an id");
        let retriever = QPartRef {
            region: "us-east-1".parse().expect("a Region"),
            application: id("a1b2c3d4-5678-90ab-cdef-example11111"),
            id: id("a1b2c3d4-5678-90ab-cdef-example22222"),
        };
        let input = Input { retriever };
        let doomed = Doomed::new("1", Stage::Standing);
        let state = crate::actions::DoomedState { doomed: Some(doomed) };
        let action = DeleteQPart(QRetriever);
        let proposed = |facts: &Facts| {
            let moves = action.propose(&to, &input, &state, facts).expect("moves");
            moves.iter().map(|one| one.call().is_some()).collect::<Vec<_>>()
        };
        assert_eq!(proposed(&Facts::default()), [true, false]);
        let sent = action.propose(&to, &input, &state, &Facts::default()).expect("moves");
        let call = sent.iter().find_map(Move::call).expect("a call");
        let landed = [((call.operation().to_string(), call.entity()), jiff::Timestamp::UNIX_EPOCH)];
        assert_eq!(proposed(&Facts::new([].into(), landed.into())), [false]);
    }
}
