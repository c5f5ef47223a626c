//! `bedrock.guardrails`: the guardrails of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, Query, Tagged};
use crate::aws::{ListBedrockTags, ListGuardrails, LookupEvents, Operation, Request};
use crate::base::{GuardrailId, Region};

/// The guardrails of each Region.
pub struct BedrockGuardrails;

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
    /// Has a draft that was changed at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_after: Option<Timestamp>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Has a name that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
}

/// A guardrail.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: GuardrailId,
    /// The Region.
    pub region: Region,
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its draft was last changed.
    pub changed_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl Query for BedrockGuardrails {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.guardrails";
    const SUMMARY: &'static str = "The guardrails of each Region, by creation time, creator, change, name or tag";
    const PAGE: &'static str = include_str!("bedrock_guardrails.md");
    const READS: &'static [&'static Operation] =
        &[ListGuardrails::OPERATION, ListBedrockTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateGuardrail"] });
    const TAGGED: Option<Tagged> = Some(Tagged::Bedrock);
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
        let listed = look.ask_all(ListGuardrails { region: region.clone(), of: None, next: None }).await?;
        let fitting = listed.into_iter().filter(|one| {
            wanted.fits(&one.name, one.created) && input.changed_after.is_none_or(|after| one.updated >= after)
        });
        let mut items: Vec<Item> = fitting
            .map(|one| Item {
                id: one.id,
                region: region.clone(),
                arn: one.arn,
                name: one.name,
                created_at: one.created,
                changed_at: one.updated,
                status: one.status,
            })
            .collect();
        items.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}
