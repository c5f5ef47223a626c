//! Prompts as runbooks name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Entity, EntityKind, PromptId, Region};

/// A prompt, by its Region and id. An item of the query `bedrock.prompts` is one; what else it holds is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PromptRef {
    /// The Region that the prompt is in.
    pub region: Region,
    /// The prompt's id.
    pub id: PromptId,
}

impl PromptRef {
    /// The entity.
    pub fn entity(&self) -> Entity {
        Entity::new(EntityKind::Prompt, self.id.as_str())
    }
}
