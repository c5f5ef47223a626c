//! Writing a journal.

use std::io;

use crate::base::{Clock, Digest};

use super::entry::LineWriter;
use super::reader::{self, Damage, Journal, TornTail};
use super::{Disk, Entry, Fold, IllegalRecord, Record, RunOpened, Seq};

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The records may not follow those before them. Nothing was written, and the journal can be written on.
    #[error("the journal refuses a record")]
    Illegal(#[source] IllegalRecord),
    /// A run was to begin where one has begun already.
    #[error("the journal has been begun already: resume the run")]
    Begun,
    /// The disk has failed, and what of the group is on it is unknown.
    #[error("failed to {doing} the journal; once the disk is well, resume the run")]
    Disk {
        /// What was being done: `write`, `sync`, …
        doing: &'static str,
        /// What the disk said.
        #[source]
        source: io::Error,
    },
    /// The file is longer or shorter than what was written: somebody else has been at it. Nothing was appended, so that what is there
    /// can be looked into.
    #[error("the journal has {found} bytes where {written} were written: somebody has changed it")]
    Altered {
        /// Its length.
        found: u64,
        /// What it should be.
        written: u64,
    },
    /// The disk has failed before. After a failed write or sync, a later one that succeeds proves nothing about what came
    /// before it, so only reading the file again can tell what it holds.
    #[error("the journal could not be written earlier ({why}); once the disk is well, resume the run")]
    Stopped {
        /// What the disk said.
        why: String,
    },
}

/// Why a journal cannot be written on.
#[derive(Debug, thiserror::Error)]
pub enum ReopenError {
    /// It could not be read or cut.
    #[error("failed to {doing} the journal")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// What the disk said.
        #[source]
        source: io::Error,
    },
    /// It is damaged. It can still be read and verified, but no run goes on from it.
    #[error("the journal is damaged, and no run goes on from it")]
    Damaged(#[source] Damage),
    /// It holds no record: the run never began.
    #[error("the journal is empty: the run never began")]
    Empty,
}

/// The one writer of a journal.
pub struct Writer {
    disk: Box<dyn Disk>,
    clock: Clock,
    fold: Fold,
    next: Seq,
    head: Digest,
    stopped: Option<String>,
    /// How many bytes have been written.
    length: u64,
    /// The bytes of the last group: memory that the next one finds warm.
    group: Vec<u8>,
    lines: LineWriter,
}

impl Writer {
    /// Begins a journal. What a crash has left of a first line is taken off; a journal that holds a line is refused.
    pub fn create(disk: impl Disk + 'static, clock: Clock, opened: RunOpened) -> Result<Self, JournalError> {
        let mut disk: Box<dyn Disk> = Box::new(disk);
        let failed = |doing| move |source| JournalError::Disk { doing, source };
        let found = disk.read().map_err(failed("read"))?;
        if found.contains(&b'\n') {
            return Err(JournalError::Begun);
        }
        if !found.is_empty() {
            disk.cut(0).map_err(failed("cut the torn first line off"))?;
        }
        let mut writer = Self {
            disk,
            clock,
            fold: Fold::default(),
            next: Seq(0),
            head: Digest::ZERO,
            stopped: None,
            length: 0,
            group: Vec::new(),
            lines: LineWriter::default(),
        };
        writer.append(vec![Record::RunOpened(opened)])?;
        Ok(writer)
    }

    /// Goes on with a journal. A last line that was cut short by a crash is taken off, and returned; it was never synced, so
    /// nothing was done on the strength of it. Anything else that is wrong is an error.
    pub fn reopen(disk: impl Disk + 'static, clock: Clock) -> Result<(Self, Option<TornTail>), ReopenError> {
        let mut disk: Box<dyn Disk> = Box::new(disk);
        let failed = |doing| move |source| ReopenError::Disk { doing, source };
        let bytes = disk.read().map_err(failed("read"))?;
        let journal = reader::read(&bytes).map_err(ReopenError::Damaged)?;
        if journal.entries.is_empty() {
            return Err(ReopenError::Empty);
        }
        let mut length = bytes.len() as u64;
        if let Some(torn) = &journal.torn {
            length = torn.at;
            disk.cut(torn.at).map_err(failed("cut the torn last line off"))?;
        }
        // What was read may have been in memory only: nothing is built on it before it is on the disk.
        disk.sync().map_err(failed("sync"))?;
        let next = Seq(journal.entries.len() as u64);
        let Journal { fold, head, torn, .. } = journal;
        let (group, lines) = (Vec::new(), LineWriter::default());
        Ok((Self { disk, clock, fold, next, head, stopped: None, length, group, lines }, torn))
    }

