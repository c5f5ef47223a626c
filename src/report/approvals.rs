//! Who has signed a plan, who may, and what is missing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::heading::{joined, place};
use super::text::{listed, moment, section};
use super::verdict::verdict_text;
use crate::guard::{Approvals, Given, Lent, Verdict};
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
        let of_run = one.of_run.as_ref().map_or(String::new(), |run| format!(", of run {run}"));
        format!("{}{of_run}: {by}", one.file)
    };
    text.push_str(&section("SIGNED", &found.given.iter().map(given).collect::<Vec<_>>()));
    text.push_str(&lent_text(found));
    let rules = found.rules.iter().map(|(name, met)| {
        let list = |names: &BTreeSet<String>| match names.is_empty() {
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

/// What the plans that this one follows lend to it, for people; nothing where it follows none.
pub fn lent_text(found: &Approvals) -> String {
    let told = |lent: &Lent| -> Vec<String> {
        let plan = format!("plan {} of run {}", lent.plan.short(), lent.run);
        if lent.more.is_empty() {
            let mine = |one: &&Given| one.of_run.as_ref() == Some(&lent.run);
            let by: BTreeSet<String> =
                found.given.iter().filter(mine).filter_map(|one| one.by.as_ref().ok()?.first().cloned()).collect();
            let by = if by.is_empty() { "nobody who counts".to_owned() } else { listed(&by) };
            return vec![format!(
                "{plan}: this one does nothing more, so what was signed there counts; signed by {by}"
            )];
        }
        let first = format!("{plan}: its signatures do not cover this one:");
        std::iter::once(first).chain(lent.more.iter().map(|more| format!("+ {more}"))).collect()
    };
    section("FOLLOWS", &found.lent.iter().flat_map(told).collect::<Vec<_>>())
}

/// For programs.
pub fn approvals_json(plan: &Plan, found: &Approvals, verdict: &Verdict) -> Value {
    let given = |one: &Given| {
        let (by, why) = match &one.by {
            Ok(person) => (json!(person), Value::Null),
            Err(why) => (Value::Null, json!(why)),
        };
        json!({ "file": one.file, "of_run": one.of_run, "key": one.key, "by": by, "why_not": why })
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
        "follows": found.lent,
        "verdict": verdict,
    })
}
