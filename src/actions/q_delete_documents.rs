//! `q.delete-documents`: takes uploaded documents out of an index of a Q Business application, for good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::q_indexed::{QIndexed, documents_of};
use super::{
    Action, Assignment, Await, Condition, Facts, Look, LookError, Move, QPartRef, Refusal, Residual, Seen, Story,
    UndoRequest,
};
use crate::aws::{
    BatchDeleteQDocuments, Call, GetQIndex, ListQDataSources, ListQDocuments, Operation, QThing, Request,
};
use crate::base::{Entity, EntityKind, Impact, QId, Target, Touch};

/// How many documents a call names.
const A_CALL: usize = 10;
/// How long documents may take to go.
const GOING: Duration = Duration::from_secs(15 * 60);

/// Takes uploaded documents out of an index of a Q Business application, for good.
pub struct DeleteQDocuments;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The index.
    pub index: QPartRef,
    /// The documents, by id.
    pub documents: BTreeSet<String>,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The index, if it exists and stays.
    pub index: Option<Index>,
}

/// An index with the documents that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// When the index was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// The documents that are in it.
    pub documents: BTreeMap<String, Standing>,
}

/// How a document stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was uploaded and is in the index.
    Uploaded,
    /// It is on its way out.
    Leaving,
    /// It came through a data source, so that only that can take it out.
    Through(QId),
}

/// What was there.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The index.
    pub index: Option<QThing>,
    /// The documents that were asked for, and there.
    pub documents: BTreeMap<String, QIndexed>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl DeleteQDocuments {
    /// The calls by which all documents go: always the same ones, so that one that failed is sent again as it was approved.
    fn calls(input: &Input) -> impl Iterator<Item = BatchDeleteQDocuments> {
        let documents: Vec<String> = input.documents.iter().cloned().collect();
        let chunks: Vec<Vec<String>> = documents.chunks(A_CALL).map(<[String]>::to_vec).collect();
        let QPartRef { region, application, id } = input.index.clone();
        chunks.into_iter().map(move |documents| {
            let (region, application, index) = (region.clone(), application.clone(), id.clone());
            BatchDeleteQDocuments { region, application, index, documents }
        })
    }

    /// What only a person can take out, and why.
    fn by_hand(input: &Input, index: &Index, facts: &Facts) -> Option<Refusal> {
        let mut left: Vec<String> = Vec::new();
        for (id, standing) in &index.documents {
            if let Standing::Through(source) = standing {
                left.push(format!("{id} came through the data source {source}"));
            }
        }
        for call in Self::calls(input) {
            let refused: BTreeMap<String, String> = facts.value(&call.refused_fact()).unwrap_or_default();
            let there = refused.into_iter().filter(|(id, _)| index.documents.get(id) == Some(&Standing::Uploaded));
            left.extend(there.map(|(id, why)| format!("AWS refused {id}: {why}")));
        }
        if left.is_empty() {
            return None;
        }
        Some(Refusal::ByHand {
            why: format!("not all documents leave the index: {}", left.join("; ")),
            instructions: vec![
                "Delete what came through a data source where it came from, and synchronise; or delete the data source"
                    .to_owned(),
                format!(
                    "Delete the others in the console of Q Business, application {}, index {}",
                    input.index.application, input.index.id
                ),
            ],
        })
    }
}

