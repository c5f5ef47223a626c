//! Agents as runbooks name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{AgentId, Entity, EntityKind, Region};

/// An agent, by its Region and id. An item of the query `bedrock.agents` is one; what else it holds is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentRef {
    /// The Region that the agent is in.
    pub region: Region,
    /// The agent's id.
    pub id: AgentId,
}

impl AgentRef {
    /// The entity.
    pub fn entity(&self) -> Entity {
        Entity::new(EntityKind::Agent, self.id.as_str())
    }
}
