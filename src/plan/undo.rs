//! A plan that takes a run back: the same steps, in the opposite order, towards what was there before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Edge, EdgeKind, FORMAT, Outlook, Plan, PlannedAction, PlannedStep, PlannedWork, Restoring, Surroundings, VALID_FOR,
};
use crate::actions::{Assignment, BadInput, Facts, Look, Move, Refusal};
use crate::aws::{Call, Place, Reader};
use crate::base::{Digest, IncidentId, RunId, StepKey, Target};

/// What a person reads at a step that is taken back early.
const EARLY: &str = "at once, since the containment hit the wrong target: its old sessions work again";

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
    /// What other runs on the account have verified, and nobody has taken back.
    pub held: Vec<HeldStep>,
}

/// A step of another run that was verified: what a run is taken back to may be what it is to prevent.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldStep {
    /// The incident of the other run.
    pub incident: IncidentId,
    /// The other run.
    pub run: RunId,
    /// Which execution.
    pub key: StepKey,
    /// What it is about.
    pub action: PlannedAction,
    /// What it has made.
    pub facts: Facts,
}

impl HeldStep {
    /// Whether what a step of another run has done to the same target, by the calls that are undone, is this step's to do as well.
    fn relies_on(&self, done: &PlannedAction, undone: &BTreeSet<Digest>, place: &Place) -> Result<bool, BadInput> {
        if self.action.action != done.action || self.action.target != done.target {
            return Ok(false);
        }
        let to = Assignment { incident: self.incident.clone(), place: place.clone() };
        let without = done.of_registry()?.propose(&to, &self.action.input, &done.state, &self.facts)?;
        // What the two do of their own, such as a deny that names its incident, are different calls.
        let is_shared = |call: &Call| undone.contains(&Digest::of(call));
        Ok(without.is_ok_and(|moves| moves.iter().filter_map(Move::call).any(is_shared)))
    }
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
    /// Its calls that landed, as planned. None where all that it sent was given up, since looks showed that it had not happened: AWS
    /// may have done it later.
    pub landed: BTreeSet<Digest>,
}

impl Plan {
    /// The targets that were contained by mistake, as whoever takes the run back says: what they were protected from may
    /// come back at once. Each has to be named before that.
    pub fn wrong_targets(&self) -> impl Iterator<Item = &Target> {
        let early = |action: &&PlannedAction| action.restores.as_ref().is_some_and(|restoring| restoring.wrong_target);
        let acts = |action: &&PlannedAction| !action.moves().is_empty();
        self.actions().map(|(_, action)| action).filter(early).filter(acts).map(|action| &action.target)
    }
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
    let mut previous: BTreeMap<Target, StepKey> = BTreeMap::new();
    for StepToUndo { key, present, left, landed } in undo.steps.iter().rev() {
        let Some(done) = undo.plan.step(key) else { continue };
        let Some(action) = done.action() else { continue };
        let known = action.of_registry()?;
        let work = match known.observe(&to, Look::new(reader).everywhere(true), &action.input).await {
            Err(error) => PlannedWork::Refused { why: format!("it could not be looked at: {error}") },
            Ok(seen) => {
                // What was given up has come about after all where the goal of the step is reached now.
                let late = landed.is_empty()
                    && seen.state != *left
                    && known
                        .propose(&to, &action.input, &seen.state, &Facts::default())?
                        .is_ok_and(|moves| moves.is_empty());
                let left = if late { seen.state.clone() } else { left.clone() };
                let mut story = known.tell(&to, &action.input, &seen)?;
                story.does = action.story.undo.clone();
                story.residual.clear();
                story.notes = known.lost(present, &seen.state)?;
                let restoring =
                    |wrong_target| Some(Restoring { present: present.clone(), left: left.clone(), wrong_target });
                let mut planned = PlannedAction {
                    fingerprint: seen.fingerprint(),
                    state: seen.state,
                    story,
                    outlook: Outlook::Moves { moves: vec![] },
                    restores: restoring(false),
                    ..action.clone()
                };
                let missing = |planned: &PlannedAction| planned.missing(&to, &planned.state, &Facts::default(), now);
                let mut back = missing(&planned)?;
                // Only what is refused for its time alone is the wrong target's matter, and has to be named.
                if undo.wrong_target && matches!(back, Err(Refusal::TooEarly { .. })) {
                    planned.restores = restoring(true);
                    planned.story.notes.push(EARLY.to_owned());
                    back = missing(&planned)?;
                }
                if back.as_ref().is_ok_and(|moves| !moves.is_empty()) {
                    for held in &undo.held {
                        let HeldStep { incident, run, key, .. } = held;
                        planned.story.notes.extend(match held.relies_on(action, landed, &to.place) {
                            Ok(false) => None,
                            Ok(true) => Some(format!(
                                "{incident} relies on it: run {run} holds it by its step `{key}`, and no longer after this"
                            )),
                            // Another run, of another version perhaps, is no reason not to take this one back.
                            Err(bad) => Some(format!("whether step `{key}` of run {run} relies on it is not known: {bad}")),
                        });
                    }
                }
                planned.outlook = match back {
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
        follows: None,
        made: now,
        expires: now + VALID_FOR,
        nonce,
        queries: vec![],
        steps,
        not_read: vec![],
        tags: vec![],
        responder: None,
        ..undo.plan
    })
}
