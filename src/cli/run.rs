//! `quell run` and `quell apply`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::account::Session;
use super::arguments::{Globals, Output, RunbookArguments};
use super::confirm::consent;
use super::endpoint::refuse_other_world;
use super::entry::{quoted, same_command_with};
use super::execute::{Carried, Desk};
use super::failure::{Failure, chain};
use super::next::{later_phase, new_plan, new_run, phase_after, planned_by_hand, what_next};
use super::phases::{Planning, denied};
use super::renewal::Renewal;
use super::rules::{Circumstances, Judged, Rules};
use super::signals::Signals;
use super::state::store;
use super::watch::Watch;
use super::{exit, resume, sink};
use crate::base::{Clock, Phase};
use crate::guard::approve;
use crate::journal::{Fold, Origin, RunStore, StepState};
use crate::plan::{Plan, PlanFileError, read_plan};
use crate::report::{PlannedPhase, end_json, end_text, plan_text, verdict_text};
use crate::run::GivenAnswers;

/// Plans, shows, confirms and applies phase after phase, through the one that is asked for.
pub(super) async fn run(what: &RunbookArguments, through: Phase, globals: &Globals) -> Result<(), Failure> {
    let planning = Planning::read(what, globals)?.sparing(&Rules::read(globals)?);
    let store = store(globals)?;
    let signals = Signals::listen()?;
    let session = Session::open(globals).await.map_err(|failure| failure.about(Some(&planning.name)))?;
    let mut ends = Vec::new();
    let ended = phase_by_phase(&planning, through, &session, &store, &signals, globals, &mut ends).await;
    if globals.output == Output::Json {
        // One document, whatever it came to and however many phases there were.
        sink::json(&json!({ "format": 1, "runs": ends }));
    }
    ended?;
    if let Some(later) = planning.phases().into_iter().find(|phase| *phase > through) {
        sink::talk(&later_phase(later, &same_command_with(&[format!("--through {later}")])));
    }
    Ok(())
}

async fn phase_by_phase(
    planning: &Planning,
    through: Phase,
    session: &Session,
    store: &RunStore,
    signals: &Signals,
    globals: &Globals,
    ends: &mut Vec<Value>,
) -> Result<(), Failure> {
    let again = same_command_with(&[]);
    let origin = globals.origin(Some(planning.name.clone()));
    let mut first_failure = Ok(());
    for phase in planning.phases().into_iter().filter(|phase| *phase <= through) {
        let planned = planning.plan(&[phase], session).await?;
        // The number is about the run as typed: the same words have to do when a later go finds part of it done.
        let asked = Asked::default();
        let (plan, carried) = confirm_and_begin(planned, asked, &origin, session, store, signals, globals).await?;
        let to_type = globals.to_type(&carried.run, "", plan.world, Some(&origin));
        let end = carried.end(&plan, &to_type, session);
        match globals.output {
            Output::Text => sink::data(&end_text(&end)),
            Output::Json => ends.push(end_json(&end)),
        }
        let next = what_next(&carried, &plan, Some(&origin), globals, Some(&again));
        // A run that is still open comes before all that earlier phases came to: what it waits for is what to do next.
        if carried.fold.closed().is_none() {
            return next;
        }
        if first_failure.is_ok() {
            first_failure = next;
        }
        if !lets_the_next_phase_follow(&carried.fold) {
            break;
        }
    }
    first_failure
}

/// Whether what a phase came to leaves the next one its ground: whatever was to be done is done, or is a person's. What
/// is new since the plan is for the next plan, and does not hold it up.
fn lets_the_next_phase_follow(fold: &Fold) -> bool {
    let settled = |state| matches!(state, StepState::Verified | StepState::Skipped | StepState::Manual);
    fold.steps().values().all(|step| settled(step.state))
}

