//! Lets a process die at a chosen spot on its way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quell::journal::{Disk, Entry, Record, SimDisk};
use quell::range::InFlight;
use tokio::sync::Notify;

/// What a process has just done when it may die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It has decided to write records, and has written nothing of them.
    Decided,
    /// It has written them; a loss of power may still take them.
    Written,
    /// They are on disk.
    Synced,
    /// The request has arrived and has changed nothing yet.
    Sent,
    /// It has taken effect; the reply has not left.
    TakenEffect,
}

/// A spot on a process's way.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spot {
    pub(crate) done: Done,
    /// The records that are written, if it is about records.
    pub(crate) records: Vec<Record>,
    /// The operation, if it is about a request.
    pub(crate) operation: Option<&'static str>,
}

/// How a process ends that dies: by unwinding at once, so that not a line more of it runs.
struct Died;

/// Counts the spots that a process passes, and lets it die at one of them.
#[derive(Clone, Default)]
pub(crate) struct Fuse {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    length: Option<usize>,
    passed: Mutex<Vec<Spot>>,
    burnt: Notify,
}

impl Fuse {
    /// Lets a process die at its n-th spot, counted from 0.
    pub(crate) fn of_length(length: usize) -> Self {
        Self { inner: Arc::new(Inner { length: Some(length), ..Inner::default() }) }
    }

    /// The spots that were passed, the fatal one included.
    pub(crate) fn passed(&self) -> Vec<Spot> {
        self.spots().clone()
    }

    /// Whether the process has died of it.
    pub(crate) fn has_burnt(&self) -> bool {
        self.inner.length.is_some_and(|length| self.spots().len() > length)
    }

    /// Returns once the process is to die.
    pub(crate) async fn burnt(&self) {
        self.inner.burnt.notified().await;
    }

    /// A request of the process has come to a spot; whether it dies there.
    pub(crate) fn meets(&self, flight: &InFlight<'_>, done: Done) -> bool {
        let dies = self.passes(Spot { done, records: Vec::new(), operation: Some(flight.call.operation) });
        if dies {
            self.inner.burnt.notify_one();
        }
        dies
    }

    fn writes(&self, done: Done, records: &[Record]) {
        if self.passes(Spot { done, records: records.to_vec(), operation: None }) {
            std::panic::resume_unwind(Box::new(Died));
        }
    }

    fn passes(&self, spot: Spot) -> bool {
        let mut spots = self.spots();
        spots.push(spot);
        self.inner.length.is_some_and(|length| spots.len() == length + 1)
    }

    fn spots(&self) -> MutexGuard<'_, Vec<Spot>> {
        self.inner.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A disk whose writes are spots.
pub(crate) struct FusedDisk {
    pub(crate) disk: SimDisk,
    pub(crate) fuse: Fuse,
    pub(crate) unsynced: Vec<Record>,
}

impl Disk for FusedDisk {
    fn read(&mut self) -> std::io::Result<Vec<u8>> {
        self.disk.read()
    }

    fn length(&mut self) -> std::io::Result<u64> {
        self.disk.length()
    }

    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let entries = lines.map(|line| serde_json::from_slice::<Entry>(line).expect("an entry").record);
        self.unsynced = entries.collect();
        self.fuse.writes(Done::Decided, &self.unsynced);
        self.disk.append(bytes)?;
        self.fuse.writes(Done::Written, &self.unsynced);
        Ok(())
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.disk.sync()?;
        let synced = std::mem::take(&mut self.unsynced);
        if !synced.is_empty() {
            self.fuse.writes(Done::Synced, &synced);
        }
        Ok(())
    }

    fn cut(&mut self, length: u64) -> std::io::Result<()> {
        self.disk.cut(length)
    }
}
