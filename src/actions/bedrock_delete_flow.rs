//! `bedrock.delete-flow`: deletes a flow with its aliases and versions, for good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flow_parts::{FlowParts, READS, flow_parts};
use super::flow_ref::FlowRef;
use super::{
    Action, Assignment, Await, Condition, Confides, Facts, Look, LookError, Move, Refusal, Seen, Story, UndoRequest,
};
use crate::aws::{
    DeleteFlow as DeleteFlowCall, DeleteFlowAlias, DeleteFlowVersion, Flow, FlowAlias, Operation, Request,
};
use crate::base::{Entity, Impact, Target, Touch, counted};

/// How long a flow may take to settle before it can be deleted.
const SETTLING: Duration = Duration::from_secs(5 * 60);

/// Deletes a flow with its aliases and versions, for good. Its definition is captured first.
pub struct DeleteFlow;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The flow.
    pub flow: FlowRef,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The flow, if it exists.
    pub flow: Option<Doomed>,
}

/// A flow that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doomed {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// Whether it is changing at this moment.
    pub passing: bool,
    /// Its aliases, but for the test alias, which goes with the flow.
    pub aliases: BTreeSet<String>,
    /// The numbers of its versions.
    pub versions: BTreeSet<u32>,
}

/// What was there: all that the API tells of it, since it cannot be had again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The flow.
    pub flow: Option<Flow>,
    /// Its aliases.
    pub aliases: Vec<FlowAlias>,
    /// Its versions, by number.
    pub versions: BTreeMap<u32, Flow>,
}

/// Nothing more is shown than what was captured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl Action for DeleteFlow {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "the prompts of flows", without: |_| Present::default() });
    const NAME: &'static str = "bedrock.delete-flow";
    const SUMMARY: &'static str = "Delete a flow with its aliases and versions, for good";
    const PAGE: &'static str = include_str!("bedrock_delete_flow.md");
    const READS: &'static [&'static Operation] = READS;
    const SENDS: &'static [&'static Operation] =
        &[DeleteFlowAlias::OPERATION, DeleteFlowVersion::OPERATION, DeleteFlowCall::OPERATION];
    // Everything that it sends is for good and must be listed.
    const ENVELOPE: usize = 0;
    const TIMEOUT: Duration = Duration::from_secs(15 * 60);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.flow.region), input.flow.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.flow.entity(), Touch::Destroys)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let Some(FlowParts { flow, aliases, versions }) = flow_parts(look, &input.flow).await? else {
            return Ok(Seen { state: State { flow: None }, present: Present::default(), context: Context {} });
        };
        let doomed = Doomed {
            created: flow.created,
            passing: flow.is_passing(),
            aliases: aliases.iter().map(|alias| alias.id.clone()).collect(),
            versions: versions.iter().map(|(number, _)| *number).collect(),
        };
        let versions = versions.into_iter().filter_map(|(number, version)| Some((number, version?))).collect();
        let present = Present { flow: Some(flow), aliases, versions };
        Ok(Seen { state: State { flow: Some(doomed) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(doomed) = &state.flow else { return Ok(vec![]) };
        let FlowRef { region, id: flow } = &input.flow;
        let mut moves = Vec::new();
        if doomed.passing {
            let what = to.place.target(Some(region), input.flow.entity());
            moves.push(Move::Await(Await { what, until: Condition::Settled, within: SETTLING }));
        }
        // An alias keeps its version in use, and both the flow.
        for alias in &doomed.aliases {
            let call = DeleteFlowAlias { region: region.clone(), flow: flow.clone(), alias: alias.clone() };
            moves.push(call.into());
        }
        for version in &doomed.versions {
            let version = version.to_string();
            moves.push(DeleteFlowVersion { region: region.clone(), flow: flow.clone(), version }.into());
        }
        moves.push(DeleteFlowCall { region: region.clone(), flow: flow.clone() }.into());
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
        let why = "a new flow would have another id and other ARNs; what the old one was is in the evidence".to_owned();
        Err(Refusal::ForGood { why })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.flow, &now.flow) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn tell(&self, _: &Assignment, _: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let aliases = seen.present.aliases.len();
        Story {
            now: match &seen.present.flow {
                None => "gone".to_owned(),
                Some(flow) => {
                    let versions = seen.present.versions.len();
                    format!("`{}` with {}, {}", flow.name, counted(aliases, "alias"), counted(versions, "version"))
                }
            },
            does: "delete it for good, definition captured first".to_owned(),
            impact: Impact::Degrades,
            because: "whoever invokes this flow is refused for good".to_owned(),
            undo: "not possible".to_owned(),
            residual: vec![],
            notes: seen
                .present
                .flow
                .iter()
                .map(|flow| {
                    format!("its role {}, agents, prompts, knowledge bases and Lambda functions stay", flow.role)
                })
                .collect(),
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
    fn aliases_go_before_versions_and_versions_before_the_flow() {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        let region = "us-east-1".parse().expect("a Region");
        let input = Input { flow: FlowRef { region, id: "FLOWFLOW01".parse().expect("a flow id") } };
        let doomed = Doomed {
            created: jiff::Timestamp::UNIX_EPOCH,
            passing: true,
            aliases: BTreeSet::from(["LIVELIVELI".to_owned()]),
            versions: BTreeSet::from([10, 9]),
        };
        let state = State { flow: Some(doomed) };
        let moves = DeleteFlow.propose(&to, &input, &state, &Facts::default()).expect("moves");
        let names: Vec<String> = moves
            .iter()
            .map(|one| {
                one.call().map_or("wait".to_owned(), |call| format!("{} {}", call.operation().name, call.entity().id()))
            })
            .collect();
        let chain = [
            "wait",
            "DeleteFlowAlias LIVELIVELI",
            "DeleteFlowVersion 9",
            "DeleteFlowVersion 10",
            "DeleteFlow FLOWFLOW01",
        ];
        assert_eq!(names, chain);
        assert_eq!(DeleteFlow.propose(&to, &input, &State { flow: None }, &Facts::default()), Ok(vec![]));
    }
}