/// Applies a saved plan. A plan that has a run already goes on with it.
pub(super) async fn apply(path: &Path, break_glass: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let plan = read_plan(path).map_err(|error| not_a_plan(&error, path, globals))?;
    if let Some(run) = &plan.undoes {
        let what = "an undo is planned anew when it is made, and no file says what it does";
        return Err(Failure::yours(exit::NOT_APPLICABLE, what, globals.at_account(&format!("undo {run}"))));
    }
    if break_glass.is_some_and(|why| why.trim().is_empty()) {
        let what = "breaking the glass takes a reason, which every report tells";
        return Err(Failure::yours(exit::USAGE, what, same_command_with(&["--break-glass 'WHY'".to_owned()])));
    }
    let store = store(globals)?;
    let digest = plan.digest();
    let known = store.list().map_err(|error| Failure::store(&error, globals))?;
    let known = known.into_iter().find(|listed| listed.opened.as_ref().is_some_and(|opened| opened.plan == digest));
    if let Some(listed) = known {
        return resume::go_on(&listed.run, GivenAnswers::default(), "the plan was applied again", break_glass, globals)
            .await;
    }
    let noted = store.origin_of_plan(digest);
    let typed = format!("apply {}", quoted(&path.display().to_string()));
    refuse_other_world(&plan, noted.as_ref(), &typed, globals)?;
    // That nobody has changed it since is known by the state folder that it was saved from, and by whoever has signed it.
    if !store.knows_plan(digest) && !is_signed(&plan, path, globals)? {
        let what = format!(
            "`{}` is not a plan that was saved from here, and nobody who counts has signed it: it was changed since, or made elsewhere",
            path.display()
        );
        let save = format!(" --save {}", quoted(&beside(path).display().to_string()));
        return Err(Failure::yours(exit::NOT_APPLICABLE, what, planned_by_hand(&plan, &save, globals)));
    }
    let signals = Signals::listen()?;
    let origin = globals.origin(noted.and_then(|noted| noted.runbook));
    let session = Session::open(globals).await.map_err(|failure| failure.about(origin.runbook.as_deref()))?;
    let planned = vec![PlannedPhase { plan, made: None }];
    let asked = Asked { wrong_target: None, exact: true, file: Some(path), break_glass };
    let (plan, carried) = confirm_and_begin(planned, asked, &origin, &session, &store, &signals, globals).await?;
    conclude(&carried, &plan, &origin, &session, globals)
}

/// A name beside a plan under which the next one can be saved: a plan is never overwritten.
fn beside(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let named = |number: usize| path.with_file_name(format!("{stem}-{number}.json"));
    (2..).map(named).find(|other| !other.exists()).unwrap_or_else(|| path.to_owned())
}

/// What comes next where a file is no plan and nobody knows what it was to be one of.
pub(super) const NO_PLAN: &str =
    "quell runbooks  # `quell plan` with the name of one, --phase and --save writes a plan to a file";

fn not_a_plan(error: &PlanFileError, path: &Path, globals: &Globals) -> Failure {
    let path = quoted(&path.display().to_string());
    let run = || {
        let incident = globals.incident.as_ref().map_or(String::new(), |id| format!(" --incident {id}"));
        globals.agreeing(&format!("run {path}{incident}"))
    };
    let next = match error {
        PlanFileError::Io { .. } if crate::runbook::embedded().any(|name| name == path) => run(),
        PlanFileError::NotAPlan { .. } if path.ends_with(".yaml") || path.ends_with(".yml") => run(),
        _ => NO_PLAN.to_owned(),
    };
    let code = if matches!(error, PlanFileError::NotCanonical { .. }) { exit::DAMAGED } else { exit::ERROR };
    Failure::yours(code, chain(error), next)
}

/// What stands around the question whether a plan may be applied.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    /// The wrong target, as the command line names it.
    pub(super) wrong_target: Option<&'a str>,
    /// Whether the number of irreversible steps has to be the plan's also where it has none.
    pub(super) exact: bool,
    /// The plan's file, beside which signatures lie.
    pub(super) file: Option<&'a Path>,
    /// Why one signature has to do.
    pub(super) break_glass: Option<&'a str>,
}

/// Whether somebody has signed a plan who counts: the plan itself, since one that says which plan it follows may be anybody's.
fn is_signed(plan: &Plan, path: &Path, globals: &Globals) -> Result<bool, Failure> {
    let with = Circumstances { file: Some(path), ..Circumstances::default() };
    let judged = Rules::read(globals)?.judge(plan, with, Clock::real().now())?;
    Ok(judged.approvals.given.iter().any(|one| one.by.is_ok() && one.of_run.is_none()))
}

