//! The text of a support case that a person opens.

use crate::journal::{Fold, StepState};
use crate::plan::Plan;
use crate::run::{history, run_so_far};

/// The name that actions give the text of a case.
const BODY: &str = "case-body";

/// The text of the case, where a step is left to a person and its action can write one.
pub fn case_text(plan: &Plan, fold: &Fold) -> Option<String> {
    if plan.undoes.is_some() {
        return None;
    }
    let run = run_so_far(plan, history(fold));
    let by_hand = |key| fold.step(key).is_some_and(|view| view.state == StepState::Manual);
    plan.actions().filter(|(step, _)| by_hand(&step.key)).find_map(|(_, action)| {
        action.of_registry().ok()?.compose(BODY, &plan.assignment(), &action.input, &run).ok().flatten()
    })
}
