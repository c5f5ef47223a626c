//! `quell show`.

use std::path::Path;

use serde_json::json;

use super::arguments::{Globals, Output};
use super::failure::{Failure, chain};
use super::resume::{journal, recorded};
use super::state::{find_run, store};
use super::{exit, sink};
use crate::journal::Summary;
use crate::plan::read_plan;
use crate::report::{PlannedPhase, plan_json, plan_text, run_text};

/// Shows a run or a plan in full. Needs no account.
pub(super) fn show(what: &str, globals: &Globals) -> Result<(), Failure> {
    if what.contains(['/', '.']) || Path::new(what).is_file() {
        let plan = read_plan(Path::new(what)).map_err(|error| {
            Failure::yours(exit::ERROR, chain(&error), "quell plan RUNBOOK --phase PHASE --save FILE")
        })?;
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
    // A run whose plan is not what it was can still be shown, and that is said after it.
    let recorded = recorded(&store, &run, globals).map(|(plan, _)| plan);
    let plan = recorded.as_ref().ok();
    match globals.output {
        Output::Text => {
            let alias = plan.and_then(|plan| plan.alias.as_deref());
            sink::data(&run_text(&summary, alias));
        }
        Output::Json => sink::json(&json!({ "format": 1, "summary": summary, "head": journal.head, "plan": plan })),
    }
    recorded.map(drop)
}
