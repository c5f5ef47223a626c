//! `bedrock.delete-agent`: deletes an agent with its aliases and versions, for good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::{try_join, try_join_all};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::agent_ref::AgentRef;
use super::agent_users::users_of_agents;
use super::{
    Action, Assignment, Await, Condition, Confides, Ended, Facts, Look, LookError, Move, Refusal, Residual, Seen,
    Story, UndoRequest,
};
use crate::aws::{
    Agent, AgentAlias, Collaborator, DRAFT, DeleteAgent as DeleteAgentCall, DeleteAgentAlias, GetAgent,
    GetAgentActionGroup, GetAgentVersion, GetFlow, GetFlowVersion, LifeStage, LinkedKnowledgeBase,
    ListAgentActionGroups, ListAgentAliases, ListAgentCollaborators, ListAgentKnowledgeBases, ListAgentTags,
    ListAgentVersions, ListAgents, ListFlowVersions, ListFlows, Operation, Request, TEST_ALIAS,
};
use crate::base::{Entity, Impact, Target, Touch, counted};

/// How long an alias, or the agent, may take to go.
const GOING: Duration = Duration::from_secs(15 * 60);
/// How long the agent may take to settle before it can be deleted.
const SETTLING: Duration = Duration::from_secs(5 * 60);

/// Deletes an agent with its aliases and versions, for good. Its configuration is captured first.
pub struct DeleteAgent;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The agent.
    pub agent: AgentRef,
    /// Whether it is deleted even while a supervisor or a flow works with it.
    #[serde(default)]
    pub even_if_used: bool,
}

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The agent, if it exists.
    pub agent: Option<Doomed>,
}

/// An agent that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doomed {
    /// When it was made: with the id it tells it from every other.
    pub created: jiff::Timestamp,
    /// How far it is in its life.
    pub status: LifeStage,
    /// Its aliases, but for the test alias, which goes with the agent.
    pub aliases: BTreeMap<String, LifeStage>,
    /// Supervisors and flows that work with it, in their drafts or in versions.
    pub used_by: BTreeSet<String>,
}

/// What was there: all that the API tells of it, since it cannot be had again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Present {
    /// The agent.
    pub agent: Option<Agent>,
    /// Its aliases.
    pub aliases: Vec<AgentAlias>,
    /// Its draft and its versions, by number.
    pub versions: BTreeMap<String, Snapshot>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The draft or a version of an agent.
#[derive(Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// The configuration in AWS's own words; that of the draft is the agent's.
    pub configuration: Option<Value>,
    /// The tools with their schemas and executors, in AWS's own words.
    pub action_groups: Vec<Value>,
    /// The knowledge bases.
    pub knowledge_bases: Vec<LinkedKnowledgeBase>,
    /// The agents that it hands work to.
    pub collaborators: Vec<Collaborator>,
}

/// Nothing more is shown than what was captured.
#[derive(Debug, Serialize, Deserialize)]
pub struct Context {}

impl DeleteAgent {
    /// The draft and the versions of an agent, as far as the API tells. What goes while it is read is left out.
    async fn versions(look: &Look<'_>, agent: &AgentRef) -> Result<BTreeMap<String, Snapshot>, LookError> {
        let AgentRef { region, id } = agent.clone();
        let versions = look.find_all(ListAgentVersions { region, agent: id, next: None }).await?.unwrap_or_default();
        let read = versions.iter().map(|version| Self::snapshot(look, agent, version));
        let read = try_join_all(read).await?;
        Ok(versions.iter().cloned().zip(read).collect())
    }

