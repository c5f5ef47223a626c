//! The phases of a containment.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::BadId;

/// A phase of a runbook, in the order in which phases are applied. Each is planned, approved and applied on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Takes away what an attacker can do.
    Contain,
    /// Removes what an attacker has made.
    Eradicate,
    /// Gives legitimate use back.
    Recover,
}

impl Phase {
    /// The phases in their order.
    pub const ALL: [Self; 3] = [Self::Contain, Self::Eradicate, Self::Recover];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contain => "contain",
            Self::Eradicate => "eradicate",
            Self::Recover => "recover",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Phase {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        Self::ALL
            .into_iter()
            .find(|phase| phase.as_str() == text)
            .ok_or_else(|| BadId { text: text.to_owned(), wanted: "a phase (`contain`, `eradicate` or `recover`)" })
    }
}
