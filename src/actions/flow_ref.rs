//! Flows as runbooks name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Entity, EntityKind, FlowId, Region};

/// A flow, by its Region and id. An item of the query `bedrock.flows` is one; what else it holds is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlowRef {
    /// The Region that the flow is in.
    pub region: Region,
    /// The flow's id.
    pub id: FlowId,
}

impl FlowRef {
    /// The entity.
    pub fn entity(&self) -> Entity {
        Entity::new(EntityKind::Flow, self.id.as_str())
    }
}
