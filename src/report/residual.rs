//! What stays possible after a containment, as its plans say.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::actions::{Access, Ended, Refusal, Residual, Until};
use crate::base::{Target, format_duration};
use crate::journal::{Fold, StepState};
use crate::plan::{Plan, PlannedAction, PlannedStep, PlannedWork};

use super::end::is_a_case;
use super::text::{day_and_minute, wrapped};

/// Something that stays possible, and of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StillPossible {
    /// The principal or thing that was contained; nothing where it is about anybody in the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<Target>,
    /// What, and until when. In a run, the moment stands there in place of so long after the step.
    #[serde(flatten)]
    pub residual: Residual,
}

impl StillPossible {
    /// Whether its end lies at this moment or before it.
    pub fn is_over(&self, at: Timestamp) -> bool {
        matches!(self.residual.until, Until::At { moment } if moment <= at)
    }

    /// Whether it is the same access as another, whenever either ends.
    fn is_same(&self, other: &Self) -> bool {
        let (one, two) = (&self.residual, &other.residual);
        self.of == other.of && one.kind == two.kind && one.what == two.what && one.by == two.by
    }
}

/// What the plans say stays possible when all their steps come about, each thing once, in the order of the steps.
pub(super) fn planned_residuals<'a>(plans: impl IntoIterator<Item = &'a Plan> + Clone) -> Vec<StillPossible> {
    left(plans.into_iter().flat_map(|plan| &plan.steps).map(|step| (step, Came::About(None))))
}

/// What the plans say stays possible, given what their steps have come to: only a step that is verified ends what another
/// leaves, and one that failed leaves what it was to end.
pub fn residuals<'a>(runs: impl IntoIterator<Item = (&'a Plan, &'a Fold)>) -> Vec<StillPossible> {
    left(runs.into_iter().flat_map(|(plan, fold)| plan.steps.iter().map(move |step| (step, came(plan, fold, step)))))
}

/// What a step has come to, as far as that decides what is left.
#[derive(Debug, Clone, Copy)]
enum Came {
    /// It has ended what it was to end; how, where that is known.
    About(Option<CarriedOut>),
    /// It may still, or was not to do anything.
    NotYet,
    /// It has ended without that.
    ToNothing(StepState),
}

/// How a step was carried out.
#[derive(Debug, Clone, Copy)]
struct CarriedOut {
    /// By when.
    at: Timestamp,
    /// Whether it has sent anything.
    sent: bool,
}

fn came(plan: &Plan, fold: &Fold, step: &PlannedStep) -> Came {
    match fold.step(&step.key).map_or(StepState::Waiting, |view| view.state) {
        StepState::Verified => Came::About(Some(carried_out(plan, fold, step))),
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

/// When the last call of a step has landed, by AWS's clock where it told; when the plan was made, where nothing was left to do.
fn carried_out(plan: &Plan, fold: &Fold, step: &PlannedStep) -> CarriedOut {
    let view = fold.step(&step.key);
    let calls = view.iter().flat_map(|view| &view.calls).filter_map(|number| fold.calls().get(number));
    let landed = calls.filter(|call| call.state.has_landed() && call.intent.effect.is_mutating());
    let told = |ending: &crate::journal::Ending| ending.aws_time;
    let since = view.and_then(|view| view.since);
    let last = landed.filter_map(|call| call.ending.as_ref().and_then(told).or(since)).max();
    CarriedOut { at: last.unwrap_or(plan.made), sent: last.is_some() }
}

fn left<'a>(steps: impl Iterator<Item = (&'a PlannedStep, Came)>) -> Vec<StillPossible> {
    let mut ended: Vec<(Target, Ended)> = Vec::new();
    let mut all: Vec<StillPossible> = Vec::new();
    for one in steps.flat_map(|(step, came)| left_by(step, came, &mut ended)) {
        match all.iter_mut().find(|known| known.is_same(&one)) {
            // What two steps leave goes on for as long as either says.
            Some(known) => known.residual.until = known.residual.until.clone().max(one.residual.until),
            None => all.push(one),
        }
    }
    let is_ended = |one: &StillPossible| {
        ended.iter().any(|(of, ended)| one.of.as_ref() == Some(of) && one.residual.is_ended_by(ended))
    };
    all.retain(|one| !is_ended(one));
    all
}

/// The principal or thing that a target is part of.
fn whole(target: &Target) -> Target {
    Target { entity: target.entity.root(), ..target.clone() }
}

