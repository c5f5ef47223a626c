//! `bedrock.invocation-logging`: how each Region logs model invocations.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::athena::log_table;
use super::logging_past::log_changes;
use super::look::of_region;
use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{GetInvocationLogging, LookupEvents, Operation, Request, TRAIL_LAG};
use crate::base::Region;

/// How each Region logs model invocations.
pub struct InvocationLogging;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Logs, or does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<bool>,
    /// Was changed at this moment or later, as CloudTrail tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_after: Option<Timestamp>,
}

/// A Region.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The Region.
    pub region: Region,
    /// Whether it logs.
    pub on: bool,
    /// The bucket that the log goes to; empty where it goes to none.
    pub bucket: String,
    /// The log group that the log goes to; empty where it goes to none.
    pub log_group: String,
    /// The ARN of the role with which it gets into the log group.
    pub role: String,
    /// What it holds: `text`, `image`, `embedding` and so on.
    pub holds: Vec<String>,
    /// When it was last changed, of the last 90 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Who changed it last; empty where CloudTrail does not remember.
    pub changed_by: String,
    /// The command that prints, for Amazon Athena, a table over the log; empty where it goes to no bucket.
    pub table: String,
}

impl Query for InvocationLogging {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "bedrock.invocation-logging";
    const SUMMARY: &'static str = "How each Region logs model invocations, and who changed that last";
    const PAGE: &'static str = include_str!("bedrock_invocation_logging.md");
    const READS: &'static [&'static Operation] = &[GetInvocationLogging::OPERATION, LookupEvents::OPERATION];
    const REGIONAL: bool = true;
    const LAG: Option<SignedDuration> = Some(TRAIL_LAG);

    fn key(&self, item: &Item) -> String {
        item.region.to_string()
    }

    async fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let config = look.ask(GetInvocationLogging { region: region.clone() }).await?;
        let (changes, truncated) = log_changes(look, region).await?;
        let last = changes.last();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let item = Item {
            region: region.clone(),
            on: config.is_some(),
            bucket: text(config.as_ref().and_then(|config| config.bucket())),
            log_group: text(config.as_ref().and_then(|config| config.log_group())),
            role: text(config.as_ref().and_then(|config| config.role())),
            holds: config.iter().flat_map(|config| config.kinds()).map(String::from).collect(),
            changed_at: last.map(|change| change.at),
            changed_by: text(last.map(|change| change.by.as_str())),
            table: config.as_ref().map(|config| log_table(to, config)).unwrap_or_default(),
        };
        let fits = input.on.is_none_or(|on| on == item.on)
            && input.changed_after.is_none_or(|after| item.changed_at.is_some_and(|at| at >= after));
        Ok(Answer { items: if fits { vec![item] } else { vec![] }, truncated })
    }
}
