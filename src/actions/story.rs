//! What a person should know of a step before approving it, and of a run so far.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Residual;
use crate::base::Impact;

/// What a person should know of a step before approving it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Story {
    /// What is there now, in a few words.
    pub now: String,
    /// What the step does about it, in a few words.
    pub does: String,
    /// What it does to legitimate use.
    pub impact: Impact,
    /// Why that impact, from what was read.
    pub because: String,
    /// How to undo it.
    pub undo: String,
    /// What the contained principal can still do afterwards.
    pub residual: Vec<Residual>,
    /// What else to know: dependants, recovery of workloads, what is left alone.
    pub notes: Vec<String>,
    /// What could not be read.
    pub unread: Vec<String>,
}

/// The run so far, for texts that are written from it, such as the body of a support case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSoFar {
    /// When the response began: when the plan was made.
    pub began: Timestamp,
    /// The runbook's title.
    pub title: String,
    /// The caller of the run.
    pub responder: String,
    /// What was done, oldest first: time, and what.
    pub timeline: Vec<(Timestamp, String)>,
    /// ARNs of suspect principals, from the plan's inputs.
    pub suspects: Vec<String>,
    /// What the run found and acted on.
    pub affected: Vec<String>,
}
