//! Starts and stops the people of a scenario.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::range::{Range, Scenario};

use super::adversary::Adversary;
use super::{moves, workload};

/// The people of a scenario at work. They stop when this is dropped.
#[derive(Debug)]
#[must_use = "the people of the scenario stop when this is dropped"]
pub struct Actors {
    tasks: JoinSet<()>,
}

impl Actors {
    /// Lets them begin, the adversary with its moves and the workload with its calls, and starts the judge's watch.
    /// The scenario must be the one that the range was opened with.
    pub fn start(range: &Range, scenario: &Scenario) -> Self {
        range.start_watch();
        let mut tasks = JoinSet::new();
        for worker in &scenario.workload {
            tasks.spawn(workload::work(range.clone(), worker.clone()));
        }
        let adversary = Arc::new(Adversary::new(range, &scenario.adversary));
        for spec in &scenario.adversary.moves {
            tasks.spawn(moves::play(Arc::clone(&adversary), spec.clone()));
        }
        Self { tasks }
    }

    /// Stops them all.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
