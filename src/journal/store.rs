//! Where runs live: `<state dir>/runs/<run id>/`.

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::base::{Clock, Digest, Exposed, Folder, IncidentId, RunId, Target, canonical_bytes, set_aside_behind};

use super::reader::TornTail;
use super::{Entry, JournalError, Origin, Record, ReopenError, RunOpened, Writer};

/// The file name of a run's journal.
pub const JOURNAL_FILE: &str = "journal.jsonl";
/// The plan of a run, beside its journal.
pub const PLAN_FILE: &str = "plan.json";
/// The folder beside the journal that holds what the targets were before.
pub const EVIDENCE_FOLDER: &str = "evidence";

/// Why the store of runs cannot do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder could not be used.
    #[error("failed to {doing} `{path}`")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others could put things into a folder, or lead to another one.
    #[error("`{path}` cannot be trusted with runs: {why}")]
    Exposed {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: Exposed,
    },
    /// There is no such run.
    #[error("there is no run `{0}`")]
    NoRun(RunId),
    /// The folder of a run that has begun holds no journal any more.
    #[error("the journal of run `{0}` is gone, and what it proved with it")]
    NoJournal(RunId),
    /// The run is there already.
    #[error("run `{0}` is there already")]
    RunExists(RunId),
    /// Another process is at work on the run.
    #[error("run `{0}` is held by another process")]
    Held(RunId),
    /// Another run is at work on the target.
    #[error("{target} is being changed by run `{by}`")]
    Leased {
        /// The target.
        target: Box<Target>,
        /// The run.
        by: RunId,
    },
}

/// All runs of a state directory.
#[derive(Debug)]
pub struct RunStore {
    runs: Folder,
    leases: Folder,
    /// One file for each plan that was saved from here, named for the plan's digest: where it came from.
    plans: Folder,
    /// One file for each run, named for it: where it came from.
    origins: Folder,
}

/// A run in the list of runs.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedRun {
    /// The run.
    pub run: RunId,
    /// How it began; nothing where its first record is not there or not right.
    pub opened: Option<RunOpened>,
    /// Whether a process is at work on it.
    pub held: bool,
}

/// A run that this process, and no other, may write on. The lock is the journal's own and lasts as long as this or a writer
/// made from it; the system takes it back when the process dies, however it dies.
#[derive(Debug)]
#[must_use = "the run is locked only as long as this lives"]
pub struct LockedRun {
    run: RunId,
    folder: Folder,
    journal: File,
}

impl RunStore {
    /// Opens the store in a state directory, and makes it where it is missing.
    pub fn open(state_dir: &Path) -> Result<Self, StoreError> {
        let failed = failed("open the state directory", state_dir);
        let trusted = |folder: io::Result<Folder>| {
            let folder = folder.map_err(&failed)?;
            match folder.exposed().map_err(&failed)? {
                Some(why) => Err(StoreError::Exposed { path: folder.path().to_owned(), why }),
                None => Ok(folder),
            }
        };
        let root = trusted(Folder::at(state_dir))?;
        // Those are ours alone; the directory itself may hold other things, and shows nothing but their names.
        let folder = |name| {
            let folder = trusted(root.folder_or_new(name))?;
            folder.tighten().map_err(&failed)?;
            Ok(folder)
        };
        Ok(Self {
            runs: folder("runs")?,
            leases: folder("leases")?,
            plans: folder("plans")?,
            origins: folder("origins")?,
        })
    }

    /// Notes that a plan was saved from here, and where it came from, before its file is written.
    pub fn note_plan(&self, plan: Digest, origin: &Origin) -> Result<(), StoreError> {
        let note = self.plans.put(&plan.to_string(), &canonical_bytes(origin));
        note.map_err(failed("note the plan in", self.plans.path()))
    }

    /// Whether a plan was saved from here as it is: one that was changed since has another digest.
    pub fn knows_plan(&self, plan: Digest) -> bool {
        self.plans.read(&plan.to_string()).is_ok()
    }

    /// Where a saved plan came from, as far as that was noted.
    pub fn origin_of_plan(&self, plan: Digest) -> Option<Origin> {
        serde_json::from_slice(&self.plans.read(&plan.to_string()).ok()?).ok()
    }

