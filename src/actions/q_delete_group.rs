//! `q.delete-group`: deletes a group that documents of a Q Business index are shown to, for good.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, Deletion, Doomed, Found, Look, LookError, QPartRef, Residual, Stage, Story};
use crate::aws::{Call, DeleteQGroup as DeleteCall, GetQGroup, Operation, QGroup, Request};
use crate::base::{Entity, EntityKind, Impact, QId, Region};

/// Deletes a group that documents of a Q Business index are shown to, for good.
pub struct DeleteQGroup;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The index.
    pub index: QPartRef,
    /// The group.
    pub group: String,
    /// The data source whose group it is; left out, one of the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_source: Option<QId>,
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// All that AWS tells of it.
    pub group: QGroup,
}

impl Deletion for DeleteQGroup {
    type Input = Input;
    type Part = String;
    type Present = Present;

    const NAME: &'static str = "q.delete-group";
    const SUMMARY: &'static str = "Delete a group that documents of a Q Business index are shown to, for good";
    const PAGE: &'static str = include_str!("q_delete_group.md");
    const READS: &'static [&'static Operation] = &[GetQGroup::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteCall::OPERATION];
    const GOING: Duration = Duration::from_secs(15 * 60);

    fn region<'i>(&self, input: &'i Input) -> Option<&'i Region> {
        Some(&input.index.region)
    }

    fn entity(&self, input: &Input) -> Entity {
        input.index.entity(EntityKind::QIndex).child(EntityKind::QGroup, &input.group)
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<String, Present>>, LookError> {
        let QPartRef { region, application, id } = input.index.clone();
        let (group, data_source) = (input.group.clone(), input.data_source.clone());
        let asked = GetQGroup { region, application, index: id, group, data_source };
        let Some(group) = look.find(asked).await?.filter(|group| group.status != "DELETED") else {
            return Ok(None);
        };
        let stage = match group.status.as_str() {
            "DELETING" => Stage::Leaving,
            "PROCESSING" => Stage::Passing,
            _ => Stage::Standing,
        };
        // AWS tells neither when a group was made nor who is in it.
        let doomed = Doomed::new(input.group.clone(), stage);
        Ok(Some(Found { doomed, present: Present { group } }))
    }

    fn delete(&self, input: &Input) -> Call {
        let QPartRef { region, application, id } = input.index.clone();
        let (group, data_source) = (input.group.clone(), input.data_source.clone());
        DeleteCall { region, application, index: id, group, data_source }.into()
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<String>, &Present)>) -> Story {
        Story {
            now: found.map_or_else(|| "gone".to_owned(), |(_, present)| present.group.status.clone()),
            does: "delete it for good".to_owned(),
            impact: Impact::Degrades,
            because: "what was shown to its members is hidden from them, and what was hidden from them may be shown"
                .to_owned(),
            undo: String::new(),
            residual: vec![Residual::again_until(
                "the next synchronisation of a data source may make its groups anew",
                "the data source is stopped",
            )],
            notes: vec!["nobody can read who is in it: have the list of its members before it goes".to_owned()],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "AWS does not tell who is in a group, so nothing can be put back; whoever has the list can put it in again"
            .to_owned()
    }
}
