//! What happened before the start, as the trail has it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Span;

/// A call that somebody made before the start. It stands on the trail and nowhere else: what came of it is written where it
/// belongs, such as the user that it made under `users`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PastSpec {
    /// How long before the start.
    pub ago: Span,
    /// The service's name in CloudTrail, such as `iam.amazonaws.com`.
    pub source: String,
    /// The operation, such as `CreateUser`.
    pub call: String,
    /// The Region that answered.
    #[serde(default = "us_east_1")]
    pub region: String,
    /// The ARN of whoever made it: a user, a session of a role, or the name of an AWS service.
    pub by: String,
    /// The id of the access key that it was made with.
    #[serde(default)]
    pub key: Option<String>,
    /// Whether a Bedrock API key was sent instead of a signature.
    #[serde(default)]
    pub with_api_key: bool,
    /// The id of that API key, where the trail tells it.
    #[serde(default)]
    pub credential: Option<String>,
    /// The name of the AWS service that made it under the caller's name.
    #[serde(default)]
    pub through: Option<String>,
    /// The caller's address.
    #[serde(default = "an_address")]
    pub from: String,
    /// How the caller's program describes itself.
    #[serde(default = "a_program")]
    pub program: String,
    /// The input, as CloudTrail writes it.
    #[serde(default)]
    pub request: Value,
    /// The reply, as CloudTrail writes it.
    #[serde(default)]
    pub reply: Value,
    /// Whether the operation only reads.
    #[serde(default)]
    pub reads: bool,
    /// The code of the error, when it was refused.
    #[serde(default)]
    pub error: Option<String>,
}

fn us_east_1() -> String {
    "us-east-1".to_owned()
}

fn an_address() -> String {
    "185.220.101.7".to_owned()
}

/// The program that somebody calls with of whom the scenario says no other.
pub(crate) fn a_program() -> String {
    "Boto3/1.35.36 Python/3.11".to_owned()
}
