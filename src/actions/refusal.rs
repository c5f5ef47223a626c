//! Why a step will not act. A refusal is data: it stands in the plan.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a step will not act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "refusal", rename_all = "kebab-case")]
pub enum Refusal {
    /// AWS lets nobody change this, or quell is told not to.
    Protected {
        /// The reason, as a fragment.
        why: String,
        /// What to do instead.
        instead: String,
    },
    /// It would cut the caller's own principal, role or chain.
    CutsCaller {
        /// Which of the caller's principals.
        principal: String,
        /// What of it would be denied, or may be, where that was judged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// The target does not exist.
    Missing {
        /// What is missing.
        what: String,
    },
    /// Something else still uses the target.
    InUse {
        /// What uses it.
        by: Vec<String>,
    },
    /// A quota leaves no room.
    Quota {
        /// Which one, and how much is used.
        which: String,
    },
    /// Only a person can do it.
    ByHand {
        /// Why quell cannot.
        why: String,
        /// What the person does, step by step.
        instructions: Vec<String>,
    },
    /// More than one thing could be meant, and quell does not guess.
    Ambiguous {
        /// The candidates.
        candidates: Vec<String>,
    },
    /// It would bring back what the containment keeps out.
    TooEarly {
        /// From when on it is safe.
        until: Timestamp,
        /// What would come back.
        what: String,
    },
    /// Things are not as the run left them.
    Changed {
        /// What was there before the run.
        before: String,
        /// What the run left.
        left: String,
        /// What is there now.
        now: String,
    },
    /// It cannot be undone.
    ForGood {
        /// Why not.
        why: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protected { why, .. } => out.write_str(why),
            Self::CutsCaller { principal, why } => {
                write!(out, "it would cut {principal}, through which you are working")?;
                why.as_ref().map_or(Ok(()), |why| write!(out, ": {why}"))
            }
            Self::Missing { what } => write!(out, "{what} does not exist"),
            Self::InUse { by } => write!(out, "still used by {}", by.join(", ")),
            Self::Quota { which } => write!(out, "no room left: {which}"),
            Self::ByHand { why, .. } => write!(out, "only by hand: {why}"),
            Self::Ambiguous { candidates } => write!(out, "could be any of {}", candidates.join(", ")),
            Self::TooEarly { until, what } => write!(out, "too early until {until}: {what}"),
            Self::Changed { before, left, now } => {
                write!(out, "it is not as the run left it (before: {before}; left: {left}; now: {now})")
            }
            Self::ForGood { why } => write!(out, "it cannot be undone: {why}"),
        }
    }
}
