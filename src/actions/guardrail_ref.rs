//! Guardrails as runbooks name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Entity, EntityKind, GuardrailId, Region};

/// A guardrail, by its Region and id. An item of the query `bedrock.guardrails` is one; what else it holds is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GuardrailRef {
    /// The Region that the guardrail is in.
    pub region: Region,
    /// The guardrail's id.
    pub id: GuardrailId,
}

impl GuardrailRef {
    /// The entity.
    pub fn entity(&self) -> Entity {
        Entity::new(EntityKind::Guardrail, self.id.as_str())
    }
}
