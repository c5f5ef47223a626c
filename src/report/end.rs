//! The end of a run.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::actions::Story;
use crate::base::{Digest, Effect, EntityKind, Phase, RunId, StepKey, Target};
use crate::journal::{Fold, RunOutcome, StepState, Summary, Undone};
use crate::plan::{Outlook, Plan, PlannedWork};

use super::heading::{joined, place};
use super::makers::{left_alone, no_makers};
use super::plan::not_read;
use super::plan_step::instead;
use super::residual::{StillPossible, residuals, still_possible};
use super::text::{clock, counted, listed, section, wrapped};

/// What to type about a run, with the flags by which it is found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToType {
    /// What goes on with it.
    pub resume: String,
    /// What takes it back.
    pub undo: String,
    /// What verifies its journal.
    pub verify: String,
}

/// All that is known when a run has ended, or stops for now.
#[derive(Debug, Clone, Copy)]
pub struct EndOfRun<'a> {
    /// The run.
    pub run: &'a RunId,
    /// Its plan.
    pub plan: &'a Plan,
    /// What it has come to.
    pub fold: &'a Fold,
    /// The digest of the journal's last line.
    pub head: Digest,
    /// Gates that nobody answered.
    pub waiting_for: &'a [StepKey],
    /// Steps to which nobody has agreed yet.
    pub to_approve: &'a [StepKey],
    /// It stopped since the credentials have ended.
    pub credentials_ended: bool,
    /// It stopped since it was told to.
    pub interrupted: bool,
    /// When.
    pub at: Timestamp,
    /// The exit code of the program.
    pub exit_code: u8,
    /// Where the text of a support case is, for the person who opens it.
    pub case_file: Option<&'a str>,
    /// What to type about it.
    pub to_type: &'a ToType,
}

impl EndOfRun<'_> {
    /// What stays possible after a containment; an undo states none.
    fn residuals(&self) -> Vec<StillPossible> {
        let mut all = if self.plan.undoes.is_some() { vec![] } else { residuals([(self.plan, self.fold)]) };
        all.retain(|one| !one.is_over(self.at));
        all
    }
}

/// The word for where a run stands. That something is contained is said only where a step has come about that contains: a case
/// with AWS Support, a gate and what was left out do not.
fn word(plan: &Plan, fold: &Fold) -> &'static str {
    let outcome = fold.closed().map(|closing| closing.outcome);
    let nothing = match (&plan.undoes, plan.phase) {
        (None, Phase::Contain) => {
            Some(["NOTHING TO CONTAIN", "NOTHING CONTAINED", "NOTHING CONTAINED, A CASE IS OPEN"])
        }
        (None, Phase::Eradicate) => {
            Some(["NOTHING TO ERADICATE", "NOTHING ERADICATED", "NOTHING ERADICATED, A CASE IS OPEN"])
        }
        // What people do by hand to recover, quell does not see.
        (None, Phase::Recover) | (Some(_), _) => None,
    };
    let ended = matches!(outcome, Some(RunOutcome::Complete | RunOutcome::Partial));
    if let (true, Some([nothing_to_do, nothing_done, only_a_case])) = (ended, nothing) {
        match (came_about(plan, fold, false), came_about(plan, fold, true)) {
            (true, _) => {}
            (false, true) => return only_a_case,
            (false, false) if outcome == Some(RunOutcome::Complete) => return nothing_to_do,
            (false, false) => return nothing_done,
        }
    }
    let done = match (&plan.undoes, plan.phase) {
        (Some(_), _) => ["UNDONE", "PARTLY UNDONE"],
        (None, Phase::Contain) => ["CONTAINED", "PARTLY CONTAINED"],
        (None, Phase::Eradicate) => ["ERADICATED", "PARTLY ERADICATED"],
        (None, Phase::Recover) => ["RECOVERED", "PARTLY RECOVERED"],
    };
    match outcome {
        Some(RunOutcome::Complete) => done[0],
        Some(RunOutcome::Partial) => done[1],
        Some(RunOutcome::Stuck) => "STUCK",
        Some(RunOutcome::Refused) => "NOTHING CHANGED",
        None => "STOPPED",
    }
}

/// Whether a step about a support case, or one about anything else, has come about, or sent a call that has.
fn came_about(plan: &Plan, fold: &Fold, cases: bool) -> bool {
    let landed = |number| {
        fold.calls().get(number).is_some_and(|call| call.state.has_landed() && call.intent.effect.is_mutating())
    };
    let steps = plan.actions().filter(|(_, action)| is_a_case(&action.target) == cases);
    steps.filter_map(|(step, _)| fold.step(&step.key)).any(|view| {
        let done = matches!(view.state, StepState::Done | StepState::Verified | StepState::NotVerified);
        done || view.calls.iter().any(landed)
    })
}

