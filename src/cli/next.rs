//! What comes after a run, as a command to type.

use jiff::Timestamp;
use serde_json::Value;

use super::arguments::Globals;
use super::entry::quoted;
use super::execute::Carried;
use super::exit;
use super::failure::Failure;
use super::load::sound;
use crate::actions::Refusal;
use crate::base::{Phase, RunId};
use crate::journal::{CallState, Fold, StepState, StepView, World};
use crate::plan::Plan;
use crate::report::ToType;
use crate::runbook::{embedded, shipped};

impl Globals {
    /// What to type about a run.
    pub(super) fn to_type(&self, run: &RunId, world: World) -> ToType {
        ToType {
            undo: self.in_world(world, &format!("undo {run}")),
            verify: self.about_run(&format!("audit verify {run}")),
        }
    }

    /// A command at the account where something was done, whatever this command was told to reach.
    fn in_world(&self, world: World, verb: &str) -> String {
        let command = self.at_account(verb);
        match world {
            World::Range if !self.range => format!("{command} --range --endpoint-url URL"),
            _ => command,
        }
    }
}

/// That a later phase is there, and how it is begun.
pub(super) fn later_phase(phase: Phase, command: &str) -> String {
    format!("the phase {phase} comes after this: {command}\n")
}

/// What comes next, where a run is not complete. `again` is the command that plans what is new, where it was typed.
pub(super) fn what_next(carried: &Carried, plan: &Plan, globals: &Globals, again: Option<&str>) -> Result<(), Failure> {
    let run = &carried.run;
    let resume = |more: &str| globals.at_account(&format!("resume {run}{more}"));
    let again = || again.map_or_else(|| new_run(plan, plan.phase, globals), str::to_owned);
    let next = match carried.code() {
        exit::OK => return Ok(()),
        exit::CREDENTIALS => format!("{} && {}", globals.renewal(), resume("")),
        exit::INTERRUPTED => resume(""),
        exit::WAITING => {
            let gates: Vec<String> =
                carried.waiting_for.iter().map(|gate| format!(" --confirm {}", gate.step)).collect();
            resume(&gates.concat())
        }
        exit::PARTIAL | exit::STUCK | exit::REFUSED => match plan.undoes {
            None if leaves_work(&carried.fold) => again(),
            _ => after_the_end(run, plan, &carried.fold, globals),
        },
        other => return Err(Failure::bug(format!("a run ended with exit code {other}"))),
    };
    Err(Failure::told(carried.code(), next))
}

/// What comes after a run that has ended and is not complete. A step that has failed is not taken up again by going on with
/// its run, since a plan is old by then: a new run looks, plans what is still missing, and asks again. Whatever else is
/// open stands in the run, and a person decides.
pub(super) fn after_the_end(run: &RunId, plan: &Plan, fold: &Fold, globals: &Globals) -> String {
    let not_before = not_before(plan);
    match &plan.undoes {
        _ if !leaves_work(fold) && not_before.is_none() => globals.about_run(&format!("show {run}")),
        Some(undone) => {
            let from = not_before.map_or(String::new(), |until| format!("  # from {until} on"));
            globals.at_account(&format!("undo {undone}")) + &from
        }
        None => new_run(plan, plan.phase, globals),
    }
}

/// From when on an undo takes everything back that it refuses only because it is too early.
fn not_before(plan: &Plan) -> Option<Timestamp> {
    let until = plan.actions().filter_map(|(_, action)| match action.refusal() {
        Some(Refusal::TooEarly { until, .. }) => Some(*until),
        _ => None,
    });
    until.max()
}

/// The command that plans and runs the runbook of a plan anew, through a phase.
pub(super) fn new_run(plan: &Plan, through: Phase, globals: &Globals) -> String {
    let through = if through == Phase::Contain { String::new() } else { format!(" --through {through}") };
    globals.in_world(plan.world, &format!("run {}{through}", runbook_of(plan)))
}

/// The runbook of a plan with its values, as words of a command. The plan knows the runbook's name, which is one only for
/// those that are part of the program.
pub(super) fn runbook_of(plan: &Plan) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let given = plan.parameters.iter().filter(|(_, value)| !value.is_null());
    let given: String = given.map(|(name, value)| format!(" {}", quoted(&format!("{name}={}", text(value))))).collect();
    let name = plan.runbook.name.as_str();
    let runbook = if embedded().any(|known| known == name) { name } else { "RUNBOOK" };
    format!("{runbook}{given} --incident {}", plan.incident)
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
