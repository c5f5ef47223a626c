//! `quell status`.

use std::path::Path;

use serde_json::Value;

use super::arguments::{Globals, Output};
use super::entry::quoted;
use super::failure::Failure;
use super::next::{confirming, new_plan, past_damage};
use super::sink;
use super::state::{find_run, store, waiting as waiting_folder};
use crate::base::{Clock, IncidentId, RunId, StepKey};
use crate::journal::{Fold, ListedRun, PLAN_FILE, RunOutcome, RunStore, StepState, StoreError, Summary, World, read};
use crate::plan::{Plan, PlannedWork, read_plan};
use crate::report::{
    RunStatus, TakenBack, WaitingPlan, not_read, status_json, status_text, waiting_json, waiting_text,
};

/// Says where runs stand: one, those of an incident, or all. Needs no account.
pub(super) fn status(what: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    if let Some(path) = what.map(Path::new).filter(|path| path.is_file()) {
        return super::approve::standing(path, globals);
    }
    let store = store(globals)?;
    let failed = |error: StoreError| Failure::store(&error, globals);
    let all = store.list().map_err(failed)?;
    let incident = what
        .and_then(|text| IncidentId::new(text).ok())
        .filter(|id| all.iter().any(|run| run.opened.as_ref().is_some_and(|opened| opened.incident == *id)));
    let incident = incident.or_else(|| {
        let named = what.and_then(|text| IncidentId::new(text).ok())?;
        waits(&named, globals).then_some(named)
    });
    let listed: Vec<ListedRun> = match (what, &incident) {
        (None, _) => all.clone(),
        (Some(_), Some(incident)) => store.list_incident(incident).map_err(failed)?,
        (Some(text), None) => {
            let run = find_run(&store, text, globals)?;
            all.iter().filter(|listed| listed.run == run).cloned().collect()
        }
    };
    let mut runs: Vec<RunStatus> = listed.iter().map(|one| picture(&store, one, &all, globals)).collect();
    runs.sort_by_key(|run| run.summary.as_ref().map(|summary| summary.began));
    let plans = match (what, &incident) {
        (None, _) => waiting_plans(&store, &all, |_| true, globals)?,
        (Some(_), Some(incident)) => waiting_plans(&store, &all, |plan| plan.incident == *incident, globals)?,
        (Some(_), None) => Vec::new(),
    };
    let now = Clock::real().now();
    match globals.output {
        Output::Text if runs.is_empty() && !plans.is_empty() => sink::data(&waiting_text(&plans, now)),
        Output::Text => sink::data(&(status_text(&runs) + &waiting_text(&plans, now))),
        Output::Json => {
            let mut json = status_json(&runs);
            if let Value::Object(members) = &mut json {
                members.insert("waiting_plans".to_owned(), waiting_json(&plans, now));
            }
            sink::json(&json);
        }
    }
    Ok(())
}

/// Whether a plan of an incident waits.
fn waits(incident: &IncidentId, globals: &Globals) -> bool {
    let names = waiting_folder(globals)
        .and_then(|folder| folder.names().map_err(|error| Failure::machine(&error, globals.about_run("status"))));
    names.is_ok_and(|names| names.iter().any(|name| name.starts_with(&format!("{incident}-"))))
}

/// The plans that the autopilot has made and nobody has applied.
fn waiting_plans(
    store: &RunStore,
    all: &[ListedRun],
    wanted: impl Fn(&Plan) -> bool,
    globals: &Globals,
) -> Result<Vec<WaitingPlan>, Failure> {
    let folder = waiting_folder(globals)?;
    let mut names = folder.names().map_err(|error| Failure::machine(&error, globals.about_run("status")))?;
    names.sort();
    let now = Clock::real().now();
    let mut plans = Vec::new();
    for name in names.into_iter().filter(|name| !name.starts_with('.') && name.ends_with(".json")) {
        let path = folder.path().join(name);
        // Signatures lie beside plans, and a file that is no plan any more waits for nobody.
        let Ok(plan) = read_plan(&path) else { continue };
        let digest = plan.digest();
        let applied = all.iter().any(|run| run.opened.as_ref().is_some_and(|opened| opened.plan == digest));
        if applied || !wanted(&plan) {
            continue;
        }
        let path = path.display().to_string();
        let origin = store.origin_of_plan(digest);
        let next = match now < plan.expires {
            true => globals.in_world(plan.world, origin.as_ref(), &format!("apply {}", quoted(&path))),
            false => new_plan(&plan, "", origin.as_ref(), globals),
        };
        plans.push(WaitingPlan { path, plan, next });
    }
    Ok(plans)
}

