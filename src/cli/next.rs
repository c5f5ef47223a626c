//! What comes after a run, as a command to type.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::arguments::Globals;
use super::entry::quoted;
use super::execute::Carried;
use super::exit;
use super::failure::Failure;
use super::load::{checked, sound};
use crate::actions::Refusal;
use crate::base::{Phase, RunId, StepKey};
use crate::journal::{CallState, Fold, Origin, RunOpened, StepState, StepView, World};
use crate::plan::{Plan, PlannedAction};
use crate::report::ToType;
use crate::runbook::{Parameters, embedded, shipped};

impl Globals {
    /// What to type about a run. `answers` are the flags that answer its gates.
    pub(super) fn to_type(&self, run: &RunId, answers: &str, world: World, origin: Option<&Origin>) -> ToType {
        ToType {
            resume: self.in_world(world, origin, &format!("resume {run}{answers}")),
            undo: self.in_world(world, origin, &format!("undo {run}")),
            verify: self.about_run(&format!("audit verify {run}")),
        }
    }

    /// Where what is made by this command comes from.
    pub(super) fn origin(&self, runbook: Option<String>) -> Origin {
        let endpoint = self.endpoint_url.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL").ok());
        let valued = [
            ("--profile", self.profile_in_use()),
            ("--region", self.region.as_ref().map(ToString::to_string)),
            ("--endpoint-url", endpoint),
        ];
        let valued = valued.into_iter().filter_map(|(flag, value)| Some(format!("{flag}={}", value?)));
        Origin { reached: valued.chain(self.range.then(|| "--range".to_owned())).collect(), runbook }
    }

    /// A command at the account where something was done, whatever this command was told to reach.
    pub(super) fn in_world(&self, world: World, origin: Option<&Origin>, verb: &str) -> String {
        let leads_there = self.range == (world == World::Range);
        let names_one = self.range || self.profile.is_some() || self.region.is_some() || self.endpoint_url.is_some();
        match origin.filter(|origin| !origin.reached.is_empty()) {
            _ if leads_there && names_one => self.at_account(verb),
            Some(origin) => format!("{} {}", self.about_run(verb), flags(origin).join(" ")),
            None if leads_there => self.at_account(verb),
            None => self.about_run(verb) + if world == World::Range { UNKNOWN_RANGE } else { "" },
        }
    }
}

/// What a command lacks that is about a range of which no address was noted.
pub(super) const UNKNOWN_RANGE: &str =
    " --range  # and --endpoint-url with the address that `quell range serve` has printed";

/// The flags by which an account was reached, as words of a command.
pub(super) fn flags(origin: &Origin) -> Vec<String> {
    let word = |flag: &String| match flag.split_once('=') {
        Some((flag, value)) => format!("{flag} {}", quoted(value)),
        None => quoted(flag),
    };
    origin.reached.iter().map(word).collect()
}

/// The flags that say yes to gates.
pub(super) fn confirming(gates: &[StepKey]) -> String {
    gates.iter().map(|gate| format!(" --confirm {}", gate.step)).collect()
}

/// That a later phase is there, and how it is begun.
pub(super) fn later_phase(phase: Phase, command: &str) -> String {
    format!("the phase {phase} comes after this: {command}\n")
}

/// What comes next, where a run is not complete. `again` is the command that plans what is new, where it was typed.
pub(super) fn what_next(
    carried: &Carried,
    plan: &Plan,
    origin: Option<&Origin>,
    globals: &Globals,
    again: Option<&str>,
) -> Result<(), Failure> {
    let run = &carried.run;
    let resume = |more: &str| globals.at_account(&format!("resume {run}{more}"));
    let again = || {
        let anew = || what_follows(run, plan, &carried.fold, origin, globals);
        again.map_or_else(anew, str::to_owned) + &once(&carried.fold)
    };
    let next = match carried.code() {
        exit::OK => return Ok(()),
        exit::CREDENTIALS => format!("{} && {}", globals.renewal(), resume("")),
        exit::INTERRUPTED => resume(""),
        exit::WAITING => resume(&confirming(&carried.waiting_for)),
        exit::PARTIAL | exit::STUCK | exit::REFUSED => match plan.undoes {
            None if leaves_work(&carried.fold) => again(),
            _ => after_the_end(run, plan, &carried.fold, origin, globals),
        },
        other => return Err(Failure::bug(format!("a run ended with exit code {other}"))),
    };
    Err(Failure::told(carried.code(), next))
}

