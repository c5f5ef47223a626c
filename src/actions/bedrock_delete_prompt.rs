//! `bedrock.delete-prompt`: deletes a prompt with all its versions, for good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agent_users::whole_flows;
use super::prompt_ref::PromptRef;
use super::{Action, Assignment, Confides, Facts, Look, LookError, Move, Refusal, Seen, Story, UndoRequest};
use crate::aws::{
    DRAFT, DeletePrompt as DeletePromptCall, GetFlow, GetFlowVersion, GetPrompt, ListFlowVersions, ListFlows,
    ListPrompts, Operation, Prompt, Request,
};
use crate::base::{Entity, Impact, Target, Touch};

/// Deletes a prompt with all its versions, for good. They are captured first.
pub struct DeletePrompt;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The prompt.
    pub prompt: PromptRef,
    /// Whether it is deleted even while a flow uses it.
    #[serde(default)]
    pub even_if_used: bool,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The prompt, if it exists.
    pub prompt: Option<Doomed>,
}

/// A prompt that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doomed {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// The numbers of its versions.
    pub versions: BTreeSet<String>,
    /// Flows that use it, in their drafts or in versions.
    pub used_by: BTreeSet<String>,
}

/// What was there: all that the API tells of it, since it cannot be had again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The draft.
    pub prompt: Option<Prompt>,
    /// Its versions, by number.
    pub versions: BTreeMap<String, Prompt>,
}

/// Nothing more is shown than what was captured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl Action for DeletePrompt {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "prompts", without: |_| Present::default() });
    const NAME: &'static str = "bedrock.delete-prompt";
    const SUMMARY: &'static str = "Delete a prompt with all its versions, for good";
    const PAGE: &'static str = include_str!("bedrock_delete_prompt.md");
    const READS: &'static [&'static Operation] = &[
        GetFlow::OPERATION,
        GetFlowVersion::OPERATION,
        GetPrompt::OPERATION,
        ListFlows::OPERATION,
        ListFlowVersions::OPERATION,
        ListPrompts::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[DeletePromptCall::OPERATION];
    // What it sends is for good and must be listed.
    const ENVELOPE: usize = 0;
    const TIMEOUT: Duration = Duration::from_secs(15 * 60);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.prompt.region), input.prompt.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.prompt.entity(), Touch::Destroys)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let PromptRef { region, id } = input.prompt.clone();
        let request = GetPrompt { region: region.clone(), prompt: id.clone(), version: None };
        let Some(prompt) = look.find(request).await? else {
            return Ok(Seen { state: State { prompt: None }, present: Present::default(), context: Context {} });
        };
        let first = ListPrompts { region: region.clone(), of: Some(id.clone()), next: None };
        let listed = look.find_all(first).await?.unwrap_or_default();
        let numbers: Vec<String> = listed.into_iter().map(|one| one.version).filter(|one| one != DRAFT).collect();
        let asked = numbers.iter().map(|version| {
            look.find(GetPrompt { region: region.clone(), prompt: id.clone(), version: Some(version.clone()) })
        });
        let read = try_join_all(asked).await?;
        let flows = whole_flows(look, &region).await?;
        let doomed = Doomed {
            created: prompt.created,
            versions: numbers.iter().cloned().collect(),
            used_by: flows.iter().filter_map(|flow| flow.if_it_names(&prompt.arn)).collect(),
        };
        let versions = numbers.into_iter().zip(read).filter_map(|(number, read)| Some((number, read?))).collect();
        let present = Present { prompt: Some(prompt), versions };
        Ok(Seen { state: State { prompt: Some(doomed) }, present, context: Context {} })
    }

    fn propose(&self, _: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(doomed) = &state.prompt else { return Ok(vec![]) };
        if !doomed.used_by.is_empty() && !input.even_if_used {
            return Err(Refusal::InUse { by: doomed.used_by.iter().cloned().collect() });
        }
        let PromptRef { region, id: prompt } = input.prompt.clone();
        Ok(vec![DeletePromptCall { region, prompt }.into()])
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
        let why =
            "a new prompt would have another id and another ARN; what the old one was is in the evidence".to_owned();
        Err(Refusal::ForGood { why })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.prompt, &now.prompt) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, _: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let used_by: Vec<&str> =
            seen.state.prompt.iter().flat_map(|prompt| &prompt.used_by).map(String::as_str).collect();
        Story {
            now: match &seen.present.prompt {
                None => "gone".to_owned(),
                Some(prompt) => format!("`{}` with {} versions", prompt.name, seen.present.versions.len()),
            },
            does: "delete it for good, variants captured first".to_owned(),
            impact: if used_by.is_empty() { Impact::Degrades } else { Impact::Outage },
            because: match used_by.as_slice() {
                [] => "applications that name its ARN are refused for good, and AWS tells nobody which they are"
                    .to_owned(),
                flows => format!("{} uses it", flows.join(", ")),
            },
            undo: "not possible".to_owned(),
            residual: vec![],
            notes: vec![],
            unread: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    #[test]
    fn a_prompt_that_a_flow_uses_stays_unless_told_otherwise() {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let input = |even_if_used| {
            let region = "us-east-1".parse().expect("a Region");
            Input { prompt: PromptRef { region, id: "PROMPT0001".parse().expect("a prompt id") }, even_if_used }
        };
        let used_by = BTreeSet::from(["flow journey (FLOWFLOW01)".to_owned()]);
        let doomed = Doomed { created: jiff::Timestamp::UNIX_EPOCH, versions: BTreeSet::new(), used_by };
        let state = State { prompt: Some(doomed) };
        let proposed = |even_if_used| DeletePrompt.propose(&to, &input(even_if_used), &state, &Facts::default());
        assert!(matches!(proposed(false), Err(Refusal::InUse { .. })));
        assert_eq!(proposed(true).map(|moves| moves.len()), Ok(1));
    }
}
