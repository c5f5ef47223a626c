//! Knowledge bases of a scenario.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Span;
use super::account::long_ago;

/// A Bedrock knowledge base over an S3 vector store.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeBaseSpec {
    /// The name.
    pub name: String,
    /// The id: ten upper-case letters and digits. Chosen by the seed when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The Region.
    pub region: String,
    /// The name of its service role. A role that does not exist is one that was deleted.
    pub role: String,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
    /// Data sources.
    #[serde(default)]
    pub data_sources: Vec<DataSourceSpec>,
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

/// A data source of a knowledge base.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSourceSpec {
    /// The name.
    pub name: String,
    /// The id: ten upper-case letters and digits. Chosen by the seed when left out.
    #[serde(default)]
    pub id: Option<String>,
    /// The S3 bucket that it reads; without one, documents are put in directly.
    #[serde(default)]
    pub bucket: Option<String>,
    /// What becomes of the embeddings when it is deleted: `DELETE` or `RETAIN`.
    #[serde(default = "delete")]
    pub data_deletion_policy: String,
    /// More of its configuration, in AWS's own words: members of CreateDataSource.
    #[serde(default)]
    pub more: Option<Value>,
    /// Whether a sync is under way at the start.
    #[serde(default)]
    pub ingesting: bool,
    /// Ids of documents in the index; keys of objects for a bucket.
    #[serde(default)]
    pub documents: Vec<String>,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// The ARN of who made it, which CloudTrail then tells; whoever made what holds it, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
}

fn delete() -> String {
    "DELETE".to_owned()
}
