//! The plan screen.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::actions::{Refusal, registry};
use crate::aws::{Call, Operation};
use crate::base::{Effect, EntityKind, on_screen};
use crate::guard::{phrase_for, wrong_target_name};
use crate::plan::{Outlook, Plan, PlanReport, PlannedStep, PlannedWork};

use super::heading::heading;
use super::makers::{left_alone, no_makers};
use super::plan_step::{are_alike, instead, lines, symbol, why_not};
use super::residual::{planned_residuals, still_possible};
use super::responder::no_lock_out;
use super::text::{counted, day_and_minute, minute, once_each, seconds, section, wrapped};

/// The plan of one phase, and how it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedPhase {
    /// The plan.
    pub plan: Plan,
    /// How it was made; nothing for a plan that was read from a file.
    pub made: Option<PlanReport>,
}

/// The plan screen for the phases of one runbook. `state` says on its first line what was done with it so far, such as
/// `DRY RUN, nothing sent`.
pub fn plan_text(phases: &[PlannedPhase], state: &str) -> String {
    let Some(PlannedPhase { plan: first, .. }) = phases.first() else { return String::new() };
    let mut text = heading(first, state);
    text.push_str(&wrapped("", "     ", &about(phases, first)));
    let title = match &first.undoes {
        Some(run) => format!("Take back run {run}: {}", first.runbook.title),
        None => first.runbook.title.clone(),
    };
    text.push_str(&wrapped("", "     ", &title));
    if let Some(before) = &first.follows {
        let line = format!("follows run {} and its plan {}", before.run, before.plan.short());
        text.push_str(&wrapped("", "     ", &line));
    }
    let mut number = 1;
    let (mut envelopes, mut undo): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for PlannedPhase { plan, .. } in phases {
        text.push_str(&phase_line(plan));
        for alike in grouped(&plan.steps) {
            text.push_str(&lines(number, &alike));
            let acts = alike[0].action().filter(|action| action.calls().next().is_some());
            if let Some(action) = acts.filter(|_| first.undoes.is_none()) {
                undo.push(format!("{number} {}", action.story.undo));
            }
            envelopes.extend(envelope(&alike).map(|line| format!("{number} {line}")));
            number += usize::from(!matches!(alike[0].work, PlannedWork::Skipped { .. }));
        }
    }
    let plans = || phases.iter().map(|phase| &phase.plan);
    text.push_str(&section("TOUCHES", &touched(plans())));
    // An undo takes back what it can; what it leaves is what the run that it takes back has said.
    let still = plans().filter(|plan| plan.undoes.is_none());
    text.push_str(&still_possible("STILL POSSIBLE AFTER THIS", &planned_residuals(still)));
    let queries = || plans().flat_map(|plan| &plan.queries);
    text.push_str(&section("LEFT ALONE", &left_alone(queries())));
    text.push_str(&section("MAKER NOT KNOWN", &no_makers(queries())));
    text.push_str(&section("NOT READ", &not_read(plans())));
    text.push_str(&section("NO LOCK-OUT", &no_lock_out(plans())));
    text.push_str(&section("COMPLETE UNTIL", &late(plans())));
    if !envelopes.is_empty() {
        envelopes.insert(0, "approved as well, on the same target, if it has changed by then:".to_owned());
    }
    text.push_str(&section("ENVELOPE", &envelopes));
    if !undo.is_empty() {
        undo.insert(0, "quell undo RUN, no approval; step by step:".to_owned());
    }
    text.push_str(&section("UNDO", &undo));
    text + &counts(plans())
}

