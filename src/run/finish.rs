//! How a run ends.

use crate::journal::{Fold, RunOutcome, StepState};

/// How a run ended, from where its steps stand and what it left over.
pub(super) fn outcome(fold: &Fold) -> RunOutcome {
    let count = |states: &[StepState]| states.iter().filter_map(|state| fold.counts().get(state)).sum::<u64>();
    let left_over = !fold.left_over().is_empty();
    let good = count(&[StepState::Verified, StepState::Skipped]);
    let all = fold.steps().len() as u64;
    let landed = fold.calls().values().any(|call| call.state.has_landed());
    if count(&[StepState::Stuck]) > 0 {
        RunOutcome::Stuck
    } else if good == all && !left_over {
        RunOutcome::Complete
    } else if count(&[StepState::Verified, StepState::Done, StepState::NotVerified]) == 0 && !landed {
        RunOutcome::Refused
    } else {
        RunOutcome::Partial
    }
}

/// The exit code of the program for the end of a run. The table stands in the README; no two mean the same.
pub fn exit_code(outcome: RunOutcome) -> u8 {
    match outcome {
        RunOutcome::Complete => 0,
        RunOutcome::Partial => 20,
        RunOutcome::Stuck => 21,
        RunOutcome::Refused => 22,
    }
}
