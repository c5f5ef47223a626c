//! Amazon Q Business of a scenario. `members` are in AWS's own words, those of the call that creates such a thing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Span;
use super::account::long_ago;

/// A Q Business application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QApplicationSpec {
    /// The name.
    pub name: String,
    /// The id: 36 characters. Chosen by the seed when left out, as everywhere below.
    #[serde(default)]
    pub id: Option<String>,
    /// The Region.
    pub region: String,
    /// More members.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// Indices.
    #[serde(default)]
    pub indices: Vec<QIndexSpec>,
    /// Retrievers.
    #[serde(default)]
    pub retrievers: Vec<QRetrieverSpec>,
    /// Plugins.
    #[serde(default)]
    pub plugins: Vec<QPluginSpec>,
    /// Web experiences.
    #[serde(default)]
    pub web_experiences: Vec<QWebExperienceSpec>,
    /// Data accessors.
    #[serde(default)]
    pub data_accessors: Vec<QDataAccessorSpec>,
    /// Chat controls, in the words in which a look shows them; the phrases and topics in order.
    #[serde(default)]
    pub chat_controls: Map<String, Value>,
    /// The users that it knows: what each is called, in AWS's words.
    #[serde(default)]
    pub users: BTreeMap<String, Value>,
    /// What people and it have said to each other.
    #[serde(default)]
    pub conversations: Vec<QConversationSpec>,
    /// How long before the start it was made, with what it holds unless that says otherwise.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// The ARN of who made it, which CloudTrail then tells. Nobody whom CloudTrail remembers, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A conversation of a person with an application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QConversationSpec {
    /// The person.
    pub user: String,
    /// What was said, by the person and the application in turn.
    #[serde(default)]
    pub said: Vec<String>,
    /// How long before the start it began; with the application, when left out.
    #[serde(default)]
    pub started_ago: Option<Span>,
}

/// An index.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QIndexSpec {
    /// The name.
    pub name: String,
    /// The id.
    #[serde(default)]
    pub id: Option<String>,
    /// More members.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// Data sources.
    #[serde(default)]
    pub data_sources: Vec<QDataSourceSpec>,
    /// The names of its own groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Documents.
    #[serde(default)]
    pub documents: Vec<QDocumentSpec>,
    /// How long before the start it was made; with what holds it, when left out.
    #[serde(default)]
    pub created_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells; whoever made what holds it, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A document in an index.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QDocumentSpec {
    /// The id.
    pub id: String,
    /// The name of the data source that it came through; left out, it was uploaded.
    #[serde(default)]
    pub data_source: Option<String>,
    /// How often AWS stumbles over taking it out before it does.
    #[serde(default)]
    pub stumbles: u32,
    /// How long before the start it was put in; with what holds it, when left out.
    #[serde(default)]
    pub created_ago: Option<Span>,
}

/// A data source.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QDataSourceSpec {
    /// The name.
    pub name: String,
    /// The id.
    #[serde(default)]
    pub id: Option<String>,
    /// The kind of connector.
    #[serde(rename = "type", default = "s3")]
    pub kind: String,
    /// More members.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// Whether it is synchronising at the start.
    #[serde(default)]
    pub syncing: bool,
    /// How long before the start it was made; with what holds it, when left out.
    #[serde(default)]
    pub created_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells; whoever made what holds it, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A retriever.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QRetrieverSpec {
    /// The name.
    pub name: String,
    /// The id.
    #[serde(default)]
    pub id: Option<String>,
    /// The name of the index of the application that it looks into; left out, it looks into `kendra_index`.
    #[serde(default)]
    pub index: Option<String>,
    /// The id of the Amazon Kendra index that it looks into.
    #[serde(default = "kendra")]
    pub kendra_index: String,
    /// How long before the start it was made; with what holds it, when left out.
    #[serde(default)]
    pub created_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells; whoever made what holds it, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A data accessor: somebody else's software that reads the application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QDataAccessorSpec {
    /// The name.
    pub name: String,
    /// The id.
    #[serde(default)]
    pub id: Option<String>,
    /// The ARN of the role that reads, of another account.
    pub principal: String,
    /// How long before the start it was made; with what holds it, when left out.
    #[serde(default)]
    pub created_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells; whoever made what holds it, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A plugin.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QPluginSpec {
    /// The name.
    pub name: String,
    /// The id.
    #[serde(default)]
    pub id: Option<String>,
    /// More members: `type`, `serverUrl`, `authConfiguration`, `customPluginConfiguration`, `state`.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// How long before the start it was made; with what holds it, when left out.
    #[serde(default)]
    pub created_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells; whoever made what holds it, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A web experience.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QWebExperienceSpec {
    /// The title.
    pub title: String,
    /// The id.
    #[serde(default)]
    pub id: Option<String>,
    /// More members.
    #[serde(default)]
    pub members: Map<String, Value>,
    /// How long before the start it was made; with what holds it, when left out.
    #[serde(default)]
    pub created_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells; whoever made what holds it, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

fn s3() -> String {
    "S3".to_owned()
}

fn kendra() -> String {
    "0f0f0f0f-1111-4222-a333-444444444444".to_owned()
}
