//! What a planned action asks for, given how things are: the one place that tells doing from undoing.

use jiff::Timestamp;
use serde_json::Value;

use super::{Plan, PlannedAction, Restoring};
use crate::actions::{AnyAction, Assignment, BadInput, Facts, Move, Refusal, UndoRequest, registry};
use crate::base::Entity;

impl Plan {
    /// For whom and where its actions are at work.
    pub fn assignment(&self) -> Assignment {
        Assignment { incident: self.incident.clone(), place: self.place.clone() }
    }
}

impl PlannedAction {
    /// The action in the registry.
    ///
    /// # Errors
    /// When the plan names an action that this version does not have.
    pub fn of_registry(&self) -> Result<&'static dyn AnyAction, BadInput> {
        registry().action(&self.action).ok_or_else(|| BadInput {
            path: "action".to_owned(),
            message: format!("this version of quell has no action `{}`", self.action),
        })
    }

    /// The moves that are missing, given the state and what the run has made: towards the goal, or back.
    pub fn missing(
        &self,
        to: &Assignment,
        state: &Value,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<Result<Vec<Move>, Refusal>, BadInput> {
        let action = self.of_registry()?;
        match &self.restores {
            None => action.propose(to, &self.input, state, facts),
            Some(Restoring { present, left, wrong_target }) => {
                let asked = UndoRequest { now, wrong_target: *wrong_target };
                action.restore(to, &self.input, present, left, state, &asked)
            }
        }
    }

    /// The principals and other roots of what this changes, or could change when the account has moved on.
    pub(super) fn touched(&self) -> Vec<Entity> {
        // What hangs on a user, such as a key, is the user's: its root. What an action takes from others than its target
        // stands in its calls or in its state.
        let reached = self.of_registry().and_then(|action| action.reaches(&self.state)).unwrap_or_default();
        std::iter::once(self.target.entity.root())
            .chain(self.calls().map(|call| call.entity().root()))
            .chain(reached)
            .collect()
    }
}
