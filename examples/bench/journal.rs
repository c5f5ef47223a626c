//! The journal beside a bare file: what its chain and checks cost on top of the disk.

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use quell::base::{Clock, Digest, Partition, Phase, RunId};
use quell::journal::{FORMAT, JOURNAL_FILE, Record, RunOpened, RunStore, World, Writer};

use crate::figure::{Bound, Figure, median, milliseconds};

/// Pairs of a journal's and a bare append, one after the other: disks change their mind within a minute.
const ROUNDS: usize = 101;
/// How many records one group holds: as many steps as may hand in at the same moment.
const GROUP: usize = 64;

/// Measures in a folder under the build folder, since temporary folders are often no disk at all.
pub(crate) fn measure() -> Result<Vec<Figure>, Box<dyn Error>> {
    let folder = tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))?;
    let clock = Clock::real();
    let run = RunId::new("be9c0000")?;
    let locked = RunStore::open(folder.path())?.create(run.clone())?;
    let mut journal = locked.begin(clock, opened(run))?;
    let path = locked.folder().path().join(JOURNAL_FILE);
    let mut bare = OpenOptions::new().create(true).append(true).open(folder.path().join("bare"))?;

    let (ours, theirs) = pairs(&mut journal, &path, &mut bare, 1)?;
    let single = Figure {
        what: "journal: one record over write + fdatasync".into(),
        value: ours.as_secs_f64() / theirs.as_secs_f64(),
        unit: "",
        bound: Bound::AtMost(1.1),
        note: format!("{:.3} and {:.3} ms; medians of {ROUNDS}", milliseconds(ours), milliseconds(theirs)),
    };
    let (ours, theirs) = pairs(&mut journal, &path, &mut bare, GROUP)?;
    let grouped = Figure {
        what: format!("journal: throughput of groups of {GROUP} over raw"),
        value: theirs.as_secs_f64() / ours.as_secs_f64(),
        unit: "",
        bound: Bound::AtLeast(0.85),
        note: format!("{:.0} records a second", GROUP as f64 / ours.as_secs_f64()),
    };
    Ok(vec![single, grouped])
}

/// The median times of appending a group to the journal and the same number of bytes to the bare file.
fn pairs(
    journal: &mut Writer,
    path: &Path,
    bare: &mut File,
    group: usize,
) -> Result<(Duration, Duration), Box<dyn Error>> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let before = std::fs::metadata(path)?.len();
        let records = (0..group).map(|index| record(round, index)).collect();
        let started = Instant::now();
        journal.append(records)?;
        ours.push(started.elapsed());
        let written = std::fs::metadata(path)?.len() - before;
        let bytes = vec![b'x'; usize::try_from(written)?];
        let started = Instant::now();
        bare.write_all(&bytes)?;
        bare.sync_data()?;
        theirs.push(started.elapsed());
    }
    Ok((median(ours), median(theirs)))
}

/// A record of the size of a call's intent.
fn record(round: usize, index: usize) -> Record {
    Record::note(format!("{round:08}-{index:08} {}", "x".repeat(500)))
}

fn opened(run: RunId) -> RunOpened {
    RunOpened {
        format: FORMAT,
        quell: env!("CARGO_PKG_VERSION").into(),
        run,
        incident: "BENCH".parse().expect("an incident"),
        plan: Digest::of_bytes(b"plan"),
        phase: Phase::Contain,
        undoes: None,
        world: World::Range,
        partition: Partition::Aws,
        account: "111122223333".parse().expect("an account"),
        caller: "arn:aws:sts::111122223333:assumed-role/bench/bench".parse().expect("an ARN"),
        acts_as: None,
        detected: None,
        steps: vec![],
        sealed_to: vec![],
    }
}
