//! What a run tells while it goes.

use std::time::Duration;

use jiff::Timestamp;

use crate::base::StepKey;
use crate::journal::Record;

/// What a run tells while it goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// This is on disk now. Nothing is told as done before.
    Recorded {
        /// When.
        at: Timestamp,
        /// What.
        record: Box<Record>,
    },
    /// A step waits. Not in the journal, since nothing has happened.
    Waiting {
        /// The step.
        step: StepKey,
        /// Why.
        why: Pausing,
        /// For how long before it looks again.
        pause: Duration,
    },
}

/// Why a step waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pausing {
    /// For a thing to settle, or to be gone.
    ForAws,
    /// For AWS to agree with itself about what was changed.
    ForTheWindow,
}
