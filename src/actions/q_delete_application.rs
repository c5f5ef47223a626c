//! `q.delete-application`: deletes a Q Business application with all that it holds, for good.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::q_contents::{CONTENTS_READS, in_order, of_application, stage_of};
use super::q_delete_index::documents;
use super::q_delete_retriever::kendra_index;
use super::{Assignment, Deletion, Doomed, Found, Look, LookError, QApplicationRef, QHeld, QPart, Residual, Story};
use crate::aws::{
    Call, DeleteQApplication as DeleteCall, DeleteQDataAccessor, DeleteQDataSource, DeleteQIndex, DeleteQPlugin,
    DeleteQRetriever, DeleteQWebExperience, GetQApplication, Operation, QThing, Request, StopQDataSourceSyncJob,
    joined,
};
use crate::base::{Entity, Impact, Region};

/// Deletes a Q Business application with all that it holds, for good: what it holds first, itself last of all.
pub struct DeleteQApplication;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The application.
    pub application: QApplicationRef,
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// All that AWS tells of it.
    pub application: QThing,
    /// What it holds.
    pub held: Vec<QHeld>,
}

impl Present {
    fn count(&self, fits: impl Fn(&QPart) -> bool) -> usize {
        self.held.iter().filter(|held| fits(&held.part)).count()
    }

    /// What it is and holds, in a line.
    fn line(&self) -> String {
        let documents: u64 = self.held.iter().filter_map(|held| documents(&held.thing)).sum();
        format!(
            "`{}` with {} web experiences, {} plugins, {} data accessors, {} retrievers, {} indices, {} data sources, {documents} documents",
            self.application.name.as_deref().unwrap_or("?"),
            self.count(|part| matches!(part, QPart::WebExperience { .. })),
            self.count(|part| matches!(part, QPart::Plugin { .. })),
            self.count(|part| matches!(part, QPart::DataAccessor { .. })),
            self.count(|part| matches!(part, QPart::Retriever { .. })),
            self.count(|part| matches!(part, QPart::Index { .. })),
            self.count(|part| matches!(part, QPart::DataSource { .. })),
        )
    }
}

/// What is read of the application and of all that it holds.
const READS: [&Operation; 14] = joined([GetQApplication::OPERATION], CONTENTS_READS);

impl Deletion for DeleteQApplication {
    type Input = Input;
    type Part = QPart;
    type Present = Present;

