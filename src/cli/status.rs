//! `quell status`.

use std::path::Path;

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::next::{confirming, past_damage};
use super::sink;
use super::state::{find_run, store};
use crate::base::{IncidentId, RunId, StepKey};
use crate::journal::{Fold, ListedRun, PLAN_FILE, RunOutcome, RunStore, StepState, StoreError, Summary, World, read};
use crate::plan::{Plan, PlannedWork, read_plan};
use crate::report::{RunStatus, TakenBack, not_read, status_json, status_text};

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
    let listed: Vec<ListedRun> = match (what, incident) {
        (None, _) => all.clone(),
        (Some(_), Some(incident)) => store.list_incident(&incident).map_err(failed)?,
        (Some(text), None) => {
            let run = find_run(&store, text, globals)?;
            all.iter().filter(|listed| listed.run == run).cloned().collect()
        }
    };
    let mut runs: Vec<RunStatus> = listed.iter().map(|one| picture(&store, one, &all, globals)).collect();
    runs.sort_by_key(|run| run.summary.as_ref().map(|summary| summary.began));
    match globals.output {
        Output::Text => sink::data(&status_text(&runs)),
        Output::Json => sink::json(&status_json(&runs)),
    }
    Ok(())
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
