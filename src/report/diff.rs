//! What differs between two plans.

use serde_json::{Value, json};

use super::heading::{joined, place};
use super::text::section;
use crate::plan::{Plan, PlanDiff};

/// For people.
pub fn diff_text(one: &Plan, other: &Plan, diff: &PlanDiff) -> String {
    let place = place(other.world, other.place.account.as_str(), other.alias.as_deref());
    let digests = format!("plan {} and plan {}", one.digest().short(), other.digest().short());
    let mut text = joined(&[place, other.incident.to_string(), digests]);
    if diff.is_empty() {
        return text + "SAME   both do the same, to the same things as they are\n";
    }
    text.push_str(&section("ABOUT", &diff.about));
    text.push_str(&section("MORE", &diff.more_calls.iter().map(|call| format!("+ {call}")).collect::<Vec<_>>()));
    text.push_str(&section("FEWER", &diff.fewer_calls.iter().map(|call| format!("- {call}")).collect::<Vec<_>>()));
    let steps = diff.steps.iter().flat_map(|(key, all)| all.iter().map(move |what| format!("{key}: {what}")));
    text + &section("STEPS", &steps.collect::<Vec<_>>())
}

/// For programs.
pub fn diff_json(one: &Plan, other: &Plan, diff: &PlanDiff) -> Value {
    let steps: Vec<Value> = diff
        .steps
        .iter()
        .map(|(key, all)| json!({ "step": key, "shown": key.to_string(), "differences": all }))
        .collect();
    json!({
        "format": 1,
        "plans": [one.digest(), other.digest()],
        "same": diff.is_empty(),
        "about": diff.about,
        "more_calls": diff.more_calls,
        "fewer_calls": diff.fewer_calls,
        "steps": steps,
    })
}
