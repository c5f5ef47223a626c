//! `quell plan`.

use std::path::Path;

use super::account::Session;
use super::arguments::{Globals, Output, RunbookArguments};
use super::entry::{quoted, same_command_with};
use super::failure::{Failure, chain};
use super::phases::Planning;
use super::rules::{Circumstances, Rules};
use super::signals::Signals;
use super::state::store;
use super::{exit, sink};
use crate::base::{Clock, Phase};
use crate::guard::Verdict;
use crate::plan::write_plan;
use crate::report::{plan_json, plan_text, verdict_text};

/// Shows what a runbook would do, phase by phase, and saves one phase where that is asked for.
pub(super) async fn plan(
    what: &RunbookArguments,
    phase: Option<Phase>,
    save: Option<&Path>,
    globals: &Globals,
) -> Result<(), Failure> {
    let planning = Planning::read(what, globals)?;
    if save.is_some() && phase.is_none() {
        let first = planning.phases().first().copied().unwrap_or(Phase::Contain);
        let next = same_command_with(&[format!("--phase {first}")]);
        return Err(Failure::yours(
            exit::USAGE,
            "a file holds the plan of one phase, and --save does not say of which",
            next,
        ));
    }
    let phases = match phase {
        Some(phase) => vec![phase],
        None => planning.phases(),
    };
    // Nobody waits for an account to be read, to hear then that the plan cannot be kept.
    if let Some(path) = save.filter(|path| path.exists()) {
        let shown = quoted(&path.display().to_string());
        let what = format!("`{}` is there already, and a plan that may be approved is not overwritten", path.display());
        return Err(Failure::yours(exit::ERROR, what, format!("quell show {shown}  # and save under another name")));
    }
    if let Some(folder) = save.and_then(Path::parent).filter(|folder| *folder != Path::new("") && !folder.is_dir()) {
        let shown = quoted(&folder.display().to_string());
        let what = format!("there is no folder `{}` to save the plan in", folder.display());
        return Err(Failure::yours(exit::ERROR, what, format!("mkdir -p {shown} && {}", same_command_with(&[]))));
    }
    let _signals = Signals::listen()?;
    let session = Session::open(globals).await.map_err(|failure| failure.about(Some(&planning.name)))?;
    let rules = Rules::read(globals)?;
    let planned = planning.plan(&phases, &session).await?;
    let now = Clock::real().now();
    let verdicts =
        planned.iter().map(|one| Ok(rules.judge(&one.plan, Circumstances::default(), now)?.clearance.verdict));
    let verdicts: Vec<Verdict> = verdicts.collect::<Result<_, Failure>>()?;
    match globals.output {
        Output::Text => {
            let asked: String = verdicts.iter().map(verdict_text).collect();
            sink::data(&(plan_text(&planned, "DRY RUN, nothing sent") + &asked));
        }
        Output::Json => sink::json(&plan_json(&planned)),
    }
    let (Some(path), [only]) = (save, planned.as_slice()) else { return Ok(()) };
    let origin = globals.origin(Some(planning.name.clone()));
    store(globals)?.note_plan(only.plan.digest(), &origin).map_err(|error| Failure::store(&error, globals))?;
    write_plan(&only.plan, path).map_err(|error| {
        Failure::yours(exit::ERROR, chain(&error), format!("{}  # or under another name", same_command_with(&[])))
    })?;
    let apply = globals.at_account(&format!("apply {}", quoted(&path.display().to_string())));
    if verdicts.iter().any(|verdict| !verdict.allowed) {
        let status = globals.about_run(&format!("status {}", quoted(&path.display().to_string())));
        sink::talk(&format!("it waits for approvals: {status}\n"));
    }
    sink::talk(&format!("saved, SHA-256 {}; apply it with: {apply}\n", only.plan.digest()));
    Ok(())
}
