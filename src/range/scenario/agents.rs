//! Agents, flows and prompts of a scenario.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Span;
use super::account::long_ago;

/// A Bedrock agent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentSpec {
    /// The name.
    pub name: String,
    /// The id: ten upper-case letters and digits. Chosen by the seed when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The Region.
    pub region: String,
    /// The name of its service role.
    pub role: String,
    /// The foundation model.
    #[serde(default = "model")]
    pub model: String,
    /// What it is told to do.
    #[serde(default)]
    pub instruction: Option<String>,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
    /// How many numbered versions it has.
    #[serde(default = "one")]
    pub versions: u32,
    /// Aliases.
    #[serde(default)]
    pub aliases: Vec<AliasSpec>,
    /// Names of its action groups, each of which calls a Lambda function of its name.
    #[serde(default)]
    pub action_groups: Vec<String>,
    /// More action groups, in AWS's own words: the members of CreateAgentActionGroup.
    #[serde(default)]
    pub tools: Vec<Value>,
    /// Names of the agents that it supervises, in the same Region; their first alias is used.
    #[serde(default)]
    pub supervises: Vec<String>,
    /// The same for its published versions, where they do not supervise whom the draft supervises.
    #[serde(default)]
    pub published_supervises: Option<Vec<String>>,
    /// Ids of knowledge bases.
    #[serde(default)]
    pub knowledge_bases: Vec<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// How long before the start the last of its action groups was put in; with the agent, when left out.
    #[serde(default)]
    pub last_tool_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells. Nobody whom CloudTrail remembers, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
}

/// An alias of an agent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasSpec {
    /// The name.
    pub name: String,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
    /// The version it points at.
    #[serde(default = "one")]
    pub version: u32,
}

/// A Bedrock flow.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowSpec {
    /// The name.
    pub name: String,
    /// The id: ten upper-case letters and digits. Chosen by the seed when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The Region.
    pub region: String,
    /// Names of the agents in the nodes of its draft; their first alias is used.
    #[serde(default)]
    pub agents: Vec<String>,
    /// Names of the prompts in the nodes of its draft.
    #[serde(default)]
    pub prompts: Vec<String>,
    /// Its published versions, oldest first: names of the agents in the nodes of each.
    #[serde(default)]
    pub versions: Vec<Vec<String>>,
    /// How long before the start its last version was published, and aliases led to it; with the flow, when left out.
    #[serde(default)]
    pub last_version_ago: Option<Span>,
    /// Aliases.
    #[serde(default)]
    pub aliases: Vec<AliasSpec>,
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

/// A Bedrock prompt.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptSpec {
    /// The name.
    pub name: String,
    /// The id: ten upper-case letters and digits. Chosen by the seed when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The Region.
    pub region: String,
    /// What it says.
    pub text: String,
    /// How many numbered versions it has.
    #[serde(default)]
    pub versions: u32,
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

fn model() -> String {
    "anthropic.claude-3-5-sonnet-20241022-v2:0".to_owned()
}

fn one() -> u32 {
    1
}
