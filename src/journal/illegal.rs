//! Why a record is refused.

use crate::base::{StepKey, Target};

use super::{CallNumber, FORMAT, IllegalCall, IllegalStep, StepState};

/// Why a record may not follow those before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IllegalRecord {
    /// Something came before `run-opened`, or a second one after it.
    #[error("a journal begins with `run-opened`, once")]
    Opening,
    /// The format is newer than this program.
    #[error("the journal has format {format}, and this version of quell reads up to {FORMAT}: use a newer one")]
    Format {
        /// The format of the journal.
        format: u32,
    },
    /// Something came after `closed`.
    #[error("the run is closed")]
    Closed,
    /// The step is not one of the run's.
    #[error("the run has no step `{0}`")]
    UnknownStep(StepKey),
    /// The call is not one of the run's.
    #[error("the run has no call {0}")]
    UnknownCall(CallNumber),
    /// The call's number is not one more than the last.
    #[error("call {call} does not follow the last one: {expected} does")]
    CallOutOfOrder {
        /// The number it has.
        call: CallNumber,
        /// The number it should have.
        expected: CallNumber,
    },
    /// The step cannot go there.
    #[error("step `{step}`: {illegal}")]
    Step {
        /// The step.
        step: StepKey,
        /// What it cannot do.
        illegal: IllegalStep,
    },
    /// The call cannot go there.
    #[error("call {call}: {illegal}")]
    Call {
        /// The call.
        call: CallNumber,
        /// What it cannot do.
        illegal: IllegalCall,
    },
    /// A call that changes something belongs to a step that is not acting.
    #[error("step `{step}` is `{state}`, and only a step that is acting changes anything")]
    NotActing {
        /// The step.
        step: StepKey,
        /// Where it stands.
        state: StepState,
    },
    /// A call would change a target of which the step has kept no evidence.
    #[error("step `{step}` has not captured what {target} was before its first change")]
    NotCaptured {
        /// The step.
        step: StepKey,
        /// The target.
        target: Box<Target>,
    },
    /// Something depends on a call of which it is still open what it did.
    #[error("step `{step}` still has the open call {call}")]
    OpenCall {
        /// The step.
        step: StepKey,
        /// The call.
        call: CallNumber,
    },
    /// The tries of a call are not counted in order.
    #[error("call {call}: try {attempt} does not follow the one before it")]
    AttemptOutOfOrder {
        /// The call.
        call: CallNumber,
        /// The try.
        attempt: u32,
    },
    /// The run would end while it is still open what a call did.
    #[error("the run cannot be closed while call {0} is open")]
    ClosedEarly(CallNumber),
    /// The counts at the end do not agree with the records.
    #[error("the counts of `closed` do not agree with the steps")]
    Counts,
}
