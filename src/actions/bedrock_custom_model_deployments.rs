//! `bedrock.custom-model-deployments`: the deployments of custom models of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, Query, Tagged};
use crate::aws::{ListBedrockTags, ListModelDeployments, LookupEvents, Operation, Request};
use crate::base::{ModelDeploymentArn, Region};

/// The deployments of custom models of each Region.
pub struct ModelDeployments;

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
    /// Serves the model with this ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// A deployment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The ARN.
    pub arn: ModelDeploymentArn,
    /// The Region.
    pub region: Region,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN of the custom model.
    pub model: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl Query for ModelDeployments {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.custom-model-deployments";
    const SUMMARY: &'static str =
        "The deployments of custom models of each Region, by creation time, creator, name, model or tag";
    const PAGE: &'static str = include_str!("bedrock_custom_model_deployments.md");
    const READS: &'static [&'static Operation] =
        &[ListModelDeployments::OPERATION, ListBedrockTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "bedrock.amazonaws.com", by: &["CreateCustomModelDeployment"] });
    const TAGGED: Option<Tagged> = Some(Tagged::Bedrock);
    const REGIONAL: bool = true;

    fn key(&self, item: &Item) -> String {
        item.arn.to_string()
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
        let listed = look.ask_all(ListModelDeployments { region: region.clone(), next: None }).await?;
        let fitting = listed.into_iter().filter(|one| {
            wanted.fits(&one.name, one.created) && input.model.as_ref().is_none_or(|model| *model == one.model)
        });
        let mut items: Vec<Item> = fitting
            .map(|one| Item {
                arn: one.arn,
                region: region.clone(),
                name: one.name,
                model: one.model,
                created_at: one.created,
                status: one.status,
            })
            .collect();
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}
