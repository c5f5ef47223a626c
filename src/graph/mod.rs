//! Stub of the graph.
use crate::base::StepId;
use crate::runbook::{Runbook, Step};

/// What comes before a step.
pub struct Before<'a> {
    /// The step.
    pub step: &'a StepId,
    /// Whether it must succeed.
    pub must_succeed: bool,
    /// Joined.
    pub item_by_item: bool,
    /// Why.
    pub because: Option<String>,
}
/// The graph.
#[derive(Debug)]
pub struct Graph {
    runbook: std::sync::Arc<Runbook>,
}
impl Graph {
    /// Order.
    pub fn order(&self) -> impl Iterator<Item = &Step> {
        self.runbook.steps().iter()
    }
    /// Before.
    pub fn before(&self, step: &StepId) -> impl Iterator<Item = Before<'_>> {
        self.runbook.step(step).into_iter().flat_map(|s| {
            s.needs
                .iter()
                .map(|n| Before { step: &n.value, must_succeed: true, item_by_item: false, because: None })
                .chain(s.after.iter().map(|n| Before {
                    step: &n.value,
                    must_succeed: false,
                    item_by_item: false,
                    because: None,
                }))
        })
    }
}
