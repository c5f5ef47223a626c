//! What the actions of AWS Support share: the incident's case, its tag, and files that go with it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Assignment, Look, LookError};
use crate::aws::{DescribeCases, FaultKind, SupportCase};
use crate::base::{Digest, Entity, EntityKind};

/// The form for people who have no access to the account, or no API.
pub(super) const FORM: &str =
    "https://support.console.aws.amazon.com/support/home#/case/create?issueType=customer-service";
/// The form for people who cannot sign in at all.
pub(super) const CONTACT: &str = "https://support.aws.amazon.com/#/contacts/aws-account-support/";
/// AWS takes three files of 5 MB.
pub(super) const MOST_FILES: usize = 3;
const LARGEST_FILE: u64 = 5 * 1024 * 1024;

/// A file to attach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// The tag by which the case is found again. Its subject carries it.
pub(super) fn tag(to: &Assignment) -> String {
    format!("[quell:{}]", to.incident)
}

/// What the actions are about: all cases of the account, since the one of the incident has no id yet.
pub(super) fn cases() -> Entity {
    Entity::new(EntityKind::SupportCase, "cases")
}

/// The open cases that carry the incident's tag; nothing where the support plan has no API.
pub(super) async fn cases_of_incident(to: &Assignment, look: &Look<'_>) -> Result<Option<Vec<SupportCase>>, LookError> {
    tagged(to, look, false).await
}

/// All cases that carry the incident's tag, resolved ones included; nothing where the support plan has no API.
pub(super) async fn all_cases_of_incident(
    to: &Assignment,
    look: &Look<'_>,
) -> Result<Option<Vec<SupportCase>>, LookError> {
    tagged(to, look, true).await
}

async fn tagged(to: &Assignment, look: &Look<'_>, resolved: bool) -> Result<Option<Vec<SupportCase>>, LookError> {
    match look.ask_all(DescribeCases { resolved, next: None }).await {
        Ok(cases) => Ok(Some(cases.into_iter().filter(|case| case.subject.contains(&tag(to))).collect())),
        Err(LookError::Fault(fault)) if fault.kind == FaultKind::NotSubscribed => Ok(None),
        Err(error) => Err(error),
    }
}

/// The files to attach. AWS refuses more than it takes, and the case would not be opened.
pub(super) fn attachments<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
    let files = Vec::<PathBuf>::deserialize(from)?;
    if files.len() > MOST_FILES {
        let count = files.len();
        return Err(D::Error::custom(format!("{count} files, and AWS Support takes {MOST_FILES} at most")));
    }
    Ok(files)
}

/// What a file is called in the case. A journal is a file of JSON lines, which AWS does not take: it goes as a log, named for its run,
/// since every run's journal has the same name.
fn attached_as(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let Some(stem) = name.strip_suffix(".jsonl") else { return Some(name.to_owned()) };
    let place = std::path::absolute(path).ok()?;
    let run = place.parent().and_then(Path::file_name).and_then(|run| run.to_str());
    Some(run.map(|run| format!("{run}-")).unwrap_or_default() + stem + ".log")
}

/// Reads the files. They are part of what is sent, so what cannot be read is refused while planning.
pub(super) fn files(paths: &[PathBuf]) -> Result<(Vec<File>, Vec<String>), String> {
    let (mut named, mut data) = (Vec::new(), Vec::new());
    for path in paths {
        let name = attached_as(path).ok_or_else(|| format!("`{}` names no file", path.display()))?;
        let place = || std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let unreadable = |error: std::io::Error| format!("failed to read `{}`: {error}", place().display());
        // Looked at before it is opened: a pipe or a device would keep the plan waiting, or never end.
        let known = std::fs::metadata(path).map_err(unreadable)?;
        if !known.is_file() {
            return Err(format!("`{}` is no file", place().display()));
        }
        if known.len() > LARGEST_FILE {
            return Err(format!("`{}` is larger than 5 MB", path.display()));
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        named.push(File { name, digest: Digest::of_bytes(&bytes) });
        data.push(STANDARD.encode(bytes));
    }
    Ok((named, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_goes_as_a_log_that_is_named_for_its_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let run = folder.path().join("20261122T030000Z-0a1b2c3d");
        std::fs::create_dir(&run).expect("a folder");
        let (journal, notes) = (run.join("journal.jsonl"), run.join("notes.pdf"));
        std::fs::write(&journal, "{}\n").expect("a file");
        std::fs::write(&notes, "notes").expect("a file");
        let (named, data) = files(&[journal, notes]).expect("they can be read");
        let names: Vec<&str> = named.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["20261122T030000Z-0a1b2c3d-journal.log", "notes.pdf"]);
        assert_eq!(data[0], STANDARD.encode("{}\n"));
    }
}