/// What one step leaves; what it ends is put to `ended`.
fn left_by(step: &PlannedStep, came: Came, ended: &mut Vec<(Target, Ended)>) -> Vec<StillPossible> {
    let action = match &step.work {
        PlannedWork::Action(action) => action,
        // Nobody knows what it is about.
        PlannedWork::Refused { why } => {
            let residual = Residual::not_ended(format!("what {} was to end: {why}", step.key));
            return vec![StillPossible { of: None, residual }];
        }
        PlannedWork::Skipped { .. } | PlannedWork::Gate { .. } => return vec![],
    };
    let of = whole(&action.target);
    // A case with AWS Support is nothing that an intruder could do anything with.
    let is_case = is_a_case(&action.target);
    let residuals = match (action.refusal(), came) {
        // What does not exist leaves nothing.
        (Some(Refusal::Missing { .. }), _) => vec![],
        (Some(_), _) | (None, Came::ToNothing(_)) if is_case => vec![],
        // A step that will not act leaves what it would have ended.
        (Some(_), _) => {
            let others = action.story.residual.iter().filter(|one| one.kind == Access::IdentityCenter).cloned();
            [as_it_is(step, action)].into_iter().chain(others).collect()
        }
        (None, Came::ToNothing(state)) => vec![as_it_was(step, action, state)],
        (None, Came::About(at)) => {
            // Where nothing was planned and something was sent all the same, a cut-off that stood was moved.
            let moved = action.calls().next().is_none() && at.is_some_and(|at| at.sent);
            let ends = action.of_registry().ok().and_then(|known| known.ends(&action.input).ok());
            ended.extend(ends.unwrap_or_default().into_iter().map(|ended| (of.clone(), ended)));
            let left = action.story.residual.iter().filter(|one| !moved || one.kind != Access::LaterSession);
            left.map(|residual| at_its_moment(residual, at)).collect()
        }
        (None, Came::NotYet) => action.story.residual.clone(),
    };
    // Where nothing was sent, nothing is on its way.
    let sends = match came {
        Came::About(Some(step)) => step.sent,
        Came::About(None) | Came::NotYet | Came::ToNothing(_) => action.calls().next().is_some(),
    };
    let is_there = |one: &Residual| one.kind != Access::Propagation || sends;
    let placed = |residual: Residual| StillPossible { of: residual.is_of_one().then(|| of.clone()), residual };
    residuals.into_iter().filter(is_there).map(placed).collect()
}

/// With the moment at which it ends, where it ends so long after a step that was carried out by then.
fn at_its_moment(residual: &Residual, carried_out: Option<CarriedOut>) -> Residual {
    let moment = residual.until.delay().zip(carried_out).and_then(|(delay, step)| step.at.checked_add(delay).ok());
    let until = moment.map_or_else(|| residual.until.clone(), |moment| Until::At { moment });
    Residual { until, ..residual.clone() }
}

fn as_it_is(step: &PlannedStep, action: &PlannedAction) -> Residual {
    let what = format!("{} as it is now, {}: {} is refused", action.target, action.story.now, step.key);
    Residual::not_ended(what)
}

fn as_it_was(step: &PlannedStep, action: &PlannedAction, state: StepState) -> Residual {
    let what = format!("{}, {} when the plan was made: {} is {state}", action.target, action.story.now, step.key);
    Residual::not_ended(what)
}

/// How many owners of the same lines are named; the JSON names all.
const MOST_OWNERS: usize = 8;

/// What stays possible, under a heading, by whose it is; each with its end. What is the same of several stands once, and what anybody may do
/// at the end. Nothing where nothing does.
pub(super) fn still_possible(title: &str, all: &[StillPossible]) -> String {
    let mut owners_of: Vec<(String, Vec<&Option<Target>>)> = Vec::new();
    for one in all {
        let line = line(&one.residual);
        match owners_of.iter_mut().find(|(known, _)| *known == line) {
            Some((_, owners)) => owners.push(&one.of),
            None => owners_of.push((line, vec![&one.of])),
        }
    }
    let mut groups: Vec<(Vec<&Option<Target>>, Vec<String>)> = Vec::new();
    for (line, owners) in owners_of {
        match groups.iter_mut().find(|(known, _)| *known == owners) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((owners, vec![line])),
        }
    }
    groups.sort_by_key(|(owners, _)| owners.contains(&&None));
    let mut text = String::new();
    for (index, (owners, lines)) in groups.iter().enumerate() {
        let first = if index == 0 { format!("{title}   ") } else { "     ".to_owned() };
        text.push_str(&wrapped(&first, "       ", &whose(owners)));
        for line in lines {
            text.push_str(&wrapped("       ", "         ", line));
        }
    }
    text
}