impl Action for DeleteQDocuments {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const NAME: &'static str = "q.delete-documents";
    const SUMMARY: &'static str = "Delete uploaded documents from an index of a Q Business application, for good";
    const PAGE: &'static str = include_str!("q_delete_documents.md");
    const READS: &'static [&'static Operation] =
        &[GetQIndex::OPERATION, ListQDataSources::OPERATION, ListQDocuments::OPERATION];
    const SENDS: &'static [&'static Operation] = &[BatchDeleteQDocuments::OPERATION];
    // Everything that it sends is for good and must be listed.
    const ENVELOPE: usize = 0;
    const TIMEOUT: Duration = Duration::from_secs(2 * GOING.as_secs());

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.index.region), input.index.entity(EntityKind::QIndex))
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.index.entity(EntityKind::QIndex), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let QPartRef { region, application, id } = input.index.clone();
        let asked = GetQIndex { region: region.clone(), application: application.clone(), id: id.clone() };
        let index = look.find(asked).await?.filter(|index| !index.is_leaving());
        let found = match &index {
            Some(_) => documents_of(look, &region, &application, &id).await?,
            None => None,
        };
        let (Some(index), Some(mut documents)) = (index, found) else {
            return Ok(Seen { state: State { index: None }, present: Present::default(), context: Context {} });
        };
        documents.retain(|id, _| input.documents.contains(id));
        let standing = |one: &QIndexed| match &one.data_source {
            _ if one.document.is_leaving() => Standing::Leaving,
            Some(source) => Standing::Through(source.clone()),
            None => Standing::Uploaded,
        };
        let state = Index {
            created: index.created,
            documents: documents.iter().map(|(id, one)| (id.clone(), standing(one))).collect(),
        };
        let present = Present { index: Some(index), documents };
        Ok(Seen { state: State { index: Some(state) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, facts: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(index) = &state.index else { return Ok(vec![]) };
        // AWS deletes one document after the other, and some show as indexed for a while: what was accepted is waited for.
        let accepted = |call: &BatchDeleteQDocuments| {
            facts.landed(BatchDeleteQDocuments::OPERATION, &Request::entity(call)).is_some()
        };
        let mut moves: Vec<Move> = Vec::new();
        let mut going = index.documents.values().any(|standing| *standing == Standing::Leaving);
        for call in Self::calls(input) {
            let refused: BTreeMap<String, String> = facts.value(&call.refused_fact()).unwrap_or_default();
            let stands = |id: &&String| {
                index.documents.get(*id) == Some(&Standing::Uploaded) && !refused.contains_key(id.as_str())
            };
            if call.documents.iter().find(stands).is_none() {
                continue;
            }
            going = true;
            if !accepted(&call) {
                moves.push(Call::from(call).into());
            }
        }
        if !going {
            return Self::by_hand(input, index, facts).map_or(Ok(vec![]), Err);
        }
        let what = Action::subject(self, to, input);
        moves.push(Move::Await(Await { what, until: Condition::Settled, within: GOING }));
        Ok(moves)
    }

    fn restore(
        &self,
        _: &Assignment,
        _: &Input,
        _: &Present,
        _: &State,
        _: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let why = "a document cannot be read out of an index; whoever has it can put it in again";
        Err(Refusal::ForGood { why: why.to_owned() })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.index, &now.index) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    /// Fewer of the documents may be left: somebody else may have taken some out.
    fn covers(&self, planned: &State, now: &State) -> bool {
        let (Some(planned), Some(now)) = (&planned.index, &now.index) else { return now.index.is_none() };
        now.documents.keys().all(|id| planned.documents.contains_key(id))
    }

    fn tell(&self, _: &Assignment, input: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let there = &seen.present.documents;
        let index = seen.state.index.as_ref();
        let left = index.and_then(|index| Self::by_hand(input, index, &Facts::default()));
        let mut residual = vec![Residual::again(format!(
            "whoever may call BatchPutDocument on the application {}",
            input.index.application
        ))];
        if let Some(Refusal::ByHand { why, .. }) = left {
            residual.push(Residual::stays_until(why, "they are removed where they come from"));
        }
        Story {
            now: match index {
                None => "the index is gone".to_owned(),
                Some(_) => format!("{} of {} documents in the index", there.len(), input.documents.len()),
            },
            does: "delete those that were uploaded, ten a call".to_owned(),
            impact: if there.is_empty() { Impact::NoneSeen } else { Impact::Degrades },
            because: match there.is_empty() {
                true => "none is in the index".to_owned(),
                false => "answers no longer rest on them".to_owned(),
            },
            undo: "not possible".to_owned(),
            residual,
            notes: there.iter().map(|(id, one)| format!("{id} is {}", one.document.status)).collect(),
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    fn input(documents: &[&str]) -> Input {
        let id = |n: u8| format!("a1b2c3d4-5678-90ab-cdef-example{n:05}").parse().expect("an id");
        let index = QPartRef { region: "us-east-1".parse().expect("a Region"), application: id(1), id: id(2) };
        Input { index, documents: documents.iter().map(|id| (*id).to_owned()).collect() }
    }

    fn proposed(input: &Input, documents: &[(&str, Standing)], facts: &Facts) -> Result<Vec<bool>, Refusal> {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let documents = documents.iter().map(|(id, standing)| ((*id).to_owned(), standing.clone())).collect();
        let state = State { index: Some(Index { created: jiff::Timestamp::UNIX_EPOCH, documents }) };
        let moves = DeleteQDocuments.propose(&to, input, &state, facts)?;
        Ok(moves.iter().map(|one| one.call().is_some()).collect())
    }

    #[test]
    fn uploaded_ones_go_and_the_others_are_left_to_a_person() {
        let source: QId = "a1b2c3d4-5678-90ab-cdef-example00003".parse().expect("an id");
        let through = || Standing::Through(source.clone());
        let both = input(&["a", "b"]);
        let facts = Facts::default();
        let moves = proposed(&both, &[("a", Standing::Uploaded), ("b", through())], &facts);
        assert_eq!(moves, Ok(vec![true, false]));
        assert_eq!(proposed(&both, &[("a", Standing::Leaving)], &facts), Ok(vec![false]));
        assert_eq!(proposed(&both, &[], &facts), Ok(vec![]));
        let left = proposed(&both, &[("b", through())], &facts);
        assert!(matches!(left, Err(Refusal::ByHand { ref why, .. }) if why.contains("b came through")), "{left:?}");
    }

    #[test]
    fn what_aws_refused_inside_its_answer_is_named_and_not_asked_for_again() {
        let both = input(&["a", "b"]);
        let call = DeleteQDocuments::calls(&both).next().expect("a call");
        let values = [(call.refused_fact(), serde_json::json!({ "a": "InvalidRequest: no" }))].into();
        let at = jiff::Timestamp::UNIX_EPOCH;
        let landed = [((BatchDeleteQDocuments::OPERATION.to_string(), Request::entity(&call)), at)].into();
        let facts = Facts::new(values, landed);
        let one = |standing| proposed(&both, &[("a", Standing::Uploaded), ("b", standing)], &facts);
        assert_eq!(one(Standing::Uploaded), Ok(vec![false]));
        let left = proposed(&both, &[("a", Standing::Uploaded)], &facts);
        assert!(matches!(left, Err(Refusal::ByHand { ref why, .. }) if why.contains("AWS refused a")), "{left:?}");
    }
}
