//! `quell resume`, and what `quell apply` does for a plan that has a run.

use std::collections::BTreeMap;

use super::account::Session;
use super::arguments::{Globals, Output};
use super::confirm::consent;
use super::endpoint::refuse_other_world;
use super::entry::quoted;
use super::execute::{Carried, Desk};
use super::failure::{Failure, chain};
use super::next::{after_the_end, new_plan};
use super::phases::denied;
use super::renewal::{Renewal, may_go_on};
use super::rules::{Circumstances, Rules};
use super::run::conclude;
use super::signals::Signals;
use super::state::{find_run, store};
use super::status::undone_by;
use super::watch::Watch;
use super::{exit, sink};
use crate::base::{Clock, RunId, StepId};
use crate::guard::{ApprovedPlan, Denied, approve};
use crate::journal::{Agreed, Answer, Consent as How, Fold, Journal, Origin, PLAN_FILE, RunStore, read};
use crate::plan::{Plan, PlannedWork, read_plan};
use crate::report::{EndOfRun, PlannedPhase, end_json, end_text, plan_text};
use crate::run::{GateAnswer, GivenAnswers};
use crate::secrets::Recipient;

/// Goes on with a run, with answers to its gates.
pub(super) async fn resume(run: &str, confirm: &[StepId], deny: &[StepId], globals: &Globals) -> Result<(), Failure> {
    let run = find_run(&store(globals)?, run, globals)?;
    let answer = |answer, flag: &str, step: &StepId| {
        let given = GateAnswer { answer, how: How::Flags, text: Some(format!("--{flag} {step}")) };
        (step.clone(), given)
    };
    let yes = confirm.iter().map(|step| answer(Answer::Yes, "confirm", step));
    let no = deny.iter().map(|step| answer(Answer::No, "deny", step));
    if let Some(both) = confirm.iter().find(|step| deny.contains(step)) {
        let what = format!("`{both}` is both confirmed and denied");
        return Err(Failure::yours(exit::USAGE, what, globals.at_account(&format!("resume {run} --confirm {both}"))));
    }
    let answers: BTreeMap<_, _> = yes.chain(no).collect();
    go_on(&run, GivenAnswers(answers), "it was resumed", None, globals).await
}

/// Goes on with a run; tells how it ended where it has.
pub(super) async fn go_on(
    run: &RunId,
    answers: GivenAnswers,
    why: &str,
    break_glass: Option<&str>,
    globals: &Globals,
) -> Result<(), Failure> {
    let store = store(globals)?;
    let (plan, journal) = recorded(&store, run, globals)?;
    let gates: Vec<&StepId> = plan
        .steps
        .iter()
        .filter(|step| matches!(step.work, PlannedWork::Gate { .. }))
        .map(|step| &step.key.step)
        .collect();
    if let Some(stray) = answers.0.keys().find(|step| !gates.contains(step)) {
        let what = format!("run {run} has no gate `{stray}`");
        return Err(Failure::yours(exit::USAGE, what, globals.about_run(&format!("status {run}"))));
    }
    if let Some(closing) = journal.fold.closed() {
        return tell_end(run, &plan, &journal, store.origin(run).as_ref(), closing.exit_code, globals);
    }
    if let Some(undo) = taken_back_by(&store, run, globals)? {
        let what = format!(
            "run {run} was taken back by run {undo}, and going on with it would do again what somebody has undone"
        );
        let origin = store.origin(run);
        return Err(Failure::yours(exit::NOT_APPLICABLE, what, new_plan(&plan, "", origin.as_ref(), globals)));
    }
    // Locked before anything is asked of AWS: two processes that go on at once would both look.
    let locked = store.lock(run).map_err(|error| Failure::store(&error, globals))?;
    let noted = store.origin(run);
    refuse_other_world(&plan, noted.as_ref(), &format!("resume {run}"), globals)?;
    let signals = Signals::listen()?;
    let origin = globals.origin(noted.and_then(|noted| noted.runbook));
    let session = Session::open(globals).await.map_err(|failure| failure.about(origin.runbook.as_deref()))?;
    let fits = &new_plan(&plan, "", Some(&origin), globals);
    let folder = store.folder(run).map_err(|error| Failure::store(&error, globals))?;
    let file = folder.path().join(PLAN_FILE);
    let with = Circumstances { file: Some(&file), break_glass, applies: Some(&session.around.caller) };
    let rules = Rules::read(globals)?;
    let approved = match journal.fold.agreed() {
        // It ended between its first record and the confirmation, so nobody is known to have agreed.
        Agreed::Nothing => agree(&plan, &session, &rules, with, globals).await?,
        // A detection has started it, and the rest waits for somebody.
        Agreed::Part(_) if plan.expires > session.clock.now() => {
            let planned = [PlannedPhase { plan: plan.clone(), made: None }];
            sink::talk(&plan_text(&planned, "as it was planned; what is harmless of it is under way or done"));
            agree(&plan, &session, &rules, with, globals).await?
        }
        agreed => may_go_on(&plan, agreed, &session, &rules, with)?,
    };
    let approved = approved.map_err(|why| denied(&why, fits))?;
    sink::talk(&format!("run {run} goes on\n"));
    let stop = signals.run_begins(globals.at_account(&format!("resume {run}")));
    let resume = globals.agreeing(&format!("resume {run}"));
    let mut watch = Watch::new(&plan, Some(&journal.fold));
    let recipients = sealed_to(&journal.fold, globals.about_run(&format!("audit verify {run}")))?;
    let desk = Desk {
        session: &session,
        globals,
        store: &store,
        gates: &answers,
        stop,
        resume,
        signatures: vec![],
        recipients,
        detected: None,
    };
    let renewal = Renewal { plan: &plan, desk: desk.clone(), with };
    let mut carried = desk.go_on(&approved, &locked, why, &mut |event| watch.tell(event)).await;
    drop(locked);
    if let Ok(so_far) = carried {
        carried = renewal.outlive(so_far, &mut |event| watch.tell(event)).await;
    }
    drop(watch);
    signals.run_ends();
    let carried: Carried = carried?;
    // How it was reached last is how it is reached next; a note that cannot be written hinders nothing.
    let _ = store.note_origin(run, &origin);
    conclude(&carried, &plan, &origin, &session, globals)
}

