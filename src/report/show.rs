//! A run in full: who agreed to what, every step with what was there before and after, every call.

use serde_json::{Value, json};

use crate::base::{Digest, StepKey, Target, on_screen_within};
use crate::journal::{Answer, CallState, Confirmation, Consent, Entry, Record, Summary};

use super::heading::{caller_name, joined, place};
use super::residual::{StillPossible, still_possible};
use super::text::{clock, counted, listed, moment, wrapped};

/// How many columns of a state are shown; all of it stands in the JSON and in its file.
const MOST: usize = 1_000;

/// A state that a run has kept as evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptState {
    /// The evidence.
    pub evidence: Digest,
    /// Whether it is sealed, so that only a recipient can open it.
    pub is_sealed: bool,
    /// What it holds; nothing where it cannot be read or is not what was kept.
    pub state: Option<Value>,
}

/// What the targets of a step were before it changed them, and what its last look has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct StepStates {
    /// The step.
    pub step: StepKey,
    /// Each target before the first change of it.
    pub before: Vec<(Target, KeptState)>,
    /// What its last look has seen.
    pub after: Option<KeptState>,
}

/// A run in full; `still` is what stays possible after it.
pub fn run_text(
    summary: &Summary,
    entries: &[Entry],
    states: &[StepStates],
    still: &[StillPossible],
    alias: Option<&str>,
) -> String {
    let ended = match &summary.closed {
        Some(closing) => format!("ended with exit {}", closing.exit_code),
        None => format!("open: {}", summary.stopped.as_deref().unwrap_or("no end is recorded")),
    };
    let mut text = joined(&[
        place(summary.world, summary.account.as_str(), alias),
        format!("by {}", caller_name(&summary.caller)),
        summary.incident.to_string(),
        format!("run {}", summary.run),
        if summary.undoes.is_some() { "undo" } else { summary.phase.as_str() }.to_owned(),
    ]);
    text.push_str(&wrapped(
        "",
        "     ",
        &format!(
            "{} to {} · {ended} · resumed {}x · plan {}",
            moment(summary.began),
            moment(summary.latest),
            summary.resumes,
            summary.plan.short()
        ),
    ));
    text.push_str("PEOPLE\n");
    let people: Vec<String> = entries.iter().filter_map(|entry| person(entry, summary)).collect();
    text.push_str(if people.is_empty() { " nobody has agreed to anything\n" } else { "" });
    people.iter().for_each(|line| text.push_str(&wrapped(" ", "            ", line)));
    text.push_str("STEPS\n");
    for step in &summary.steps {
        let since = step.since.map_or("         ".to_owned(), clock);
        let why = step.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
        text.push_str(&wrapped(" ", "            ", &format!("{since} {} {}{why}", step.state, step.step)));
        for drift in &step.drift {
            text.push_str(&wrapped("           ", "             ", &format!("differs: {drift}")));
        }
        for undone in &step.undone {
            let who = undone.who.as_ref().map_or(String::new(), |who| format!(" by {who}"));
            let how = undone.how.as_ref().map_or(String::new(), |how| format!("; {how}"));
            let word = if undone.suspected { super::end::SENT_AGAIN } else { "undone" };
            let line = format!("{word}{who}: {}{how}", undone.what);
            text.push_str(&wrapped("           ", "             ", &line));
        }
        let kept = states.iter().filter(|kept| kept.step == step.step);
        let lines = kept.flat_map(|kept| {
            let before = kept.before.iter().map(|(target, state)| format!("before, {target}: {}", state_line(state)));
            before.chain(kept.after.iter().map(|state| format!("last seen: {}", state_line(state))))
        });
        lines.for_each(|line| text.push_str(&wrapped("           ", "             ", &line)));
    }
    for one in &summary.left_over {
        let line = super::end::left_over_line(&one.query, &one.items);
        text.push_str(&wrapped(" new since the plan: ", "            ", &line));
    }
    text.push_str(&still_possible("STILL POSSIBLE, AS THE STEPS SAY", still));
    text + &calls(summary)
}

fn calls(summary: &Summary) -> String {
    let mut text = "CALLS\n".to_owned();
    for call in &summary.calls {
        let state = match call.state {
            CallState::Done => "OK".to_owned(),
            other => other.to_string(),
        };
        let mut line = format!(
            "{} {} {state} {} on {} ({})",
            clock(call.intended_at),
            call.call,
            call.operation,
            call.target,
            call.effect.as_str()
        );
        if call.retries > 0 {
            line.push_str(&format!(", {} retries", call.retries));
        }
        if let Some(id) = &call.request_id {
            line.push_str(&format!(", req {id}"));
        }
        if let Some(why) = &call.why {
            line.push_str(&format!(", {why}"));
        }
        text.push_str(&wrapped(" ", "            ", &line));
    }
    if summary.calls.is_empty() {
        text.push_str(" none\n");
    }
    text
}

