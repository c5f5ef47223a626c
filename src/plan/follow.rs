//! What a plan does beyond one that was carried out before it: whoever has approved that one has approved nothing else.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Edge, EdgeKind, Plan, PlannedAction, PlannedQuery, PlannedStep, PlannedWork};
use crate::actions::registry;
use crate::aws::Call;
use crate::base::{Digest, Effect, RunId, StepKey, difference};

/// For how long after it was made a plan lends its approvals to those that follow it: what has begun is finished, and an approval of last
/// week is none.
pub const FOLLOWED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The run that a plan follows, and the plan that this run carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Follows {
    /// The run.
    pub run: RunId,
    /// The digest of its plan.
    pub plan: Digest,
}

/// What has become of a plan since it was signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Since {
    /// The calls that may have happened, by step and as planned: each is approved once.
    pub sent: BTreeSet<(StepKey, Digest)>,
    /// What was seen last of steps that have done a part of their work, by fingerprint.
    pub left: BTreeMap<StepKey, Digest>,
}

/// What the later of two plans does that the earlier one does not, in words; empty where whoever has read the earlier one has read all that the
/// later one may send.
///
/// Both plans are taken as they are, and nothing that either says of the other is believed.
pub fn beyond(earlier: &Plan, later: &Plan, since: &Since) -> Vec<String> {
    let mut more = about(earlier, later);
    for step in &later.steps {
        let found = match earlier.step(&step.key) {
            Some(before) => of_step(before, step, later, since),
            None => of_new_step(step, later),
        };
        more.extend(found.into_iter().map(|what| format!("{}: {what}", step.key)));
    }
    let kept = later.queries.iter().filter(|asked| keeps_more(asked, earlier));
    more.extend(kept.map(|asked| format!("{}: it keeps more of what `{}` found", asked.key, asked.query)));
    more
}

/// Where the plans are about something else.
fn about(earlier: &Plan, later: &Plan) -> Vec<String> {
    let is_caller = earlier.caller.is_same_principal(&later.caller) && earlier.caller.has_the_name_of(&later.caller);
    let alike = [
        ("version of quell", earlier.quell == later.quell && earlier.format == later.format),
        ("world", earlier.world == later.world),
        ("incident", earlier.incident == later.incident),
        ("account", earlier.place == later.place),
        ("caller", is_caller),
        ("role that the run acts as", earlier.caller.acts_as_the_same_as(&later.caller)),
        ("runbook, or another version of it", earlier.runbook == later.runbook),
        ("set of values", earlier.parameters == later.parameters),
        ("phase", earlier.phase == later.phase),
        ("kind: one of them takes a run back", earlier.undoes.is_none() && later.undoes.is_none()),
    ];
    let unlike = alike.iter().filter(|(_, same)| !same);
    let mut told: Vec<String> = unlike.map(|(what, _)| format!("the two plans are of another {what}")).collect();
    let apart = later.made.duration_since(earlier.made);
    if apart.is_negative() || apart > FOLLOWED_FOR {
        let hours = FOLLOWED_FOR.as_hours();
        told.push(format!("it was not made within {hours} hours after the plan that was signed"));
    }
    told
}

/// Whether a step may send anything, listed or within its envelope.
fn may_act(action: &PlannedAction) -> bool {
    action.refusal().is_none() && (action.calls().next().is_some() || action.envelope > 0)
}

fn of_step(before: &PlannedStep, after: &PlannedStep, later: &Plan, since: &Since) -> Vec<String> {
    match (&before.work, &after.work) {
        (_, PlannedWork::Action(now)) if !may_act(now) => vec![],
        (PlannedWork::Action(was), PlannedWork::Action(now)) if was.refusal().is_none() => {
            let mut more = of_action(was, now, after, later, since);
            more.extend(before.edges.iter().filter(|edge| !still_waits(edge, after, later)).map(unwaited));
            more
        }
        // A person answers it, and sees what it says. What a person is told to do by hand is what was read, or was not.
        (PlannedWork::Gate { confirm, message }, PlannedWork::Gate { confirm: asks, message: says }) => {
            if confirm == asks && (*asks || message == says) { vec![] } else { vec![OTHER_GATE.to_owned()] }
        }
        _ => of_new_step(after, later),
    }
}

const OTHER_GATE: &str = "the gate asks for something else";

/// A step that the earlier plan does not have, or has as one that sends nothing.
fn of_new_step(step: &PlannedStep, later: &Plan) -> Vec<String> {
    match &step.work {
        PlannedWork::Action(action) if may_act(action) => {
            let calls: Vec<String> = action.calls().map(|call| told(call, later)).collect();
            if calls.is_empty() { vec![unlisted(action)] } else { calls }
        }
        PlannedWork::Gate { confirm: false, .. } => vec![OTHER_GATE.to_owned()],
        _ => vec![],
    }
}

