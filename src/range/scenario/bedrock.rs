//! Amazon Bedrock itself of a scenario. `members` are in AWS's own words.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Span;
use super::account::long_ago;

/// How a Region logs model invocations.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvocationLoggingSpec {
    /// The Region.
    pub region: String,
    /// The configuration, as PutModelInvocationLoggingConfiguration takes it.
    pub config: Map<String, Value>,
}

/// A guardrail.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardrailSpec {
    /// The name.
    pub name: String,
    /// The id: lower-case letters and digits. Chosen by the seed when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The Region.
    pub region: String,
    /// More of the draft: members of UpdateGuardrail.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// Numbered versions, from 1 on: members of UpdateGuardrail, and how long before the start each was made.
    #[serde(default)]
    pub versions: Vec<GuardrailVersionSpec>,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// How long before the start its draft was changed last; never, when left out.
    #[serde(default)]
    pub changed_ago: Option<Span>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A numbered version of a guardrail.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardrailVersionSpec {
    /// What it says: members of UpdateGuardrail.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
}

/// A job of models, throughput that was bought, or a deployment of a custom model.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelThingSpec {
    /// What it is.
    pub kind: ModelThingKind,
    /// The name.
    pub name: String,
    /// The Region.
    pub region: String,
    /// The end of the ARN, twelve lower-case letters and digits. Chosen by the seed when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The status, in AWS's own word: that of one that is at work, when left out.
    #[serde(default)]
    pub status: Option<String>,
    /// More of what a look shows, such as `modelId`.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// Throughput: how long after the start its term ends.
    #[serde(default)]
    pub committed_for: Option<Span>,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// The ARN of who made it, which CloudTrail then tells. Nobody whom CloudTrail remembers, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// What a thing of models is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelThingKind {
    /// A job that makes a custom model.
    CustomizationJob,
    /// A job that invokes a model for many prompts.
    InvocationJob,
    /// A job that brings a model in from elsewhere.
    ImportJob,
    /// Throughput that was bought.
    Throughput,
    /// A deployment of a custom model.
    Deployment,
}
