//! Time on a processor.

use std::fs;
use std::time::{Duration, Instant};

/// How long something takes on a processor, where the system tells, and else by the clock; and what it makes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let (started, busy) = (Instant::now(), on_processor());
    let made = work();
    let took = match (busy, on_processor()) {
        (Some(before), Some(after)) => after - before,
        _ => started.elapsed(),
    };
    (took, made)
}

/// For how long this thread has been on a processor: what else runs on the machine is not counted.
fn on_processor() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}
