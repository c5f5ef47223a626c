//! The part of a plan that may be carried out with nobody there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::guardrail_setting::owner;
use super::guardrails::{Asked, Guardrails};
use super::verdict::Who;
use crate::base::{Digest, Effect, EntityKind, Impact, StepKey};
use crate::journal::{Confirmation, Consent as How};
use crate::plan::{Plan, PlannedAction};

/// The part of a plan that may be carried out with nobody there: what can be put back, stops no legitimate use that was seen, tells no people
/// outside, and is forbidden by no guardrail. Only this room makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    plan: Digest,
    steps: BTreeSet<StepKey>,
    changes: usize,
    principals: BTreeSet<String>,
    left: BTreeMap<StepKey, String>,
}

impl Part {
    /// The plan.
    pub fn plan(&self) -> Digest {
        self.plan
    }

    /// The steps.
    pub fn steps(&self) -> &BTreeSet<StepKey> {
        &self.steps
    }

    /// How many of them change something.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// The roles and users that they act on, as `kind name`.
    pub fn principals(&self) -> &BTreeSet<String> {
        &self.principals
    }

    /// The steps that wait for a person, and why.
    pub fn left(&self) -> &BTreeMap<StepKey, String> {
        &self.left
    }

    /// What is recorded where it is carried out.
    pub(super) fn confirmation(&self, plan: &Plan) -> Confirmation {
        let text = format!("{} of {} steps, which are harmless", self.steps.len(), plan.steps.len());
        let steps = Some(self.steps.clone());
        Confirmation { steps, ..Confirmation::of(How::Detection, text, self.changes as u64, 0) }
    }
}

impl Guardrails {
    /// The part of a plan that may be carried out with nobody there.
    pub fn harmless(&self, plan: &Plan, now: Timestamp) -> Part {
        let mut left = BTreeMap::new();
        let mut steps = BTreeSet::new();
        for (step, action) in plan.actions() {
            match harm(plan, action) {
                Some(why) => drop(left.insert(step.key.clone(), why)),
                None => drop(steps.insert(step.key.clone())),
            }
        }
        let asked = Asked::of(plan, Who::Automation, now, self.setting(), false, Some(&steps));
        for (step, why) in self.forbidden(&asked) {
            steps.remove(&step);
            left.entry(step).or_insert(why);
        }
        let within = |key: &StepKey| steps.contains(key);
        let acting = || plan.actions().filter(|(step, action)| within(&step.key) && !action.moves().is_empty());
        let owners = acting().filter_map(|(_, action)| owner(&action.target));
        let principals = owners.map(|(kind, name)| format!("{} {name}", kind.as_str())).collect();
        let changes = acting().filter(|(_, action)| action.weight().is_some_and(Effect::is_mutating)).count();
        Part { plan: plan.digest(), changes, principals, left, steps }
    }
}

/// Why a step is not harmless, as a fragment; nothing where it is. What is refused does nothing, and so no harm.
fn harm(plan: &Plan, action: &PlannedAction) -> Option<String> {
    if action.refusal().is_some() {
        return None;
    }
    if plan.undoes.is_some() {
        return Some("it takes something back".to_owned());
    }
    if action.target.entity.kind == EntityKind::SupportCase {
        return Some("it speaks to people at AWS".to_owned());
    }
    if action.weight() == Some(Effect::Irreversible) {
        return Some("it does something for good".to_owned());
    }
    match action.story.impact {
        Impact::NoneSeen => None,
        impact => Some(format!("impact {}: {}", impact.as_str(), action.story.because)),
    }
}
