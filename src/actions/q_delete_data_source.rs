//! `q.delete-data-source`: deletes a data source of a Q Business application, for good.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::q_contents::{data_source, stage_of, sync_of};
use super::{Assignment, Deletion, Doomed, Found, Look, LookError, QDataSourceRef, QHeld, QPart, Residual, Story};
use crate::aws::{
    Call, DeleteQDataSource as DeleteCall, GetQDataSource, ListQDataSourceSyncJobs, Operation, Request,
    StopQDataSourceSyncJob,
};
use crate::base::{Entity, Impact, Region};

/// Deletes a data source of a Q Business application, for good, after its synchronisation has stopped.
pub struct DeleteQDataSource;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The data source.
    pub data_source: QDataSourceRef,
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// All that AWS tells of it, and of its synchronisations.
    pub held: QHeld,
}

impl Deletion for DeleteQDataSource {
    type Input = Input;
    type Part = QPart;
    type Present = Present;

    const NAME: &'static str = "q.delete-data-source";
    const SUMMARY: &'static str = "Delete a data source of a Q Business application with its documents, for good";
    const PAGE: &'static str = include_str!("q_delete_data_source.md");
    const READS: &'static [&'static Operation] = &[GetQDataSource::OPERATION, ListQDataSourceSyncJobs::OPERATION];
    const SENDS: &'static [&'static Operation] = &[StopQDataSourceSyncJob::OPERATION, DeleteCall::OPERATION];
    // Its documents are taken out of the index one by one.
    const GOING: Duration = Duration::from_secs(60 * 60);
    // Synchronisations that begin after the plan are stopped on the way.
    const ENVELOPE: usize = 5;

    fn region<'i>(&self, input: &'i Input) -> Option<&'i Region> {
        Some(&input.data_source.region)
    }

    fn entity(&self, input: &Input) -> Entity {
        input.data_source.entity()
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<QPart, Present>>, LookError> {
        let QDataSourceRef { region, application, index, id } = &input.data_source;
        let Some(held) = data_source(look, region, application, index, id.clone()).await? else {
            return Ok(None);
        };
        let doomed = Doomed {
            first: sync_of(index, id, &held.jobs).into_iter().collect(),
            ..Doomed::new(held.thing.created.to_string(), stage_of(&held.thing))
        };
        Ok(Some(Found { doomed, present: Present { held } }))
    }

    fn delete_first(&self, input: &Input, part: &QPart) -> Option<Call> {
        Some(part.call(&input.data_source.region, &input.data_source.application))
    }

    fn comes_and_goes(&self, part: &QPart) -> bool {
        matches!(part, QPart::Sync { .. })
    }

    fn delete(&self, input: &Input) -> Call {
        let QDataSourceRef { region, application, index, id } = input.data_source.clone();
        DeleteCall { region, application, index, id }.into()
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<QPart>, &Present)>) -> Story {
        let syncing = found.is_some_and(|(doomed, _)| !doomed.first.is_empty());
        let source = found.map(|(_, present)| &present.held.thing);
        let mut notes = Vec::new();
        if let Some(schedule) =
            source.and_then(|source| source.text("syncSchedule")).filter(|schedule| !schedule.is_empty())
        {
            notes.push(format!(
                "it synchronises by the schedule `{schedule}`: one that begins after the plan is stopped as well"
            ));
        }
        Story {
            now: match source {
                None => "gone".to_owned(),
                Some(source) => format!(
                    "`{}`, {}{}",
                    source.name.as_deref().unwrap_or("?"),
                    source.text("type").unwrap_or("of a kind that AWS does not tell"),
                    if syncing { ", synchronising" } else { "" },
                ),
            },
            does: match syncing {
                true => "stop the synchronisation, then delete it with its documents for good".to_owned(),
                false => "delete it with its documents for good, its configuration captured first".to_owned(),
            },
            impact: Impact::Degrades,
            because: "what came from it is no longer found by anybody who asks the application".to_owned(),
            undo: String::new(),
            residual: vec![Residual::stays(
                "the documents where they came from, and the secret, role and key that the connector used",
            )],
            notes,
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "a new one would have another id and take in everything anew; what the old one was is in the evidence"
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::{Action, DoomedState, Facts, Stage};
    use crate::aws::Place;
    use crate::base::Partition;

    fn proposed(first: Vec<(QPart, Stage)>) -> Vec<&'static str> {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let id = |n: u8| format!("a1b2c3d4-5678-90ab-cdef-example{n:05}").parse().expect("an id");
        let region = "us-east-1".parse().expect("a Region");
        let input = Input { data_source: QDataSourceRef { region, application: id(1), index: id(2), id: id(3) } };
        let doomed = Doomed { first, ..Doomed::new("1", Stage::Standing) };
        let moves = DeleteQDataSource
            .propose(&to, &input, &DoomedState { doomed: Some(doomed) }, &Facts::default())
            .expect("moves");
        moves.iter().map(|one| one.call().map_or("wait", |call| call.operation().name)).collect()
    }

    #[test]
    fn what_writes_into_it_stops_first() {
        let id = |n: u8| format!("a1b2c3d4-5678-90ab-cdef-example{n:05}").parse().expect("an id");
        let sync = || QPart::Sync { index: id(2), data_source: id(3) };
        assert_eq!(proposed(vec![]), ["DeleteDataSource", "wait"]);
        let stopping = [("StopDataSourceSyncJob"), "wait", "DeleteDataSource", "wait"];
        assert_eq!(proposed(vec![(sync(), Stage::Standing)]), stopping);
        assert_eq!(proposed(vec![(sync(), Stage::Leaving)]), stopping[1..]);
    }
}