    async fn snapshot(look: &Look<'_>, agent: &AgentRef, version: &str) -> Result<Snapshot, LookError> {
        let AgentRef { region, id: agent } = agent.clone();
        let (next, version) = (None, version.to_owned());
        let configuration = match version.as_str() {
            DRAFT => None,
            _ => {
                let (region, agent, version) = (region.clone(), agent.clone(), version.clone());
                look.find(GetAgentVersion { region, agent, version }).await?
            }
        };
        let first = ListAgentActionGroups {
            region: region.clone(),
            agent: agent.clone(),
            version: version.clone(),
            next: next.clone(),
        };
        let groups = look.find_all(first).await?.unwrap_or_default().into_iter().map(|group| {
            let (region, agent, version) = (region.clone(), agent.clone(), version.clone());
            look.find(GetAgentActionGroup { region, agent, version, group: group.id })
        });
        let action_groups = try_join_all(groups).await?.into_iter().flatten().map(|group| group.words).collect();
        let first = ListAgentKnowledgeBases {
            region: region.clone(),
            agent: agent.clone(),
            version: version.clone(),
            next: next.clone(),
        };
        let knowledge_bases = look.find_all(first).await?.unwrap_or_default();
        let first = ListAgentCollaborators { region, agent, version, next };
        let collaborators = look.find_all(first).await?.unwrap_or_default();
        Ok(Snapshot { configuration, action_groups, knowledge_bases, collaborators })
    }

    fn gone(to: &Assignment, input: &Input) -> Move {
        Self::wait(to, input, Condition::Gone, GOING)
    }

    fn wait(to: &Assignment, input: &Input, until: Condition, within: Duration) -> Move {
        Move::Await(Await { what: to.place.target(Some(&input.agent.region), input.agent.entity()), until, within })
    }
}

impl Action for DeleteAgent {
    type Input = Input;
    type State = State;
    type Present = Present;
    type Context = Context;

