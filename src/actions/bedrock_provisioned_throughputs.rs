//! `bedrock.provisioned-throughputs`: the provisioned throughput of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, Query, Tagged};
use crate::aws::{ListBedrockTags, ListProvisionedThroughputs, LookupEvents, Operation, Request};
use crate::base::{ProvisionedThroughputArn, Region};

/// The provisioned throughput of each Region.
pub struct ProvisionedThroughputs;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Bought at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Bought before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Has a name that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// Was bought for a term, or is paid by the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<bool>,
}

/// Provisioned throughput.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The ARN.
    pub arn: ProvisionedThroughputArn,
    /// The Region.
    pub region: Region,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN of the model.
    pub model: String,
    /// How many units were bought.
    pub units: i64,
    /// How long it was bought for, in AWS's word: `OneMonth`, `SixMonths`; empty where it is paid by the hour.
    pub commitment: String,
    /// Until when it was bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed_until: Option<Timestamp>,
    /// When it was bought.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl Query for ProvisionedThroughputs {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.provisioned-throughputs";
    const SUMMARY: &'static str = "The provisioned throughput of each Region, by creation time, creator, name or tag, and until when it was bought";
    const PAGE: &'static str = include_str!("bedrock_provisioned_throughputs.md");
    const READS: &'static [&'static Operation] =
        &[ListProvisionedThroughputs::OPERATION, ListBedrockTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> =
        Some(Making { source: "bedrock.amazonaws.com", by: &["CreateProvisionedModelThroughput"] });
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
        let listed = look.ask_all(ListProvisionedThroughputs { region: region.clone(), next: None }).await?;
        let fitting = listed.into_iter().filter(|one| {
            wanted.fits(&one.name, one.created)
                && input.committed.is_none_or(|committed| committed != one.commitment.is_empty())
        });
        let mut items: Vec<Item> = fitting
            .map(|one| Item {
                arn: one.arn,
                region: region.clone(),
                name: one.name,
                model: one.model,
                units: one.units,
                commitment: one.commitment,
                committed_until: one.committed_until,
                created_at: one.created,
                status: one.status,
            })
            .collect();
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}