/// Shows a plan, gets consent to it, and begins its run.
pub(super) async fn confirm_and_begin(
    planned: Vec<PlannedPhase>,
    asked: Asked<'_>,
    origin: &Origin,
    session: &Session,
    store: &RunStore,
    signals: &Signals,
    globals: &Globals,
) -> Result<(Plan, Carried), Failure> {
    sink::talk(&plan_text(&planned, "nothing sent yet"));
    let Some(PlannedPhase { plan, .. }) = planned.into_iter().next() else {
        return Err(Failure::bug("there is no plan to apply"));
    };
    let again = &new_plan(&plan, "", Some(origin), globals);
    // What no consent can heal is said before anybody is asked.
    if let Err(why) = crate::guard::judge(&plan, &session.around, session.world) {
        return Err(denied(&why, again));
    }
    session.refuse_unbounded(&plan)?;
    let rules = Rules::read(globals)?;
    let judge = || -> Result<Judged, Failure> {
        let applies = Some(&session.around.caller);
        let with = Circumstances { file: asked.file, break_glass: asked.break_glass, applies };
        let judged = rules.judge(&plan, with, Clock::real().now())?;
        refuse_unapproved(&plan, &judged, &asked, origin, globals)?;
        Ok(judged)
    };
    judge()?;
    rules.warn_of_open_evidence(&plan);
    let consent = consent(&plan, asked.wrong_target, asked.exact, globals).await?;
    // Once more, since a person may take an hour to answer.
    let Judged { clearance, signatures, .. } = judge()?;
    let approved = approve(plan.clone(), &session.around, session.world, session.clock.now(), &consent, &clearance)
        .map_err(|why| denied(&why, again))?;
    let run = session.run_id();
    store.note_origin(&run, origin).map_err(|error| Failure::store(&error, globals))?;
    sink::talk(&format!("run {run}\n"));
    let stop = signals.run_begins(globals.at_account(&format!("resume {run}")));
    let mut watch = Watch::new(&plan, None);
    // What fails may have failed before the journal holds that somebody agreed, so it is said again.
    let resume = globals.agreeing(&format!("resume {run}"));
    let gates = &GivenAnswers::default();
    let recipients = rules.recipients().to_vec();
    let detected = None;
    let desk = Desk { session, globals, store, gates, stop, resume, signatures, recipients, detected };
    let with = Circumstances { file: asked.file, break_glass: asked.break_glass, applies: None };
    let renewal = Renewal { plan: &plan, desk: desk.clone(), with };
    let mut carried = desk.begin(&approved, run.clone(), &mut |event| watch.tell(event)).await;
    if let Ok(so_far) = carried {
        carried = renewal.outlive(so_far, &mut |event| watch.tell(event)).await;
    }
    drop(watch);
    signals.run_ends();
    if carried.is_err() {
        // A run that could not begin leaves nothing, and why it could not is what the person hears.
        let _ = store.forget_origin(&run);
    }
    Ok((plan, carried?))
}

/// What the guardrails do not allow, or not yet.
fn refuse_unapproved(
    plan: &Plan,
    judged: &Judged,
    asked: &Asked<'_>,
    origin: &Origin,
    globals: &Globals,
) -> Result<(), Failure> {
    let next = || unapproved(plan, asked.file, origin, globals);
    if asked.break_glass.is_some() && judged.clearance.break_glass.is_none() {
        let what = "breaking the glass takes the signature of somebody who may sign, and not of whoever made or applies the plan";
        return Err(Failure::yours(exit::UNAPPROVED, what, next()));
    }
    let verdict = &judged.clearance.verdict;
    if verdict.allowed {
        return Ok(());
    }
    sink::talk(&verdict_text(verdict));
    Err(Failure::yours(exit::UNAPPROVED, verdict.to_string(), next()))
}

/// What comes next where a plan waits for people.
fn unapproved(plan: &Plan, file: Option<&Path>, origin: &Origin, globals: &Globals) -> String {
    match file {
        Some(file) => {
            let status = globals.about_run(&format!("status {}", quoted(&file.display().to_string())));
            status + "  # shows who may sign"
        }
        // Nobody can sign what takes a run back: it is approved with the plan of that run, and a guardrail that says otherwise is the company's.
        None if plan.undoes.is_some() => {
            "quell help guardrails  # `context.undo` tells an undo from the rest".to_owned()
        }
        None => {
            let save = new_plan(plan, " --save plan.json", Some(origin), globals);
            if save.contains(" # ") { save } else { save + "  # then: quell approve plan.json" }
        }
    }
}

/// Prints how a run ended, and says what comes next.
pub(super) fn conclude(
    carried: &Carried,
    plan: &Plan,
    origin: &Origin,
    session: &Session,
    globals: &Globals,
) -> Result<(), Failure> {
    let to_type = globals.to_type(&carried.run, "", plan.world, Some(origin));
    let end = carried.end(plan, &to_type, session);
    match globals.output {
        Output::Text => sink::data(&end_text(&end)),
        Output::Json => sink::json(&end_json(&end)),
    }
    what_next(carried, plan, Some(origin), globals, None)?;
    if let Some(later) = phase_after(plan) {
        sink::talk(&later_phase(later, &new_run(plan, later, Some(origin), globals)));
    }
    Ok(())
}
