//! Which execution of a step is meant.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Region, StepId};

/// The identity of one planned step, in plans and journals: the runbook's step, and where that fans out, the Region, the
/// seat and the item it is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct StepKey {
    /// The step in the runbook.
    pub step: StepId,
    /// The Region, where the step runs once for each of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The account role the step runs with; `here` unless the runbook says otherwise.
    #[serde(default = "here", skip_serializing_if = "is_here")]
    pub seat: String,
    /// The key of the item, where the step runs once for each item of a query: an ARN or an id, unique in its list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

fn here() -> String {
    "here".to_owned()
}

fn is_here(seat: &str) -> bool {
    seat == "here"
}

impl StepKey {
    /// The key of a step that runs once.
    pub fn once(step: StepId) -> Self {
        Self { step, region: None, seat: here(), item: None }
    }

    /// The key of the execution for one item.
    pub fn for_item(step: StepId, item: impl Into<String>) -> Self {
        Self { item: Some(item.into()), ..Self::once(step) }
    }

    /// The key of the execution in one Region.
    pub fn in_region(step: StepId, region: Region) -> Self {
        Self { region: Some(region), ..Self::once(step) }
    }
}

impl fmt::Display for StepKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.step.as_str())?;
        let parts: Vec<&str> = [
            self.region.as_ref().map(Region::as_str),
            (!is_here(&self.seat)).then_some(self.seat.as_str()),
            self.item.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() { Ok(()) } else { write!(out, "[{}]", parts.join(" ")) }
    }
}
