//! What differs between two plans, for whoever has approved one of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Edge, EdgeKind, Plan, PlannedAction, PlannedStep, PlannedWork};
use crate::base::{Digest, StepKey, difference};

/// What differs between two plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanDiff {
    /// What the plans are about, in words; empty where it is the same. When they were made and their nonces, which always differ, are left
    /// out, and so is a time that lies as long before the one as before the other.
    pub about: Vec<String>,
    /// Calls that only the second plan lists: whoever has approved the first one has not approved these.
    pub more_calls: BTreeSet<String>,
    /// Calls that only the first plan lists.
    pub fewer_calls: BTreeSet<String>,
    /// Step by step, what else differs.
    pub steps: BTreeMap<StepKey, Vec<String>>,
}

impl PlanDiff {
    /// What differs from one plan to another.
    pub fn of(one: &Plan, other: &Plan) -> Self {
        let mut diff = Self { about: about(one, other), ..Self::default() };
        let (before, after) = (calls(one), calls(other));
        diff.more_calls = after.difference(&before).cloned().collect();
        diff.fewer_calls = before.difference(&after).cloned().collect();
        let steps = |plan: &'_ Plan| -> BTreeMap<StepKey, PlannedStep> {
            plan.steps.iter().map(|step| (step.key.clone(), step.clone())).collect()
        };
        let (before, after) = (steps(one), steps(other));
        let when = (one.made, other.made);
        let keys: BTreeSet<&StepKey> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let found = match (before.get(key), after.get(key)) {
                (Some(one), Some(other)) => step(one, other, when),
                (None, Some(other)) => vec![format!("is new: {}", told(other))],
                (Some(one), None) => vec![format!("is gone: {}", told(one))],
                (None, None) => vec![],
            };
            if !found.is_empty() {
                diff.steps.insert(key.clone(), found);
            }
        }
        diff
    }

    /// Whether the plans do the same.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The calls of a plan, each with its step's thing by its state and all that it says.
fn calls(plan: &Plan) -> BTreeSet<String> {
    let calls = plan.calls().map(|(_, call)| {
        let said = Digest::of(&call.for_the_record()).short();
        format!("{} on {} ({said})", call.operation(), plan.place.target(call.region(), call.entity()))
    });
    calls.collect()
}

fn about(one: &Plan, other: &Plan) -> Vec<String> {
    let picture = |plan: &Plan| {
        json!({
            "quell": plan.quell,
            "world": plan.world,
            "incident": plan.incident,
            "partition": plan.place.partition,
            "account": plan.place.account,
            "caller": plan.caller.told(),
            "acts_as": plan.caller.acts_as,
            "runbook": { "name": plan.runbook.name, "digest": plan.runbook.digest.short() },
            "parameters": plan.parameters,
            "phase": plan.phase,
            "undoes": plan.undoes,
            "follows": plan.follows.as_ref().map(|before| format!("run {} of plan {}", before.run, before.plan.short())),
            "asked": plan.queries.iter().map(|asked| {
                (asked.key.to_string(), json!({ "query": asked.query, "input": asked.input, "found": asked.found }))
            }).collect::<BTreeMap<_, _>>(),
            "responder": plan.responder,
            "tags": plan.tags,
            "not_read": plan.not_read.iter().map(|one| format!("{}: {}", one.what, one.why)).collect::<Vec<_>>(),
        })
    };
    let (Value::Object(before), Value::Object(after)) = (picture(one), picture(other)) else { return vec![] };
    let when = (one.made, other.made);
    let told = |name: &String| {
        let difference = difference(&before[name], &aligned(&before[name], &after[name], when));
        (!difference.is_empty()).then(|| format!("{name}: {difference}"))
    };
    before.keys().filter_map(told).collect()
}

