//! Bedrock agents, their aliases and versions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The version that is being worked on.
pub(crate) const DRAFT: &str = "DRAFT";

/// The alias of the draft, which every prepared agent has.
pub(crate) const TEST_ALIAS: &str = "TSTALIASID";

/// The status of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AgentStatus {
    Creating,
    NotPrepared,
    Preparing,
    Prepared,
    Versioning,
    Updating,
    Deleting,
    Failed,
}

impl AgentStatus {
    /// Whether it changes by itself.
    pub(crate) fn is_transient(self) -> bool {
        !matches!(self, Self::NotPrepared | Self::Prepared | Self::Failed)
    }
}

/// The status of an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AliasStatus {
    Creating,
    Updating,
    Prepared,
    Deleting,
}

/// Whether an alias takes invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Invocations {
    AcceptInvocations,
    RejectInvocations,
}

/// An alias.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Alias {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The `routingConfiguration` as the service model has it.
    pub(crate) routing: Vec<Value>,
    pub(crate) invocations: Invocations,
    pub(crate) status: AliasStatus,
    /// When it leaves a transient status.
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// An immutable snapshot of a draft.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Version {
    pub(crate) name: String,
    pub(crate) config: Map<String, Value>,
    pub(crate) parts: Parts,
    pub(crate) created: Timestamp,
}

/// What hangs on a draft, and on the versions that are made of it.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Parts {
    pub(crate) action_groups: BTreeMap<String, ActionGroup>,
    /// By the id of the knowledge base.
    pub(crate) knowledge_bases: BTreeMap<String, KnowledgeLink>,
    /// ARNs of the aliases of the agents that it supervises.
    pub(crate) collaborators: Vec<String>,
}

/// A group of tools.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ActionGroup {
    pub(crate) id: String,
    /// The members as they were given.
    pub(crate) config: Map<String, Value>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// The link to a knowledge base.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct KnowledgeLink {
    pub(crate) description: String,
    /// `ENABLED` or `DISABLED`.
    pub(crate) state: String,
    pub(crate) updated: Timestamp,
}

/// An agent.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) region: String,
    /// What UpdateAgent replaces, with the member names of the service model.
    pub(crate) config: Map<String, Value>,
    pub(crate) status: AgentStatus,
    /// Why it could not be created.
    pub(crate) failure: Option<String>,
    /// When it leaves a transient status.
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    pub(crate) versions: BTreeMap<u32, Version>,
    pub(crate) next_version: u32,
    pub(crate) aliases: BTreeMap<String, Alias>,
    /// What hangs on the draft.
    pub(crate) parts: Parts,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) prepared: Option<Timestamp>,
}

impl Agent {
    /// What answers behind an alias: the version that it points at, or the draft.
    pub(crate) fn served_by(&self, alias: &Alias) -> &Map<String, Value> {
        let number = alias.routing.first().and_then(|route| route["agentVersion"].as_str()?.parse::<u32>().ok());
        number.and_then(|number| self.versions.get(&number)).map_or(&self.config, |version| &version.config)
    }

    /// Whether an alias takes an invocation now.
    pub(crate) fn takes_invocations(&self, alias: &Alias) -> bool {
        use AgentStatus::{Creating, Deleting, Failed};
        let standing = !matches!(self.status, Creating | Deleting | Failed) && self.prepared.is_some();
        standing
            && matches!(alias.status, AliasStatus::Prepared | AliasStatus::Updating)
            && alias.invocations == Invocations::AcceptInvocations
    }
}
