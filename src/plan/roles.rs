//! Lets a role outlive what AWS does with it. Which role a knowledge base, an agent or an application works with is known
//! once it has been looked at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Edge, EdgeKind, Outlook, PlannedAction, PlannedStep, PlannedWork};
use crate::actions::{BadInput, Refusal};
use crate::base::{Arn, Entity, EntityKind, PrincipalKind, RoleName, StepKey, Touch};
use crate::graph::before_its_role;

/// The roles that the things of steps name.
pub(super) type Named = BTreeMap<StepKey, BTreeSet<RoleName>>;

/// The roles whose ARNs stand somewhere in what was captured.
pub(super) fn roles_named(present: &Value) -> BTreeSet<RoleName> {
    let mut named = BTreeSet::new();
    let mut stack = vec![present];
    while let Some(value) = stack.pop() {
        match value {
            Value::Array(values) => stack.extend(values),
            Value::Object(members) => stack.extend(members.values()),
            Value::String(text) if text.starts_with("arn:") => {
                let principal = text.parse::<Arn>().ok().and_then(|arn| arn.principal());
                if let Some(PrincipalKind::Role { name, .. }) = principal {
                    named.extend(RoleName::new(name).ok());
                }
            }
            _ => {}
        }
    }
    named
}

/// Has every step that takes a role away from AWS come after those that AWS carries out with the role. Where the runbook has
/// it the other way round, the role stays, and the refusal names both steps. The steps stay in an order that respects their edges.
pub(super) fn keep_roles(steps: &mut [PlannedStep], named: &Named) -> Result<(), BadInput> {
    let mut touches: Vec<Vec<(Entity, Touch)>> = Vec::with_capacity(steps.len());
    for step in steps.iter() {
        let doing = doing(step).map(|action| action.of_registry()?.touches(&action.input));
        touches.push(doing.transpose()?.unwrap_or_default());
    }
    let mut is_new = false;
    for taking in 0..steps.len() {
        let Some(role) = role_taken(&steps[taking])? else { continue };
        for working in 0..steps.len() {
            let names_it = named.get(&steps[working].key).is_some_and(|named| named.contains(&role));
            let (Some(first), Some(then)) = (doing(&steps[working]), doing(&steps[taking])) else { continue };
            let rule = before_its_role((&first.action, &touches[working]), (&then.action, &touches[taking]));
            let Some(rule) = rule.filter(|_| names_it && working != taking) else { continue };
            let before = steps[working].key.clone();
            if comes_after(steps, &before, &steps[taking].key) {
                let because = too_early(&steps[taking], &steps[working], &role, rule.why);
                if let PlannedWork::Action(action) = &mut steps[taking].work {
                    action.outlook = Outlook::Refused { because };
                }
            } else if !steps[taking].edges.iter().any(|edge| edge.before == before) {
                let because = Some(rule.why.to_owned());
                steps[taking].edges.push(Edge { before, kind: EdgeKind::After, because });
                is_new = true;
            }
        }
    }
    if is_new {
        sort(steps);
    }
    Ok(())
}

/// The action of a step that is about to send something.
fn doing(step: &PlannedStep) -> Option<&PlannedAction> {
    step.action().filter(|action| action.calls().next().is_some())
}

/// The role with which AWS cannot work any more once a step is done.
fn role_taken(step: &PlannedStep) -> Result<Option<RoleName>, BadInput> {
    let Some(action) = doing(step).filter(|action| action.target.entity.kind == EntityKind::Role) else {
        return Ok(None);
    };
    let known = action.of_registry()?;
    let destroys = known.touches(&action.input)?.iter().any(|(_, touch)| *touch == Touch::Destroys);
    let takes = destroys || known.keeps_services_out(&action.input)?;
    Ok(takes.then(|| RoleName::new(action.target.entity.id()).ok()).flatten())
}

fn too_early(taking: &PlannedStep, working: &PlannedStep, role: &RoleName, why: &str) -> Refusal {
    let (taking, what) = (&taking.key, doing(working).map(|action| action.target.to_string()).unwrap_or_default());
    let working = &working.key;
    Refusal::Protected {
        why: format!("step `{taking}` comes before step `{working}`, and {what} works with role {role}: {why}"),
        instead: format!("have `{taking}` come after `{working}`"),
    }
}

/// Whether a step waits for another, directly or by way of others.
fn comes_after(steps: &[PlannedStep], step: &StepKey, other: &StepKey) -> bool {
    let waits: BTreeMap<&StepKey, &[Edge]> = steps.iter().map(|step| (&step.key, step.edges.as_slice())).collect();
    let mut seen = BTreeSet::from([step]);
    let mut stack = vec![step];
    while let Some(at) = stack.pop() {
        let before = waits.get(at).copied().unwrap_or_default().iter().map(|edge| &edge.before);
        stack.extend(before.filter(|before| seen.insert(*before)));
    }
    step != other && seen.contains(other)
}

/// Every step after those it waits for, and otherwise as they were.
fn sort(steps: &mut [PlannedStep]) {
    let place: BTreeMap<StepKey, usize> =
        steps.iter().enumerate().map(|(place, step)| (step.key.clone(), place)).collect();
    let mut order: Vec<usize> = Vec::with_capacity(steps.len());
    let mut done = BTreeSet::new();
    for start in 0..steps.len() {
        let mut stack = vec![start];
        while let Some(at) = stack.last().copied() {
            let before = steps[at].edges.iter().filter_map(|edge| place.get(&edge.before).copied());
            match before.filter(|before| !done.contains(before)).min() {
                Some(before) if !stack.contains(&before) => stack.push(before),
                _ => {
                    stack.pop();
                    if done.insert(at) {
                        order.push(at);
                    }
                }
            }
        }
    }
    let mut rank = vec![0; steps.len()];
    for (new, old) in order.into_iter().enumerate() {
        rank[old] = new;
    }
    steps.sort_by_key(|step| rank[place[&step.key]]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn roles_are_read_off_whatever_was_captured() {
        let present = json!({
            "base": { "role": "arn:aws:iam::111122223333:role/service/kb", "bucket": "arn:aws:s3:::kb" },
            "held": [{ "words": { "roleArn": "arn:aws:iam::111122223333:role/web", "about": "arn: what" } }],
            "by": "arn:aws:iam::111122223333:user/kb",
        });
        let names: Vec<String> = roles_named(&present).iter().map(ToString::to_string).collect();
        assert_eq!(names, ["kb", "web"]);
    }
}
