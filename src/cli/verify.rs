//! `quell audit verify`.

use std::path::Path;

use super::arguments::{Globals, Output};
use super::checkpoint::signed;
use super::failure::Failure;
use super::state::{find_run, store};
use super::status::way_past_damage;
use super::{exit, sink};
use crate::base::Folder;
use crate::journal::{Beside, EVIDENCE_FOLDER, JOURNAL_FILE, PLAN_FILE, read, verify as verified};
use crate::report::{Against, damage_text, verification_json, verification_text};

/// Verifies the journal of a run, or a journal in a file, with the plan and the evidence beside it, and says exactly what that
/// proves. Needs no account.
pub(super) fn verify(what: &str, kept: Option<&Path>, globals: &Globals) -> Result<(), Failure> {
    let kept = kept.map(|file| signed(file, globals)).transpose()?;
    let is_path = what.contains(['/', '.']) || Path::new(what).is_file();
    let mut way_on = None;
    let (name, folder, bytes) = if is_path {
        let bytes = std::fs::read(what).map_err(|error| {
            Failure::yours(
                exit::ERROR,
                format!("failed to read journal `{what}`: {error}"),
                globals.about_run("status"),
            )
        })?;
        (what.to_owned(), folder_of(Path::new(what), &bytes), bytes)
    } else {
        let store = store(globals)?;
        let run = find_run(&store, what, globals)?;
        let bytes = store.journal(&run).map_err(|error| Failure::store(&error, globals))?;
        if verified(&bytes).is_err() {
            let all = store.list().map_err(|error| Failure::store(&error, globals))?;
            way_on = way_past_damage(&store, &run, &all, globals);
        }
        let folder = store.folder(&run).map_err(|error| Failure::store(&error, globals))?;
        (format!("run {run}"), Some(folder), bytes)
    };
    let result = verified(&bytes);
    let beside = folder.and_then(|folder| Some(Beside::look(&folder, &read(&bytes).ok()?)));
    let against = kept.as_ref().zip(read(&bytes).ok()).map(|((checkpoint, by), journal)| Against {
        checkpoint: checkpoint.clone(),
        by: by.clone(),
        held: checkpoint.holds_for(&journal),
    });
    match globals.output {
        Output::Json => sink::json(&verification_json(result.as_ref(), beside.as_ref(), against.as_ref())),
        Output::Text => sink::data(&match &result {
            Ok(found) => verification_text(&name, found, beside.as_ref(), against.as_ref()),
            Err(damage) => damage_text(&name, damage),
        }),
    }
    let held = against.is_none_or(|against| against.held.is_ok());
    if result.is_ok() && held && beside.is_none_or(|beside| beside.wrong().next().is_none()) {
        return Ok(());
    }
    let look =
        || globals.about_run("status") + "  # keep the files as they are, and compare them with copies from elsewhere";
    Err(Failure::told(exit::DAMAGED, way_on.unwrap_or_else(look)))
}

/// The folder of a journal's run; nothing for a journal that was taken elsewhere alone, where a plan that lies beside it is
/// another one. A run's folder has its name, and a copy of it has the evidence.
fn folder_of(journal: &Path, bytes: &[u8]) -> Option<Folder> {
    let parent = journal.parent().map(|parent| if parent == Path::new("") { Path::new(".") } else { parent })?;
    let run = read(bytes).ok()?.fold.opened().map(|opened| opened.run.clone())?;
    let named = parent.canonicalize().ok()?.file_name().is_some_and(|name| name.to_str() == Some(run.as_str()));
    let copied = parent.join(PLAN_FILE).is_file() && parent.join(EVIDENCE_FOLDER).is_dir();
    let is_its = journal.file_name().is_some_and(|name| name == JOURNAL_FILE) && (named || copied);
    is_its.then(|| Folder::at(parent).ok()).flatten()
}
