//! `bedrock.prompts`: the prompts of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, Query, Tagged};
use crate::aws::{ListAgentTags, ListPrompts, LookupEvents, Operation, Request};
use crate::base::{PromptId, Region};

/// The prompts of each Region.
pub struct BedrockPrompts;

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
}

/// A prompt.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: PromptId,
    /// The Region.
    pub region: Region,
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Query for BedrockPrompts {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.prompts";
    const SUMMARY: &'static str = "The prompts of each Region, by creation time, creator, name or tag";
    const PAGE: &'static str = include_str!("bedrock_prompts.md");
    const READS: &'static [&'static Operation] =
        &[ListPrompts::OPERATION, ListAgentTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreatePrompt"] });
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
        let listed = look.ask_all(ListPrompts { region: region.clone(), of: None, next: None }).await?;
        let wanted = named!(input);
        let mut items: Vec<Item> = listed
            .into_iter()
            .filter(|prompt| wanted.fits(&prompt.name, prompt.created))
            .map(|prompt| Item {
                id: prompt.id,
                region: region.clone(),
                arn: prompt.arn,
                name: prompt.name,
                created_at: prompt.created,
            })
            .collect();
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}
