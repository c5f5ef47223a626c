//! The state directory, and finding a run in it.

use std::path::PathBuf;

use etcetera::{BaseStrategy, choose_base_strategy};

use super::arguments::Globals;
use super::entry::same_command_with;
use super::exit;
use super::failure::{ELSEWHERE, Failure};
use crate::base::{Folder, RunId};
use crate::journal::{ListedRun, RunStore};

/// Where runs are kept: as told, or `quell` in the XDG state directory.
pub(super) fn state_dir(globals: &Globals) -> Result<PathBuf, Failure> {
    if let Some(dir) = &globals.state_dir {
        return Ok(dir.clone());
    }
    let strategy =
        choose_base_strategy().map_err(|error| Failure::machine(&error, same_command_with(&[ELSEWHERE.to_owned()])))?;
    let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(base.join("quell"))
}

/// The runs of the state directory.
pub(super) fn store(globals: &Globals) -> Result<RunStore, Failure> {
    RunStore::open(&state_dir(globals)?).map_err(|error| Failure::store(&error, globals))
}

/// The run of an id, or of the beginning of one.
pub(super) fn find_run(store: &RunStore, text: &str, globals: &Globals) -> Result<RunId, Failure> {
    let all = store.list().map_err(|error| Failure::store(&error, globals))?;
    let fitting: Vec<&ListedRun> = all.iter().filter(|listed| listed.run.as_str().starts_with(text)).collect();
    let exact = fitting.iter().find(|listed| listed.run.as_str() == text);
    match (exact, fitting.as_slice()) {
        (Some(exact), _) => Ok(exact.run.clone()),
        (None, [only]) if !text.is_empty() => Ok(only.run.clone()),
        (None, []) => {
            Err(Failure::yours(exit::ERROR, format!("there is no run `{text}`"), globals.about_run("status")))
        }
        (None, several) => {
            let ids: Vec<&str> = several.iter().map(|listed| listed.run.as_str()).collect();
            let what = format!("`{text}` is the beginning of several runs: {}", ids.join(", "));
            Err(Failure::yours(exit::ERROR, what, globals.about_run("status")))
        }
    }
}

/// The folder of plans that wait for a person.
pub(super) fn waiting(globals: &Globals) -> Result<Folder, Failure> {
    folder_of(globals, "waiting")
}

/// What the autopilot knows.
pub(super) fn autopilot_folder(globals: &Globals) -> Result<Folder, Failure> {
    folder_of(globals, "autopilot")
}

fn folder_of(globals: &Globals, name: &str) -> Result<Folder, Failure> {
    // The store makes sure of the state directory itself.
    store(globals)?;
    let dir = state_dir(globals)?;
    let opened = Folder::at(&dir).and_then(|root| {
        let folder = root.folder_or_new(name)?;
        folder.tighten()?;
        Ok(folder)
    });
    opened.map_err(|error| Failure::machine(&error, same_command_with(&[ELSEWHERE.to_owned()])))
}