fn picture(store: &RunStore, listed: &ListedRun, all: &[ListedRun], globals: &Globals) -> RunStatus {
    // Where a run stands is told by its journal; what its plan adds is told where that can be read.
    let plan = store.folder(&listed.run).ok().and_then(|folder| read_plan(&folder.path().join(PLAN_FILE)).ok());
    let journal = store.journal(&listed.run).map_err(|error| error.to_string());
    let journal = journal.and_then(|bytes| read(&bytes).map_err(|damage| format!("its journal is damaged: {damage}")));
    let mut waiting_for = Vec::new();
    let (summary, damage) = match journal {
        Ok(journal) => {
            waiting_for = plan.as_ref().map_or(Vec::new(), |plan| waiting(plan, &journal.fold));
            (Summary::of(&journal.fold), None)
        }
        Err(why) => (None, Some(why)),
    };
    let world = listed.opened.as_ref().map_or(World::Live, |opened| opened.world);
    let to_type = globals.to_type(&listed.run, &confirming(&waiting_for), world, store.origin(&listed.run).as_ref());
    let past_damage = damage.as_ref().and_then(|_| way_past_damage(store, &listed.run, all, globals));
    RunStatus {
        run: listed.run.clone(),
        undo: to_type.undo,
        resume: to_type.resume,
        summary,
        waiting_for,
        held: listed.held,
        damage,
        past_damage,
        undone_by: undone_by(store, &listed.run, all),
        not_read: plan.iter().flat_map(|plan| not_read([plan])).collect(),
        alias: plan.and_then(|plan| plan.alias),
    }
}

/// The command that does what a run with a damaged journal may have left to do; nothing where its plan cannot be read either, or
/// where it was taken back.
pub(super) fn way_past_damage(store: &RunStore, run: &RunId, all: &[ListedRun], globals: &Globals) -> Option<String> {
    let plan = read_plan(&store.folder(run).ok()?.path().join(PLAN_FILE)).ok()?;
    if undone_by(store, run, all).is_some() {
        return None;
    }
    let opened = all.iter().find(|listed| listed.run == *run).and_then(|listed| listed.opened.as_ref());
    Some(past_damage(opened, &plan, store.origin(run).as_ref(), globals))
}

/// The run that has taken one back.
pub(super) fn undone_by(store: &RunStore, run: &RunId, all: &[ListedRun]) -> Option<TakenBack> {
    let undoes = |other: &&ListedRun| other.opened.as_ref().is_some_and(|opened| opened.undoes.as_ref() == Some(run));
    all.iter().filter(undoes).find_map(|undo| taken_back(store, &undo.run))
}

/// The gates that wait for an answer.
fn waiting(plan: &Plan, fold: &Fold) -> Vec<StepKey> {
    let gates = plan.steps.iter().filter(|step| matches!(step.work, PlannedWork::Gate { .. })).map(|step| &step.key);
    let asked = gates.filter(|key| fold.step(key).is_some_and(|view| view.state == StepState::Looked));
    asked.cloned().collect()
}

/// What an undo came to; nothing where it changed nothing, although there was something to take back.
fn taken_back(store: &RunStore, undo: &RunId) -> Option<TakenBack> {
    let fold = read(&store.journal(undo).ok()?).ok()?.fold;
    let landed = fold.calls().values().any(|call| call.state.has_landed());
    let complete = fold.closed().is_some_and(|closing| closing.outcome == RunOutcome::Complete);
    (landed || complete).then(|| TakenBack { run: undo.clone(), complete })
}
