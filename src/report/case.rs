//! The text of a support case that a person opens.

use crate::actions::support_open_case::{CASE_BODY, case_part};
use crate::aws::goes_on_in;
use crate::journal::{Fold, StepState};
use crate::plan::Plan;
use crate::run::{history, run_so_far};

/// The text of the case, where a step is left to a person and its action can write one: message by message, as AWS takes them.
pub fn case_text(plan: &Plan, fold: &Fold) -> Option<String> {
    if plan.undoes.is_some() {
        return None;
    }
    let run = run_so_far(plan, history(fold));
    let by_hand = |key| fold.step(key).is_some_and(|view| view.state == StepState::Manual);
    plan.actions().filter(|(step, _)| by_hand(&step.key)).find_map(|(_, action)| {
        let known = action.of_registry().ok()?;
        let text = |name: &str| known.compose(name, &plan.assignment(), &action.input, &run).ok().flatten();
        let mut messages = vec![text(CASE_BODY)?];
        for next in 2.. {
            let goes_on = messages.last().is_some_and(|last| last.ends_with(&goes_on_in(next)));
            let Some(more) = text(&case_part(next)).filter(|_| goes_on) else { break };
            messages.push(more);
        }
        Some(messages.join("\n\n"))
    })
}