    /// Appends a group of records with one write and one sync. When it returns, they are on disk and in the fold. A crash on
    /// the way may leave the first few of them. After an error other than [`JournalError::Illegal`] every further append is
    /// refused, and so it is where somebody else has made the file longer or shorter.
    pub fn append(&mut self, records: Vec<Record>) -> Result<Vec<Seq>, JournalError> {
        if let Some(why) = &self.stopped {
            return Err(JournalError::Stopped { why: why.clone() });
        }
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let time = self.clock.now();
        let mut trial = self.fold.excerpt(&records);
        for record in &records {
            trial.apply(time, record).map_err(JournalError::Illegal)?;
        }

        let (mut head, mut next) = (self.head, self.next);
        self.group.clear();
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            let entry = Entry { seq: next, time, prev: head, record };
            head = self.lines.write(&entry, &mut self.group);
            self.group.push(b'\n');
            next = Seq(next.0 + 1);
            entries.push(entry);
        }
        let result = self.disk.length();
        let (found, written) = (self.note("look at", result)?, self.length);
        if found != written {
            let altered = JournalError::Altered { found, written };
            self.stopped = Some(altered.to_string());
            return Err(altered);
        }
        let result = self.disk.append(&self.group);
        self.note("write", result)?;
        self.length += self.group.len() as u64;
        let result = self.disk.sync();
        self.note("sync", result)?;

