//! `bedrock.retain-data`: keeps the embeddings of a data source when it is deleted.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::knowledge_ref::DataSourceRef;
use super::knowledge_sources::wordless;
use super::{Action, Assignment, Confides, Facts, Look, LookError, Move, Refusal, Seen, Story, UndoRequest};
use crate::aws::{DataDeletion, DataSource, GetDataSource, Late, Operation, Request, UpdateDataSource};
use crate::base::{Entity, Impact, Target, Touch};

/// Sets the data deletion policy of a data source to RETAIN.
pub struct RetainData;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The data source.
    pub data_source: DataSourceRef,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The data source, if it exists and is not being deleted.
    pub source: Option<Standing>,
}

/// How a data source stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// What becomes of its embeddings when it is deleted.
    pub deletion: DataDeletion,
}

/// What was there: the request repeats all of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The data source.
    pub source: Option<DataSource>,
}

/// Everything is captured, so nothing is only shown.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

fn without_words(present: Present) -> Present {
    Present { source: present.source.map(wordless) }
}

impl RetainData {
    fn set(input: &Input, deletion: DataDeletion) -> Move {
        let DataSourceRef { region, knowledge_base, id } = input.data_source.clone();
        let definition = Late::echo("/source/definition");
        UpdateDataSource { region, base: knowledge_base, source: id, definition, deletion }.into()
    }
}

impl Action for RetainData {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "the prompts by which documents are taken in", without: without_words });
    const NAME: &'static str = "bedrock.retain-data";
    const SUMMARY: &'static str = "Keep the embeddings of a data source when it is deleted";
    const PAGE: &'static str = include_str!("bedrock_retain_data.md");
    const READS: &'static [&'static Operation] = &[GetDataSource::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateDataSource::OPERATION];
    const ENVELOPE: usize = 2;
    const TIMEOUT: Duration = Duration::from_secs(300);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.data_source.region), input.data_source.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.data_source.entity(), Touch::Changes)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let DataSourceRef { region, knowledge_base, id } = input.data_source.clone();
        let source = look.find(GetDataSource { region, base: knowledge_base, source: id }).await?;
        let standing = source.as_ref().filter(|source| source.status != "DELETING");
        let standing = standing.map(|source| Standing { created: source.created, deletion: source.deletion });
        Ok(Seen { state: State { source: standing }, present: Present { source }, context: Context {} })
    }

    fn propose(&self, _: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        Ok(match &state.source {
            Some(source) if source.deletion == DataDeletion::Delete => vec![Self::set(input, DataDeletion::Retain)],
            _ => vec![],
        })
    }

    fn restore(
        &self,
        _: &Assignment,
        input: &Input,
        present: &Present,
        left: &State,
        state: &State,
        _: &UndoRequest,
    ) -> Result<Vec<Move>, Refusal> {
        let was_delete = present.source.as_ref().is_some_and(|source| source.deletion == DataDeletion::Delete);
        let retains = state.source.as_ref().is_some_and(|source| source.deletion == DataDeletion::Retain);
        if !was_delete || !retains {
            return Ok(vec![]);
        }
        if !self.same_thing(left, state) {
            return Err(Refusal::Changed {
                before: "the data source with the policy DELETE".to_owned(),
                left: "the same data source with RETAIN".to_owned(),
                now: "another data source".to_owned(),
            });
        }
        Ok(vec![Self::set(input, DataDeletion::Delete)])
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.source, &now.source) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, _: &Input, seen: &Seen<State, Present, Context>) -> Story {
        Story {
            now: match (&seen.present.source, &seen.state.source) {
                (Some(source), Some(standing)) => {
                    let policy = if standing.deletion == DataDeletion::Delete { "DELETE" } else { "RETAIN" };
                    format!("`{}` ({}), data deletion policy {policy}", source.name, source.kind)
                }
                (Some(source), None) => format!("`{}`, being deleted already", source.name),
                (None, _) => "gone".to_owned(),
            },
            does: "set the policy to RETAIN, all else repeated".to_owned(),
            impact: Impact::NoneSeen,
            because: "the policy matters only when the data source is deleted".to_owned(),
            undo: "the policy is set to DELETE again".to_owned(),
            residual: vec![],
            notes: vec!["whoever may call bedrock:UpdateDataSource can set it back".to_owned()],
            unread: vec![],
        }
    }
}