/// Who else has approved a plan, and whether one signature had to do.
fn approved(agreed: &Confirmation) -> String {
    let signed = (!agreed.signed.is_empty()).then(|| format!("; signed by {}", listed(&agreed.signed)));
    let met = (!agreed.approvals.is_empty()).then(|| format!("; approvals: {}", listed(&agreed.approvals)));
    let broken = agreed.break_glass.as_ref().map(|why| format!("; BREAK-GLASS: {why}"));
    [signed, met, broken].into_iter().flatten().collect()
}

/// What people, or who stands in for them, said about the run, and when it stopped and went on.
fn person(entry: &Entry, summary: &Summary) -> Option<String> {
    let way = |how: Consent, text: &str| match how {
        Consent::Typed => format!("typed `{text}` at a terminal"),
        Consent::Flags => format!("gave the flags `{text}`"),
        Consent::Scenario => "is the scenario of a rehearsal".to_owned(),
        Consent::Detection => format!("had nobody there: {text}"),
    };
    let said = match &entry.record {
        Record::Confirmed(agreed) => format!(
            "{} {}: agreed to {} and {}{}",
            caller_name(&summary.caller),
            way(agreed.how, &agreed.text),
            counted(usize::try_from(agreed.reversible).unwrap_or(usize::MAX), "reversible step"),
            counted(usize::try_from(agreed.irreversible).unwrap_or(usize::MAX), "irreversible step"),
            approved(agreed),
        ),
        Record::GateAnswered { step, answer, how, text } => {
            let word = if *answer == Answer::Yes { "yes" } else { "no" };
            format!("gate {step} was answered {word}: who answered {}", way(*how, text.as_deref().unwrap_or("nothing")))
        }
        Record::RunOpened(opened) => {
            let detected = opened.detected.as_ref().map(|detected| format!("a detection started the run: {detected}"));
            let acts_as = opened.acts_as.as_ref().map(|acts_as| format!("the run acts as {acts_as}"));
            match detected.into_iter().chain(acts_as).collect::<Vec<_>>() {
                told if told.is_empty() => return None,
                told => told.join("; "),
            }
        }
        Record::Resumed { by, why } => format!("resumed by {by}: {why}"),
        Record::Paused { why } | Record::Interrupted { why } => format!("stopped: {why}"),
        _ => return None,
    };
    Some(format!("{} {said}", clock(entry.time)))
}

fn state_line(kept: &KeptState) -> String {
    match &kept.state {
        None if kept.is_sealed => format!("sealed: age --decrypt --identity FILE evidence/{}", kept.evidence),
        None => format!("evidence {} cannot be read, or is not what was kept", kept.evidence.short()),
        Some(state) => {
            let whole = state.to_string();
            let shown = on_screen_within(&whole, MOST);
            let more = if whole.chars().count() > MOST {
                format!(" (all of it: evidence/{})", kept.evidence)
            } else {
                String::new()
            };
            shown + &more
        }
    }
}

/// What [`run_text`] shows beyond the summary, for programs.
pub fn run_json(entries: &[Entry], states: &[StepStates], still: &[StillPossible]) -> Value {
    let kept = |kept: &KeptState| json!({ "evidence": kept.evidence, "sealed": kept.is_sealed, "state": kept.state });
    let tells_as_whom = |record: &Record| matches!(record, Record::RunOpened(opened) if opened.acts_as.is_some() || opened.detected.is_some());
    let people = entries.iter().filter(|entry| {
        tells_as_whom(&entry.record)
            || matches!(
                entry.record,
                Record::Confirmed(_)
                    | Record::GateAnswered { .. }
                    | Record::Resumed { .. }
                    | Record::Paused { .. }
                    | Record::Interrupted { .. }
            )
    });
    let states = states.iter().map(|of| {
        let before: Vec<Value> = of
            .before
            .iter()
            .map(|(target, state)| json!({ "target": target, "evidence": state.evidence, "sealed": state.is_sealed, "state": state.state }))
            .collect();
        json!({ "step": of.step, "before": before, "after": of.after.as_ref().map(kept) })
    });
    json!({
        "people": people.map(|entry| json!({ "time": entry.time, "record": entry.record })).collect::<Vec<_>>(),
        "states": states.collect::<Vec<_>>(),
        "residual_access": still,
    })
}
