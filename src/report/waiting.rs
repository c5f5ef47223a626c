//! Plans that the autopilot has made, and that wait for somebody.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::base::Effect;
use crate::plan::Plan;

use super::heading::{joined, place};
use super::text::{moment, wrapped};

/// A plan that waits for somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingPlan {
    /// The file.
    pub path: String,
    /// The plan.
    pub plan: Plan,
    /// What to type about it: what approves it, or, where its time is over, what plans it again.
    pub next: String,
}

impl WaitingPlan {
    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.plan.expires
    }
}

/// Plans that wait, one paragraph each.
pub fn waiting_text(plans: &[WaitingPlan], now: Timestamp) -> String {
    plans.iter().map(|one| paragraph(one, now)).collect()
}

fn paragraph(one: &WaitingPlan, now: Timestamp) -> String {
    let WaitingPlan { path, plan, next } = one;
    let until = if one.is_over(now) { "was valid until" } else { "valid until" };
    let mut text = joined(&[
        place(plan.world, plan.place.account.as_str(), plan.alias.as_deref()),
        plan.incident.to_string(),
        format!("plan {}", plan.digest().short()),
        plan.phase.as_str().to_owned(),
        "waits for somebody".to_owned(),
        format!("{until} {}", moment(plan.expires)),
    ]);
    let counts = format!(
        "{}: {} reversible, {} irreversible; {path}",
        plan.runbook.name,
        plan.count(Effect::Reversible),
        plan.count(Effect::Irreversible)
    );
    text.push_str(&wrapped("     ", "       ", &counts));
    text + &format!("     Next: {next}\n")
}

/// Plans that wait, for programs.
pub fn waiting_json(plans: &[WaitingPlan], now: Timestamp) -> Value {
    let one = |one: &WaitingPlan| {
        json!({
            "path": one.path,
            "plan": one.plan.digest(),
            "incident": one.plan.incident,
            "runbook": one.plan.runbook.name,
            "phase": one.plan.phase,
            "reversible": one.plan.count(Effect::Reversible),
            "irreversible": one.plan.count(Effect::Irreversible),
            "expires": one.plan.expires,
            "is_over": one.is_over(now),
            "next": one.next,
        })
    };
    plans.iter().map(one).collect()
}