/// What a step may send without its being listed: reversible calls on its own target.
fn envelope(alike: &[&PlannedStep]) -> Option<String> {
    let action = alike[0].action().filter(|action| action.refusal().is_none() && action.envelope > 0)?;
    let known = action.of_registry().ok()?;
    // What is sent to roles is not sent to a user, nor the other way round; what meets quell's own policies alone is no call on the target.
    let of_others = match action.target.entity.root().kind {
        EntityKind::Role => ":user/",
        EntityKind::User => ":role/",
        _ => "\n",
    };
    let may = |one: &&&Operation| {
        one.effect == Effect::Reversible && !known.own().contains(*one) && !one.resource.contains(of_others)
    };
    let names: Vec<String> = known.sends().iter().filter(may).map(ToString::to_string).collect();
    let each = if alike.len() > 1 { ", for each" } else { "" };
    Some(format!("up to {} more of {}{each}", action.envelope, names.join(", ")))
}

fn about(phases: &[PlannedPhase], first: &Plan) -> String {
    let valid = first.expires.duration_since(first.made).as_mins();
    let made: Vec<&PlanReport> = phases.iter().filter_map(|phase| phase.made.as_ref()).collect();
    // A plan that was made before may be shown on another day.
    let until = if made.is_empty() { day_and_minute(first.expires) } else { minute(first.expires) };
    let mut parts = vec![first.runbook.name.clone(), format!("valid to {until} ({valid} min)")];
    if !made.is_empty() {
        let reads: u64 = made.iter().map(|report| report.reads).max().unwrap_or_default();
        let took: f64 = made.iter().map(|report| report.took.as_secs_f64()).sum();
        parts.push(format!("{reads} reads in {}", seconds(took)));
    }
    parts.join(" · ")
}

fn phase_line(plan: &Plan) -> String {
    let word = match &plan.undoes {
        Some(_) => "UNDO".to_owned(),
        None => plan.phase.as_str().to_uppercase(),
    };
    let (reversible, irreversible) = (plan.count(Effect::Reversible), plan.count(Effect::Irreversible));
    let weight = match (reversible, irreversible) {
        (0, 0) => "no calls".to_owned(),
        (_, 0) => "reversible".to_owned(),
        (_, for_good) => format!("{for_good} irreversible"),
    };
    format!("{word}   {weight}   plan {}\n", plan.digest().short())
}

/// Steps that are told alike together, the rest one by one, in their order.
fn grouped(steps: &[PlannedStep]) -> Vec<Vec<&PlannedStep>> {
    let mut groups: Vec<Vec<&PlannedStep>> = Vec::new();
    for step in steps {
        match groups.iter_mut().find(|group| are_alike(group[0], step)) {
            Some(group) => group.push(step),
            None => groups.push(vec![step]),
        }
    }
    groups
}

/// How much there is that the plans change.
fn touched<'a>(plans: impl Iterator<Item = &'a Plan>) -> Vec<String> {
    let mut kinds: BTreeMap<&str, BTreeSet<_>> = BTreeMap::new();
    let mut regions = BTreeSet::new();
    for plan in plans {
        for (_, action) in plan.actions().filter(|(_, action)| action.calls().next().is_some()) {
            let kind = kinds.entry(action.target.entity.kind.as_str()).or_default();
            kind.insert((&action.target.region, &action.target.entity.path));
            regions.extend(action.target.region.clone());
        }
    }
    let mut parts: Vec<String> = kinds.iter().map(|(kind, all)| counted(all.len(), kind)).collect();
    if !regions.is_empty() {
        let names: Vec<&str> = regions.iter().map(|region| region.as_str()).collect();
        parts.push(format!("in {}", names.join(", ")));
    }
    if parts.is_empty() { vec![] } else { vec![parts.join(", ")] }
}

/// What could not be read when plans were made.
pub fn not_read<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Vec<String> {
    once_each(plans.into_iter().flat_map(|plan| &plan.not_read).map(|one| {
        let place = one.region.as_ref().map_or(String::new(), |region| format!(" in {region}"));
        format!("{}{place} ({})", one.what, one.why)
    }))
}

