//! How fast requests leave: below AWS's published rates, so that it need not slow us down.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Operation, Service};
use crate::base::Region;

/// What has a pace of its own: a rate class of a service in a Region.
type Lane = (Service, &'static str, Option<Region>);

/// Paces the requests of one account, for each rate class and Region on its own.
#[derive(Debug, Default)]
pub(super) struct Pace {
    next: Mutex<HashMap<Lane, Instant>>,
}

impl Pace {
    /// Waits for the request's turn. A class that was idle for a second may send a second's worth at once, as AWS's token
    /// buckets allow.
    pub(super) async fn turn(&self, operation: &'static Operation, region: Option<&Region>) {
        let gap = Duration::from_secs_f64(1.0 / operation.rate.per_second);
        let burst = gap.mul_f64((operation.rate.per_second - 1.0).max(0.0));
        let (service, class) = operation.rate_class();
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let earliest = now.checked_sub(burst).unwrap_or(now);
            let slot = next.entry((service, class, region.cloned())).or_insert(earliest);
            let turn = (*slot).max(earliest);
            *slot = turn + gap;
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DeleteAgent, Request};
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_class_keeps_its_rate_after_its_burst() {
        let pace = Pace::default();
        let started = Instant::now();
        for _ in 0..10 {
            pace.turn(DeleteAgent::OPERATION, None).await;
        }
        // Two a second: the second that was saved up lets two go at once, the other eight take four seconds.
        assert_eq!(started.elapsed().as_millis(), 4_000);
    }
}
