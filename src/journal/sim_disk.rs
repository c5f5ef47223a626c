//! A disk that fails on demand and remembers what it would have lost.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Disk;

/// What goes wrong on a [`SimDisk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskError {
    /// The disk is full (`ENOSPC`).
    Full,
    /// The disk is broken (`EIO`).
    Broken,
    /// Half of the bytes are written, then the disk is full. A sync is simply full.
    Short,
}

/// A fault planned on a [`SimDisk`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskFault {
    /// Which write or sync fails, counted from 0.
    pub at: u64,
    /// How.
    pub error: DiskError,
    /// Whether every later one fails as well.
    pub lasting: bool,
}

/// A simulated disk, for tests and the crash matrix. It keeps what is synced and what is not apart; its clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    synced: Vec<u8>,
    unsynced: Vec<u8>,
    operations: u64,
    syncs: u64,
    fault: Option<DiskFault>,
    /// A sync has failed. The system then takes the pages for clean: a later sync succeeds and saves nothing of them.
    pages_lost: bool,
}

impl SimDisk {
    /// An empty disk on which nothing fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that holds bytes, all synced.
    pub fn holding(bytes: impl Into<Vec<u8>>) -> Self {
        let disk = Self::new();
        disk.state().synced = bytes.into();
        disk
    }

    /// Plans a fault, in place of the one before.
    pub fn fail(&self, fault: DiskFault) {
        self.state().fault = Some(fault);
    }

    /// How many writes and syncs there were.
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// How many syncs there were.
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// What a loss of power certainly leaves.
    pub fn synced(&self) -> Vec<u8> {
        self.state().synced.clone()
    }

    /// How many bytes a loss of power may take.
    pub fn unsynced(&self) -> usize {
        self.state().unsynced.len()
    }

    /// The disk after a loss of power that left all that was synced and the first `kept` bytes of what was not.
    pub fn after_crash(&self, kept: usize) -> Self {
        let state = self.state();
        let kept = &state.unsynced[..kept.min(state.unsynced.len())];
        Self::holding([state.synced.as_slice(), kept].concat())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_fault(&mut self) -> Option<DiskError> {
        let now = self.operations;
        self.operations += 1;
        let fault = self.fault?;
        (now == fault.at || (fault.lasting && now > fault.at)).then_some(fault.error)
    }
}

fn error(fault: DiskError) -> io::Error {
    match fault {
        DiskError::Full | DiskError::Short => rustix::io::Errno::NOSPC.into(),
        DiskError::Broken => rustix::io::Errno::IO.into(),
    }
}

impl Disk for SimDisk {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let state = self.state();
        Ok([state.synced.as_slice(), &state.unsynced].concat())
    }

    fn length(&mut self) -> io::Result<u64> {
        self.read().map(|bytes| bytes.len() as u64)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        let fault = state.next_fault();
        let written = match fault {
            None => bytes.len(),
            Some(DiskError::Short) => bytes.len() / 2,
            Some(_) => 0,
        };
        state.unsynced.extend_from_slice(&bytes[..written]);
        fault.map_or(Ok(()), |fault| Err(error(fault)))
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.state();
        state.syncs += 1;
        if let Some(fault) = state.next_fault() {
            state.pages_lost = true;
            return Err(error(fault));
        }
        if !state.pages_lost {
            let unsynced = std::mem::take(&mut state.unsynced);
            state.synced.extend(unsynced);
        }
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let mut state = self.state();
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let synced = state.synced.len();
        state.synced.truncate(length);
        state.unsynced.truncate(length.saturating_sub(synced));
        Ok(())
    }
}