/// What comes after a run that has ended and is not complete. A step that has failed is not taken up again by going on with
/// its run, since a plan is old by then: a new run looks, plans what is still missing, and asks again. Whatever else is
/// open stands in the run, and a person decides.
pub(super) fn after_the_end(
    run: &RunId,
    plan: &Plan,
    fold: &Fold,
    origin: Option<&Origin>,
    globals: &Globals,
) -> String {
    let not_before = not_before(plan);
    match &plan.undoes {
        _ if !leaves_work(fold) && not_before.is_none() => {
            let missing = |action: &PlannedAction| matches!(action.refusal(), Some(Refusal::Missing { .. }));
            let slip = if plan.undoes.is_none() && plan.actions().any(|(_, action)| missing(action)) {
                "  # what does not exist may be a slip in a name: run it again with the right one"
            } else {
                ""
            };
            globals.about_run(&format!("show {run}")) + slip
        }
        Some(undone) => {
            let from = not_before.map_or(String::new(), |until| format!("  # from {until} on"));
            globals.at_account(&format!("undo {undone}")) + &from
        }
        None => what_follows(run, plan, fold, origin, globals) + &once(fold),
    }
}

/// The command that plans what a run has left. What people have signed for counts for a plan that follows it, so it is planned from the run
/// where they have.
fn what_follows(run: &RunId, plan: &Plan, fold: &Fold, origin: Option<&Origin>, globals: &Globals) -> String {
    match fold.confirmations().iter().any(|agreed| !agreed.signed.is_empty()) {
        true => globals.in_world(plan.world, origin, &format!("plan --from {run} --save follow-up-{run}.json")),
        false => new_run(plan, plan.phase, origin, globals),
    }
}

/// What has to be otherwise before the same command can do more, where AWS has refused a call for a lasting reason.
fn once(fold: &Fold) -> String {
    let failed = fold.steps().values().filter(|step| step.state == StepState::Failed);
    let calls = failed.flat_map(|step| &step.calls).filter_map(|call| fold.calls().get(call));
    let refused = calls.filter_map(|call| Some((&call.intent.operation, call.ending.as_ref()?.fault.as_ref()?)));
    let mut lasting = refused.filter_map(|(operation, fault)| match fault.code.as_str() {
        code if code.contains("LimitExceeded") || code.contains("QuotaExceeded") => {
            Some(format!("  # once there is room: AWS refused {operation} with {code}"))
        }
        code if code.contains("AccessDenied") => Some(format!("  # once the caller may: AWS refused it {operation}")),
        _ => None,
    });
    lasting.next_back().unwrap_or_default()
}

/// From when on an undo takes everything back that it refuses only because it is too early.
fn not_before(plan: &Plan) -> Option<Timestamp> {
    let until = plan.actions().filter_map(|(_, action)| match action.refusal() {
        Some(Refusal::TooEarly { until, .. }) => Some(*until),
        _ => None,
    });
    until.max()
}

/// The command that plans and runs the runbook of a plan anew, through a phase. Where the runbook is not known any more, what
/// was run is shown instead, and why.
pub(super) fn new_run(plan: &Plan, through: Phase, origin: Option<&Origin>, globals: &Globals) -> String {
    let through = if through == Phase::Contain { String::new() } else { format!(" --through {through}") };
    anew(plan, "run", &through, origin, globals)
}

/// The command that plans the phase of a plan anew.
pub(super) fn new_plan(plan: &Plan, more: &str, origin: Option<&Origin>, globals: &Globals) -> String {
    anew(plan, "plan", &format!(" --phase {}{more}", plan.phase), origin, globals)
}

/// The command that makes a plan again where nobody knows who wrote this one: the values of its parameters, which would name the
/// targets, are for a person to give.
pub(super) fn planned_by_hand(plan: &Plan, more: &str, globals: &Globals) -> String {
    let Some(runbook) = embedded().find(|known| *known == plan.runbook.name) else {
        return super::run::NO_PLAN.to_owned();
    };
    let command = globals.at_account(&format!("plan {runbook} --phase {}{more}", plan.phase));
    format!("{command}  # with the values of the incident: those in this file cannot be relied on")
}