/// The run that has taken one back, or a part of it.
pub(super) fn taken_back_by(store: &RunStore, run: &RunId, globals: &Globals) -> Result<Option<RunId>, Failure> {
    let all = store.list().map_err(|error| Failure::store(&error, globals))?;
    Ok(undone_by(store, run, &all).map(|by| by.run))
}

/// Gets somebody's agreement to the whole plan.
async fn agree(
    plan: &Plan,
    session: &Session,
    rules: &Rules,
    with: Circumstances<'_>,
    globals: &Globals,
) -> Result<Result<ApprovedPlan, Denied>, Failure> {
    let judged = rules.judge(plan, with, Clock::real().now())?;
    let verdict = &judged.clearance.verdict;
    if let (false, Some(file)) = (verdict.allowed, with.file) {
        // Said before anybody is asked to type.
        let status = globals.about_run(&format!("status {}", quoted(&file.display().to_string())));
        return Err(Failure::yours(exit::UNAPPROVED, verdict.to_string(), status + "  # shows who may sign"));
    }
    let consent = consent(plan, None, false, globals).await?;
    // Once more, since a person may take an hour to answer.
    let judged = rules.judge(plan, with, Clock::real().now())?;
    let now = session.clock.now();
    Ok(approve(plan.clone(), &session.around, session.world, now, &consent, &judged.clearance))
}

/// Who can open what a run seals: as it began, so it goes on, whatever is configured by now.
pub(super) fn sealed_to(fold: &Fold, next: String) -> Result<Vec<Recipient>, Failure> {
    let all = fold.opened().into_iter().flat_map(|opened| &opened.sealed_to);
    let parsed = all.map(|one| one.parse::<Recipient>());
    parsed.collect::<Result<_, _>>().map_err(|error| Failure::yours(exit::DAMAGED, error.to_string(), next))
}

/// The plan and the journal of a run, which must belong together.
pub(super) fn recorded(store: &RunStore, run: &RunId, globals: &Globals) -> Result<(Plan, Journal), Failure> {
    let journal = journal(store, run, globals)?;
    let Some(opened) = journal.fold.opened() else {
        let what = format!("run {run} never began: nothing was sent");
        return Err(Failure::yours(exit::ERROR, what, globals.about_run("status")));
    };
    let folder = store.folder(run).map_err(|error| Failure::store(&error, globals))?;
    let path = folder.path().join(PLAN_FILE);
    let plan = read_plan(&path).map_err(|error| {
        Failure::yours(exit::DAMAGED, chain(&error), globals.about_run(&format!("audit verify {run}")))
    })?;
    if plan.digest() != opened.plan {
        let what = format!("`{}` is not the plan that run {run} was begun with", quoted(&path.display().to_string()));
        return Err(Failure::yours(exit::DAMAGED, what, globals.about_run(&format!("audit verify {run}"))));
    }
    Ok((plan, journal))
}

/// The journal of a run.
pub(super) fn journal(store: &RunStore, run: &RunId, globals: &Globals) -> Result<Journal, Failure> {
    let bytes = store.journal(run).map_err(|error| Failure::store(&error, globals))?;
    read(&bytes).map_err(|damage| {
        let what = format!("the journal of run {run} is damaged: {damage}");
        Failure::yours(exit::DAMAGED, what, globals.about_run(&format!("audit verify {run}")))
    })
}

fn tell_end(
    run: &RunId,
    plan: &Plan,
    journal: &Journal,
    origin: Option<&Origin>,
    code: u8,
    globals: &Globals,
) -> Result<(), Failure> {
    let fold: &Fold = &journal.fold;
    let end = EndOfRun {
        run,
        plan,
        fold,
        head: journal.head,
        waiting_for: &[],
        to_approve: &[],
        credentials_ended: false,
        interrupted: false,
        at: fold.latest().unwrap_or(plan.made),
        exit_code: code,
        case_file: None,
        to_type: &globals.to_type(run, "", plan.world, origin),
    };
    match globals.output {
        Output::Text => sink::data(&end_text(&end)),
        Output::Json => sink::json(&end_json(&end)),
    }
    sink::talk(&format!("run {run} has ended; nothing was sent\n"));
    if code == exit::OK { Ok(()) } else { Err(Failure::told(code, after_the_end(run, plan, fold, origin, globals))) }
}
