//! How fast the program starts, and how much memory that takes.

use std::error::Error;
use std::fs;
use std::io::{PipeWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::figure::{Bound, Figure, median, milliseconds};
use crate::runbook::runbook;

const RUNS: usize = 15;
/// What a pipe holds on Linux.
const PIPE: usize = 64 * 1024;

/// Measures the binary beside this one.
pub(crate) fn measure() -> Result<Vec<Figure>, Box<dyn Error>> {
    let binary = beside()?;
    if !binary.exists() {
        return Err(format!("there is no {}: run `cargo build --release` first", binary.display()).into());
    }
    let folder = tempfile::tempdir()?;
    let twenty = folder.path().join("twenty.yaml");
    fs::write(&twenty, runbook(20))?;
    let check = ["check".as_ref(), twenty.as_os_str()];
    let mut figures = Vec::new();
    for (what, arguments, most) in
        [("quell --version", &["--version".as_ref()][..], 10.0), ("quell check, 20 steps", &check, 20.0)]
    {
        let run = || {
            let mut command = Command::new(&binary);
            command.args(arguments).stdin(Stdio::null());
            command
        };
        let times = (0..RUNS).map(|_| timed(run())).collect::<Result<Vec<_>, _>>()?;
        figures.push(Figure {
            what: what.into(),
            value: milliseconds(median(times)),
            unit: "ms",
            bound: Bound::AtMost(most),
            note: format!("median of {RUNS}"),
        });
        if let Some(kilobytes) = peak_memory(run())? {
            figures.push(Figure {
                what: format!("{what}: memory"),
                value: kilobytes as f64 / 1_024.0,
                unit: "MB",
                bound: Bound::AtMost(25.0),
                note: "resident at most".into(),
            });
        }
    }
    Ok(figures)
}

fn beside() -> Result<PathBuf, Box<dyn Error>> {
    let here = std::env::current_exe()?;
    let built = here.parent().and_then(Path::parent).ok_or("this program stands in no build folder")?;
    Ok(built.join("quell"))
}

fn timed(mut command: Command) -> Result<Duration, Box<dyn Error>> {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let took = started.elapsed();
    if status.success() { Ok(took) } else { Err(format!("{command:?}: {status}").into()) }
}

/// The most memory that the program had, in KiB, when it was about to say its last words: into a pipe that is full, so
/// that it stays while its figures are read. Nothing where the system does not tell, or the program says nothing.
fn peak_memory(mut command: Command) -> Result<Option<u64>, Box<dyn Error>> {
    let (mut mouth, ear) = std::io::pipe()?;
    ear_full(&ear)?;
    let mut child = command.stdout(ear.try_clone()?).stderr(ear).spawn()?;
    drop(command);
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    for _ in 0..50 {
        sleep(Duration::from_millis(10));
        if child.try_wait()?.is_some() {
            break;
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(str::trim);
        peak = line.and_then(|line| line.split(' ').next()).and_then(|number| number.parse().ok()).or(peak);
    }
    mouth.read_to_end(&mut Vec::new())?;
    child.wait()?;
    Ok(peak)
}

fn ear_full(mut ear: &PipeWriter) -> std::io::Result<()> {
    ear.write_all(&vec![b' '; PIPE])
}
