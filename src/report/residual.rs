//! What stays possible after a containment, as its plans say.

use crate::actions::{Refusal, Residual};
use crate::journal::{Fold, StepState};
use crate::plan::{Plan, PlannedAction, PlannedStep, PlannedWork};

use super::end::is_a_case;
use super::text::{day_and_minute, once_each};

/// What the plans say stays possible when all their steps come about, each thing once, in the order of the steps.
pub(super) fn planned_residuals<'a>(plans: impl IntoIterator<Item = &'a Plan> + Clone) -> Vec<Residual> {
    left(plans.into_iter().flat_map(|plan| &plan.steps).map(|step| (step, Came::About)))
}

/// What the plans say stays possible, given what their steps have come to: only a step that is verified ends what another
/// leaves, and one that failed leaves what it was to end.
pub fn residuals<'a>(runs: impl IntoIterator<Item = (&'a Plan, &'a Fold)>) -> Vec<Residual> {
    left(runs.into_iter().flat_map(|(plan, fold)| plan.steps.iter().map(move |step| (step, came(fold, step)))))
}

/// What a step has come to, as far as that decides what is left.
#[derive(Debug, Clone, Copy)]
enum Came {
    /// It has ended what it was to end.
    About,
    /// It may still, or was not to do anything.
    NotYet,
    /// It has ended without that.
    ToNothing(StepState),
}

fn came(fold: &Fold, step: &PlannedStep) -> Came {
    match fold.step(&step.key).map_or(StepState::Waiting, |view| view.state) {
        StepState::Verified => Came::About,
        state @ (StepState::NotVerified
        | StepState::Held
        | StepState::Refused
        | StepState::Drifted
        | StepState::Contested
        | StepState::Manual
        | StepState::Stuck
        | StepState::Failed) => Came::ToNothing(state),
        StepState::Waiting | StepState::Looked | StepState::Acting | StepState::Done | StepState::Skipped => {
            Came::NotYet
        }
    }
}

fn left<'a>(steps: impl Iterator<Item = (&'a PlannedStep, Came)>) -> Vec<Residual> {
    let mut ended: Vec<Residual> = Vec::new();
    let mut all = once_each(steps.flat_map(|(step, came)| left_by(step, came, &mut ended)));
    all.retain(|residual| !ended.contains(residual));
    all
}

/// What one step leaves; what it ends is put to `ended`.
fn left_by(step: &PlannedStep, came: Came, ended: &mut Vec<Residual>) -> Vec<Residual> {
    let action = match &step.work {
        PlannedWork::Action(action) => action,
        // Nobody knows what it is about.
        PlannedWork::Refused { why } => {
            return vec![Residual { what: format!("what {} was to end: {why}", step.key), until: None }];
        }
        PlannedWork::Skipped { .. } | PlannedWork::Gate { .. } => return vec![],
    };
    // A case with AWS Support is nothing that an intruder could do anything with.
    let is_case = is_a_case(&action.target);
    match (action.refusal(), came) {
        // What does not exist leaves nothing.
        (Some(Refusal::Missing { .. }), _) => vec![],
        (Some(_), _) | (None, Came::ToNothing(_)) if is_case => vec![],
        // A step that will not act leaves what it would have ended.
        (Some(_), _) => vec![as_it_is(step, action)],
        (None, Came::ToNothing(state)) => vec![as_it_was(step, action, state)],
        (None, Came::About) => {
            let ends = action.of_registry().ok().and_then(|known| known.ends(&action.input).ok());
            ended.extend(ends.unwrap_or_default());
            action.story.residual.clone()
        }
        (None, Came::NotYet) => action.story.residual.clone(),
    }
}

fn as_it_is(step: &PlannedStep, action: &PlannedAction) -> Residual {
    Residual {
        what: format!("{} as it is now, {}: {} is refused", action.target, action.story.now, step.key),
        until: None,
    }
}

fn as_it_was(step: &PlannedStep, action: &PlannedAction, state: StepState) -> Residual {
    Residual {
        what: format!("{}, {} when the plan was made: {} is {state}", action.target, action.story.now, step.key),
        until: None,
    }
}

/// A residual in one line, with its end where that is known.
pub(super) fn residual_line(residual: &Residual) -> String {
    match residual.until {
        Some(until) => format!("{}, until {}", residual.what, day_and_minute(until)),
        None => residual.what.clone(),
    }
}

/// Whether something that is still allowed was stated: a residual names its action and the thing that it is about. Text
/// decides, since the world that judges knows nothing of plans; what is stated in other words counts as not stated.
///
/// `allowed` begins with the action and the ARN: `bedrock:InvokeAgent on arn:… with …`.
pub fn is_stated(allowed: &str, residuals: &[Residual]) -> bool {
    let mut words = allowed.split(' ');
    let (Some(action), Some("on"), Some(arn)) = (words.next(), words.next(), words.next()) else { return false };
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let ids: Vec<&str> = resource.split(['/', ':']).skip(1).filter(|id| !id.is_empty()).collect();
    let names = |residual: &Residual, word: &str| {
        residual.what.split(|c: char| !c.is_ascii_alphanumeric() && !":-_.".contains(c)).any(|one| one == word)
    };
    residuals.iter().any(|one| names(one, action) && !ids.is_empty() && ids.iter().all(|id| names(one, id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_stated() {
        let residual = Residual {
            what: "agent AAAAAAAAAA through its test alias TSTALIASID, for whoever may still call bedrock:InvokeAgent"
                .to_owned(),
            until: None,
        };
        let arn = |alias: &str| {
            format!("bedrock:InvokeAgent on arn:aws:bedrock:us-east-1:111122223333:agent-alias/{alias} with key AKIA")
        };
        assert!(is_stated(&arn("AAAAAAAAAA/TSTALIASID"), std::slice::from_ref(&residual)));
        assert!(!is_stated(&arn("AAAAAAAAAA/LIVE"), std::slice::from_ref(&residual)));
        assert!(!is_stated(&arn("BBBBBBBBBB/TSTALIASID"), std::slice::from_ref(&residual)));
        assert!(!is_stated("bedrock:CreateAgent on * with key AKIA", &[residual]));
    }
}
