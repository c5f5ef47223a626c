//! Detectors of Amazon GuardDuty.

use serde_json::Value;

/// The detector of a Region.
#[derive(Debug, Clone)]
pub(crate) struct Detector {
    pub(crate) id: String,
    /// What it has found, with the member names of the service model.
    pub(crate) findings: Vec<Value>,
}
