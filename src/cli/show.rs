//! `quell show`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::load::saved_plan;
use super::resume::{journal, recorded};
use super::state::{find_run, store};
use super::{exit, sink};
use crate::base::{Digest, RunId, StepKey, Target};
use crate::evidence::EvidenceStore;
use crate::journal::{EVIDENCE_FOLDER, Journal, Record, RunStore, Summary};
use crate::report::{KeptState, PlannedPhase, StepStates, plan_json, plan_text, residuals, run_json, run_text};

/// Shows a run or a plan in full. Needs no account.
pub(super) fn show(what: &str, globals: &Globals) -> Result<(), Failure> {
    if what.contains(['/', '.']) || Path::new(what).is_file() {
        let plan = saved_plan(Path::new(what))?;
        let planned = [PlannedPhase { plan, made: None }];
        match globals.output {
            Output::Text => sink::data(&plan_text(&planned, "saved plan")),
            Output::Json => sink::json(&plan_json(&planned)),
        }
        return Ok(());
    }
    let store = store(globals)?;
    let run = find_run(&store, what, globals)?;
    let journal = journal(&store, &run, globals)?;
    let Some(summary) = Summary::of(&journal.fold) else {
        let what = format!("run {run} never began: nothing was sent");
        return Err(Failure::yours(exit::ERROR, what, globals.about_run("status")));
    };
    let states = states(&store, &run, &journal);
    // A run whose plan is not what it was can still be shown, and that is said after it.
    let recorded = recorded(&store, &run, globals).map(|(plan, _)| plan);
    let plan = recorded.as_ref().ok();
    let contains = plan.filter(|plan| plan.undoes.is_none());
    let still = contains.map_or_else(Vec::new, |plan| residuals([(plan, &journal.fold)]));
    match globals.output {
        Output::Text => {
            let alias = plan.and_then(|plan| plan.alias.as_deref());
            sink::data(&run_text(&summary, &journal.entries, &states, &still, alias));
        }
        Output::Json => {
            let mut shown = run_json(&journal.entries, &states, &still);
            for (name, value) in [
                ("format", json!(1)),
                ("summary", json!(summary)),
                ("head", json!(journal.head)),
                ("plan", json!(plan)),
            ] {
                shown[name] = value;
            }
            sink::json(&shown);
        }
    }
    recorded.map(drop)
}

/// What the run has kept of each step's targets, as far as it can be read.
fn states(store: &RunStore, run: &RunId, journal: &Journal) -> Vec<StepStates> {
    let folder = store.folder(run).ok().and_then(|folder| folder.folder(EVIDENCE_FOLDER).ok());
    let Some(evidence) = folder.map(EvidenceStore::new) else { return Vec::new() };
    let sealed: BTreeMap<(&StepKey, &Target), Digest> = journal
        .entries
        .iter()
        .filter_map(|entry| match &entry.record {
            Record::Captured { step, target, sealed: Some(sealed), .. } => Some(((step, target), *sealed)),
            _ => None,
        })
        .collect();
    let open = |named| KeptState { evidence: named, is_sealed: false, state: evidence.get(named).ok() };
    let steps = journal.fold.steps().iter().map(|(key, view)| {
        // The first of a target is what it was; a run that went on keeps what it found by then as well.
        let mut before: Vec<(Target, KeptState)> = Vec::new();
        for (target, digest) in &view.captured {
            if !before.iter().any(|(known, _)| known == target) {
                let kept = match sealed.get(&(key, target)) {
                    // What is left open without the rest does not tell what was there.
                    Some(sealed) => KeptState { evidence: *sealed, is_sealed: true, state: None },
                    None => open(*digest),
                };
                before.push((target.clone(), kept));
            }
        }
        StepStates { step: key.clone(), before, after: view.seen.map(open) }
    });
    steps.filter(|step| !step.before.is_empty() || step.after.is_some()).collect()
}
