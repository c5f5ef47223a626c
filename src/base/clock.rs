//! The one clock.

use std::time::Duration;

use jiff::Timestamp;

/// The time that everything here goes by.
///
/// It is either that of the machine, or tied to tokio's clock: on a runtime whose clock is paused it is then virtual,
/// starts where it was told to and only moves when everything waits. It is for waits, records and display; a cut-off
/// for sessions is taken from AWS's own clock instead, since this one may be wrong.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Nothing for the clock of the machine, which goes on while the machine sleeps: tokio's does not.
    origin: Option<(Timestamp, tokio::time::Instant)>,
}

impl Clock {
    /// The clock of this machine.
    pub fn real() -> Self {
        Self { origin: None }
    }

    /// A clock that shows `origin` now.
    pub fn starting_at(origin: Timestamp) -> Self {
        Self { origin: Some((origin, tokio::time::Instant::now())) }
    }

    /// The time, to the millisecond: more would not survive in records.
    pub fn now(&self) -> Timestamp {
        let now = match self.origin {
            None => Timestamp::now(),
            Some((origin, started)) => {
                let passed = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
                origin + jiff::SignedDuration::from_millis(passed)
            }
        };
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Waits.
    pub async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Waits until the clock shows `when`; not at all when it already does.
    pub async fn sleep_until(&self, when: Timestamp) {
        if let Ok(wait) = Duration::try_from(when.duration_since(self.now())) {
            tokio::time::sleep(wait).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn virtual_time_moves_only_when_all_wait() {
        let origin: Timestamp = "2026-11-22T03:00:00Z".parse().expect("a timestamp");
        let clock = Clock::starting_at(origin);
        assert_eq!(clock.now(), origin);
        clock.sleep(Duration::from_secs(3600)).await;
        assert_eq!(clock.now().to_string(), "2026-11-22T04:00:00Z");
    }
}