    const CONFIDES: Option<Confides<Self::Present>> =
        Some(Confides { what: "what agents and their tools are told to do", without: |_| Present::default() });
    const NAME: &'static str = "bedrock.delete-agent";
    const SUMMARY: &'static str = "Delete an agent with its aliases and versions, for good";
    const PAGE: &'static str = include_str!("bedrock_delete_agent.md");
    const READS: &'static [&'static Operation] = &[
        GetAgent::OPERATION,
        GetAgentActionGroup::OPERATION,
        GetAgentVersion::OPERATION,
        GetFlow::OPERATION,
        GetFlowVersion::OPERATION,
        ListAgents::OPERATION,
        ListAgentActionGroups::OPERATION,
        ListAgentAliases::OPERATION,
        ListAgentCollaborators::OPERATION,
        ListAgentKnowledgeBases::OPERATION,
        ListAgentVersions::OPERATION,
        ListFlows::OPERATION,
        ListFlowVersions::OPERATION,
        ListAgentTags::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[DeleteAgentAlias::OPERATION, DeleteAgentCall::OPERATION];
    // Everything that it sends is for good and must be listed: there is nothing that an envelope could hold.
    const ENVELOPE: usize = 0;
    const TIMEOUT: Duration = Duration::from_secs(45 * 60);

    fn subject(&self, to: &Assignment, input: &Input) -> Target {
        to.place.target(Some(&input.agent.region), input.agent.entity())
    }

    fn touches(&self, input: &Input) -> Vec<(Entity, Touch)> {
        vec![(input.agent.entity(), Touch::Destroys)]
    }

    async fn observe(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Seen<State, Present, Context>, LookError> {
        let AgentRef { region, id } = input.agent.clone();
        let Some(agent) = look.find(GetAgent { region: region.clone(), agent: id.clone() }).await? else {
            return Ok(Seen { state: State { agent: None }, present: Present::default(), context: Context {} });
        };
        if agent.status.is_leaving() {
            let doomed = Doomed {
                created: agent.created,
                status: agent.status.clone(),
                aliases: BTreeMap::new(),
                used_by: BTreeSet::new(),
            };
            let present = Present { agent: Some(agent), ..Present::default() };
            return Ok(Seen { state: State { agent: Some(doomed) }, present, context: Context {} });
        }
        let aliases = look.ask_all(ListAgentAliases { region: region.clone(), agent: id.clone(), next: None }).await?;
        let named: BTreeMap<String, LifeStage> = aliases
            .iter()
            .filter(|alias| alias.id != TEST_ALIAS)
            .map(|alias| (alias.id.clone(), alias.status.clone()))
            .collect();
        let is_going = !named.is_empty() && named.values().all(LifeStage::is_leaving);
        // While the aliases go nothing is sent, so nothing needs to be captured either.
        let capture = Box::pin(async {
            if is_going {
                return Ok((BTreeMap::new(), BTreeMap::new()));
            }
            let tags = look.ask(ListAgentTags { region: region.clone(), arn: agent.arn.clone() });
            try_join(Self::versions(look, &input.agent), tags).await
        });
        // Whoever hands work over comes in through an alias: where none is open any more, nobody needs to be asked.
        let users = async {
            if named.values().all(LifeStage::is_leaving) {
                return Ok(BTreeSet::new());
            }
            let users = users_of_agents(look, &region).await?;
            Ok(users.get(input.agent.id.as_str()).cloned().unwrap_or_default())
        };
        let ((versions, tags), used_by) = try_join(capture, users).await?;
        let present = Present { agent: Some(agent.clone()), aliases, versions, tags };
        let doomed = Doomed { created: agent.created, status: agent.status, aliases: named, used_by };
        Ok(Seen { state: State { agent: Some(doomed) }, present, context: Context {} })
    }

    fn propose(&self, to: &Assignment, input: &Input, state: &State, _: &Facts) -> Result<Vec<Move>, Refusal> {
        let Some(agent) = &state.agent else {
            return Ok(vec![]);
        };
        if agent.status.is_leaving() {
            return Ok(vec![Self::gone(to, input)]);
        }
        if !agent.used_by.is_empty() && !input.even_if_used {
            return Err(Refusal::InUse { by: agent.used_by.iter().cloned().collect() });
        }
        let mut moves = Vec::new();
        if agent.status.is_passing() {
            moves.push(Self::wait(to, input, Condition::Settled, SETTLING));
        }
        let (region, id) = (&input.agent.region, &input.agent.id);
        for (alias, _) in agent.aliases.iter().filter(|(_, status)| !status.is_leaving()) {
            let call = DeleteAgentAlias { region: region.clone(), agent: id.clone(), alias: alias.clone() };
            moves.push(call.into());
        }
        if !agent.aliases.is_empty() {
            moves.push(Self::wait(to, input, Condition::Settled, GOING));
        }
        let call = DeleteAgentCall { region: region.clone(), agent: id.clone(), skip_in_use_check: input.even_if_used };
        moves.push(call.into());
        moves.push(Self::gone(to, input));
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
        let why =
            "a new agent would have another id and other ARNs; what the old one was is in the evidence".to_owned();
        Err(Refusal::ForGood { why })
    }

    fn same_thing(&self, planned: &State, now: &State) -> bool {
        match (&planned.agent, &now.agent) {
            (Some(planned), Some(now)) => planned.created == now.created,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn ends(&self, input: &Input) -> Vec<Ended> {
        vec![Ended::exactly(Residual::test_alias(&input.agent.id))]
    }

    fn tell(&self, _: &Assignment, _: &Input, seen: &Seen<State, Present, Context>) -> Story {
        let present = &seen.present;
        let used_by = seen.state.agent.as_ref().map(|agent| &agent.used_by);
        let busy = used_by.is_some_and(|used_by| !used_by.is_empty());
        Story {
            now: match &present.agent {
                None => "gone".to_owned(),
                Some(agent) => format!(
                    "`{}`, {} with {}, {}",
                    agent.name,
                    agent.status.0,
                    counted(seen.state.agent.as_ref().map_or(0, |agent| agent.aliases.len()), "alias"),
                    counted(present.versions.len(), "version")
                ),
            },
            does: "delete it for good, configuration captured first".to_owned(),
            impact: if busy { Impact::Outage } else { Impact::Degrades },
            because: match used_by {
                Some(used_by) if busy => {
                    format!("{} hands work to it", used_by.iter().cloned().collect::<Vec<_>>().join(", "))
                }
                _ => "whoever invokes this agent is refused for good".to_owned(),
            },
            undo: "not possible".to_owned(),
            residual: vec![Residual::inline_agents()],
            notes: present
                .agent
                .iter()
                .map(|agent| format!("its role {}, Lambda functions and knowledge bases stay", agent.role))
                .collect(),
            unread: vec![],
        }
    }
}
