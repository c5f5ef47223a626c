//! How the log of model invocations was set before, as far as CloudTrail remembers: Bedrock itself keeps no history of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Look, LookError, trail_events};
use crate::aws::{EventBy, LoggingConfig, LookupEvents};
use crate::base::Region;

/// A change of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogChange {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What it was set to.
    pub to: LogSet,
}

/// What the log was set to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogSet {
    /// This.
    On(LoggingConfig),
    /// Off.
    Off,
    /// CloudTrail does not tell to what.
    Untold,
}

/// The changes of a Region's log that CloudTrail remembers, oldest first, and why they may not be all.
pub(super) async fn log_changes(
    look: &Look<'_>,
    region: &Region,
) -> Result<(Vec<LogChange>, Option<String>), LookError> {
    let (mut changes, mut truncated) = (Vec::new(), None);
    for name in ["PutModelInvocationLoggingConfiguration", "DeleteModelInvocationLoggingConfiguration"] {
        let by = Some(EventBy::Name(name.to_owned()));
        let first = LookupEvents { region: region.clone(), by, from: None, to: None, next: None };
        let found = trail_events(look, first).await?;
        truncated = truncated.or(found.truncated);
        for event in found.events.into_iter().filter(|event| event.error_code.is_none()) {
            let to = match name.starts_with("Delete") {
                true => LogSet::Off,
                false => {
                    event.request.get("loggingConfig").and_then(LoggingConfig::of).map_or(LogSet::Untold, LogSet::On)
                }
            };
            changes.push(LogChange { at: event.time, by: event.who.name().to_owned(), to });
        }
    }
    changes.sort_by_key(|change| change.at);
    Ok((changes, truncated))
}

/// In a few words where a log goes and what it holds.
pub(super) fn in_words(config: Option<&LoggingConfig>) -> String {
    let Some(config) = config else { return "off".to_owned() };
    let bucket = config.bucket().map(|name| format!("bucket {name}"));
    let group = config.log_group().map(|name| format!("log group {name}"));
    let destinations: Vec<String> = bucket.into_iter().chain(group).collect();
    let kinds = config.kinds();
    let holds = if kinds.is_empty() { String::new() } else { format!(", with {}", kinds.join(", ")) };
    match destinations.is_empty() {
        true => format!("on, but goes nowhere{holds}"),
        false => format!("on, to {}{holds}", destinations.join(" and ")),
    }
}
