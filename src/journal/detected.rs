//! The detection that started a run.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::Digest;

/// A detection that started a run. The event itself is kept with the evidence of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detected {
    /// The trigger that it matched.
    pub trigger: String,
    /// What was detected: the type of a finding, or the API that was called.
    pub what: String,
    /// The id of the event that brought it.
    pub event: String,
    /// The id of the finding or of CloudTrail's record, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The digest of the event, as canonical JSON.
    pub kept: Digest,
    /// When it says that it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<Timestamp>,
    /// When it came.
    pub received: Timestamp,
    /// By what AWS itself has said the same.
    pub confirmed: String,
    /// Where in the event each value of the runbook stands.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

impl fmt::Display for Detected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, by trigger {}", self.what, self.trigger)?;
        if let Some(subject) = &self.subject {
            write!(out, ", {subject}")?;
        }
        write!(out, "; it came at {} in event {}, and {}", self.received, self.event, self.confirmed)
    }
}
