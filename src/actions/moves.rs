//! What a step does next.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::Call;
use crate::base::Target;

/// What a step does next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "move", rename_all = "kebab-case")]
pub enum Move {
    /// Sends a call.
    Send {
        /// The call, with symbols for what exists only later.
        call: Box<Call>,
    },
    /// Looks again until a condition holds.
    Await(Await),
}

/// A wait: looking again, with growing pauses, until the condition holds or the time is up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Await {
    /// What is looked at.
    pub what: Target,
    /// What it waits for.
    pub until: Condition,
    /// For how long, at most.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub within: Duration,
}

/// What a wait waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// The thing is gone.
    Gone,
    /// The thing is in none of its passing states.
    Settled,
}

impl Move {
    /// The call, if this move sends one.
    pub fn call(&self) -> Option<&Call> {
        match self {
            Self::Send { call } => Some(call),
            Self::Await(_) => None,
        }
    }
}

impl<C: Into<Call>> From<C> for Move {
    fn from(call: C) -> Self {
        Self::Send { call: Box::new(call.into()) }
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        time.as_secs().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}
