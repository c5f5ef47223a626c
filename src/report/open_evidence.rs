//! What a run leaves readable of what is confidential, for whoever decides on it.

use std::collections::BTreeSet;

use super::text::section;
use crate::actions::registry;
use crate::plan::{Plan, PlannedAction};

/// What a run of a plan keeps as evidence that can hold prompts, instructions or what people said, and how that can be sealed; nothing
/// where it keeps nothing such. For where no recipient is configured.
pub fn open_evidence_text(plan: &Plan) -> String {
    let acting = plan.actions().map(|(_, action)| action).filter(|action| !action.moves().is_empty() && gives(action));
    let captured = acting.filter_map(|action| action.of_registry().ok()?.confides()).map(str::to_owned);
    let asked = plan.questions();
    let kept = asked.iter().filter(|asked| registry().query(&asked.query).is_some_and(|query| query.keeps()));
    let kept = kept.map(|asked| format!("what `{}` finds", asked.query));
    let all: BTreeSet<String> = captured.chain(kept).collect();
    if all.is_empty() {
        return String::new();
    }
    let all: Vec<String> = all.into_iter().collect();
    let line = format!(
        "{}: kept readable for you alone, since nobody is named to whom it could be sealed. quell help run shows how",
        all.join("; "),
    );
    section("OPEN EVIDENCE", &[line])
}

/// Whether there is anything confidential: without a file there is nothing in a case.
fn gives(action: &PlannedAction) -> bool {
    let files = || action.input["attachments"].as_array().is_some_and(|files| !files.is_empty());
    !action.action.starts_with("support.") || files()
}
