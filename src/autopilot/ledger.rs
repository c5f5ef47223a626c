//! The ledger: what the autopilot knows, on disk before anything follows from it.

use std::io;

use jiff::Timestamp;

use super::books::Books;
use super::entry::Entry;
use crate::base::canonical_bytes;
use crate::journal::Disk;

/// Why the ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The disk has failed. What was being written may be there or not.
    #[error("failed to {doing} the ledger of the autopilot")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// What the disk said.
        #[source]
        source: io::Error,
    },
    /// A line is not what was written.
    #[error("line {line} of the ledger of the autopilot is not what was written")]
    Damaged {
        /// The line, from 1.
        line: usize,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// It could not be written earlier. After a failed write a later one that succeeds proves nothing about what came before it.
    #[error("the ledger of the autopilot could not be written earlier")]
    Stopped,
}

/// The ledger: lines of JSON, appended and synced. A line that a crash has cut short was never synced, so nothing has followed from it, and it is
/// taken off.
pub struct Ledger {
    disk: Box<dyn Disk>,
    books: Books,
    unsynced: bool,
    stopped: bool,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Ledger").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens it.
    ///
    /// # Errors
    /// Where the disk fails, or a line is damaged: what the autopilot has done is then for a person to find out.
    pub fn open(disk: impl Disk + 'static) -> Result<Self, LedgerError> {
        let mut disk: Box<dyn Disk> = Box::new(disk);
        let bytes = disk.read().map_err(failed("read"))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let entries = entries(&bytes[..whole])?;
        if whole < bytes.len() {
            disk.cut(whole as u64).and_then(|()| disk.sync()).map_err(failed("cut the torn last line off"))?;
        }
        let mut books = Books::default();
        entries.iter().for_each(|entry| books.apply(entry));
        Ok(Self { disk, books, unsynced: false, stopped: false })
    }

    /// What it comes to.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// Appends an entry. It is known from now on, and nothing may follow from it before [`Ledger::sync`] has returned.
    ///
    /// # Errors
    /// Where the disk fails. Nothing more is written then.
    pub fn append(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        if self.stopped {
            return Err(LedgerError::Stopped);
        }
        let written = self.disk.append(&line(entry));
        self.stopped = written.is_err();
        written.map_err(failed("write"))?;
        self.books.apply(entry);
        self.unsynced = true;
        Ok(())
    }

    /// Makes what was appended last.
    ///
    /// # Errors
    /// Where the disk fails. Nothing more is written then, and nothing may follow from what was appended.
    pub fn sync(&mut self) -> Result<(), LedgerError> {
        if self.stopped {
            return Err(LedgerError::Stopped);
        }
        if std::mem::take(&mut self.unsynced) {
            let synced = self.disk.sync();
            self.stopped = synced.is_err();
            synced.map_err(failed("sync"))?;
        }
        Ok(())
    }

    /// What would be left of a ledger without what is over; nothing where that is all of it.
    ///
    /// # Errors
    /// Where a line is damaged.
    pub fn without_what_is_over(bytes: &[u8], now: Timestamp) -> Result<Option<Vec<u8>>, LedgerError> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let all = entries(&bytes[..whole])?;
        let mut books = Books::default();
        all.iter().for_each(|entry| books.apply(entry));
        let kept: Vec<&Entry> = all.iter().filter(|entry| books.still_says(entry, now)).collect();
        Ok((kept.len() < all.len()).then(|| kept.into_iter().flat_map(line).collect()))
    }
}

fn failed(doing: &'static str) -> impl Fn(io::Error) -> LedgerError {
    move |source| LedgerError::Disk { doing, source }
}

fn line(entry: &Entry) -> Vec<u8> {
    [canonical_bytes(entry), b"\n".to_vec()].concat()
}

fn entries(bytes: &[u8]) -> Result<Vec<Entry>, LedgerError> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate();
    let read = |(number, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|source| LedgerError::Damaged { line: number + 1, source })
    };
    lines.map(read).collect()
}
