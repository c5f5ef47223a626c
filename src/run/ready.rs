//! Which steps may start: pure, from the plan and the fold.

use crate::journal::{Fold, StepState};
use crate::plan::{EdgeKind, Plan, PlannedStep};

/// What is to be done about a step that is waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Readiness {
    /// Something before it has not ended.
    NotYet,
    /// It may start.
    Ready,
    /// Something that it needs has not succeeded.
    Held {
        /// What.
        by: String,
    },
}

/// Whether a step may start. A step that counts as done may still be put back to work when somebody undoes it; what
/// comes after it does not wait for that.
pub(super) fn readiness(plan: &Plan, fold: &Fold, step: &PlannedStep) -> Readiness {
    debug_assert!(plan.step(&step.key).is_some(), "the step is the plan's");
    let mut all_ended = true;
    for edge in &step.edges {
        let state = fold.step(&edge.before).map_or(StepState::Waiting, |before| before.state);
        let under_way = matches!(state, StepState::Waiting | StepState::Looked | StepState::Acting);
        let succeeded = state.has_succeeded() || state == StepState::Skipped;
        if edge.kind == EdgeKind::Needs && !under_way && !succeeded {
            return Readiness::Held { by: format!("{} is {state}", edge.before) };
        }
        all_ended &= !under_way;
    }
    if all_ended { Readiness::Ready } else { Readiness::NotYet }
}