/// Whether a target is a case with AWS Support: it tells of an incident, ends nothing of it, and cannot be taken back.
pub(super) fn is_a_case(target: &Target) -> bool {
    target.entity.kind == EntityKind::SupportCase
}

/// The screen at the end of a run.
pub fn end_text(end: &EndOfRun<'_>) -> String {
    let EndOfRun { plan, fold, run, .. } = *end;
    let outcome = fold.closed().map(|closing| closing.outcome);
    let what = match (outcome, end.credentials_ended, end.interrupted) {
        (None, true, _) => "STOPPED, CREDENTIALS EXPIRED",
        (None, _, true) => "INTERRUPTED",
        (None, ..) if !end.waiting_for.is_empty() || !end.to_approve.is_empty() => "WAITING FOR A PERSON",
        _ => word(plan, fold),
    };
    let mut text = joined(&[
        what.to_owned(),
        place(plan.world, plan.place.account.as_str(), plan.alias.as_deref()),
        format!("{} run {run}", plan.incident),
        clock(end.at),
        format!("exit {}", end.exit_code),
    ]);
    text.push_str(&tally(end));
    let open: Vec<String> = fold
        .steps()
        .iter()
        .filter(|(_, step)| !matches!(step.state, StepState::Verified | StepState::Skipped | StepState::Waiting))
        // What waits for a person stands under what is owed.
        .filter(|(key, _)| !end.waiting_for.contains(key))
        .map(|(key, step)| standing(key, step.state, step.why.as_deref()))
        .collect();
    let broken = fold
        .confirmations()
        .iter()
        .filter_map(|agreed| Some(format!("signed by {}: {}", listed(&agreed.signed), agreed.break_glass.as_ref()?)));
    text.push_str(&section("BREAK-GLASS", &broken.collect::<Vec<_>>()));
    text.push_str(&section("NOT VERIFIED", &open));
    let (certain, suspected) = undone(fold);
    text.push_str(&section("UNDONE BY OTHERS", &certain));
    text.push_str(&section(&SENT_AGAIN.to_uppercase(), &suspected));
    if plan.undoes.is_some() {
        let differs =
            fold.steps().iter().flat_map(|(key, step)| step.drift.iter().map(move |what| format!("{key}: {what}")));
        text.push_str(&section("NOT AS IT WAS", &differs.collect::<Vec<_>>()));
    }
    text.push_str(&still_possible("STILL POSSIBLE, AS THE STEPS SAY", &end.residuals()));
    text.push_str(&section("NEW SINCE THE PLAN", &left_over(fold)));
    text.push_str(&section("LEFT ALONE", &left_alone(&plan.queries)));
    text.push_str(&section("MAKER NOT KNOWN", &no_makers(&plan.queries)));
    text.push_str(&section("NOT READ FOR THE PLAN", &not_read([plan])));
    text.push_str(&section("OWED", &owed(end)));
    let in_force = fold.calls().values().any(|call| {
        call.state.has_landed() && call.intent.effect == Effect::Reversible && !is_a_case(&call.intent.target)
    });
    if in_force && plan.undoes.is_none() {
        text.push_str(&format!("UNDO   {}\n", end.to_type.undo));
    }
    text + &format!("RECORD   journal head {}   {}\n", end.head.short(), end.to_type.verify)
}

const UNDER_WAY: &str = "under way";

/// A word with its number, where there is any.
pub(super) fn some(what: &str, count: u64) -> Option<String> {
    (count > 0).then(|| format!("{what} {count}"))
}

/// Where a step stands that is not verified, in a sentence.
pub(super) fn standing(step: &StepKey, state: StepState, why: Option<&str>) -> String {
    let word = match state {
        StepState::Looked | StepState::Acting => UNDER_WAY.to_owned(),
        other => other.to_string(),
    };
    // The reason of what is for a person begins with the word itself.
    let why = why.map(|why| why.strip_prefix("only by hand: ").filter(|_| state == StepState::Manual).unwrap_or(why));
    why.map_or_else(|| format!("{step} is {word}"), |why| format!("{step} is {word}: {why}"))
}

/// `verified 5 of 7 · failed 1 · put back 2x`.
fn tally(end: &EndOfRun<'_>) -> String {
    let fold = end.fold;
    let count = |state| fold.counts().get(&state).copied().unwrap_or_default();
    let asked = end.waiting_for.len() as u64;
    let mut parts = vec![format!("verified {} of {}", count(StepState::Verified), fold.steps().len())];
    parts.extend(some("waiting for a person", asked));
    let others = fold.counts().iter().filter(|(state, _)| **state != StepState::Verified);
    parts.extend(standings(others.map(|(state, count)| (*state, *count)), asked));
    let (certain, suspected) = undone(fold);
    for (what, undone) in [("put back", certain), ("sent again", suspected)] {
        if !undone.is_empty() {
            parts.push(format!("{what} {}x", undone.len()));
        }
    }
    wrapped("", "     ", &parts.join(" · "))
}

