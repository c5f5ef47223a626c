//! The head of a journal, written down for another place.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{FORMAT, Journal, World};
use crate::base::{AccountId, Digest, RunId, canonical_bytes};

/// Where a journal stood at a moment. Its bytes are canonical JSON, which somebody signs and keeps where whoever can change the journal
/// cannot: then it shows that the journal was cut off or written anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The format of the journal.
    pub format: u32,
    /// The run.
    pub run: RunId,
    /// Live or simulated.
    pub world: World,
    /// The account.
    pub account: AccountId,
    /// How many records there were.
    pub records: u64,
    /// The `check` of the last of them, which stands for all.
    pub head: Digest,
    /// When it was written, by the clock of the program.
    pub at: Timestamp,
}

/// Why bytes are no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// They are none at all.
    #[error("it is no checkpoint: {0}")]
    NotOne(String),
    /// They were not written by quell as they stand.
    #[error("it is not in the form in which quell writes checkpoints: it was changed")]
    NotCanonical,
}

/// What is wrong with a journal, held against a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "difference", rename_all = "kebab-case")]
pub enum Contradiction {
    /// The checkpoint is of another run.
    #[error("the checkpoint is of run {of}, which is another one")]
    OtherRun {
        /// The checkpoint's run.
        of: RunId,
    },
    /// Records are gone from the end.
    #[error("the journal had {had} records, and has {has}: its end was taken away")]
    Truncated {
        /// How many there were.
        had: u64,
        /// How many there are.
        has: u64,
    },
    /// The records are others.
    #[error("the first {records} records are not those that were there: the journal was written anew")]
    Rewritten {
        /// How many there were.
        records: u64,
    },
}

impl Checkpoint {
    /// Where a journal stands; nothing where it holds no record.
    pub fn of(journal: &Journal, at: Timestamp) -> Option<Self> {
        let opened = journal.fold.opened()?;
        Some(Self {
            format: FORMAT,
            run: opened.run.clone(),
            world: opened.world,
            account: opened.account.clone(),
            records: journal.entries.len() as u64,
            head: journal.head,
            at,
        })
    }

    /// The bytes that are signed.
    pub fn bytes(&self) -> Vec<u8> {
        canonical_bytes(self)
    }

    /// Reads one.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, BadCheckpoint> {
        let read: Self = serde_json::from_slice(bytes).map_err(|error| BadCheckpoint::NotOne(error.to_string()))?;
        if read.bytes() == bytes { Ok(read) } else { Err(BadCheckpoint::NotCanonical) }
    }

    /// Whether a sound journal is what it was, and perhaps longer.
    ///
    /// # Errors
    /// How the journal differs.
    pub fn holds_for(&self, journal: &Journal) -> Result<(), Contradiction> {
        let is_its =
            journal.fold.opened().is_some_and(|opened| opened.run == self.run && opened.account == self.account);
        if !is_its {
            return Err(Contradiction::OtherRun { of: self.run.clone() });
        }
        let has = journal.entries.len() as u64;
        if has < self.records {
            return Err(Contradiction::Truncated { had: self.records, has });
        }
        // Each record holds the check sum of the one before it, and the head is that of the last one.
        let next = usize::try_from(self.records).ok().and_then(|at| journal.entries.get(at));
        let then = next.map_or(journal.head, |next| next.prev);
        if then == self.head { Ok(()) } else { Err(Contradiction::Rewritten { records: self.records }) }
    }
}
