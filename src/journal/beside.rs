//! What lies beside a journal: the plan of its run, and the evidence.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::{EVIDENCE_FOLDER, Journal, PLAN_FILE};
use crate::base::{Digest, Folder};

/// What has become of a file that a journal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// It has the bytes that the journal names.
    AsWritten,
    /// It was changed.
    Changed,
    /// It is not there, or cannot be read.
    Missing,
}

/// The files beside a journal, by name, and what has become of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Beside(pub BTreeMap<String, Kept>);

impl Beside {
    /// Compares the files in the folder of a run with the digests in its journal. What the journal does not name is not
    /// looked at: a run that dies between evidence and its record leaves evidence that nothing rests on.
    pub fn look(folder: &Folder, journal: &Journal) -> Self {
        let evidence = folder.folder(EVIDENCE_FOLDER);
        let plan =
            journal.fold.opened().map(|opened| (PLAN_FILE.to_owned(), kept(folder.read(PLAN_FILE), opened.plan)));
        let named = journal.entries.iter().flat_map(|entry| entry.record.evidence()).map(|(name, digest)| {
            let bytes = match &evidence {
                Ok(evidence) => evidence.read(&name),
                Err(error) => Err(error.kind().into()),
            };
            (format!("{EVIDENCE_FOLDER}/{name}"), kept(bytes, digest))
        });
        Self(plan.into_iter().chain(named).collect())
    }

    /// The files that are not what was written, and what has become of them.
    pub fn wrong(&self) -> impl Iterator<Item = (&str, Kept)> {
        self.0.iter().filter(|(_, kept)| **kept != Kept::AsWritten).map(|(name, kept)| (name.as_str(), *kept))
    }
}

fn kept(bytes: io::Result<Vec<u8>>, digest: Digest) -> Kept {
    match bytes {
        Ok(bytes) if Digest::of_bytes(&bytes) == digest => Kept::AsWritten,
        Ok(_) => Kept::Changed,
        Err(_) => Kept::Missing,
    }
}
