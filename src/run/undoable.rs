//! What a run changed, for taking it back.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::actions::Facts;
use crate::base::StepKey;
use crate::evidence::{EvidenceError, EvidenceStore};
use crate::journal::{CallState, CallView, Fold, StepState};
use crate::plan::{HeldStep, Plan, PlannedAction, PlannedStep, RunToUndo, StepToUndo};

/// Why a run cannot be taken back.
#[derive(Debug, thiserror::Error)]
pub enum NotUndoable {
    /// The journal holds no run.
    #[error("the journal holds no run")]
    NoRun,
    /// A call is still open: what it did decides what there is to take back.
    #[error("call {0} is still open: resume the run first")]
    OpenCall(u64),
    /// Nobody knows what a call did.
    #[error("nobody knows whether call {0} happened: look at what it is about, and take it back by hand if it did")]
    Unknown(u64),
    /// What was there before cannot be read.
    #[error("failed to read the evidence of step `{step}`")]
    Evidence {
        /// The step.
        step: String,
        /// The reason.
        #[source]
        source: EvidenceError,
    },
}

/// What a run changed, in the order in which it did: every step of which a call landed, with what was there before and the
/// state that it left. Steps all of whose calls were given up are looked at as well: AWS may have acted later.
pub fn undoable(
    plan: Plan,
    fold: &Fold,
    evidence: &EvidenceStore,
    wrong_target: bool,
) -> Result<RunToUndo, NotUndoable> {
    let run = fold.opened().ok_or(NotUndoable::NoRun)?.run.clone();
    if let Some((number, _)) = fold.open_calls().next() {
        return Err(NotUndoable::OpenCall(number.0));
    }
    if let Some((number, _)) = fold.calls().iter().find(|(_, call)| call.state == CallState::Stuck) {
        return Err(NotUndoable::Unknown(number.0));
    }
    let mut steps = Vec::new();
    for call in fold.calls().values().filter(|call| call.state.has_landed() || call.state == CallState::DidNotHappen) {
        let key = &call.intent.step;
        if steps.iter().any(|step: &StepToUndo| step.key == *key) {
            continue;
        }
        let Some(view) = fold.step(key) else { continue };
        let (Some(before), Some(left)) = (view.pre_state(&call.intent.target), view.seen) else { continue };
        let read = |digest| {
            evidence.get::<Value>(digest).map_err(|source| NotUndoable::Evidence { step: key.to_string(), source })
        };
        let (present, left) = (read(before)?, read(left)?);
        let landed = landed(fold, key).map(|call| call.intent.planned).collect();
        steps.push(StepToUndo { key: key.clone(), present, left, landed });
    }
    Ok(RunToUndo { run, plan, steps, wrong_target, held: vec![] })
}

/// The calls of a step that landed.
fn landed<'f>(fold: &'f Fold, key: &'f StepKey) -> impl Iterator<Item = &'f CallView> {
    fold.calls().values().filter(move |call| call.intent.step == *key && call.state.has_landed())
}

/// What a run has verified. Nothing where it takes another one back.
pub fn held(plan: &Plan, fold: &Fold) -> Vec<HeldStep> {
    let Some(opened) = fold.opened().filter(|opened| opened.undoes.is_none()) else { return vec![] };
    let held = |(step, action): (&PlannedStep, &PlannedAction)| {
        let view = fold.step(&step.key).filter(|view| view.state == StepState::Verified)?;
        Some(HeldStep {
            incident: opened.incident.clone(),
            run: opened.run.clone(),
            key: step.key.clone(),
            action: action.clone(),
            facts: Facts::new(view.facts.clone(), BTreeMap::new()),
        })
    };
    plan.actions().filter_map(held).collect()
}
