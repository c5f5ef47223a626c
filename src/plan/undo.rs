//! A plan that takes a run back: the same steps, in the opposite order, towards what was there before.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Edge, EdgeKind, FORMAT, Outlook, Plan, PlannedAction, PlannedStep, PlannedWork, Restoring, Surroundings};
use crate::actions::{BadInput, Facts, Look};
use crate::aws::Reader;
use crate::base::{RunId, StepKey};

const VALID_FOR: SignedDuration = SignedDuration::from_hours(1);

/// A run that is to be taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct RunToUndo {
    /// Its id.
    pub run: RunId,
    /// Its plan.
    pub plan: Plan,
    /// The steps that changed something, in the order in which they did.
    pub steps: Vec<StepToUndo>,
    /// The containment hit the wrong target, so what it protects from may come back at once.
    pub wrong_target: bool,
}

/// A step that changed something.
#[derive(Debug, Clone, PartialEq)]
pub struct StepToUndo {
    /// Which execution.
    pub key: StepKey,
    /// What was there before.
    pub present: Value,
    /// The state that the run left.
    pub left: Value,
}

/// Looks at what a run changed and plans the way back. Approving a plan approved its exact inverse, so this one needs no
/// approval of its own as long as what is there is what was left; where it is not, that part is refused.
pub async fn plan_undo(
    undo: RunToUndo,
    around: &Surroundings,
    reader: &Reader,
    now: Timestamp,
    nonce: String,
) -> Result<Plan, BadInput> {
    let to = undo.plan.assignment();
    let mut steps: Vec<PlannedStep> = Vec::new();
    let mut previous: BTreeMap<crate::base::Target, StepKey> = BTreeMap::new();
    for StepToUndo { key, present, left } in undo.steps.iter().rev() {
        let Some(done) = undo.plan.step(key) else { continue };
        let Some(action) = done.action() else { continue };
        let known = action.of_registry()?;
        let work = match known.observe(&to, Look::new(reader), &action.input).await {
            Err(error) => PlannedWork::Refused { why: format!("it could not be looked at: {error}") },
            Ok(seen) => {
                let mut story = known.tell(&to, &action.input, &seen)?;
                story.does = action.story.undo.clone();
                story.residual.clear();
                let mut planned = PlannedAction {
                    fingerprint: seen.fingerprint(),
                    state: seen.state,
                    story,
                    outlook: Outlook::Moves { moves: vec![] },
                    restores: Some(Restoring {
                        present: present.clone(),
                        left: left.clone(),
                        wrong_target: undo.wrong_target,
                    }),
                    ..action.clone()
                };
                planned.outlook = match planned.missing(&to, &planned.state, &Facts::default(), now)? {
                    Ok(moves) => Outlook::Moves { moves },
                    Err(because) => Outlook::Refused { because },
                };
                PlannedWork::Action(Box::new(planned))
            }
        };
        let edges = previous.insert(action.target.clone(), key.clone()).map(|before| Edge {
            before,
            kind: EdgeKind::After,
            because: Some(format!("both work on {}", action.target.entity)),
        });
        steps.push(PlannedStep {
            key: key.clone(),
            title: format!("undo {}", done.title),
            edges: edges.into_iter().collect(),
            work,
        });
    }
    Ok(Plan {
        format: FORMAT,
        quell: env!("CARGO_PKG_VERSION").to_owned(),
        caller: around.caller.clone(),
        alias: around.alias.clone(),
        undoes: Some(undo.run),
        made: now,
        expires: now + VALID_FOR,
        nonce,
        queries: vec![],
        steps,
        not_read: vec![],
        ..undo.plan
    })
}