/// The command that does what is missing where no run goes on from its journal: a new one looks at the account itself. The values
/// of the plan are taken only where the first record says that this is the plan.
pub(super) fn past_damage(
    opened: Option<&RunOpened>,
    plan: &Plan,
    origin: Option<&Origin>,
    globals: &Globals,
) -> String {
    let is_its = opened.is_some_and(|opened| opened.plan == plan.digest());
    let command = match &plan.undoes {
        _ if !is_its => return planned_by_hand(plan, "", globals),
        Some(undone) => globals.in_world(plan.world, origin, &format!("undo {undone}")),
        None => new_run(plan, plan.phase, origin, globals),
    };
    if command.contains(" # ") { command } else { format!("{command}  # looks at the account itself") }
}

fn anew(plan: &Plan, verb: &str, flags: &str, origin: Option<&Origin>, globals: &Globals) -> String {
    match runbook_of(plan, origin) {
        Some(runbook) => globals.in_world(plan.world, origin, &format!("{verb} {runbook}{flags}")),
        None => format!(
            "quell runbooks  # `{}` is none of them, and where its file is was not noted: {verb} that again",
            plan.runbook.name
        ),
    }
}

/// The runbook of a plan with the values that it needs and the incident, as words of a command; nothing where nobody knows
/// where the runbook is.
fn runbook_of(plan: &Plan, origin: Option<&Origin>) -> Option<String> {
    let runbook = noted_runbook(plan, origin.and_then(|origin| origin.runbook.as_deref()))?;
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values = values_to_give(plan, &runbook);
    let values: String =
        values.iter().map(|(name, value)| format!(" {}", quoted(&format!("{name}={}", text(value))))).collect();
    Some(format!("{}{values} --incident {}", quoted(&runbook), plan.incident))
}

/// The runbook of a plan, as the name of an embedded one or a path; nothing where nobody knows where it is.
pub(super) fn noted_runbook(plan: &Plan, noted: Option<&str>) -> Option<String> {
    let is_there = |typed: &&str| embedded().any(|known| known == *typed) || Path::new(typed).is_file();
    let ours = || embedded().find(|known| *known == plan.runbook.name.as_str());
    noted.filter(is_there).or_else(ours).map(str::to_owned)
}

/// The values of a plan without those that its runbook would come to by itself, now as then. What a default makes of the time
/// is given: an incident is looked for where it was looked for first.
fn values_to_give<'a>(plan: &'a Plan, runbook: &str) -> Vec<(&'a String, &'a Value)> {
    let given = plan.parameters.iter().filter(|(_, value)| !value.is_null());
    let Some((runbook, _)) = checked(runbook).ok().and_then(|checked| checked.runbook) else { return given.collect() };
    let later = plan.made + SignedDuration::from_hours(24);
    let by_itself = |(name, value): (&String, &Value)| {
        let mut others = plan.parameters.clone();
        others.remove(name);
        let complete = Parameters::complete(runbook.parameters(), others, later);
        complete.is_ok_and(|complete| complete.values().get(name) == Some(value))
    };
    given.filter(|one| !by_itself(*one)).collect()
}

/// The name by which a runbook can be found again from any folder.
pub(super) fn lasting(runbook: &str) -> String {
    if embedded().any(|known| known == runbook) {
        return runbook.to_owned();
    }
    std::path::absolute(runbook).map_or_else(|_| runbook.to_owned(), |path| path.display().to_string())
}

/// The phase that follows the one of a plan, where its runbook is part of the program and has one.
pub(super) fn phase_after(plan: &Plan) -> Option<Phase> {
    let known = shipped(plan.runbook.name.as_str()).filter(|_| plan.undoes.is_none())?;
    let (_, graph) = sound(known.name).ok()?;
    graph.phases().find(|phase| *phase > plan.phase)
}

/// Whether a new plan would find something to do: steps that may come about when they are tried again, or what is new since
/// the plan.
fn leaves_work(fold: &Fold) -> bool {
    // What is stuck with a call that nobody knows the end of is for a person; what only ran out of time is for a new plan.
    let unknown = |step: &StepView| {
        step.calls
            .iter()
            .filter_map(|call| fold.calls().get(call))
            .any(|call| call.state.is_open() || call.state == CallState::Stuck)
    };
    let open = |step: &StepView| match step.state {
        StepState::Failed | StepState::Drifted | StepState::NotVerified => true,
        StepState::Stuck => !unknown(step),
        _ => false,
    };
    !fold.left_over().is_empty() || fold.steps().values().any(open)
}
