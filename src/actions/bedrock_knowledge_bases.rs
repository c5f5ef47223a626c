//! `bedrock.knowledge-bases`: the knowledge bases of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, Query, Tagged};
use crate::aws::{GetKnowledgeBase, ListAgentTags, ListKnowledgeBases, LookupEvents, Operation, Request};
use crate::base::{KnowledgeBaseId, Region};

/// The knowledge bases of each Region.
pub struct KnowledgeBases;

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

/// A knowledge base.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: KnowledgeBaseId,
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

impl Query for KnowledgeBases {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.knowledge-bases";
    const SUMMARY: &'static str = "The knowledge bases of each Region, by creation time, creator, name, role or tag";
    const PAGE: &'static str = include_str!("bedrock_knowledge_bases.md");
    const READS: &'static [&'static Operation] = &[
        ListKnowledgeBases::OPERATION,
        GetKnowledgeBase::OPERATION,
        ListAgentTags::OPERATION,
        LookupEvents::OPERATION,
    ];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateKnowledgeBase"] });
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
        for listed in look.ask_all(ListKnowledgeBases { region: region.clone(), next: None }).await? {
            if !wanted.fits_name(&listed.name) {
                continue;
            }
            // The list tells neither when one was made nor what it works as.
            let asked = GetKnowledgeBase { region: region.clone(), base: listed.id.clone() };
            let Some(base) = look.find(asked).await? else { continue };
            let fits = wanted.fits_time(base.created) && input.role.as_ref().is_none_or(|role| *role == base.role);
            if fits {
                items.push(Item {
                    id: listed.id,
                    region: region.clone(),
                    arn: base.arn,
                    name: base.name,
                    role: base.role,
                    created_at: base.created,
                    status: base.status,
                });
            }
        }
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}
