//! Who has signed a plan, who may, and what is missing.

use serde_json::{Value, json};

use super::heading::{joined, place};
use super::text::{listed, moment, section};
use super::verdict::verdict_text;
use crate::guard::{Approvals, Given, Verdict};
use crate::plan::Plan;

/// For people.
pub fn approvals_text(plan: &Plan, found: &Approvals, verdict: &Verdict) -> String {
    let place = place(plan.world, plan.place.account.as_str(), plan.alias.as_deref());
    let title = format!("{} · plan {}", plan.runbook.name, plan.digest().short());
    let mut text = joined(&[place, plan.incident.to_string(), title]);
    let given = |one: &Given| {
        let by = match &one.by {
            Ok(person) => format!("by {}", listed(person)),
            Err(why) => format!("does not count: {why}"),
        };
        format!("{}: {by}", one.file)
    };
    text.push_str(&section("SIGNED", &found.given.iter().map(given).collect::<Vec<_>>()));
    let rules = found.rules.iter().map(|(name, met)| {
        let list = |names: &std::collections::BTreeSet<String>| match names.is_empty() {
            true => "nobody".to_owned(),
            false => listed(names),
        };
        let missing = match met.is_met() {
            true => String::new(),
            false => format!("; may sign: {}", list(&met.may)),
        };
        format!("{name}: {} of {} ({}){missing}", met.signed.len(), met.at_least, list(&met.signed))
    });
    text.push_str(&section("RULES", &rules.collect::<Vec<_>>()));
    let unknown = verdict.missing().into_iter().flatten().filter(|name| !found.rules.contains_key(name));
    let unknown = unknown.map(|name| format!("no rule `{name}` stands in approvals.yaml, so that nobody can give it"));
    text.push_str(&section("NOBODY CAN", &unknown.collect::<Vec<_>>()));
    text.push_str(&verdict_text(verdict));
    let expires = format!("{}{}", moment(plan.expires), if verdict.allowed { "; the guardrails allow it" } else { "" });
    text.push_str(&section("VALID UNTIL", &[expires]));
    text
}

/// For programs.
pub fn approvals_json(plan: &Plan, found: &Approvals, verdict: &Verdict) -> Value {
    let given = |one: &Given| {
        let (by, why) = match &one.by {
            Ok(person) => (json!(person), Value::Null),
            Err(why) => (Value::Null, json!(why)),
        };
        json!({ "file": one.file, "key": one.key, "by": by, "why_not": why })
    };
    let rules: serde_json::Map<String, Value> = found
        .rules
        .iter()
        .map(|(name, met)| {
            let met = json!({ "at_least": met.at_least, "signed": met.signed, "may": met.may, "is_met": met.is_met() });
            (name.clone(), met)
        })
        .collect();
    json!({
        "format": 1,
        "plan": plan.digest(),
        "expires": plan.expires,
        "signatures": found.given.iter().map(given).collect::<Vec<_>>(),
        "rules": rules,
        "verdict": verdict,
    })
}