    const CONFIDES: Option<&'static str> = Some("what Amazon Q is told of its plugins and says to people");
    const NAME: &'static str = "q.delete-application";
    const SUMMARY: &'static str = "Delete a Q Business application with all that it holds, for good";
    const PAGE: &'static str = include_str!("q_delete_application.md");
    const READS: &'static [&'static Operation] = &READS;
    const SENDS: &'static [&'static Operation] = &[
        DeleteQWebExperience::OPERATION,
        DeleteQPlugin::OPERATION,
        DeleteQDataAccessor::OPERATION,
        StopQDataSourceSyncJob::OPERATION,
        DeleteQDataSource::OPERATION,
        DeleteQRetriever::OPERATION,
        DeleteQIndex::OPERATION,
        DeleteCall::OPERATION,
    ];
    // Turn after turn, and the documents of each index one by one.
    const GOING: Duration = Duration::from_secs(2 * 60 * 60);
    // Synchronisations that begin after the plan are stopped on the way.
    const ENVELOPE: usize = 25;

    fn region<'i>(&self, input: &'i Input) -> Option<&'i Region> {
        Some(&input.application.region)
    }

    fn entity(&self, input: &Input) -> Entity {
        input.application.entity()
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<QPart, Present>>, LookError> {
        let QApplicationRef { region, id } = input.application.clone();
        let Some(application) = look.find(GetQApplication { region: region.clone(), id: id.clone() }).await? else {
            return Ok(None);
        };
        let held = of_application(look, &region, &id).await?;
        let doomed =
            Doomed { first: in_order(&held), ..Doomed::new(application.created.to_string(), stage_of(&application)) };
        Ok(Some(Found { doomed, present: Present { application, held } }))
    }

    fn delete_first(&self, input: &Input, part: &QPart) -> Option<Call> {
        Some(part.call(&input.application.region, &input.application.id))
    }

    fn turn(&self, part: &QPart) -> usize {
        part.turn()
    }

    fn comes_and_goes(&self, part: &QPart) -> bool {
        matches!(part, QPart::Sync { .. })
    }

    fn delete(&self, input: &Input) -> Call {
        let QApplicationRef { region, id } = input.application.clone();
        DeleteCall { region, id }.into()
    }

    fn shows_going(&self, call: &Call) -> bool {
        ![DeleteQRetriever::OPERATION, DeleteQDataAccessor::OPERATION].contains(&call.operation())
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<QPart>, &Present)>) -> Story {
        let mut residual = vec![Residual::stays(
            "the roles, secrets and keys that it worked with, the documents where they came from, and the \
                   subscriptions of its users until the end of the month",
        )];
        let held = found.map(|(_, present)| present.held.as_slice()).unwrap_or_default();
        for index in held.iter().filter_map(|held| kendra_index(&held.thing)) {
            let what = format!("the Amazon Kendra index {index} with all its documents: it is no part of Q Business");
            residual.push(Residual::stays_until(what, "a person deletes it in Amazon Kendra"));
        }
        Story {
            now: found.map_or_else(|| "gone".to_owned(), |(_, present)| present.line()),
            does: "delete what it holds, from the pages in to the indices, then it, for good".to_owned(),
            impact: Impact::Outage,
            because: "nobody can use it any more, and its addresses do not come back".to_owned(),
            undo: String::new(),
            residual,
            notes: vec![
                "conversations, uploaded documents and subscriptions are not captured; Q Business takes no new customers"
                    .to_owned(),
            ],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "a new one would have other ids and addresses, and Q Business takes no new customers; what the old one was is in \
         the evidence"
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::{Action, DoomedState, Facts, Move, Stage};
    use crate::aws::Place;
    use crate::base::{Partition, QId};

    fn id(n: u8) -> QId {
        format!("a1b2c3d4-5678-90ab-cdef-example{n:05}").parse().expect("an id")
    }

    fn moves(first: Vec<(QPart, Stage)>, facts: &Facts) -> Vec<Move> {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let region = "us-east-1".parse().expect("a Region");
        let input = Input { application: QApplicationRef { region, id: id(1) } };
        let doomed = Doomed { first, ..Doomed::new("1", Stage::Standing) };
        DeleteQApplication.propose(&to, &input, &DoomedState { doomed: Some(doomed) }, facts).expect("moves")
    }

    fn names(moves: &[Move]) -> Vec<&'static str> {
        moves.iter().map(|one| one.call().map_or("wait", |call| call.operation().name)).collect()
    }

    #[test]
    fn what_it_holds_goes_turn_by_turn() {
        let index = id(2);
        let parts = [
            QPart::WebExperience { id: id(3) },
            QPart::Plugin { id: id(4) },
            QPart::Sync { index: index.clone(), data_source: id(5) },
            QPart::DataSource { index: index.clone(), id: id(5) },
            QPart::Retriever { id: id(6) },
            QPart::Index { id: index },
        ];
        let standing: Vec<(QPart, Stage)> = parts.into_iter().map(|part| (part, Stage::Standing)).collect();
        let all = moves(standing.clone(), &Facts::default());
        let wanted = [
            "DeleteWebExperience",
            "DeletePlugin",
            "StopDataSourceSyncJob",
            "wait",
            "DeleteDataSource",
            "wait",
            "DeleteRetriever",
            "wait",
            "DeleteIndex",
            "wait",
            "DeleteApplication",
            "wait",
        ];
        assert_eq!(names(&all), wanted);
        // A retriever that this run has deleted is only waited for, since AWS does not show that it is going.
        let sent = all.iter().filter_map(Move::call).find(|call| call.operation() == DeleteQRetriever::OPERATION);
        let sent = sent.expect("a call");
        let landed = [((sent.operation().to_string(), sent.entity()), jiff::Timestamp::UNIX_EPOCH)];
        let facts = Facts::new([].into(), landed.into());
        assert_eq!(
            names(&moves(standing[4..].to_vec(), &facts)),
            ["wait", "DeleteIndex", "wait", "DeleteApplication", "wait"]
        );
    }
}