fn whose(owners: &[&Option<Target>]) -> String {
    let name =
        |owner: &&Option<Target>| owner.as_ref().map_or("anybody in the account".to_owned(), ToString::to_string);
    let named: Vec<String> = owners.iter().take(MOST_OWNERS).map(name).collect();
    match owners.len().saturating_sub(MOST_OWNERS) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// One in a line, with its end.
fn line(residual: &Residual) -> String {
    let end = match &residual.until {
        Until::At { moment } => format!("until {}", day_and_minute(*moment)),
        Until::After { seconds } => format!("until {} after the step", format_duration(Duration::from_secs(*seconds))),
        Until::When { done } => format!("until {done}"),
        Until::Never if residual.kind == Access::Past => "which nothing takes back".to_owned(),
        Until::Never => "with no end by itself".to_owned(),
    };
    format!("{}; {end}", residual.what)
}

/// Whether something that is still allowed was stated: a residual names its action and the thing that it is about, in its words or by
/// its id. Text decides, since the world that judges knows nothing of plans; what is stated in other words counts as not stated.
///
/// `allowed` begins with the action and the ARN: `bedrock:InvokeAgent on arn:… with …`.
pub fn is_stated(allowed: &str, stated: &[StillPossible]) -> bool {
    let mut words = allowed.split(' ');
    let (Some(action), Some("on"), Some(arn)) = (words.next(), words.next(), words.next()) else { return false };
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let ids: Vec<&str> = resource.split(['/', ':']).skip(1).filter(|id| !id.is_empty()).collect();
    let says = |one: &Residual, word: &str| {
        let mut words = one.what.split(|c: char| !c.is_ascii_alphanumeric() && !":-_.".contains(c));
        words.any(|said| said == word) || one.by.iter().any(|id| id == word)
    };
    let names = |one: &Residual| says(one, action) && !ids.is_empty() && ids.iter().all(|id| says(one, id));
    stated.iter().any(|one| names(&one.residual))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Entity, EntityKind};

    fn stated(what: &str, until: Until) -> StillPossible {
        let residual = Residual { until, ..Residual::not_ended(what) };
        StillPossible { of: None, residual }
    }

    #[test]
    fn only_what_is_named_is_stated() {
        let said = stated("its test alias, for whoever may still call bedrock:InvokeAgent", Until::Never);
        let by = ["AAAAAAAAAA", "TSTALIASID"].map(str::to_owned).to_vec();
        let residual = StillPossible { residual: Residual { by, ..said.residual }, ..said };
        let arn = |alias: &str| {
            format!("bedrock:InvokeAgent on arn:aws:bedrock:us-east-1:111122223333:agent-alias/{alias} with key AKIA")
        };
        assert!(is_stated(&arn("AAAAAAAAAA/TSTALIASID"), std::slice::from_ref(&residual)));
        assert!(!is_stated(&arn("AAAAAAAAAA/LIVE"), std::slice::from_ref(&residual)));
        assert!(!is_stated(&arn("BBBBBBBBBB/TSTALIASID"), std::slice::from_ref(&residual)));
        assert!(!is_stated("bedrock:CreateAgent on * with key AKIA", &[residual]));
    }

    #[test]
    fn every_end_is_said() {
        let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
        let until = |until| line(&stated("it", until).residual);
        assert_eq!(until(Until::At { moment: noon }), "it; until 2026-11-22 12:00Z");
        assert_eq!(until(Until::After { seconds: 3_900 }), "it; until 1h5m after the step");
        assert_eq!(until(Until::When { done: "it is locked".to_owned() }), "it; until it is locked");
        assert_eq!(until(Until::Never), "it; with no end by itself");
        assert!(stated("it", Until::At { moment: noon }).is_over(noon));
        assert!(!stated("it", Until::Never).is_over(noon));
    }

    #[test]
    fn what_is_the_same_of_several_stands_once_and_anybody_last() {
        let place = crate::aws::Place {
            partition: crate::base::Partition::Aws,
            account: "111122223333".parse().expect("an account"),
        };
        let role = |name: &str| Some(place.target(None, Entity::new(EntityKind::Role, name)));
        let of = |of: Option<Target>, what: &str| StillPossible { of, ..stated(what, Until::Never) };
        let mut all =
            vec![of(None, "inline"), of(role("one"), "same"), of(role("one"), "own"), of(role("two"), "same")];
        let end = "; with no end by itself\n";
        assert_eq!(
            still_possible("STILL", &all),
            format!(
                "STILL   role one, role two\n       same{end}     role one\n       own{end}     \
                 anybody in the account\n       inline{end}"
            )
        );
        all.extend((3..12).map(|number| of(role(&number.to_string()), "same")));
        let text = still_possible("STILL", &all);
        assert!(text.contains("role 8 and 3 more\n"), "{text}");
        assert_eq!(still_possible("STILL", &[]), "");
    }
}
