//! `quell plan`.

use std::path::Path;

use super::account::Session;
use super::arguments::{Globals, Output, RunbookArguments};
use super::entry::{quoted, same_command_with};
use super::failure::{Failure, chain};
use super::follow_up::{Before, FollowUp};
use super::from_event::EventOf;
use super::phases::Planning;
use super::rules::{Circumstances, Judged, Rules};
use super::signals::Signals;
use super::state::store;
use super::{exit, sink};
use crate::base::{Clock, Phase};
use crate::plan::write_plan;
use crate::report::{lent_text, plan_json, plan_text, verdict_text};

/// What is to be planned: a runbook, or what a run has left.
pub(super) struct PlanOf<'a> {
    pub(super) runbook: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) from: Option<String>,
    pub(super) event: Option<EventOf<'a>>,
    pub(super) phase: Option<Phase>,
    pub(super) save: Option<&'a Path>,
}

/// Shows what a runbook would do, phase by phase, and saves one phase where that is asked for. What a run has left is of one phase.
pub(super) async fn plan(of: PlanOf<'_>, globals: &Globals) -> Result<(), Failure> {
    let PlanOf { runbook, values, from, event, phase, save } = of;
    match from {
        Some(run) => {
            let FollowUp { planning, before } = FollowUp::read(&run, globals)?;
            show_and_save(planning, Some(before.plan.phase), Some(&before), save, globals).await
        }
        None => {
            let what = RunbookArguments { runbook: runbook.unwrap_or_default(), values };
            show_and_save(Planning::read_beside(&what, event, globals)?, phase, None, save, globals).await
        }
    }
}

async fn show_and_save(
    planning: Planning,
    phase: Option<Phase>,
    before: Option<&Before>,
    save: Option<&Path>,
    globals: &Globals,
) -> Result<(), Failure> {
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
    if let Some(before) = before {
        before.refuse_elsewhere(&session)?;
    }
    let planning = planning.sparing(&rules);
    let mut planned = planning.plan(&phases, &session).await?;
    for one in &mut planned {
        one.plan.follows = before.map(Before::follows);
    }
    let now = Clock::real().now();
    let judged = planned.iter().map(|one| rules.judge(&one.plan, Circumstances::default(), now));
    let judged: Vec<Judged> = judged.collect::<Result<_, Failure>>()?;
    match globals.output {
        Output::Text => {
            let asked = judged.iter().map(|one| lent_text(&one.approvals) + &verdict_text(&one.clearance.verdict));
            let told = planning.event.as_ref().map_or(String::new(), |event| event.told.clone());
            sink::data(&(plan_text(&planned, "DRY RUN, nothing sent") + &asked.collect::<String>() + &told));
        }
        Output::Json => {
            let mut shown = plan_json(&planned);
            if let Some(event) = &planning.event {
                shown["event"] = event.json.clone();
            }
            sink::json(&shown);
        }
    }
    planned.iter().for_each(|one| rules.warn_of_open_evidence(&one.plan));
    let (Some(path), [only]) = (save, planned.as_slice()) else { return Ok(()) };
    let origin = globals.origin(Some(planning.name.clone()));
    store(globals)?.note_plan(only.plan.digest(), &origin).map_err(|error| Failure::store(&error, globals))?;
    write_plan(&only.plan, path).map_err(|error| {
        Failure::yours(exit::ERROR, chain(&error), format!("{}  # or under another name", same_command_with(&[])))
    })?;
    let apply = globals.at_account(&format!("apply {}", quoted(&path.display().to_string())));
    if judged.iter().any(|one| !one.clearance.verdict.allowed) {
        let status = globals.about_run(&format!("status {}", quoted(&path.display().to_string())));
        sink::talk(&format!("it waits for approvals: {status}\n"));
    }
    sink::talk(&format!("saved, SHA-256 {}; apply it with: {apply}\n", only.plan.digest()));
    Ok(())
}
