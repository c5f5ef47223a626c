//! What came of a rehearsal.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::base::{Phase, RunId, StepKey};
use crate::journal::StepState;

use super::end::standing;
use super::residual::{StillPossible, still_possible};
use super::story::{Told, story};
use super::text::{counted, seconds, section, wrapped};

/// What a party of the scenario did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Acted {
    /// How many calls it made.
    pub calls: u64,
    /// Those that matter: of the adversary what worked after containment, of the workload what was refused.
    pub listed: Vec<Value>,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RehearsedStep {
    /// The phase.
    pub phase: Phase,
    /// The run of the phase.
    pub run: RunId,
    /// The step.
    pub step: StepKey,
    /// What it is called.
    pub title: String,
    /// What became of it.
    pub outcome: StepState,
    /// Why.
    pub why: Option<String>,
}

/// A gate for which the scenario has no answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unanswered {
    /// The phase.
    pub phase: Phase,
    /// The gate.
    pub gate: StepKey,
    /// What an answer looks like in the scenario.
    pub write: String,
    /// The steps that did not happen, since their phase stopped at the gate.
    pub not_done: Vec<StepKey>,
}

/// A rehearsal, judged by the range.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// The runbook.
    pub runbook: String,
    /// The scenario in a sentence.
    pub scenario: String,
    /// The account, and what people call it.
    pub account: String,
    /// What decided chance.
    pub seed: u64,
    /// When it began, on the range's clock.
    pub start: Timestamp,
    /// What happened.
    pub told: Vec<Told>,
    /// Until something that the adversary could do was forbidden.
    pub time_to_first_deny: Option<f64>,
    /// Until the adversary could do nothing more of what containment must end.
    pub time_to_contain: Option<f64>,
    /// Until quell said so.
    pub claimed: Option<f64>,
    /// What the adversary can still do and no plan stated.
    pub still_allowed: Vec<String>,
    /// What the plans say stays possible.
    pub residual: Vec<StillPossible>,
    /// What the queries found after a plan was made, and whether it is there still.
    pub left_over: Vec<Value>,
    /// What could not be read when the plans were made.
    pub not_read: Vec<String>,
    /// What others made and was left alone.
    pub left_alone: Vec<String>,
    /// The adversary.
    pub adversary: Acted,
    /// The workload.
    pub workload: Acted,
    /// Refused calls of workload that the scenario expects to stop for a while.
    pub expected_interruptions: u64,
    /// The steps.
    pub steps: Vec<RehearsedStep>,
    /// The gates that the scenario does not answer.
    pub unanswered: Vec<Unanswered>,
    /// How many reads quell sent.
    pub reads: u64,
    /// How many calls it sent that change something.
    pub mutating: u64,
    /// The journals, in the order of the phases.
    pub journals: Vec<String>,
}

impl Rehearsal {
    /// Whether, after the last move, the adversary can do nothing that was not stated.
    pub fn is_contained(&self) -> bool {
        self.still_allowed.is_empty()
    }

    /// Whether the adversary, if there is one, could do nothing from the start, so that there was no moment of containment.
    fn had_nothing_to_contain(&self) -> bool {
        let at_once = self.time_to_contain.is_none_or(|time| time <= 0.0);
        self.is_contained() && self.time_to_first_deny.is_none() && at_once
    }

    /// Whether no workload was refused but where the scenario expects an outage.
    pub fn is_harmless(&self) -> bool {
        self.workload.listed.is_empty()
    }

    /// Whether every gate that was reached had an answer, so that all of the runbook was played.
    pub fn is_whole(&self) -> bool {
        self.unanswered.is_empty()
    }

    /// What came of it, in a word for programs.
    pub fn outcome(&self) -> &'static str {
        match (self.is_contained(), self.is_harmless()) {
            (false, _) => "not-contained",
            (true, false) => "workload-harmed",
            (true, true) => "contained",
        }
    }
}

/// Seconds to the millisecond: the range's clock tells no less.
fn thousandths(seconds: Option<f64>) -> Option<f64> {
    seconds.map(|seconds| (seconds * 1_000.0).round() / 1_000.0)
}

/// A rehearsal for programs.
pub fn rehearsal_json(of: &Rehearsal) -> Value {
    json!({
        "format": 1,
        "outcome": of.outcome(),
        "runbook": of.runbook,
        "seed": of.seed,
        "time_to_first_deny_seconds": thousandths(of.time_to_first_deny),
        "time_to_contain_seconds": thousandths(of.time_to_contain),
        "quell_claimed_seconds": thousandths(of.claimed),
        "adversary": {
            "calls": of.adversary.calls,
            "succeeded_after_containment": of.adversary.listed,
            "still_allowed": of.still_allowed,
        },
        "workload": {
            "calls": of.workload.calls,
            "refused": of.workload.listed.len(),
            "refused_calls": of.workload.listed,
            "expected_interruptions": of.expected_interruptions,
        },
        "residual_access": of.residual,
        "left_over": of.left_over,
        "not_read": of.not_read,
        "left_alone": of.left_alone,
        "steps": of.steps,
        "unanswered": of.unanswered,
        "api_calls": { "read": of.reads, "mutating": of.mutating },
        "journal": of.journals.first(),
        "journals": of.journals,
    })
}

