//! Runs, and where they stand.

use serde::Serialize;
use serde_json::{Value, json};

use crate::base::{Effect, RunId, StepKey};
use crate::journal::{CallSummary, RunOutcome, StepState, Summary};

use super::heading::{joined, place};
use super::text::{counted, moment, wrapped};

/// A run in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct RunStatus {
    /// The run.
    pub run: RunId,
    /// What it has come to; nothing where it never began or cannot be read.
    pub summary: Option<Summary>,
    /// Whether a process is at work on it.
    pub held: bool,
    /// Why it cannot be read, if so.
    pub damage: Option<String>,
    /// What to type to do what it may have left to do, where its journal is damaged and its plan is there.
    pub past_damage: Option<String>,
    /// The run that took it back, if one did.
    pub undone_by: Option<TakenBack>,
    /// What people call the account.
    pub alias: Option<String>,
    /// What could not be read when its plan was made.
    pub not_read: Vec<String>,
    /// The gates that wait for an answer.
    pub waiting_for: Vec<StepKey>,
    /// What to type to take it back.
    pub undo: String,
    /// What to type to go on with it, while it is open.
    pub resume: String,
}

impl RunStatus {
    /// The calls of which it is open what they did.
    fn in_doubt(&self) -> impl Iterator<Item = &CallSummary> {
        self.summary.iter().flat_map(|summary| &summary.calls).filter(|call| call.state.is_open())
    }

    /// What to type to go on with it, where nobody does.
    fn next(&self) -> Option<&str> {
        let left_open = self.summary.as_ref().is_some_and(|summary| summary.closed.is_none()) && !self.held;
        // What was taken back is not done again.
        (left_open && self.undone_by.is_none()).then_some(self.resume.as_str())
    }
}

/// What took a run back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakenBack {
    /// The run that did.
    pub run: RunId,
    /// Whether it took back all that there was to take back.
    pub complete: bool,
}

/// A list of runs, one paragraph each.
pub fn status_text(runs: &[RunStatus]) -> String {
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    runs.iter().map(one).collect()
}

fn one(status: &RunStatus) -> String {
    let Some(summary) = &status.summary else {
        let why = status.damage.as_deref().unwrap_or("it never began");
        let next = status.past_damage.iter().map(|next| format!("     Next: {next}\n"));
        return wrapped("", "     ", &format!("run {}: {why}", status.run)) + &next.collect::<String>();
    };
    let mut text = joined(&[
        place(summary.world, summary.account.as_str(), status.alias.as_deref()),
        summary.incident.to_string(),
        format!("run {}", status.run),
        if summary.undoes.is_some() { "undo" } else { summary.phase.as_str() }.to_owned(),
        standing(status, summary),
        format!("since {}", moment(summary.began)),
    ]);
    let asked = status.waiting_for.len() as u64;
    let mut counts = super::end::standings(summary.counts.iter().map(|(state, count)| (*state, *count)), asked);
    counts.extend(super::end::some("waiting for a person", asked));
    text.push_str(&wrapped("     ", "     ", &counts.join(" · ")));
    for step in &summary.steps {
        let quiet = matches!(step.state, StepState::Verified | StepState::Skipped);
        if status.waiting_for.contains(&step.step) {
            text.push_str(&wrapped("     ", "       ", &format!("{} waits for an answer", step.step)));
        } else if !quiet {
            let line = super::end::standing(&step.step, step.state, step.why.as_deref());
            text.push_str(&wrapped("     ", "       ", &line));
        }
        for undone in &step.undone {
            let word = if undone.suspected { super::end::SENT_AGAIN } else { "undone by others" };
            let line = format!("{word}: {}", super::end::undone_line(&step.step, undone));
            text.push_str(&wrapped("     ", "       ", &line));
        }
    }
    if status.next().is_some() {
        let lost: Vec<String> =
            status.in_doubt().map(|call| format!("{} {} on {}", call.call, call.operation, call.target)).collect();
        if !lost.is_empty() {
            let calls = counted(lost.len(), "call");
            let line = format!("{calls} in doubt, settled by looking when the run goes on: {}", lost.join("; "));
            text.push_str(&wrapped("     ", "       ", &line));
        }
    }
    if let Some(why) = &summary.break_glass {
        text.push_str(&wrapped("     ", "       ", &format!("BREAK-GLASS: {why}")));
    }
    for one in &summary.left_over {
        let line = super::end::left_over_line(&one.query, &one.items);
        text.push_str(&wrapped("     ", "       ", &format!("new since the plan, when it ended: {line}")));
    }
    for one in &status.not_read {
        text.push_str(&wrapped("     ", "       ", &format!("not read for the plan: {one}")));
    }
    if let Some(run) = &summary.undoes {
        text.push_str(&format!("     takes back run {run}\n"));
    } else {
        text.push_str(&taken_back(status, summary));
    }
    // Whole, so that it can be copied.
    text + &status.next().map_or(String::new(), |next| format!("     Next: {next}\n"))
}

/// What is in force of a run, and who has taken it back.
fn taken_back(status: &RunStatus, summary: &Summary) -> String {
    let mut text = String::new();
    if let Some(by) = &status.undone_by {
        let how = if by.complete { "taken back" } else { "in part taken back" };
        text.push_str(&format!("     {how} by run {}\n", by.run));
    }
    let in_force = !status.undone_by.as_ref().is_some_and(|by| by.complete);
    let ours = |call: &CallSummary| {
        call.state.has_landed() && call.effect == Effect::Reversible && !super::end::is_a_case(&call.target)
    };
    if in_force && summary.calls.iter().any(ours) {
        text.push_str(&format!("     in force, ours to lift: {}\n", status.undo));
    }
    text
}

fn standing(status: &RunStatus, summary: &Summary) -> String {
    match &summary.closed {
        Some(closing) => match closing.outcome {
            RunOutcome::Complete => "complete".to_owned(),
            RunOutcome::Partial => "partial".to_owned(),
            RunOutcome::Stuck => "stuck".to_owned(),
            RunOutcome::Refused => "refused".to_owned(),
        },
        None if status.held => "at work".to_owned(),
        None => format!("open, {}", summary.stopped.as_deref().unwrap_or("its process has gone")),
    }
}

/// The list for programs.
pub fn status_json(runs: &[RunStatus]) -> Value {
    let runs: Vec<Value> = runs
        .iter()
        .map(|status| {
            json!({
                "run": status.run,
                "held": status.held,
                "damage": status.damage,
                "past_damage": status.past_damage,
                "undone_by": status.undone_by,
                "alias": status.alias,
                "waiting_for": status.waiting_for.iter().map(|gate| &gate.step).collect::<Vec<_>>(),
                "not_read": status.not_read,
                "summary": status.summary,
                "calls_in_doubt": status.in_doubt().count(),
                "resume": status.next(),
            })
        })
        .collect();
    json!({ "format": 1, "runs": runs })
}
