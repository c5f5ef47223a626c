//! How much a run writes.

use crate::plan::Plan;

/// Bytes that one call and its step leave in a journal, generously.
const JOURNAL_PER_STEP: u64 = 16 * 1024;
/// Bytes of evidence that one step leaves: what it found, with all its versions, and how it looked at the end.
const EVIDENCE_PER_STEP: u64 = 64 * 1024;

/// What is set aside for a run before its first change, in bytes: what has been done is always on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// For the journal.
    pub journal: u64,
    /// For the evidence. What a query keeps of an account is not foreseen; it is kept before anything is sent.
    pub evidence: u64,
}

impl Space {
    /// What a run of a plan needs, generously.
    pub fn for_run_of(plan: &Plan) -> Self {
        let steps = plan.steps.len() as u64 + 2;
        let actions = plan.actions().count() as u64 + 1;
        Self { journal: steps * JOURNAL_PER_STEP, evidence: actions * EVIDENCE_PER_STEP }
    }
}
