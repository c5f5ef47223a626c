//! The values of a runbook's parameters, from an event.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::arguments::Globals;
use super::detections::{STDIN, events_of, known_triggers, named};
use super::entry::{quoted, same_command_with};
use super::exit;
use super::failure::{Failure, chain};
use super::next::lasting;
use crate::base::on_screen;
use crate::detect::{Detection, Event, Facts, Missing, Trigger};
use crate::report::{filled_text, values_json};
use crate::runbook::{Prefilled, Runbook, prefilled};

/// Where values are to come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventOf<'a> {
    /// The file of the event; `-` for stdin.
    pub(super) file: &'a str,
    /// The trigger that says what of the event is which value, where several could.
    pub(super) trigger: Option<&'a str>,
    /// Triggers of one's own.
    pub(super) triggers: Option<&'a Path>,
}

/// What an event has for a runbook.
#[derive(Debug)]
pub(super) struct FromEvent {
    /// Values by parameter; what is typed wins.
    pub(super) values: BTreeMap<String, Value>,
    /// The same for people: each with its place in the event.
    pub(super) told: String,
    /// The same for programs.
    pub(super) json: Value,
}

/// Fills a runbook from an event, by the one trigger that asks for the runbook and fires. What is typed is not asked of the event.
pub(super) fn from_event(
    of: EventOf<'_>,
    runbook: &Runbook,
    name: &str,
    typed: &BTreeMap<String, Value>,
    globals: &Globals,
) -> Result<FromEvent, Failure> {
    let known = known_triggers(of.triggers, globals)?;
    let asks = |trigger: &&Trigger| lasting(&trigger.runbook) == lasting(name);
    let mut asking: Vec<&Trigger> = known.iter().filter(asks).collect();
    let has = |trigger: &Trigger| asking.iter().any(|known| known.name == trigger.name);
    let own: Vec<&Trigger> = runbook.triggers().iter().filter(|trigger| !has(trigger)).collect();
    asking.extend(own);
    if let Some(chosen) = of.trigger {
        asking.retain(|trigger| trigger.name.as_str() == chosen);
        if asking.is_empty() {
            let other = named(chosen, &known)?;
            let what = format!("trigger `{chosen}` asks for runbook `{}`", other.runbook);
            return Err(Failure::yours(exit::USAGE, what, "quell triggers"));
        }
    }
    let detections = detections(of.file)?;
    let mut fits: Vec<(&Detection, &Trigger, Prefilled)> = Vec::new();
    for detection in &detections {
        let event = Event::read(detection.text())
            .map_err(|bad| Failure::yours(exit::USAGE, chain(&bad), match_command(of.file)))?;
        let facts = Facts::of(detection);
        let firing = asking.iter().filter(|trigger| trigger.matches(&event));
        fits.extend(firing.map(|trigger| (detection, *trigger, prefilled(trigger, &facts, runbook.parameters()))));
    }
    let Some((detection, trigger, filled)) = fits.first() else {
        let what = format!("no trigger that asks for runbook `{name}` fires for `{}`", of.file);
        return Err(Failure::yours(exit::ERROR, what, match_command(of.file)));
    };
    if let Some((.., other, _)) = fits.iter().find(|(.., found)| plain(found) != plain(filled)) {
        let what = format!("several triggers fill `{name}` otherwise: `{}` and `{}`", trigger.name, other.name);
        return match other.name == trigger.name {
            true => Err(Failure::yours(
                exit::USAGE,
                format!("`{}` has several events that fire `{}` with other values", of.file, trigger.name),
                format!("{}  # then with one of them", match_command(of.file)),
            )),
            false => {
                Err(Failure::yours(exit::USAGE, what, same_command_with(&[format!("--trigger {}", trigger.name)])))
            }
        };
    }
    let open: Vec<&Missing> = filled.open.iter().filter(|open| !is_typed(open, runbook, typed)).collect();
    if !open.is_empty() {
        let told: Vec<String> = open.iter().map(|one| format!("parameter `{}`: {}", one.parameter, one.why)).collect();
        let names: Vec<String> = open.iter().map(|one| format!("{}=", one.parameter)).collect();
        let next = format!("{}  # then with {} and what it is about", same_command_with(&[]), names.join(" "));
        return Err(Failure::yours(exit::USAGE, format!("the event does not say it all: {}", told.join("; ")), next));
    }
    let mut filled = filled.clone();
    filled.values.retain(|name, _| !typed.contains_key(name));
    let (kind, source) = (on_screen(detection.detail_type()), on_screen(detection.source()));
    let mut told = format!("from the event ({kind} of {source}), by trigger {}:\n", trigger.name);
    for (name, value) in &filled.values {
        told.push_str(&format!("  {}\n", on_screen(&filled_text(name, value))));
    }
    let values = filled.values.iter().map(|(name, filled)| (name.clone(), filled.value.clone())).collect();
    let json = json!({ "trigger": trigger.name, "event": detection.event_id(), "values": values_json(&filled) });
    Ok(FromEvent { values, told, json })
}

/// Whether what is open has been typed: it, or one of those of which one will do.
fn is_typed(open: &Missing, runbook: &Runbook, typed: &BTreeMap<String, Value>) -> bool {
    let declared = runbook.parameters().iter().find(|parameter| parameter.name == open.parameter);
    let others = declared.map(|parameter| parameter.or.as_slice()).unwrap_or_default();
    typed.contains_key(&open.parameter) || others.iter().any(|other| typed.contains_key(other))
}

fn plain(filled: &Prefilled) -> Vec<(&String, &Value)> {
    filled.values.iter().map(|(name, one)| (name, &one.value)).collect()
}

/// The events of a file, where all of it can be read.
fn detections(file: &str) -> Result<Vec<Detection>, Failure> {
    let unwrapped = events_of(file)?
        .map_err(|why| Failure::yours(exit::USAGE, format!("`{file}` is no event: {why}"), match_command(file)))?;
    match unwrapped.unread.first() {
        Some(one) => {
            let what = format!("`{file}` at {} is no event: {}", on_screen(&one.place), on_screen(&one.why));
            Err(Failure::yours(exit::USAGE, what, match_command(file)))
        }
        None => Ok(unwrapped.events),
    }
}

fn match_command(file: &str) -> String {
    let shown = if file == STDIN { STDIN.to_owned() } else { quoted(file) };
    format!("quell match {shown}  # says which triggers fire, and why others do not")
}
