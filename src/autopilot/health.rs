//! Whether the autopilot is well, for whoever starts it again where it is not.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// How long the loop may take until it turns again. What takes longer, such as a run, happens beside it.
const LONGEST_TURN_SECONDS: i64 = 60;

/// Whether the autopilot is well: its loop turns, and its ledger can be written.
#[derive(Debug)]
pub struct Health {
    /// When the loop has turned last, in milliseconds since 1970.
    turned: AtomicI64,
    stopped: OnceLock<String>,
}

/// Why the autopilot is not well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwell {
    /// It has stopped, and takes nothing in any more.
    #[error("it has stopped: {0}")]
    Stopped(String),
    /// The loop does not turn.
    #[error("its loop has not turned for {0} seconds")]
    Stuck(i64),
}

impl Health {
    /// One whose loop begins to turn.
    pub fn new(now: Timestamp) -> Self {
        Self { turned: AtomicI64::new(now.as_millisecond()), stopped: OnceLock::new() }
    }

    /// The loop has turned. It says so every few seconds, whether something came in or not.
    pub fn turned(&self, now: Timestamp) {
        self.turned.store(now.as_millisecond(), Ordering::Relaxed);
    }

    /// The ledger cannot be written, or something else has put an end to it; the first reason is the one that is told.
    pub fn stopped(&self, why: impl Into<String>) {
        // Another reason stands there already where this fails.
        let _ = self.stopped.set(why.into());
    }

    /// Whether it is well.
    ///
    /// # Errors
    /// Where it is not.
    pub fn well(&self, now: Timestamp) -> Result<(), Unwell> {
        if let Some(why) = self.stopped.get() {
            return Err(Unwell::Stopped(why.clone()));
        }
        let seconds = (now.as_millisecond() - self.turned.load(Ordering::Relaxed)) / 1000;
        if seconds > LONGEST_TURN_SECONDS { Err(Unwell::Stuck(seconds)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_well_while_its_loop_turns_and_until_it_stops() {
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).expect("a time");
        let health = Health::new(at(0));
        assert_eq!(health.well(at(60)), Ok(()));
        assert_eq!(health.well(at(61)), Err(Unwell::Stuck(61)));
        health.turned(at(61));
        assert_eq!(health.well(at(61)), Ok(()));
        health.stopped("the disk is full");
        health.stopped("and later that");
        assert_eq!(health.well(at(61)), Err(Unwell::Stopped("the disk is full".to_owned())));
    }
}