fn of_action(was: &PlannedAction, now: &PlannedAction, step: &PlannedStep, later: &Plan, since: &Since) -> Vec<String> {
    let known = now.of_registry();
    let is_same = known.as_ref().is_ok_and(|known| known.same_thing(&was.state, &now.state).unwrap_or(false));
    if !is_same || was.target != now.target {
        let calls: Vec<String> = now.calls().map(|call| call.operation().to_string()).collect();
        let calls = if calls.is_empty() { unlisted(now) } else { calls.join(", ") };
        return vec![format!("{} is another one than was signed for: {calls}", now.target)];
    }
    let mut more = more_calls(was, now, step, later, since);
    let is_for_good = now.calls().any(|call| call.operation().effect == Effect::Irreversible);
    let is_less = || known.as_ref().is_ok_and(|known| known.covers(&was.state, &now.state).unwrap_or(false));
    // As within a run: after a part of it, exactly the rest may follow.
    let is_rest = since.left.get(&step.key) == Some(&now.fingerprint);
    if is_for_good && was.fingerprint != now.fingerprint && !is_rest && !is_less() {
        more.push(format!("what goes for good has changed: {}", difference(&was.state, &now.state)));
    }
    if was.action != now.action || was.input != now.input || was.restores != now.restores {
        more.push("it is asked for otherwise".to_owned());
    }
    if now.envelope > was.envelope {
        more.push(format!("{}, and {} were signed for", unlisted(now), was.envelope));
    }
    if now.timeout_seconds > was.timeout_seconds {
        more.push(format!("it may take {} s, and {} were signed for", now.timeout_seconds, was.timeout_seconds));
    }
    let (then, impact) = (was.story.impact, now.story.impact);
    if impact > then {
        more.push(format!("its impact is now: {}, and was: {}", impact.as_str(), then.as_str()));
    }
    more
}

/// The calls that do not stand among those that were signed for and are still to come, in the same order.
fn more_calls(
    was: &PlannedAction,
    now: &PlannedAction,
    step: &PlannedStep,
    later: &Plan,
    since: &Since,
) -> Vec<String> {
    let is_sent = |call: &Call| since.sent.contains(&(step.key.clone(), Digest::of(call)));
    let mut rest = was.calls().filter(|call| !is_sent(call));
    let mut more = Vec::new();
    for call in now.calls() {
        if is_sent(call) {
            more.push(format!("{} once more", told(call, later)));
        } else if !rest.any(|listed| listed == call) {
            more.push(told(call, later));
        }
    }
    more
}

/// Whether a step still waits for what it waited for. What is gone from the account is waited for by nobody; a step that is no item of a list is
/// in every plan.
fn still_waits(edge: &Edge, step: &PlannedStep, later: &Plan) -> bool {
    let is_gone = later.step(&edge.before).is_none() && edge.before.item.is_some();
    is_gone || comes_after(step, edge, later)
}

/// Whether what an edge says still holds, by one edge or by several.
fn comes_after(step: &PlannedStep, wanted: &Edge, later: &Plan) -> bool {
    let holds = |edge: &&Edge| wanted.kind == EdgeKind::After || edge.kind == EdgeKind::Needs;
    let mut open: Vec<&StepKey> = step.edges.iter().filter(holds).map(|edge| &edge.before).collect();
    let mut known: BTreeSet<&StepKey> = BTreeSet::new();
    while let Some(key) = open.pop() {
        if *key == wanted.before {
            return true;
        }
        if known.insert(key) {
            let before = later.step(key).into_iter().flat_map(|step| &step.edges);
            open.extend(before.filter(holds).map(|edge| &edge.before));
        }
    }
    false
}

fn unwaited(edge: &Edge) -> String {
    format!("it no longer waits for {}", edge.before)
}

/// Whether a run would keep more, as evidence, of what a query found.
fn keeps_more(asked: &PlannedQuery, earlier: &Plan) -> bool {
    if !registry().query(&asked.query).is_none_or(|query| query.keeps()) {
        return false;
    }
    let same = |one: &&PlannedQuery| one.key == asked.key && one.query == asked.query && one.input == asked.input;
    let before = earlier.queries.iter().find(same);
    before.is_none_or(|before| asked.found.iter().any(|key| !before.found.contains(key)))
}

fn told(call: &Call, plan: &Plan) -> String {
    format!("{} on {}", call.operation(), plan.place.target(call.region(), call.entity()))
}

fn unlisted(action: &PlannedAction) -> String {
    format!("up to {} unlisted calls on {}", action.envelope, action.target)
}
