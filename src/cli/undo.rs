//! `quell undo`.

use super::account::Session;
use serde_json::json;

use super::arguments::{Globals, Output};
use super::endpoint::refuse_other_world;
use super::failure::{Failure, chain};
use super::resume::recorded;
use super::run::{Asked, conclude, confirm_and_begin};
use super::signals::Signals;
use super::state::{find_run, store};
use super::status::undone_by;
use super::watch::Busy;
use super::{exit, sink};
use crate::evidence::EvidenceStore;
use crate::journal::{EVIDENCE_FOLDER, RunStore};
use crate::plan::{HeldStep, RunToUndo, plan_undo};
use crate::report::{PlannedPhase, place, refusals_text};
use crate::run::{NotUndoable, held, undoable};

/// Takes back what a run has changed, as far as it is as the run left it. `wrong_target` is the flag, and the name that was
/// given with it.
pub(super) async fn undo(run: &str, wrong_target: Option<Option<&str>>, globals: &Globals) -> Result<(), Failure> {
    let store = store(globals)?;
    let run = find_run(&store, run, globals)?;
    let (plan, journal) = recorded(&store, &run, globals)?;
    let noted = store.origin(&run);
    refuse_other_world(&plan, noted.as_ref(), &format!("undo {run}"), globals)?;
    // Held until the end: nobody goes on with a run while it is taken back.
    let _locked = store.lock(&run).map_err(|error| Failure::store(&error, globals))?;
    let folder = store.folder(&run).map_err(|error| Failure::store(&error, globals))?;
    let evidence = folder
        .folder_or_new(EVIDENCE_FOLDER)
        .map_err(|error| Failure::machine(&error, globals.about_run(&format!("show {run}"))))?;
    let evidence = EvidenceStore::new(evidence);
    let world = place(plan.world, plan.place.account.as_str(), plan.alias.as_deref());
    let incident = plan.incident.clone();
    let mut undoable = undoable(plan, &journal.fold, &evidence, wrong_target.is_some()).map_err(|error| {
        let verify = || globals.about_run(&format!("audit verify {run}"));
        let (code, next) = match &error {
            NotUndoable::OpenCall(_) => (exit::ERROR, globals.at_account(&format!("resume {run}"))),
            NotUndoable::Evidence { .. } => (exit::DAMAGED, verify()),
            NotUndoable::NoRun | NotUndoable::Unknown(_) => (exit::ERROR, globals.about_run(&format!("show {run}"))),
        };
        Failure::yours(code, chain(&error), next)
    })?;
    if undoable.steps.is_empty() {
        if globals.output == Output::Json {
            sink::json(&json!({ "format": 1, "undoes": run, "outcome": "nothing-to-undo", "exit_code": exit::OK }));
            return Ok(());
        }
        sink::data(&format!(
            "NOTHING TO UNDO   {world}   {incident}\n     run {run} has changed nothing that could be taken back\n"
        ));
        return Ok(());
    }
    undoable.held = held_by_others(&store, &undoable, globals)?;
    let signals = Signals::listen()?;
    let origin = globals.origin(noted.and_then(|noted| noted.runbook));
    let session = Session::open(globals).await.map_err(|failure| failure.about(origin.runbook.as_deref()))?;
    let plan = {
        let _busy = Busy::with(&session.reading());
        let reader = session.planning();
        let made = plan_undo(undoable, &session.around, &reader, session.clock.now(), session.nonce()).await;
        made.map_err(|error| Failure::bug(chain(&error)))?
    };
    sink::talk(&refusals_text(&plan));
    let planned = vec![PlannedPhase { plan, made: None }];
    let asked = Asked { wrong_target: wrong_target.flatten(), ..Asked::default() };
    let (plan, carried) = confirm_and_begin(planned, asked, &origin, &session, &store, &signals, globals).await?;
    conclude(&carried, &plan, &origin, &session, globals)
}

/// What other runs on the same account have verified, as far as they can be read: those that cannot be are named.
fn held_by_others(store: &RunStore, undo: &RunToUndo, globals: &Globals) -> Result<Vec<HeldStep>, Failure> {
    let all = store.list().map_err(|error| Failure::store(&error, globals))?;
    let of_account = all.iter().filter(|other| {
        let opened = other.opened.as_ref().filter(|_| other.run != undo.run);
        opened.is_some_and(|opened| opened.world == undo.plan.world && opened.account == undo.plan.place.account)
    });
    let mut found = Vec::new();
    let is_undone = |run| undone_by(store, run, &all).is_some_and(|undo| undo.complete);
    for other in of_account.filter(|other| !is_undone(&other.run)) {
        match recorded(store, &other.run, globals) {
            Ok((plan, journal)) => found.extend(held(&plan, &journal.fold)),
            Err(failure) => {
                sink::talk(&format!("whether run {} relies on this is not known: {}\n", other.run, failure.what));
            }
        }
    }
    Ok(found)
}
