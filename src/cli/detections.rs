//! Triggers and events, from files.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::arguments::Globals;
use super::entry::{quoted, same_command_with};
use super::failure::{Failure, chain};
use super::rules::own_folder;
use super::{exit, sink};
use crate::actions::registry;
use crate::detect::{Trigger, Unwrapped, unwrap};
use crate::runbook::{TakenNames, check_triggers, find, render, shipped_triggers};

/// The folder of one's own triggers, in that of the configuration.
const FOLDER: &str = "triggers";
/// The most bytes that are read of one input; `detect` looks at no more.
const LARGEST: u64 = 8 * 1024 * 1024;
/// What stands for stdin.
pub(super) const STDIN: &str = "-";

/// The triggers that are part of the program, and one's own: those of a file or folder, or of the configuration where none is named.
pub(super) fn known_triggers(own: Option<&Path>, globals: &Globals) -> Result<Vec<Trigger>, Failure> {
    let files = match own {
        Some(path) if path.is_dir() => files_of(path)?,
        Some(path) => vec![path.to_owned()],
        None => own_folder(FOLDER, globals)?.map_or(Ok(Vec::new()), |folder| files_of(&folder))?,
    };
    let mut all = shipped_triggers().to_vec();
    let mut taken: TakenNames =
        all.iter().map(|trigger| (trigger.name.clone(), "what is part of the program".to_owned())).collect();
    for file in files {
        let name = file.display().to_string();
        let source = find(&name)
            .map_err(|error| Failure::yours(exit::USAGE, chain(&error), format!("ls -l {}", quoted(&name))))?;
        let checked = check_triggers(source, registry(), &taken);
        if checked.diagnostics.has_errors() {
            sink::talk(&render(&checked.diagnostics, &checked.source, false));
            let what = format!("`{name}` has triggers that are not sound");
            return Err(Failure::yours(exit::FINDINGS, what, format!("quell check {}", quoted(&name))));
        }
        taken.extend(checked.triggers.iter().map(|trigger| (trigger.name.clone(), format!("`{name}`"))));
        all.extend(checked.triggers);
    }
    Ok(all)
}

/// The YAML files of a folder, by name.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| {
        let what = format!("failed to read `{}`: {error}", folder.display());
        Failure::yours(exit::ERROR, what, format!("ls -l {}", quoted(&folder.display().to_string())))
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The trigger of a name.
pub(super) fn named<'t>(name: &str, all: &'t [Trigger]) -> Result<&'t Trigger, Failure> {
    all.iter().find(|trigger| trigger.name.as_str() == name).ok_or_else(|| {
        let near = crate::runbook::nearest(name, all.iter().map(|trigger| trigger.name.as_str()));
        let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        Failure::yours(exit::USAGE, format!("there is no trigger `{name}`{hint}"), "quell triggers")
    })
}

/// What a file or stdin holds: events, and what is none. Nothing at all of it may be one, and that is no failure yet.
pub(super) fn events_of(file: &str) -> Result<Result<Unwrapped, String>, Failure> {
    let mut bytes = Vec::new();
    let read = match file {
        STDIN => std::io::stdin().take(LARGEST + 1).read_to_end(&mut bytes),
        file => std::fs::File::open(file).and_then(|opened| opened.take(LARGEST + 1).read_to_end(&mut bytes)),
    };
    read.map_err(|error| {
        let what = format!("failed to read `{file}`: {error}");
        let next = if file == STDIN { same_command_with(&[]) } else { format!("ls -l {}", quoted(file)) };
        Failure::yours(exit::USAGE, what, next)
    })?;
    Ok(unwrap(&bytes).map_err(|bad| chain(&bad)))
}
