//! `cloudtrail.trails`: what is kept of what happens, and what is not.

use std::collections::BTreeSet;

use futures_util::future::{try_join, try_join_all};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::athena::trail_table;
use super::look::of_region;
use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{
    DescribeTrails, GetEventSelectors, GetTrailStatus, KeptEvents, ListRegions, Operation, Request, Trail, TrailStatus,
};
use crate::base::Region;

/// The trails of each Region.
pub struct CloudTrailTrails;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Keeps what happens now, or does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging: Option<bool>,
    /// Was stopped at this moment or later, whether it is at work again or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_after: Option<Timestamp>,
}

/// A trail.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The ARN.
    pub arn: String,
    /// The Region in which it was made.
    pub region: Region,
    /// The name.
    pub name: String,
    /// Whether it keeps what happens in every Region.
    pub everywhere: bool,
    /// Whether it is one of the organisation, which its management account alone can change.
    pub organization: bool,
    /// Whether it keeps what happens now.
    pub logging: bool,
    /// When it was last stopped, if ever.
    pub stopped_at: Option<Timestamp>,
    /// When it last delivered, if ever.
    pub delivered_at: Option<Timestamp>,
    /// Why the last delivery failed; empty where it did not.
    pub delivery_error: String,
    /// The bucket to which it delivers.
    pub bucket: String,
    /// The ARN of the log group to which it delivers as well; empty where there is none.
    pub log_group: String,
    /// Whether the delivered files can be verified.
    pub validated: bool,
    /// The management events that it keeps: `all`, `reads`, `writes`, `some` or `none`.
    pub management: String,
    /// Services whose management events it leaves out.
    pub left_out: BTreeSet<String>,
    /// The kinds of resources of which it keeps data events, such as `AWS::Bedrock::AgentAlias`, which InvokeAgent is an event of.
    pub data: BTreeSet<String>,
    /// The kinds of which it keeps some alone.
    pub data_in_part: BTreeSet<String>,
    /// All that in words.
    pub told: String,
    /// The command that prints, for Amazon Athena, a table over its files; empty where it delivers to no bucket.
    pub table: String,
}

impl Query for CloudTrailTrails {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "cloudtrail.trails";
    const SUMMARY: &'static str = "The trails of each Region: whether they are at work, and which events they keep";
    const PAGE: &'static str = include_str!("cloudtrail_trails.md");
    const READS: &'static [&'static Operation] =
        &[DescribeTrails::OPERATION, GetTrailStatus::OPERATION, GetEventSelectors::OPERATION, ListRegions::OPERATION];
    const REGIONAL: bool = true;

    fn key(&self, item: &Item) -> String {
        item.arn.clone()
    }

    async fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let mut trails = look.ask(DescribeTrails { region: region.clone() }).await?;
        // A trail of another Region shows in every Region in which it keeps what happens.
        trails.retain(|trail| trail.home == region.as_str());
        let regions = match trails.iter().any(|trail| trail.everywhere) {
            // The command is nice to have: a refusal to list the Regions leaves their names to a person.
            true => look.ask_all(ListRegions { next: None }).await.ok(),
            false => Some(vec![region.clone()]),
        };
        let looked = trails.into_iter().map(async |trail| {
            let status = look.find(GetTrailStatus { region: region.clone(), trail: trail.arn.clone() });
            let kept = look.find(GetEventSelectors { region: region.clone(), trail: trail.arn.clone() });
            let (status, kept) = try_join(status, kept).await?;
            let table = trail_table(to, &trail, regions.as_deref());
            Ok::<_, LookError>(status.zip(kept).map(|(status, kept)| item(region, trail, status, kept, table)))
        });
        let mut items: Vec<Item> = try_join_all(looked).await?.into_iter().flatten().collect();
        items.retain(|trail| {
            let stopped_since = |after| trail.stopped_at.is_some_and(|stopped| stopped >= after);
            input.logging.is_none_or(|logging| logging == trail.logging)
                && input.stopped_after.is_none_or(stopped_since)
        });
        items.sort_by(|one, other| one.arn.cmp(&other.arn));
        Ok(Answer { items, truncated: None })
    }
}

fn item(region: &Region, trail: Trail, status: TrailStatus, kept: KeptEvents, table: String) -> Item {
    let management = match (kept.reads, kept.writes) {
        (false, false) => "none",
        _ if kept.management_in_part => "some",
        (true, true) => "all",
        (true, false) => "reads",
        (false, true) => "writes",
    };
    let mut item = Item {
        arn: trail.arn,
        region: region.clone(),
        name: trail.name,
        everywhere: trail.everywhere,
        organization: trail.organization,
        logging: status.logging,
        stopped_at: status.stopped,
        delivered_at: status.delivered,
        delivery_error: status.delivery_error.unwrap_or_default(),
        bucket: trail.bucket,
        log_group: trail.log_group.unwrap_or_default(),
        validated: trail.validated,
        management: management.to_owned(),
        left_out: kept.left_out,
        data: kept.data,
        data_in_part: kept.data_in_part,
        told: String::new(),
        table,
    };
    item.told = told(&item);
    item
}

/// The kinds of resources of Amazon Bedrock and Amazon Q.
fn of_ai(kinds: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    let is_ai = |kind: &&str| kind.starts_with("AWS::Bedrock") || kind.starts_with("AWS::Q");
    kinds.iter().map(String::as_str).filter(is_ai)
}

fn told(trail: &Item) -> String {
    let reach = if trail.everywhere { "of every Region" } else { "of this Region" };
    let owner = if trail.organization { ", of the organisation" } else { "" };
    let keeps = match (trail.logging, trail.stopped_at) {
        (true, _) => "keeps".to_owned(),
        (false, Some(stopped)) => format!("keeps nothing since {stopped}; at work it keeps"),
        (false, None) => "keeps nothing; at work it keeps".to_owned(),
    };
    let management = match trail.management.as_str() {
        "all" => "all management events",
        "reads" => "management events that read, and none that change something",
        "writes" => "management events that change something, and none that read, as InvokeModel counts",
        "some" => "some management events",
        _ => "no management events",
    };
    let left_out: Vec<&str> = trail.left_out.iter().map(String::as_str).collect();
    let but = if left_out.is_empty() { String::new() } else { format!(" but those of {}", left_out.join(" and ")) };
    let in_part = of_ai(&trail.data_in_part).map(|kind| format!("some of {kind}"));
    let data: Vec<String> = of_ai(&trail.data).map(str::to_owned).chain(in_part).collect();
    let data = match data.is_empty() {
        true => "no data events of Amazon Bedrock or Amazon Q".to_owned(),
        false => format!("data events of {}", data.join(", ")),
    };
    let failed = match trail.delivery_error.as_str() {
        "" => String::new(),
        error => format!("; its last delivery failed: {error}"),
    };
    format!("{} ({}, {reach}{owner}) {keeps} {management}{but}, {data}{failed}", trail.name, trail.region)
}
