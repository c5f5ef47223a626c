//! Applications of Q Business, and what they hold, as runbooks name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Entity, EntityKind, QId, Region};

/// An application, by its Region and id. An item of the query `q.applications` is one; what else it holds is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QApplicationRef {
    /// The Region that the application is in.
    pub region: Region,
    /// The application's id.
    pub id: QId,
}

impl QApplicationRef {
    /// The entity.
    pub fn entity(&self) -> Entity {
        Entity::new(EntityKind::QApplication, self.id.as_str())
    }
}

/// A plugin, retriever, index or web experience. An item of the query for its kind is one; what else it holds is not
/// looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QPartRef {
    /// The Region that it is in.
    pub region: Region,
    /// The id of the application that holds it.
    pub application: QId,
    /// Its id.
    pub id: QId,
}

impl QPartRef {
    /// The entity.
    pub fn entity(&self, kind: EntityKind) -> Entity {
        Entity::new(EntityKind::QApplication, self.application.as_str()).child(kind, self.id.as_str())
    }
}

/// A data source. An item of the query `q.data-sources` is one; what else it holds is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QDataSourceRef {
    /// The Region that it is in.
    pub region: Region,
    /// The id of the application.
    pub application: QId,
    /// The id of the index that holds it.
    pub index: QId,
    /// Its id.
    pub id: QId,
}

impl QDataSourceRef {
    /// The entity.
    pub fn entity(&self) -> Entity {
        let application = Entity::new(EntityKind::QApplication, self.application.as_str());
        application.child(EntityKind::QIndex, self.index.as_str()).child(EntityKind::QDataSource, self.id.as_str())
    }
}
