//! What a call does to the account, and what a step does to legitimate use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a call does to the account, in order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Makes or renews credentials of the caller; changes nothing in the account.
    Session,
    /// Takes messages out of the queue that brings quell its events, or puts them back; changes nothing of what an incident is about.
    Delivery,
    /// Changes something that quell can put back.
    Reversible,
    /// Changes something for good.
    Irreversible,
}

impl Effect {
    /// Whether the account is different afterwards.
    pub fn is_mutating(self) -> bool {
        self >= Self::Reversible
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Session => "session",
            Self::Delivery => "delivery",
            Self::Reversible => "reversible",
            Self::Irreversible => "irreversible",
        }
    }
}

/// What a step does to legitimate use, judged from what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// No legitimate use was seen.
    NoneSeen,
    /// Legitimate use goes on with less.
    Degrades,
    /// Nobody knows: what would tell was not read, or AWS does not tell it.
    Unknown,
    /// Legitimate use stops until somebody acts.
    Outage,
}

impl Impact {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoneSeen => "none seen",
            Self::Degrades => "degrades",
            Self::Unknown => "not known",
            Self::Outage => "outage",
        }
    }
}
