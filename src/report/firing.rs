//! Which triggers an event fires, with what, and why others do not.

use std::time::Duration;

use serde_json::{Value, json};

use super::text::wrapped;
use crate::base::format_duration;
use crate::detect::{Detection, Facts, Filled, Grade, Mismatch, Missing, Origin, Trigger};
use crate::runbook::Prefilled;

/// A trigger that fires.
#[derive(Debug)]
pub struct Firing<'a> {
    /// The trigger.
    pub trigger: &'a Trigger,
    /// What the event has for its runbook.
    pub filled: Prefilled,
    /// What to type; what is still open stands behind it.
    pub command: String,
}

/// A trigger that does not fire.
#[derive(Debug)]
pub struct NotFiring<'a> {
    /// The trigger.
    pub trigger: &'a Trigger,
    /// What its pattern asks for and the event does not have.
    pub lacks: Vec<Mismatch>,
}

/// An event and what comes of it.
#[derive(Debug)]
pub struct Matched<'a> {
    /// What it was read from.
    pub file: String,
    /// The event.
    pub detection: &'a Detection,
    /// What it says.
    pub facts: Facts,
    /// Triggers that fire.
    pub fires: Vec<Firing<'a>>,
    /// Triggers that do not, as far as they are asked for.
    pub others: Vec<NotFiring<'a>>,
}

/// An event and its triggers, for people.
pub fn matched_text(matched: &Matched<'_>) -> String {
    let Matched { file, detection, facts, fires, others } = matched;
    let place = if detection.place().is_empty() { String::new() } else { format!(" at {}", detection.place()) };
    let way = if detection.way().is_empty() { String::new() } else { format!(", in {}", detection.way()) };
    let what = format!("{} of {}", detection.detail_type(), detection.source());
    let mut text = wrapped("", "     ", &format!("{file}{place}: {what}{way}"));
    if fires.is_empty() {
        text.push_str("  no trigger fires\n");
    }
    for firing in fires {
        text.push_str(&firing_text(firing));
    }
    if facts.is_by_name() && !fires.is_empty() {
        let why = "the event names users and roles without their paths: the plan finds them by their names";
        text.push_str(&wrapped("  ", "    ", why));
    }
    for NotFiring { trigger, lacks } in others {
        text.push_str(&wrapped("  ", "    ", &format!("{} does not fire:", trigger.name)));
        for lack in lacks {
            text.push_str(&wrapped("    - ", "      ", &lack.to_string()));
        }
    }
    text
}

fn firing_text(firing: &Firing<'_>) -> String {
    let Firing { trigger, filled, command } = firing;
    let mut text = wrapped("  ", "    ", &format!("{} fires: {}", trigger.name, trigger.title));
    let grade = format!("{}: {}", trigger.grade.as_str(), weight(trigger));
    text.push_str(&wrapped("    ", "      ", &grade));
    text.push_str(&wrapped("    ", "      ", &format!("runbook {}", trigger.runbook)));
    for (name, value) in &filled.values {
        text.push_str(&wrapped("    ", "      ", &filled_text(name, value)));
    }
    for Missing { parameter, why } in &filled.open {
        text.push_str(&wrapped("    ", "      ", &format!("{parameter}=? {why}")));
    }
    for Missing { parameter, why } in &filled.left_out {
        text.push_str(&wrapped("    ", "      ", &format!("without {parameter}: {why}")));
    }
    // It is there to be copied, so it stays on its line.
    text + "    " + command + "\n"
}

/// A value, and where it comes from.
pub fn filled_text(name: &str, filled: &Filled) -> String {
    let from = match &filled.origin {
        Origin::Event { fact, at, earlier } if earlier.is_zero() => format!("`{fact}` at {}", at.join(", ")),
        Origin::Event { fact, at, earlier } => {
            format!("{} before `{fact}` at {}", format_duration(*earlier), at.join(", "))
        }
        Origin::Trigger => "as the trigger says".to_owned(),
    };
    format!("{name}={}, {from}", plainly(&filled.value))
}

