//! What the guardrails say of a plan.

use super::text::{listed, section};
use crate::guard::Verdict;

/// How many calls are named of those that a guardrail forbids.
const MOST_CALLS: usize = 3;

/// For people: nothing where the plan is allowed without anybody's approval.
pub fn verdict_text(verdict: &Verdict) -> String {
    let mut lines = Vec::new();
    match (&verdict.needs, verdict.allowed) {
        (Some(needs), true) if needs.is_empty() => return String::new(),
        (_, true) if verdict.break_glass => lines.push("applied by one signature and a reason".to_owned()),
        (Some(needs), true) => lines.push(format!("given: {}", listed(needs))),
        (None, _) => lines.push("no approval helps".to_owned()),
        (Some(needs), false) => {
            lines.push(format!("needs: {}; given: {}", listed(needs), none_or(listed(&verdict.given))))
        }
    }
    for reason in &verdict.reasons {
        let named: Vec<&str> = reason.calls.iter().take(MOST_CALLS).map(String::as_str).collect();
        let more = reason.calls.len().saturating_sub(MOST_CALLS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("{}: {} ({}{more})", reason.guardrail, reason.why, named.join(", ")));
    }
    section(&format!("GUARDRAILS, {}", verdict.who.as_str().to_uppercase()), &lines)
}

fn none_or(list: String) -> String {
    if list.is_empty() { "none".to_owned() } else { list }
}
