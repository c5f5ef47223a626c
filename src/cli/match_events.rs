//! `quell match EVENT…`: which triggers fire.

use std::path::Path;

use serde_json::{Value, json};

use super::arguments::{Globals, Output};
use super::detections::{STDIN, events_of, known_triggers, named};
use super::entry::quoted;
use super::failure::Failure;
use super::{exit, sink};
use crate::actions::registry;
use crate::base::on_screen;
use crate::detect::{Detection, Event, Facts, Trigger};
use crate::report::{Firing, Matched, NotFiring, matched_json, matched_text};
use crate::runbook::{Prefilled, prefilled, takes};

/// How many triggers that nearly fire are told without being asked for.
const NEAREST: usize = 3;

/// Says which triggers fire for each event, with what, and why others do not. Needs no account, and starts nothing.
pub(super) fn match_events(
    files: &[String],
    triggers: Option<&Path>,
    trigger: Option<&str>,
    globals: &Globals,
) -> Result<(), Failure> {
    if files.iter().filter(|file| *file == STDIN).count() > 1 {
        return Err(Failure::yours(exit::USAGE, "stdin can be read once", "quell match -"));
    }
    let all = known_triggers(triggers, globals)?;
    let only = trigger.map(|name| named(name, &all)).transpose()?;
    let asked: Vec<&Trigger> = only.map_or_else(|| all.iter().collect(), |one| vec![one]);
    let (mut events, mut unread): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut fires = false;
    for file in files {
        let unwrapped = match events_of(file)? {
            Ok(unwrapped) => unwrapped,
            Err(why) => {
                tell_unread(file, "", &why, globals, &mut unread);
                continue;
            }
        };
        for detection in &unwrapped.events {
            match matched(file, detection, &asked, only.is_some(), globals) {
                Ok(matched) => {
                    fires |= !matched.fires.is_empty();
                    match globals.output {
                        Output::Text => sink::data(&matched_text(&matched)),
                        Output::Json => events.push(matched_json(&matched)),
                    }
                }
                Err(why) => tell_unread(file, detection.place(), &why, globals, &mut unread),
            }
        }
        for one in &unwrapped.unread {
            tell_unread(file, &one.place, &one.why, globals, &mut unread);
        }
        if unwrapped.events.is_empty() && unwrapped.unread.is_empty() {
            tell_unread(file, "", "there is no event in it", globals, &mut unread);
        }
    }
    if globals.output == Output::Json {
        sink::json(&json!({ "format": 1, "events": events, "unread": unread }));
    }
    let help = "quell help match  # says what can be read, and where triggers come from";
    match (unread.is_empty(), fires) {
        (false, _) => Err(Failure::told(exit::FINDINGS, help)),
        (true, false) => Err(Failure::told(exit::ERROR, help)),
        (true, true) => Ok(()),
    }
}

/// What is no event is told and counted, and hides nothing of the rest.
fn tell_unread(file: &str, place: &str, why: &str, globals: &Globals, unread: &mut Vec<Value>) {
    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
    if globals.output == Output::Text {
        sink::talk(&(on_screen(&format!("{file}{at}: no event: {why}")) + "\n"));
    }
    unread.push(json!({ "file": file, "place": place, "why": why }));
}

fn matched<'a>(
    file: &str,
    detection: &'a Detection,
    triggers: &[&'a Trigger],
    is_one_asked: bool,
    globals: &Globals,
) -> Result<Matched<'a>, String> {
    let event = Event::read(detection.text()).map_err(|bad| super::failure::chain(&bad))?;
    let facts = Facts::of(detection);
    let (firing, silent): (Vec<&Trigger>, Vec<&Trigger>) = triggers.iter().partition(|one| one.matches(&event));
    let fires: Vec<Firing<'_>> = firing.into_iter().map(|trigger| fired(trigger, &facts, globals)).collect();
    let mut others: Vec<NotFiring<'_>> =
        silent.into_iter().map(|trigger| NotFiring { trigger, lacks: trigger.pattern.why_not(&event) }).collect();
    if globals.verbose == 0 && !is_one_asked {
        // Of what fires something, nobody asks why it does not fire more.
        others.sort_by_key(|other| other.lacks.len());
        let fewest = others.first().map_or(0, |other| other.lacks.len());
        let near = |other: &NotFiring<'_>| fires.is_empty() && other.lacks.len() == fewest;
        others.retain(near);
        others.truncate(NEAREST);
    }
    Ok(Matched { file: file.to_owned(), detection, facts, fires, others })
}

fn fired<'a>(trigger: &'a Trigger, facts: &Facts, globals: &Globals) -> Firing<'a> {
    let declared = takes(&trigger.runbook, registry()).unwrap_or_default();
    let filled = prefilled(trigger, facts, &declared);
    let command = command(trigger, &filled, globals);
    Firing { trigger, filled, command }
}

/// The command that runs the runbook with what the event has for it.
fn command(trigger: &Trigger, filled: &Prefilled, globals: &Globals) -> String {
    let values = filled.values.iter().map(|(name, filled)| (name, &filled.value));
    let command = globals.at_account(&format!("run {}", with_values(&trigger.runbook, values)));
    command + &then_with(filled.open.iter().map(|open| &open.parameter))
}

/// A runbook with values for it, as words of a command.
pub(super) fn with_values<'v>(runbook: &str, values: impl IntoIterator<Item = (&'v String, &'v Value)>) -> String {
    let given = values.into_iter().map(|(name, value)| quoted(&format!("{name}={}", argument(value))));
    std::iter::once(quoted(runbook)).chain(given).collect::<Vec<_>>().join(" ")
}

/// What a person has to add to a command, behind it; nothing where nothing is open.
pub(super) fn then_with<'n>(open: impl Iterator<Item = &'n String>) -> String {
    match open.map(|name| format!("{name}=")).collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        names => format!("  # then with {} and what it is about", names.join(" ")),
    }
}

/// A value as the command line takes it.
pub(super) fn argument(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let plain = |text: &&str| !text.is_empty() && text.trim() == *text && !text.contains([',', '[']);
            match texts.filter(|texts| texts.iter().all(plain)) {
                Some(texts) => texts.join(","),
                None => value.to_string(),
            }
        }
        other => other.to_string(),
    }
}