/// How many steps stand where. To a person one that has looked and one that acts are both under way; those of them that wait
/// for an answer are told elsewhere.
pub(super) fn standings(counts: impl Iterator<Item = (StepState, u64)>, asked: u64) -> Vec<String> {
    let (moving, still): (Vec<_>, Vec<_>) =
        counts.partition(|(state, _)| matches!(state, StepState::Looked | StepState::Acting));
    let moving: u64 = moving.iter().map(|(_, count)| count).sum();
    let still = still.into_iter().filter_map(|(state, count)| some(state.as_str(), count));
    some(UNDER_WAY, moving.saturating_sub(asked)).into_iter().chain(still).collect()
}

/// What is said of a step that was sent again before anybody knew whether it had been undone.
pub(super) const SENT_AGAIN: &str = "sent again, undone or shown late";

/// What somebody else took back, and what was sent again since it did not show.
fn undone(fold: &Fold) -> (Vec<String>, Vec<String>) {
    let all = fold.steps().iter().flat_map(|(key, step)| step.undone.iter().map(move |one| (key, one)));
    let (suspected, certain): (Vec<_>, Vec<_>) = all.partition(|(_, one)| one.suspected);
    let lines = |of: Vec<(&StepKey, &Undone)>| of.into_iter().map(|(key, one)| undone_line(key, one)).collect();
    (lines(certain), lines(suspected))
}

/// What somebody else took back, and who, as far as CloudTrail tells.
pub(super) fn undone_line(step: &StepKey, undone: &Undone) -> String {
    let who = undone.who.as_ref().map_or(String::new(), |who| format!(" by {who}"));
    let how = undone.how.as_ref().map_or(String::new(), |how| format!(" ({how})"));
    format!("{step}, found {}: {}{who}{how}", clock(undone.at), undone.what)
}

/// What is there that the plan does not cover.
fn left_over(fold: &Fold) -> Vec<String> {
    fold.left_over().iter().map(|(query, items)| left_over_line(query, items)).collect()
}

/// What a query found that the plan does not cover, in one line.
pub(super) fn left_over_line(query: &StepKey, items: &[Value]) -> String {
    let names: Vec<String> = items.iter().map(item_name).collect();
    format!("{} of {query}: {}", counted(items.len(), "item"), names.join("; "))
}

/// An item of a query in a few words.
pub(super) fn item_name(item: &Value) -> String {
    let part = |name: &str| item.get(name).and_then(Value::as_str);
    let parts: Vec<&str> = ["id", "name", "user", "region"].into_iter().filter_map(part).collect();
    match (parts.as_slice(), part("target")) {
        ([], None) => item.to_string(),
        ([], Some(target)) => target.to_owned(),
        (parts, _) => parts.join(" "),
    }
}

/// What people have to do.
fn owed(end: &EndOfRun<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for gate in end.waiting_for {
        if let Some(PlannedWork::Gate { message, .. }) = end.plan.step(gate).map(|step| &step.work) {
            lines.push(format!("an answer to {}: {message}", gate.step));
        }
    }
    for (step, action) in end.plan.actions().filter(|(step, _)| end.to_approve.contains(&step.key)) {
        let Story { does, impact, because, .. } = &action.story;
        lines.push(format!("a yes to {}: {does}; impact {}, {because}", step.key, impact.as_str()));
    }
    for (step, action) in end.plan.actions() {
        let manual = end.fold.step(&step.key).is_some_and(|view| view.state == StepState::Manual);
        if let (true, Outlook::Refused { because }) = (manual, &action.outlook) {
            lines.push(format!("{}: {because}", step.key));
            lines.extend(instead(because));
        }
    }
    lines.extend(end.case_file.map(|path| format!("the text of the case is in {path}")));
    lines
}

/// The end of a run for programs.
pub fn end_json(end: &EndOfRun<'_>) -> Value {
    json!({
        "format": 1,
        "run": end.run,
        "outcome": end.fold.closed().map(|closing| closing.outcome),
        "exit_code": end.exit_code,
        "waiting_for": end.waiting_for.iter().map(|gate| &gate.step).collect::<Vec<_>>(),
        "to_approve": end.to_approve,
        "interrupted": end.interrupted,
        "credentials_ended": end.credentials_ended,
        "journal_head": end.head,
        "case_file": end.case_file,
        "residual_access": end.residuals(),
        "not_read": end.plan.not_read,
        "makers": end.plan.queries.iter().filter(|asked| !asked.makers.is_empty()).map(|asked| {
            json!({ "step": asked.key, "makers": asked.makers })
        }).collect::<Vec<_>>(),
        "summary": Summary::of(end.fold),
    })
}
