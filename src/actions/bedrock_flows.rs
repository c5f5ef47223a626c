//! `bedrock.flows`: the flows of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, Query, Tagged};
use crate::aws::{GetFlow, ListAgentTags, ListFlowAliases, ListFlows, LookupEvents, Operation, Request};
use crate::base::{FlowId, Region};

/// The flows of each Region.
pub struct BedrockFlows;

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
    /// Was changed at this moment or later: its draft, or where an alias leads.
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

/// A flow.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: FlowId,
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
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl Query for BedrockFlows {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.flows";
    const SUMMARY: &'static str = "The flows of each Region, by time of creation or change, creator, name, role or tag";
    const PAGE: &'static str = include_str!("bedrock_flows.md");
    const READS: &'static [&'static Operation] = &[
        ListFlows::OPERATION,
        GetFlow::OPERATION,
        ListFlowAliases::OPERATION,
        ListAgentTags::OPERATION,
        LookupEvents::OPERATION,
    ];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateFlow"] });
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
        let wanted = named!(input);
        let mut items = Vec::new();
        for listed in look.ask_all(ListFlows { region: region.clone(), next: None }).await? {
            if !wanted.fits(&listed.name, listed.created) {
                continue;
            }
            // The list does not tell what a flow works as.
            let Some(flow) = look.find(GetFlow { region: region.clone(), flow: listed.id.clone() }).await? else {
                continue;
            };
            if input.role.as_ref().is_some_and(|role| *role != flow.role) {
                continue;
            }
            if let Some(after) = input.updated_after.filter(|after| listed.updated < *after) {
                let first = ListFlowAliases { region: region.clone(), flow: listed.id.clone(), next: None };
                let aliases = look.find_all(first).await?.unwrap_or_default();
                if aliases.iter().all(|alias| alias.updated < after) {
                    continue;
                }
            }
            items.push(Item {
                id: listed.id,
                region: region.clone(),
                arn: listed.arn,
                name: listed.name,
                role: flow.role,
                created_at: listed.created,
                status: listed.status,
            });
        }
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}
