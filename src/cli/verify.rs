//! `quell audit verify`.

use std::path::Path;

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::state::{find_run, store};
use super::{exit, sink};
use crate::journal::verify as verified;
use crate::report::{damage_text, verification_json, verification_text};

/// Verifies the journal of a run, or a journal in a file, and says exactly what that proves. Needs no account.
pub(super) fn verify(what: &str, globals: &Globals) -> Result<(), Failure> {
    let is_path = what.contains(['/', '.']) || Path::new(what).is_file();
    let (name, bytes) = if is_path {
        let bytes = std::fs::read(what).map_err(|error| {
            Failure::yours(
                exit::ERROR,
                format!("failed to read journal `{what}`: {error}"),
                globals.about_run("status"),
            )
        })?;
        (what.to_owned(), bytes)
    } else {
        let store = store(globals)?;
        let run = find_run(&store, what, globals)?;
        let bytes = store.journal(&run).map_err(|error| Failure::store(&error, globals))?;
        (format!("run {run}"), bytes)
    };
    let result = verified(&bytes);
    match globals.output {
        Output::Json => sink::json(&verification_json(result.as_ref())),
        Output::Text => sink::data(&match &result {
            Ok(found) => verification_text(&name, found),
            Err(damage) => damage_text(&name, damage),
        }),
    }
    match result {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::told(
            exit::DAMAGED,
            globals.about_run("status") + "  # keep the file as it is, and compare it with a copy from elsewhere",
        )),
    }
}