/// Queries of which AWS knows the newest answers only later.
fn late<'a>(plans: impl Iterator<Item = &'a Plan>) -> Vec<String> {
    let asked = plans.flat_map(|plan| plan.queries.iter().map(move |asked| (plan, asked)));
    once_each(asked.filter_map(|(plan, asked)| {
        let lag = registry().query(&asked.query)?.lag()?;
        Some(format!(
            "{} about {}: AWS tells minutes later, and what happened after that may be missing",
            asked.key.step,
            minute(plan.made - lag)
        ))
    }))
}

/// How many calls of which kind, and how many steps that are none.
fn counts<'a>(plans: impl Iterator<Item = &'a Plan> + Clone) -> String {
    let sum = |effect| plans.clone().map(|plan| plan.count(effect)).sum::<usize>();
    let refused = |by_hand: bool| {
        let outlooks = plans.clone().flat_map(|plan| plan.actions()).filter(|(_, action)| match &action.outlook {
            Outlook::Refused { because } => matches!(because, Refusal::ByHand { .. }) == by_hand,
            _ => false,
        });
        outlooks.count()
    };
    let works = |wanted: fn(&PlannedWork) -> bool| {
        plans.clone().flat_map(|plan| &plan.steps).filter(|step| wanted(&step.work)).count()
    };
    let mut parts =
        vec![format!("{} reversible", sum(Effect::Reversible)), format!("{} irreversible", sum(Effect::Irreversible))];
    let gates = works(|work| matches!(work, PlannedWork::Gate { .. }));
    let more = [
        (refused(true), "by hand"),
        (refused(false) + works(|work| matches!(work, PlannedWork::Refused { .. })), "refused"),
        (gates, "waiting for a person"),
    ];
    parts.extend(more.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    parts.join(", ") + ".\n"
}

/// The plans for programs. Each has the exact plan, its digest, and what a person would type to agree.
pub fn plan_json(phases: &[PlannedPhase]) -> Value {
    let plans: Vec<Value> = phases
        .iter()
        .map(|PlannedPhase { plan, made }| {
            let steps: Vec<Value> = plan.steps.iter().map(step_json).collect();
            json!({
                "phase": plan.phase,
                "digest": plan.digest(),
                "phrase": phrase_for(plan),
                "reversible": plan.count(Effect::Reversible),
                "irreversible": plan.count(Effect::Irreversible),
                "reads": made.as_ref().map(|report| report.reads),
                "steps": steps,
                "plan": plan,
            })
        })
        .collect();
    let contains = phases.iter().map(|phase| &phase.plan).filter(|plan| plan.undoes.is_none());
    json!({ "format": 1, "plans": plans, "residual_access": planned_residuals(contains) })
}

fn step_json(step: &PlannedStep) -> Value {
    let action = step.action();
    json!({
        "step": step.key,
        "title": step.title,
        "symbol": action.map(|action| symbol(action).to_string()),
        "target": action.map(|action| action.target.to_string()),
        "now": action.map(|action| &action.story.now),
        "does": action.map(|action| &action.story.does),
        "impact": action.map(|action| action.story.impact),
        "because": action.map(|action| &action.story.because),
        "refused": action.and_then(why_not),
        "instead": action.map(|action| match &action.outlook {
            Outlook::Refused { because } => instead(because),
            _ => vec![],
        }),
    })
}

/// The line that stands right above a prompt: what to type for what, and how to take it back.
pub(super) fn question(plan: &Plan) -> String {
    let phrase = on_screen(&phrase_for(plan));
    let for_good = plan.count(Effect::Irreversible);
    let back = match for_good {
        0 if wrong_target_name(plan).is_some() => "its old sessions work again at once".to_owned(),
        0 if plan.calls().any(|(_, call)| matches!(call, Call::CreateCase(_))) => {
            "quell undo takes it back, but for the support case".to_owned()
        }
        0 => "all of it can be taken back with quell undo".to_owned(),
        count => format!("{} for good", counted(count, "step")),
    };
    format!("Type  {phrase}  to send {} ({back})", counted(plan.calls().count(), "call"))
}
