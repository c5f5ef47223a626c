//! What steps and calls have come to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::base::{Digest, Target};

use super::{Answer, Attempt, CallNumber, CallState, Ending, Intent, StepState};

/// Something that somebody else has undone, or that AWS was late to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// What.
    pub what: String,
    /// When that was found.
    pub at: Timestamp,
    /// Who, as far as AWS says.
    pub who: Option<String>,
    /// How that is known, or why it is not and where to look, once somebody has asked.
    pub how: Option<String>,
    /// Whether AWS may merely have been late: it was sent again at once, since that harms nothing, and nobody is known to have
    /// undone it.
    pub suspected: bool,
}

/// What a step has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct StepView {
    /// Where it stands.
    pub state: StepState,
    /// Since when; nothing while it has not moved.
    pub since: Option<Timestamp>,
    /// Why it stands there, as a fragment.
    pub why: Option<String>,
    /// The fingerprint of the last look that had one.
    pub fingerprint: Option<Digest>,
    /// The evidence of the last look that kept one.
    pub seen: Option<Digest>,
    /// How often it was looked at again after it was done: each time because somebody may have undone it.
    pub relooks: u32,
    /// What its targets were before it changed them, in the order of capture. The first of a target is its pre-state.
    pub captured: Vec<(Target, Digest)>,
    /// What it has made, by name.
    pub facts: BTreeMap<String, Value>,
    /// Its calls, in order.
    pub calls: Vec<CallNumber>,
    /// Those of its calls of which it is open what they did, in order.
    pub open_calls: Vec<CallNumber>,
    /// The last answer, where it is a gate.
    pub answer: Option<Answer>,
    /// What was found different from the plan.
    pub drift: Vec<String>,
    /// What others have undone, and what was sent again since it did not show.
    pub undone: Vec<Undone>,
}

impl StepView {
    pub(super) fn new() -> Self {
        Self {
            state: StepState::Waiting,
            since: None,
            why: None,
            fingerprint: None,
            seen: None,
            relooks: 0,
            captured: Vec::new(),
            facts: BTreeMap::new(),
            calls: Vec::new(),
            open_calls: Vec::new(),
            answer: None,
            drift: Vec::new(),
            undone: Vec::new(),
        }
    }

    /// The evidence of what a target was before the step's first change of it, or of what the target is part of.
    pub fn pre_state(&self, target: &Target) -> Option<Digest> {
        self.captured.iter().find(|(captured, _)| target.is_within(captured)).map(|(_, evidence)| *evidence)
    }
}

/// What a call has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct CallView {
    /// Where it stands.
    pub state: CallState,
    /// When it was intended.
    pub intended_at: Timestamp,
    /// What was intended.
    pub intent: Intent,
    /// The tries that failed and were followed by another one.
    pub attempts: Vec<Attempt>,
    /// How it ended, once it has.
    pub ending: Option<Ending>,
    /// What its doubt was settled from, once it is.
    pub settled_why: Option<String>,
}

/// When a call last landed on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landed {
    /// The call.
    pub call: CallNumber,
    /// When its end was written, by the clock of the program; for a call that was in doubt, when that was settled.
    pub at: Timestamp,
    /// When AWS says that it happened.
    pub aws_time: Option<Timestamp>,
}
