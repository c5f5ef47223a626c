//! The trails of CloudTrail, which keep what happens. What happens is known without them, for 90 days.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Account;

/// A trail.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LogTrail {
    pub(crate) name: String,
    /// The Region in which it was made.
    pub(crate) region: String,
    pub(crate) everywhere: bool,
    pub(crate) organization: bool,
    pub(crate) bucket: String,
    pub(crate) logging: bool,
    /// `EventSelectors` or `AdvancedEventSelectors`, in the words of the service model.
    pub(crate) selectors: Map<String, Value>,
    /// When it was last started.
    pub(crate) started: Timestamp,
    pub(crate) stopped: Option<Timestamp>,
}

impl Account {
    /// The ARN of a trail.
    pub(crate) fn trail_arn(&self, region: &str, name: &str) -> String {
        format!("arn:aws:cloudtrail:{region}:{}:trail/{name}", self.id)
    }
}
