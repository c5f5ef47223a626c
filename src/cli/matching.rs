//! `quell match --pattern`.

use std::io::Read as _;
use std::path::Path;

use serde_json::json;

use super::arguments::{Globals, Output};
use super::entry::{quoted, same_command_with};
use super::failure::{Failure, chain};
use super::{exit, sink};
use crate::detect::{BadPattern, Event, Pattern};

/// The most bytes of an event or a pattern: AWS's own events have 256 KiB at most.
const LARGEST: u64 = 1024 * 1024;
/// What stands for stdin.
const STDIN: &str = "-";

/// Decides one pattern against one event: a program asks by the exit code.
pub(super) fn matching(pattern: &Path, events: &[String], globals: &Globals) -> Result<(), Failure> {
    let [event] = events else {
        let what = "one pattern is decided of one event";
        return Err(Failure::yours(exit::USAGE, what, "quell match --pattern FILE EVENT"));
    };
    let event = Path::new(event);
    if pattern == Path::new(STDIN) && event == Path::new(STDIN) {
        let what = "the pattern and the event cannot both come from stdin";
        return Err(Failure::yours(exit::USAGE, what, "quell match --pattern FILE -"));
    }
    let pattern_text = text_of(pattern)?;
    let read = Pattern::read(&pattern_text).map_err(|bad| {
        let code = exit::FINDINGS;
        let why = match &bad {
            BadPattern::Json(_) => format!("`{}` is no event pattern: {bad}", pattern.display()),
            BadPattern::Rejected { .. } => format!("AWS takes no such pattern, in `{}`: {bad}", pattern.display()),
        };
        Failure::yours(code, why, "quell help match  # says what a pattern holds")
    })?;
    let event_text = text_of(event)?;
    let known = Event::read(&event_text).map_err(|bad| {
        let what = format!("`{}` is no event: {}", event.display(), chain(&bad));
        Failure::yours(exit::USAGE, what, same_command_with(&[]))
    })?;
    let matches = read.matches(&known);
    match globals.output {
        Output::Json => sink::json(&json!({ "format": 1, "matches": matches })),
        Output::Text => sink::data(if matches { "match\n" } else { "no match\n" }),
    }
    match matches {
        true => Ok(()),
        false => Err(Failure::told(exit::ERROR, "quell help match  # says what each operator matches")),
    }
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let shown = path.display().to_string();
    let failed = |error: std::io::Error| {
        let next = format!("ls -l {}", quoted(&shown));
        Failure::yours(exit::USAGE, format!("failed to read `{shown}`: {error}"), next)
    };
    let mut text = String::new();
    let read = match path == Path::new(STDIN) {
        true => std::io::stdin().take(LARGEST + 1).read_to_string(&mut text),
        false => std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text)),
    };
    match read.map_err(failed)? {
        length if length as u64 > LARGEST => {
            let what = format!("`{shown}` has more than {LARGEST} bytes, and no event has");
            Err(Failure::yours(exit::USAGE, what, same_command_with(&[])))
        }
        _ => Ok(text),
    }
}
