//! Starts and stops the people of a scenario.

use tokio::task::JoinSet;

use crate::range::{Range, Scenario};

/// The people of a scenario at work. They stop when this is dropped.
#[derive(Debug)]
#[must_use = "the people of the scenario stop when this is dropped"]
pub struct Actors {
    tasks: JoinSet<()>,
}

impl Actors {
    /// Lets them begin: the adversary with its moves, the workload with its calls.
    pub fn start(_range: &Range, _scenario: &Scenario) -> Self {
        Self { tasks: JoinSet::new() }
    }

    /// Stops them.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
