//! What the judge has seen.

use jiff::Timestamp;
use serde::Serialize;

/// A call that the judge remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenCall {
    /// When it was made.
    pub time: Timestamp,
    /// The operation.
    pub operation: String,
    /// The Region.
    pub region: String,
    /// The key id of the caller.
    pub access_key: String,
    /// The code of the error, when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What the judge has seen since the watch began. Times are seconds on the range's clock since then.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Judgement {
    /// The first moment at which something that the adversary could do was forbidden; nothing when never.
    pub time_to_first_deny_seconds: Option<f64>,
    /// The last moment at which the adversary could do any of what containment must end; nothing while it still can.
    pub time_to_contain_seconds: Option<f64>,
    /// What the adversary can do now, in words.
    pub still_allowed: Vec<String>,
    /// How many calls the adversary made.
    pub adversary_calls: u64,
    /// What the adversary did after the moment of containment.
    pub succeeded_after_containment: Vec<SeenCall>,
    /// How many calls the workload made.
    pub workload_calls: u64,
    /// The calls of the workload that were refused; throttling and failures of AWS do not count.
    pub workload_refused: Vec<SeenCall>,
    /// Refused calls of workload that the scenario expects to stop for a while.
    pub expected_interruptions: u64,
}