fn plainly(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plainly).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// What a trigger brings about.
fn weight(trigger: &Trigger) -> String {
    let what = match (trigger.grade, trigger.unattended) {
        (Grade::Notice, _) => "it is told, and nothing is started",
        (Grade::Suspicious, _) => "a plan waits for a person",
        (Grade::Incident, crate::detect::Unattended::Never) => "a plan waits for a person at once",
        (Grade::Incident, crate::detect::Unattended::WhenHarmless) => {
            "what is harmless may be done before a person has looked"
        }
    };
    match trigger.after {
        Some(after) => {
            format!("{what}, from {} within {} on", after.times, format_duration(after.within))
        }
        None => what.to_owned(),
    }
}

/// An event and its triggers, for programs.
pub fn matched_json(matched: &Matched<'_>) -> Value {
    let Matched { file, detection, facts, fires, others } = matched;
    let said: Vec<Value> =
        facts.iter().map(|(fact, said)| json!({ "fact": fact, "value": said.value, "at": said.at })).collect();
    let unsaid: Vec<Value> =
        facts.unsaid().iter().map(|unsaid| json!({ "fact": unsaid.fact, "why": unsaid.why })).collect();
    let fires: Vec<Value> = fires.iter().map(|firing| firing_json(firing, facts)).collect();
    let others: Vec<Value> = others
        .iter()
        .map(|other| {
            let lacks: Vec<String> = other.lacks.iter().map(ToString::to_string).collect();
            json!({ "trigger": other.trigger.name, "lacks": lacks })
        })
        .collect();
    json!({
        "file": file,
        "place": detection.place(),
        "way": detection.way(),
        "source": detection.source(),
        "detail_type": detection.detail_type(),
        "id": detection.event_id(),
        "facts": said,
        "unsaid": unsaid,
        "fires": fires,
        "does_not_fire": others,
    })
}

fn firing_json(firing: &Firing<'_>, facts: &Facts) -> Value {
    let Firing { trigger, filled, command } = firing;
    let after = trigger.after.map(|after| json!({ "times": after.times, "within": format_duration(after.within) }));
    json!({
        "trigger": trigger.name,
        "title": trigger.title,
        "grade": trigger.grade,
        "runbook": trigger.runbook,
        "unattended": trigger.unattended,
        "window": format_duration(trigger.window),
        "after": after,
        "key": trigger.key(facts),
        "values": values_json(filled),
        "open": missing_json(&filled.open),
        "left_out": missing_json(&filled.left_out),
        "command": command,
    })
}

/// The values that an event has for a runbook, each with where it comes from, for programs.
pub fn values_json(filled: &Prefilled) -> Value {
    let one = |(name, filled): (&String, &Filled)| {
        let from = match &filled.origin {
            Origin::Event { fact, at, earlier } => {
                let earlier = (*earlier > Duration::ZERO).then(|| format_duration(*earlier));
                json!({ "fact": fact, "at": at, "earlier": earlier })
            }
            Origin::Trigger => json!("trigger"),
        };
        (name.clone(), json!({ "value": filled.value, "from": from }))
    };
    filled.values.iter().map(one).collect::<serde_json::Map<_, _>>().into()
}

fn missing_json(missing: &[Missing]) -> Value {
    missing.iter().map(|one| json!({ "parameter": one.parameter, "why": one.why })).collect()
}

/// Triggers, one after the other.
pub fn triggers_text<'a>(all: impl IntoIterator<Item = &'a Trigger>) -> String {
    let mut text = String::new();
    for trigger in all {
        text.push_str(&wrapped("", "     ", &format!("{}: {}", trigger.name, trigger.title)));
        text.push_str(&wrapped("     ", "       ", &format!("{}: {}", trigger.grade.as_str(), weight(trigger))));
        text.push_str(&wrapped("     ", "       ", &format!("runbook {}", trigger.runbook)));
    }
    text
}

/// A trigger as programs read it in a list.
pub fn trigger_json(trigger: &Trigger) -> Value {
    let after = trigger.after.map(|after| json!({ "times": after.times, "within": format_duration(after.within) }));
    json!({
        "name": trigger.name,
        "title": trigger.title,
        "grade": trigger.grade,
        "runbook": trigger.runbook,
        "unattended": trigger.unattended,
        "pattern": trigger.written,
        "dedupe": trigger.dedupe,
        "window": format_duration(trigger.window),
        "after": after,
    })
}
