//! Bedrock flows and prompts, their versions and aliases.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// A flow.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Flow {
    pub(crate) id: String,
    pub(crate) region: String,
    /// Name, role, definition and the like, with the member names of the service model.
    pub(crate) config: Map<String, Value>,
    pub(crate) versions: BTreeMap<u32, Snapshot>,
    pub(crate) next_version: u32,
    pub(crate) aliases: BTreeMap<String, FlowAlias>,
    pub(crate) created: Timestamp,
}

impl Flow {
    /// The definitions of the draft and of each version.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Value> {
        let versions = self.versions.values().map(|version| &version.config);
        std::iter::once(&self.config).chain(versions).filter_map(|config| config.get("definition"))
    }
}

/// An immutable snapshot of a flow or prompt.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Snapshot {
    pub(crate) config: Map<String, Value>,
    pub(crate) created: Timestamp,
}

/// An alias of a flow.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FlowAlias {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The `routingConfiguration` as the service model has it.
    pub(crate) routing: Vec<Value>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// A prompt.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Prompt {
    pub(crate) id: String,
    pub(crate) region: String,
    /// Name, variants and the like, with the member names of the service model.
    pub(crate) config: Map<String, Value>,
    pub(crate) versions: BTreeMap<u32, Snapshot>,
    pub(crate) next_version: u32,
    pub(crate) created: Timestamp,
}