        for entry in &entries {
            self.fold.apply(time, &entry.record).map_err(JournalError::Illegal)?;
        }
        (self.head, self.next) = (head, next);
        Ok(entries.into_iter().map(|entry| entry.seq).collect())
    }

    /// What the run has come to, as far as it is on disk.
    pub fn fold(&self) -> &Fold {
        &self.fold
    }

    /// The `check` of the last line: all that somebody else needs to keep to prove the journal later.
    pub fn head(&self) -> Digest {
        self.head
    }

    /// Whether the disk has failed, so that nothing may be sent any more.
    pub fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    fn note<T>(&mut self, doing: &'static str, result: io::Result<T>) -> Result<T, JournalError> {
        result.map_err(|source| {
            self.stopped = Some(format!("failed to {doing} it: {source}"));
            JournalError::Disk { doing, source }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Effect;
    use crate::journal::testing::*;
    use crate::journal::{DiskError, DiskFault, SimDisk, StepState, read};

    /// Writes groups until the disk fails; says how many records were acknowledged.
    fn write_on(disk: &SimDisk, groups: &[Vec<Record>]) -> (Option<Writer>, usize) {
        let Record::RunOpened(opened) = groups[0][0].clone() else { panic!("a beginning") };
        let Ok(mut writer) = Writer::create(disk.clone(), clock(), opened) else { return (None, 0) };
        let mut acknowledged = 1;
        let rest = [&[groups[0][1..].to_vec()], &groups[1..]].concat();
        for group in rest {
            match writer.append(group.clone()) {
                Ok(places) => {
                    assert_eq!(places.len(), group.len());
                    acknowledged += places.len();
                }
                Err(error) => {
                    assert!(matches!(error, JournalError::Disk { .. }), "{error}");
                    break;
                }
            }
        }
        (Some(writer), acknowledged)
    }

    #[tokio::test]
    async fn nothing_is_appended_to_what_somebody_has_cut_or_made_longer() {
        let meddle: [fn(&mut SimDisk); 2] =
            [|disk| disk.cut(10).expect("cut"), |disk| disk.append(b"x").expect("made longer")];
        for meddle in meddle {
            let mut disk = SimDisk::new();
            let mut writer = Writer::create(disk.clone(), clock(), opened()).expect("begun");
            meddle(&mut disk);
            let left = disk.read().expect("the bytes");
            let error = writer.append(vec![Record::note("more")]).expect_err("it was altered");
            assert!(matches!(error, JournalError::Altered { .. }), "{error}");
            assert!(matches!(writer.append(vec![Record::note("more")]), Err(JournalError::Stopped { .. })));
            assert_eq!(disk.read().expect("the bytes"), left);
        }
    }

    #[tokio::test]
    async fn a_group_is_one_write_and_one_sync() {
        let disk = SimDisk::new();
        let mut writer = Writer::create(disk.clone(), clock(), opened()).expect("begun");
        let notes = (0..64).map(|at| Record::note(at.to_string())).collect();
        assert_eq!(writer.append(notes).expect("written").last(), Some(&Seq(64)));
        assert_eq!((disk.operations(), disk.syncs()), (4, 2));
        assert!(matches!(Writer::create(disk.clone(), clock(), opened()), Err(JournalError::Begun)));
        assert_eq!(writer.append(Vec::new()).expect("nothing to do"), []);
        assert_eq!(disk.operations(), 4);
    }

    #[tokio::test]
    async fn a_refused_record_writes_nothing_of_its_group_and_the_writer_lives() {
        let disk = SimDisk::new();
        let mut writer = Writer::create(disk.clone(), clock(), opened()).expect("begun");
        let before = (disk.synced(), writer.fold().clone());
        let group = vec![moved(0, StepState::Looked), intended(0, 0, 0, Effect::Reversible)];
        assert!(matches!(writer.append(group), Err(JournalError::Illegal(IllegalRecord::NotActing { .. }))));
        assert_eq!((disk.synced(), writer.fold().clone()), before);
        assert!(writer.append(vec![moved(0, StepState::Looked)]).is_ok());
    }

    /// Fails the first, the second, … write or sync until a run meets no fault any more, each once and for good; then loses
    /// power with every possible rest of what was not synced.
    #[tokio::test(start_paused = true)]
    async fn nothing_acknowledged_is_lost_whatever_fails() {
        let groups = short_run();
        let all = groups.concat();
        for error in [DiskError::Full, DiskError::Broken, DiskError::Short] {
            for lasting in [false, true] {
                for at in 0.. {
                    let disk = SimDisk::new();
                    disk.fail(DiskFault { at, error, lasting });
                    let (writer, acknowledged) = write_on(&disk, &groups);
                    let missed = acknowledged == all.len();
                    if let Some(mut writer) = writer {
                        let mut fold = Fold::default();
                        all[..acknowledged].iter().for_each(|record| fold.apply(time(), record).expect("legal"));
                        assert_eq!(writer.fold(), &fold, "only what is on disk is in the fold");
                        assert_eq!(writer.is_stopped(), !missed);
                        if writer.is_stopped() {
                            let operations = disk.operations();
                            let note = vec![Record::note("again")];
                            assert!(matches!(writer.append(note), Err(JournalError::Stopped { .. })));
                            assert_eq!(disk.operations(), operations, "a stopped writer leaves the disk alone");
                        }
                    }
                    // One kind leaves the most to lose: every rest of it. Of the others, some.
                    let stride = if error == DiskError::Broken && !lasting { 1 } else { 61 };
                    for kept in (0..=disk.unsynced()).step_by(stride) {
                        let crashed = disk.after_crash(kept);
                        match Writer::reopen(crashed.clone(), clock()) {
                            Err(ReopenError::Empty) => {
                                assert_eq!(acknowledged, 0);
                                assert_eq!(write_on(&crashed, &groups).1, all.len(), "it can begin after all");
                            }
                            Err(error) => panic!("fault {at}, {kept} kept: {error:?}"),
                            Ok((mut writer, torn)) => {
                                let note = Record::note("resumed");
                                let closed = writer.fold().closed().is_some();
                                assert_eq!(writer.append(vec![note]).is_ok(), !closed);
                                let journal = read(&crashed.synced()).expect("sound again");
                                let found: Vec<Record> = journal.entries.into_iter().map(|e| e.record).collect();
                                let found = &found[..found.len() - usize::from(!closed)];
                                assert!(found.len() >= acknowledged && found == &all[..found.len()]);
                                assert!(torn.is_none_or(|torn| torn.length > 0 && torn.length <= kept as u64));
                                assert_eq!(journal.torn, None);
                            }
                        }
                    }
                    if missed {
                        break;
                    }
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn what_is_written_comes_back(seed: u64) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
            let _inside = runtime.enter();
            let groups = random_run(seed, 60, |_, _| {});
            let disk = SimDisk::new();
            let (writer, _) = write_on(&disk, &groups);
            let writer = writer.expect("no fault was planned");
            let journal = read(&disk.synced()).expect("no false alarm");
            prop_assert_eq!(journal.head, writer.head());
            prop_assert_eq!(&journal.fold, writer.fold());
            let records: Vec<Record> = journal.entries.into_iter().map(|entry| entry.record).collect();
            prop_assert_eq!(records, groups.concat());
            let (again, torn) = Writer::reopen(disk, clock()).expect("sound");
            prop_assert_eq!((again.fold(), again.head(), torn), (writer.fold(), writer.head(), None));
        }
    }
}
