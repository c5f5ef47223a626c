//! Where a plan or a run is at work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{AccountId, Entity, Partition, Region, Target};

/// The account that is at work on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The partition.
    pub partition: Partition,
    /// The account.
    pub account: AccountId,
}

impl Place {
    /// An entity of this account; `region` is nothing for what is global.
    pub fn target(&self, region: Option<&Region>, entity: Entity) -> Target {
        Target { partition: self.partition, account: self.account.clone(), region: region.cloned(), entity }
    }
}
