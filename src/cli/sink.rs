//! The one place that prints. Data goes to stdout, talk to stderr; nothing that could change what a screen says gets through.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use crate::base::{json_on_screen, on_screen};

/// Writes data: what another program may read.
pub(super) fn data(text: &str) {
    write(&mut anstream::stdout(), &plain(text));
}

/// Writes JSON as data.
pub(super) fn json(value: &Value) {
    let text = serde_json::to_string_pretty(value).expect("a JSON value is JSON");
    write(&mut anstream::stdout(), &(json_on_screen(&text) + "\n"));
}

/// Writes JSON as data, on one line.
pub(super) fn json_line(value: &Value) {
    write(&mut anstream::stdout(), &(json_on_screen(&value.to_string()) + "\n"));
}

/// Writes text whose styles are ours, and whose quotes the renderer has made safe.
pub(super) fn styled_data(text: &str) {
    write(&mut anstream::stdout(), text);
}

/// Writes talk: for the person at the terminal.
pub(super) fn talk(text: &str) {
    write(&mut anstream::stderr(), &plain(text));
}

/// Whether a person can be asked: what is typed and what is shown are both at a terminal.
pub(super) fn is_at_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether stderr can show lines that move.
pub(super) fn can_animate() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|term| term != "dumb")
}

/// Line by line without what could change what a screen says: the last of several nets.
fn plain(text: &str) -> String {
    text.split('\n').map(on_screen).collect::<Vec<_>>().join("\n")
}

/// A closed pipe is the reader's choice, so it is no error.
fn write(to: &mut dyn Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
