//! What stays possible after a containment, as its plans say.

use crate::actions::{Refusal, Residual};
use crate::base::EntityKind;
use crate::journal::{Fold, StepState};
use crate::plan::{Plan, PlannedAction, PlannedStep};

use super::text::day_and_minute;

/// What the plans say stays possible when all their steps come about, each thing once, in the order of the steps.
pub(super) fn planned_residuals<'a>(plans: impl IntoIterator<Item = &'a Plan> + Clone) -> Vec<Residual> {
    left(plans.into_iter().flat_map(Plan::actions), |_, action| action.refusal().is_none())
}

/// What the plans say stays possible, given what their steps have come to: only a step that is verified ends what another
/// leaves.
pub fn residuals<'a>(runs: impl IntoIterator<Item = (&'a Plan, &'a Fold)>) -> Vec<Residual> {
    let mut verified = Vec::new();
    let mut actions = Vec::new();
    for (plan, fold) in runs {
        for (step, action) in plan.actions() {
            let is = fold.step(&step.key).is_some_and(|view| view.state == StepState::Verified);
            verified.extend(is.then_some(&step.key));
            actions.push((step, action));
        }
    }
    left(actions.into_iter(), |step, _| verified.contains(&&step.key))
}

fn left<'a>(
    actions: impl Iterator<Item = (&'a PlannedStep, &'a PlannedAction)>,
    comes_about: impl Fn(&PlannedStep, &PlannedAction) -> bool,
) -> Vec<Residual> {
    let (mut all, mut ended): (Vec<Residual>, Vec<Residual>) = (Vec::new(), Vec::new());
    for (step, action) in actions {
        if comes_about(step, action) {
            ended
                .extend(action.of_registry().ok().and_then(|known| known.ends(&action.input).ok()).unwrap_or_default());
        }
        let left = match action.refusal() {
            None => action.story.residual.clone(),
            // What does not exist leaves nothing.
            Some(Refusal::Missing { .. }) => continue,
            // A case with AWS Support is nothing that an intruder could do anything with.
            Some(_) if action.target.entity.kind == EntityKind::SupportCase => continue,
            // A step that will not act leaves what it would have ended.
            Some(_) => vec![as_it_is(step, action)],
        };
        for residual in left {
            if !all.contains(&residual) {
                all.push(residual);
            }
        }
    }
    all.retain(|residual| !ended.contains(residual));
    all
}

fn as_it_is(step: &PlannedStep, action: &PlannedAction) -> Residual {
    Residual {
        what: format!("{} as it is now, {}: {} is refused", action.target, action.story.now, step.key),
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
