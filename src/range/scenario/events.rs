//! What brings events and what confirms them, in a scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Span;

/// A queue of Amazon SQS.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueueSpec {
    /// The name.
    pub name: String,
    /// The Region.
    #[serde(default = "first_region")]
    pub region: String,
    /// How long a message is hidden that somebody has received: 30 seconds when left out.
    #[serde(default)]
    pub visibility_timeout: Option<Span>,
    /// Where messages go that are received too often.
    #[serde(default)]
    pub dead_letter: Option<DeadLetterSpec>,
    /// What is in it at the start, oldest first: texts, or JSON that becomes one.
    #[serde(default)]
    pub messages: Vec<Value>,
}

/// Where the messages of a queue go that are received too often.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadLetterSpec {
    /// The name of the queue, in the same Region.
    pub queue: String,
    /// How often a message is received before.
    pub after: u32,
}

/// Amazon GuardDuty in a Region.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardDutySpec {
    /// The id of the detector.
    pub detector: String,
    /// The Region.
    #[serde(default = "first_region")]
    pub region: String,
    /// What it has found: findings as GetFindings shows them, with members spelt as there (`accountId`) or as the AWS CLI writes
    /// them (`AccountId`). Members that the range does not know are left out.
    #[serde(default)]
    pub findings: Vec<Value>,
}

fn first_region() -> String {
    "us-east-1".to_owned()
}
