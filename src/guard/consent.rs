//! What a person, or who stands in for one, agreed to.

use crate::base::{Effect, EntityKind};
use crate::journal::{Confirmation, Consent as How};
use crate::plan::{Plan, PlannedAction};

/// What was agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// A person typed the phrase of [`phrase_for`].
    Typed(String),
    /// Flags on the command line, as far as they are about this plan.
    Flags {
        /// `--yes`: covers reversible calls.
        yes: bool,
        /// `--allow-irreversible=N`: must equal the plan's number.
        irreversible: Option<usize>,
        /// `--wrong-target=NAME`: must equal [`wrong_target_name`].
        wrong_target: Option<String>,
    },
    /// The scenario of a rehearsal stands in for the person.
    Scenario,
}

/// What is missing to go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissingConsent {
    /// Nobody agreed to the reversible steps.
    #[error("the plan changes the account, and nobody agreed to that")]
    Reversible,
    /// The number of irreversible steps was not given, or is another.
    #[error("the plan has {planned} irreversible steps, and {} was agreed to", given(.agreed))]
    Irreversible {
        /// How many the plan has.
        planned: usize,
        /// How many were agreed to.
        agreed: Option<usize>,
    },
    /// The wrong target was not named, or is another.
    #[error("old sessions of `{expected}` would work again at once, and it was not named")]
    WrongTarget {
        /// What has to be named.
        expected: String,
    },
    /// Something else was typed than was asked for.
    #[error("the phrase was not `{expected}`")]
    OtherPhrase {
        /// What was asked for.
        expected: String,
    },
}

fn given(agreed: &Option<usize>) -> String {
    agreed.map_or("none".to_owned(), |agreed| agreed.to_string())
}

/// The name that a person gives for an undo that brings something back before its time: that of the wrong target, or of
/// all of them, with spaces between them. Nothing where the plan has none.
pub fn wrong_target_name(plan: &Plan) -> Option<String> {
    let names: Vec<&str> = plan.wrong_targets().map(|target| target.entity.id()).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

/// Whether a plan may change what can be put back, so that `--yes` is needed. Its number of reversible steps does not say so: a step
/// that has nothing to do may still put back what somebody undoes meanwhile, and what is for good has an envelope as well.
pub fn may_change_reversibly(plan: &Plan) -> bool {
    let may_change = |action: &PlannedAction| action.refusal().is_none() && action.envelope > 0;
    plan.count(Effect::Reversible) > 0 || plan.actions().any(|(_, action)| may_change(action))
}

/// The phrase that a person types for a plan: the name of the wrong target where one comes back before its time, the count
/// where something is done for good, else the incident.
pub fn phrase_for(plan: &Plan) -> String {
    if let Some(name) = wrong_target_name(plan) {
        return name;
    }
    let deleted: Vec<EntityKind> = plan
        .actions()
        .filter(|(_, action)| action.weight() == Some(Effect::Irreversible))
        .map(|(_, action)| action.target.entity.kind)
        .collect();
    match deleted.first() {
        Some(kind) if deleted.len() == 1 => format!("delete 1 {}", kind.as_str()),
        Some(kind) if deleted.iter().all(|other| other == kind) => {
            format!("delete {} {}s", deleted.len(), kind.as_str())
        }
        Some(_) => format!("delete {} things", deleted.len()),
        None if plan.undoes.is_some() => format!("undo {}", plan.incident),
        None => format!("{} {}", plan.phase, plan.incident),
    }
}

impl Consent {
    /// Whether it covers the plan; what is recorded if it does.
    pub(super) fn covers(&self, plan: &Plan) -> Result<Confirmation, MissingConsent> {
        let (reversible, irreversible) = (plan.count(Effect::Reversible), plan.count(Effect::Irreversible));
        let (how, text) = match self {
            Self::Typed(typed) => {
                let expected = phrase_for(plan);
                if *typed != expected {
                    return Err(MissingConsent::OtherPhrase { expected });
                }
                (How::Typed, typed.clone())
            }
            Self::Flags { yes, irreversible: agreed, wrong_target } => {
                if !yes && may_change_reversibly(plan) {
                    return Err(MissingConsent::Reversible);
                }
                if agreed.unwrap_or(0) != irreversible {
                    return Err(MissingConsent::Irreversible { planned: irreversible, agreed: *agreed });
                }
                let name = wrong_target_name(plan);
                if let Some(expected) = name.clone().filter(|name| wrong_target.as_ref() != Some(name)) {
                    return Err(MissingConsent::WrongTarget { expected });
                }
                let flags = [
                    yes.then(|| "--yes".to_owned()),
                    agreed.map(|agreed| format!("--allow-irreversible={agreed}")),
                    name.map(|name| format!("--wrong-target={name}")),
                ];
                (How::Flags, flags.into_iter().flatten().collect::<Vec<_>>().join(" "))
            }
            Self::Scenario => (How::Scenario, "answered by the scenario".to_owned()),
        };
        Ok(Confirmation::of(how, text, reversible as u64, irreversible as u64))
    }
}