/// A rehearsal as the story that a newcomer reads.
pub fn rehearsal_text(of: &Rehearsal) -> String {
    let mut text = wrapped(
        "",
        "     ",
        &format!("RANGE (not AWS) {} · rehearsal of {} · seed {}", of.account, of.runbook, of.seed),
    );
    text.push_str(&wrapped("", "     ", &of.scenario));
    text.push('\n');
    text.push_str(&story(of.start, &of.told));
    text.push('\n');
    text.push_str(&verdict(of));
    text
}

fn verdict(of: &Rehearsal) -> String {
    let after = |time: Option<f64>| time.map_or("never".to_owned(), |time| format!("after {}", seconds(time)));
    let mut text = String::new();
    let word = if of.is_contained() { "CONTAINED" } else { "NOT CONTAINED" };
    let at = of.time_to_contain.map(|time| format!(" {}", after(Some(time)))).unwrap_or_default();
    let judged = match of.had_nothing_to_contain() {
        true => "NOTHING TO CONTAIN, as the range judges: from the start nobody could do what must end".to_owned(),
        false => format!(
            "{word}{at}, as the range judges; first deny in force {}; quell said so {}",
            after(of.time_to_first_deny),
            after(of.claimed)
        ),
    };
    text.push_str(&wrapped("", "     ", &judged));
    if !of.is_harmless() {
        let harmed = counted(of.workload.listed.len(), "call");
        let what = format!("{harmed} refused that the scenario does not expect to be");
        text.push_str(&wrapped("WORKLOAD HARMED  ", "     ", &what));
    }
    let unanswered: Vec<String> = of.unanswered.iter().flat_map(unanswered_lines).collect();
    text.push_str(&section("NOT PLAYED TO ITS END", &unanswered));
    let worked = of.adversary.listed.len();
    text.push_str(&wrapped(
        "adversary  ",
        "           ",
        &format!("{}, {} worked after containment", counted(count(of.adversary.calls), "call"), worked),
    ));
    text.push_str(&wrapped(
        "workload   ",
        "           ",
        &format!(
            "{}, {} refused that should have worked; {} refused where the scenario expects an outage",
            counted(count(of.workload.calls), "call"),
            of.workload.listed.len(),
            of.expected_interruptions
        ),
    ));
    text.push_str(&wrapped(
        "quell      ",
        "           ",
        &format!("{}, {} that change something", counted(count(of.reads), "read"), counted(count(of.mutating), "call")),
    ));
    let open: Vec<String> = of
        .steps
        .iter()
        .filter(|step| !matches!(step.outcome, StepState::Verified | StepState::Skipped))
        // What stopped at a gate is told with the gate.
        .filter(|step| !of.unanswered.iter().any(|gate| gate.gate == step.step || gate.not_done.contains(&step.step)))
        .map(|step| standing(&step.step, step.outcome, step.why.as_deref()))
        .collect();
    text.push_str(&section("NOT VERIFIED", &open));
    text.push_str(&section("THE ADVERSARY CAN STILL", &of.still_allowed));
    text.push_str(&still_possible("STATED AS STILL POSSIBLE", &of.residual));
    let left: Vec<String> = of.left_over.iter().map(left_over_line).collect();
    text.push_str(&section("LEFT OVER", &left));
    text.push_str(&section(
        "WORKLOAD REFUSED",
        &of.workload.listed.iter().take(MOST_REFUSED).map(refused_line).collect::<Vec<_>>(),
    ));
    text.push_str(&section("LEFT ALONE", &of.left_alone));
    text.push_str(&section("NOT READ", &of.not_read));
    // Paths stay whole, so that they can be copied.
    for path in &of.journals {
        text.push_str(&format!("JOURNAL   {}\n", crate::base::on_screen(path)));
    }
    text
}

/// A gate without an answer, what did not happen, and how an answer is written.
fn unanswered_lines(one: &Unanswered) -> [String; 2] {
    let names: Vec<String> = one.not_done.iter().map(ToString::to_string).collect();
    let then = if names.is_empty() { "nothing else waited for it".to_owned() } else { names.join(", ") };
    [
        format!("the scenario has no answer for gate {}, so {} stopped there; not done: {then}", one.gate, one.phase),
        format!("write under `gates:` of the scenario: {}", one.write),
    ]
}

/// How many refused calls of workload are shown; all stand in the JSON.
const MOST_REFUSED: usize = 10;

/// A call of workload that was refused.
fn refused_line(call: &Value) -> String {
    let part = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or("?");
    format!("{} {} in {}: {}", part("time"), part("operation"), part("region"), part("error"))
}

/// What came after a plan was made, and what became of it.
fn left_over_line(item: &Value) -> String {
    let after = item.get("found_after").and_then(Value::as_str).unwrap_or("a");
    let there = item.get("still_there").and_then(Value::as_bool).unwrap_or(true);
    let then = if there { "is there still" } else { "a later phase took it away" };
    format!("{}: came after the plan of {after} was made; {then}", super::end::item_name(item))
}

fn count(calls: u64) -> usize {
    usize::try_from(calls).unwrap_or(usize::MAX)
}
