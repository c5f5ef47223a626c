//! `bedrock.agents`: the agents of each Region.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::named::{Named, named};
use super::{Answer, Assignment, Look, LookError, Making, Query, Tagged};
use crate::aws::{
    Agent, DRAFT, GetAgent, ListAgentActionGroups, ListAgentAliases, ListAgentKnowledgeBases, ListAgentTags,
    ListAgents, LookupEvents, Operation, Request,
};
use crate::base::{AgentId, Region};

/// The agents of each Region.
pub struct BedrockAgents;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Made before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// Was changed at this moment or later: its draft, an action group, a knowledge base of the draft, or an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_after: Option<Timestamp>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Has a name that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// Works as the role with this ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// An agent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: AgentId,
    /// The Region.
    pub region: Region,
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN of the role that it works as.
    pub role: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed, as far as was asked for: its draft alone, and with `updated_after` what hangs on it as well.
    pub updated_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl Query for BedrockAgents {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.agents";
    const SUMMARY: &'static str =
        "The agents of each Region, by time of creation or change, creator, name, role or tag";
    const PAGE: &'static str = include_str!("bedrock_agents.md");
    const READS: &'static [&'static Operation] = &[
        ListAgents::OPERATION,
        GetAgent::OPERATION,
        ListAgentActionGroups::OPERATION,
        ListAgentKnowledgeBases::OPERATION,
        ListAgentAliases::OPERATION,
        ListAgentTags::OPERATION,
        LookupEvents::OPERATION,
    ];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateAgent"] });
    const TAGGED: Option<Tagged> = Some(Tagged::BedrockAgent);
    const REGIONAL: bool = true;

    fn key(&self, item: &Item) -> String {
        item.arn.clone()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let listed = look.ask_all(ListAgents { region: region.clone(), next: None }).await?;
        let candidates =
            listed.into_iter().filter(|listed| !listed.status.is_leaving() && wanted(input).fits_name(&listed.name));
        let asked = candidates.map(|listed| Self::look_closer(look, region, input, listed.id));
        let mut items: Vec<Item> = try_join_all(asked).await?.into_iter().flatten().collect();
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}

impl BedrockAgents {
    /// Asks for an agent what the list does not tell: when it was made and what it works as. Nothing where it does not fit,
    /// or has gone.
    async fn look_closer(
        look: &Look<'_>,
        region: &Region,
        input: &Input,
        id: AgentId,
    ) -> Result<Option<Item>, LookError> {
        let Some(agent) = look.find(GetAgent { region: region.clone(), agent: id }).await? else {
            return Ok(None);
        };
        if !wanted(input).fits_time(agent.created) || input.role.as_ref().is_some_and(|role| *role != agent.role) {
            return Ok(None);
        }
        let mut updated = agent.updated;
        if let Some(after) = input.updated_after {
            if updated < after {
                updated = Self::changed(look, region, &agent).await?.max(updated);
            }
            if updated < after {
                return Ok(None);
            }
        }
        Ok(Some(Item {
            id: agent.id,
            region: region.clone(),
            arn: agent.arn.to_string(),
            name: agent.name,
            role: agent.role,
            created_at: agent.created,
            updated_at: updated,
            status: agent.status.0,
        }))
    }
}

impl BedrockAgents {
    /// When what hangs on an agent was last changed: none of it need show at the agent itself.
    async fn changed(look: &Look<'_>, region: &Region, agent: &Agent) -> Result<Timestamp, LookError> {
        let (region, id, version) = (region.clone(), agent.id.clone(), DRAFT.to_owned());
        let of = (region.clone(), id.clone(), version.clone());
        let groups = ListAgentActionGroups { region: of.0, agent: of.1, version: of.2, next: None };
        let bases = ListAgentKnowledgeBases { region: region.clone(), agent: id.clone(), version, next: None };
        let aliases = ListAgentAliases { region, agent: id, next: None };
        let groups = look.find_all(groups).await?.unwrap_or_default().into_iter().map(|group| group.updated);
        let bases = look.find_all(bases).await?.unwrap_or_default().into_iter().map(|base| base.updated);
        let aliases = look.find_all(aliases).await?.unwrap_or_default().into_iter().map(|alias| alias.updated);
        Ok(groups.chain(bases).chain(aliases).max().unwrap_or(agent.updated))
    }
}

fn wanted(input: &Input) -> Named<'_> {
    named!(input)
}
