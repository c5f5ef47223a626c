//! Knowledge bases and data sources as runbooks name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{DataSourceId, Entity, EntityKind, KnowledgeBaseId, Region};

/// A knowledge base, by its Region and id. An item of the query `bedrock.knowledge-bases` is one; what else it holds is not
/// looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnowledgeBaseRef {
    /// The Region that the knowledge base is in.
    pub region: Region,
    /// The knowledge base's id.
    pub id: KnowledgeBaseId,
}

impl KnowledgeBaseRef {
    /// The entity.
    pub fn entity(&self) -> Entity {
        Entity::new(EntityKind::KnowledgeBase, self.id.as_str())
    }
}

/// A data source, by its Region, knowledge base and id. An item of the query `bedrock.data-sources` is one; what else it
/// holds is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DataSourceRef {
    /// The Region that the knowledge base is in.
    pub region: Region,
    /// The knowledge base's id.
    pub knowledge_base: KnowledgeBaseId,
    /// The data source's id.
    pub id: DataSourceId,
}

impl DataSourceRef {
    /// The entity.
    pub fn entity(&self) -> Entity {
        Entity::new(EntityKind::KnowledgeBase, self.knowledge_base.as_str())
            .child(EntityKind::DataSource, self.id.as_str())
    }
}