    /// Notes where a run comes from, before it begins: one that is killed at once can then still be told how to go on.
    pub fn note_origin(&self, run: &RunId, origin: &Origin) -> Result<(), StoreError> {
        let note = self.origins.put(run.as_str(), &canonical_bytes(origin));
        note.map_err(failed("note where the run comes from in", self.origins.path()))
    }

    /// Where a run came from, as far as that was noted.
    pub fn origin(&self, run: &RunId) -> Option<Origin> {
        serde_json::from_slice(&self.origins.read(run.as_str()).ok()?).ok()
    }

    /// Takes the note about a run away that could not begin.
    pub fn forget_origin(&self, run: &RunId) -> Result<(), StoreError> {
        match self.folder(run) {
            Err(StoreError::NoRun(_)) => {
                self.origins.remove(run.as_str()).map_err(failed("take a note away in", self.origins.path()))
            }
            _ => Ok(()),
        }
    }

    /// Makes the folder of a new run, and locks it.
    pub fn create(&self, run: RunId) -> Result<LockedRun, StoreError> {
        let path = self.path(&run);
        let folder = self.runs.new_folder(run.as_str()).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => StoreError::RunExists(run.clone()),
            _ => failed("make", &path)(error),
        })?;
        let journal = folder.new_file(JOURNAL_FILE).and_then(|file| folder.sync().map(|()| file));
        let journal = journal.map_err(failed("make the journal in", &path))?;
        self.locked(run, folder, journal)
    }

    /// Takes the folder of a run away of which not a byte is in the journal: it was refused before it began, and there is
    /// nothing to look up, to resume or to undo. One that has begun stays as it is.
    pub fn forget_unbegun(&self, locked: LockedRun) -> Result<(), StoreError> {
        let LockedRun { run, folder, journal } = locked;
        let forget = || {
            // A first record that a crash has cut short was never synced, and nothing has followed from it.
            if folder.read(JOURNAL_FILE)?.contains(&b'\n') {
                return Ok(());
            }
            drop(journal);
            for name in folder.names()? {
                if let Ok(inner) = folder.folder(&name) {
                    inner.names()?.iter().try_for_each(|file| inner.remove(file))?;
                    folder.remove_folder(&name)?;
                } else {
                    folder.remove(&name)?;
                }
            }
            self.runs.remove_folder(run.as_str())
        };
        forget().map_err(failed("take away", folder.path()))
    }

    /// Whether a run has begun: its first record is on disk.
    pub fn has_begun(&self, run: &RunId) -> bool {
        self.folder(run)
            .and_then(|folder| {
                let bytes = folder.read(JOURNAL_FILE);
                bytes.map_err(|error| no_journal(error, "read the journal in", run, &folder))
            })
            .is_ok_and(|bytes| bytes.contains(&b'\n'))
    }

    /// Locks a run that is there.
    pub fn lock(&self, run: &RunId) -> Result<LockedRun, StoreError> {
        let folder = self.folder(run)?;
        let journal = folder.open_to_append(JOURNAL_FILE);
        let journal = journal.map_err(|error| no_journal(error, "open the journal in", run, &folder))?;
        self.locked(run.clone(), folder, journal)
    }

    /// The folder of a run, to read from it. A run that is at work may be read at any time.
    pub fn folder(&self, run: &RunId) -> Result<Folder, StoreError> {
        self.runs.folder(run.as_str()).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NoRun(run.clone()),
            _ => failed("open", &self.path(run))(error),
        })
    }

    /// The bytes of a run's journal.
    pub fn journal(&self, run: &RunId) -> Result<Vec<u8>, StoreError> {
        let folder = self.folder(run)?;
        let bytes =
            folder.read(JOURNAL_FILE).map_err(|error| no_journal(error, "read the journal in", run, &folder))?;
        // The first record is on disk before the folder of the evidence is made.
        if bytes.is_empty() && folder.folder(EVIDENCE_FOLDER).is_ok() {
            return Err(StoreError::NoJournal(run.clone()));
        }
        Ok(bytes)
    }

    /// Every run, by id. Folders whose name is no run id are none of ours.
    pub fn list(&self) -> Result<Vec<ListedRun>, StoreError> {
        let names = self.runs.names().map_err(failed("list", self.runs.path()))?;
        names.into_iter().filter_map(|name| RunId::new(name).ok()).map(|run| self.listed(run)).collect()
    }

    /// The runs of an incident, the earliest first.
    pub fn list_incident(&self, incident: &IncidentId) -> Result<Vec<ListedRun>, StoreError> {
        let mut runs = self.list()?;
        runs.retain(|run| run.opened.as_ref().is_some_and(|opened| opened.incident == *incident));
        let began =
            |run: &ListedRun| self.folder(&run.run).ok().and_then(|folder| first_entry(&folder)).map(|e| e.time);
        runs.sort_by_cached_key(began);
        Ok(runs)
    }

    /// Whether a process is at work on a run.
    pub fn is_held(&self, run: &RunId) -> Result<bool, StoreError> {
        let _quiet = self.quiet()?;
        self.is_held_now(run)
    }

    pub(super) fn leases(&self) -> &Folder {
        &self.leases
    }

    /// Keeps every other process from taking or probing locks while it lives. Without it, a probe could make a resume
    /// that happens at the same moment believe that somebody else is at work.
    pub(super) fn quiet(&self) -> Result<File, StoreError> {
        let take = || {
            let file = self.leases.file_or_new("lock")?;
            file.lock()?;
            Ok(file)
        };
        take().map_err(failed("lock", self.leases.path()))
    }

    pub(super) fn is_held_now(&self, run: &RunId) -> Result<bool, StoreError> {
        let folder = match self.folder(run) {
            Ok(folder) => folder,
            Err(StoreError::NoRun(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let probe = match folder.open(JOURNAL_FILE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened.map_err(failed("open the journal in", folder.path()))?,
        };
        match probe.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(failed("probe the journal in", folder.path())(error)),
        }
    }

    fn locked(&self, run: RunId, folder: Folder, journal: File) -> Result<LockedRun, StoreError> {
        let _quiet = self.quiet()?;
        match journal.try_lock() {
            Ok(()) => Ok(LockedRun { run, folder, journal }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Held(run)),
            Err(TryLockError::Error(error)) => Err(failed("lock the journal in", folder.path())(error)),
        }
    }

    fn listed(&self, run: RunId) -> Result<ListedRun, StoreError> {
        let held = self.is_held(&run)?;
        let first = self.folder(&run).ok().and_then(|folder| first_entry(&folder));
        let opened = first.and_then(|entry| match entry.record {
            Record::RunOpened(opened) => Some(opened),
            _ => None,
        });
        Ok(ListedRun { run, opened, held })
    }

    fn path(&self, run: &RunId) -> PathBuf {
        self.runs.path().join(run.as_str())
    }
}

impl LockedRun {
    /// The run.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Its folder, for the plan, the evidence and what else belongs to the run.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Sets space for `bytes` more bytes of its journal aside: before the first change, so that its record finds room.
    pub fn reserve(&self, bytes: u64) -> io::Result<()> {
        set_aside_behind(&self.journal, bytes)
    }

    /// Begins its journal.
    pub fn begin(&self, clock: Clock, opened: RunOpened) -> Result<Writer, JournalError> {
        let disk = self.journal.try_clone();
        let disk = disk.map_err(|source| JournalError::Disk { doing: "open", source })?;
        Writer::create(disk, clock, opened)
    }

    /// Goes on with its journal; see [`Writer::reopen`].
    pub fn reopen(&self, clock: Clock) -> Result<(Writer, Option<TornTail>), ReopenError> {
        let disk = self.journal.try_clone();
        let disk = disk.map_err(|source| ReopenError::Disk { doing: "open", source })?;
        Writer::reopen(disk, clock)
    }
}

fn first_entry(folder: &Folder) -> Option<Entry> {
    let mut line = Vec::new();
    BufReader::new(folder.open(JOURNAL_FILE).ok()?).read_until(b'\n', &mut line).ok()?;
    Entry::from_line(line.strip_suffix(b"\n")?).ok().map(|(entry, _)| entry)
}

/// The journal is the first file in the folder of a run, and stays.
fn no_journal(error: io::Error, doing: &'static str, run: &RunId, folder: &Folder) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::NoJournal(run.clone()),
        _ => failed(doing, folder.path())(error),
    }
}

pub(super) fn failed<'a>(doing: &'static str, path: &'a Path) -> impl Fn(io::Error) -> StoreError + 'a {
    move |source| StoreError::Io { doing, path: path.to_owned(), source }
}