/// The second value, with the first in place of every part of it that is the same, times counted from when each plan was made.
fn aligned(one: &Value, other: &Value, when: (Timestamp, Timestamp)) -> Value {
    match (one, other) {
        _ if same(one, other, when) => one.clone(),
        (Value::Object(one), Value::Object(other)) => {
            let member = |(name, value): (&String, &Value)| {
                let value = one.get(name).map_or_else(|| value.clone(), |one| aligned(one, value, when));
                (name.clone(), value)
            };
            other.iter().map(member).collect::<serde_json::Map<_, _>>().into()
        }
        _ => other.clone(),
    }
}

/// Whether two values are the same, times counted from when each plan was made: many a parameter is `a day ago`.
fn same(one: &Value, other: &Value, when: (Timestamp, Timestamp)) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) if one != other => {
            let times = one.parse::<Timestamp>().ok().zip(other.parse::<Timestamp>().ok());
            // Runbooks count in whole seconds.
            let apart =
                |(one, other): (Timestamp, Timestamp)| one.duration_since(when.0) - other.duration_since(when.1);
            times.is_some_and(|times| apart(times).abs() <= SignedDuration::from_secs(1))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other, when))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other, when)))
        }
        _ => one == other,
    }
}

fn step(one: &PlannedStep, other: &PlannedStep, when: (Timestamp, Timestamp)) -> Vec<String> {
    let mut found = of_work(one, other, when);
    if one.edges != other.edges {
        found.push(format!("it comes after {}, and not after {}", after(other), after(one)));
    }
    found
}

/// What comes before a step.
fn after(step: &PlannedStep) -> String {
    let needs = |edge: &Edge| if edge.kind == EdgeKind::Needs { ", which it needs" } else { "" };
    let all: Vec<String> = step.edges.iter().map(|edge| format!("{}{}", edge.before, needs(edge))).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(" and ") }
}

fn of_work(one: &PlannedStep, other: &PlannedStep, when: (Timestamp, Timestamp)) -> Vec<String> {
    let (PlannedWork::Action(before), PlannedWork::Action(after)) = (&one.work, &other.work) else {
        return if one.work == other.work { vec![] } else { vec![format!("{} is now: {}", told(one), told(other))] };
    };
    let mut found = Vec::new();
    if before.action != after.action || !same(&before.input, &after.input, when) {
        found.push(format!("it is asked for otherwise: {} is now {}", asked(before), asked(after)));
    }
    if before.target != after.target {
        found.push(format!("it is about {} and not about {}", after.target, before.target));
    }
    if before.fingerprint != after.fingerprint {
        found.push(format!("what is there: {}", difference(&before.state, &after.state)));
    }
    if before.refusal() != after.refusal() {
        let refused = |action: &PlannedAction| action.refusal().map_or("not refused".to_owned(), ToString::to_string);
        found.push(format!("{} is now: {}", refused(before), refused(after)));
    }
    let order = |action: &PlannedAction| action.moves().iter().map(Digest::of).collect::<Vec<_>>();
    if before.fingerprint == after.fingerprint && order(before) != order(after) {
        found.push("its moves are others, or come in another order".to_owned());
    }
    if before.restores != after.restores || before.timeout_seconds != after.timeout_seconds {
        found.push("it puts something else back, or may take another time".to_owned());
    }
    if before.envelope != after.envelope {
        found.push(format!("it may send {} unlisted calls, and not {}", after.envelope, before.envelope));
    }
    if before.story.impact != after.story.impact {
        found.push(format!("impact: {} is now {}", before.story.impact.as_str(), after.story.impact.as_str()));
    }
    found
}

fn asked(action: &PlannedAction) -> String {
    format!("{} {}", action.action, action.input)
}

fn told(step: &PlannedStep) -> String {
    match &step.work {
        PlannedWork::Action(action) => format!("{} on {}", action.action, action.target),
        PlannedWork::Gate { message, .. } => format!("a gate that says: {message}"),
        PlannedWork::Skipped { why } => format!("left out: {why}"),
        PlannedWork::Refused { why } => format!("refused: {why}"),
    }
}
