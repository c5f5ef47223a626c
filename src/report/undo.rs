//! What an undo leaves alone, and why.

use crate::guard::phrase_for;
use crate::plan::{Outlook, Plan};

use super::plan_step::instead;
use super::text::wrapped;

/// The parts of an undo that are refused, with what was there before, what the run left and what is there now. Empty where
/// everything goes back.
pub fn refusals_text(plan: &Plan) -> String {
    let mut text = String::new();
    for (step, action) in plan.actions() {
        if let Outlook::Refused { because } = &action.outlook {
            text.push_str(&wrapped("", "     ", &format!("{} stays: {because}", step.key)));
            for line in instead(because) {
                text.push_str(&wrapped("     ", "       ", &line));
            }
        }
    }
    text
}

/// The prompt for a plan.
pub fn question(plan: &Plan) -> (String, String) {
    (super::plan::question(plan), phrase_for(plan))
}
