//! The text of a support case that a person opens.

use crate::journal::{Fold, StepState};
use crate::plan::Plan;
use crate::run::{history, run_so_far};

/// The names that actions give the texts of a case: how it begins, and what follows where that is not all.
fn texts() -> impl Iterator<Item = String> {
    std::iter::once("case-body".to_owned()).chain((2..).map(|part| format!("case-part-{part}")))
}

/// The text of the case, where a step is left to a person and its action can write one: message by message, as AWS takes them.
pub fn case_text(plan: &Plan, fold: &Fold) -> Option<String> {
    if plan.undoes.is_some() {
        return None;
    }
    let run = run_so_far(plan, history(fold));
    let by_hand = |key| fold.step(key).is_some_and(|view| view.state == StepState::Manual);
    plan.actions().filter(|(step, _)| by_hand(&step.key)).find_map(|(_, action)| {
        let known = action.of_registry().ok()?;
        let text = |name: String| known.compose(&name, &plan.assignment(), &action.input, &run).ok().flatten();
        let messages: Vec<String> = texts().map_while(text).collect();
        (!messages.is_empty()).then(|| messages.join("\n\n"))
    })
}
