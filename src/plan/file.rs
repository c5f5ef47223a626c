//! Plans as files: canonical JSON and nothing else.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::{FORMAT, Plan};
use crate::base::canonical_bytes;

/// Why a file is not a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It cannot be read or written.
    #[error("failed to {verb} plan `{path}`")]
    Io {
        /// What was being done.
        verb: &'static str,
        /// The file.
        path: String,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// It is not a plan.
    #[error("`{path}` is not a plan: {why}")]
    NotAPlan {
        /// The file.
        path: String,
        /// The reason.
        why: String,
    },
    /// Its bytes are not the one form that a plan has.
    #[error("`{path}` is not in canonical form: it was changed or reformatted after quell wrote it")]
    NotCanonical {
        /// The file.
        path: String,
    },
    /// It was made under other rules.
    #[error("`{path}` has plan format {found}, this version of quell applies format {FORMAT}")]
    Format {
        /// The file.
        path: String,
        /// Its format.
        found: u64,
    },
}

/// Writes a plan for its owner alone. An existing file is not overwritten: it may have been signed.
pub fn write_plan(plan: &Plan, path: &Path) -> Result<(), PlanFileError> {
    let io = |source| PlanFileError::Io { verb: "write", path: path.display().to_string(), source };
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
    file.write_all(&canonical_bytes(plan)).map_err(io)?;
    file.sync_all().map_err(io)
}

/// Reads a plan. Only canonical bytes are read: any other form could show a person something else than it does.
pub fn read_plan(path: &Path) -> Result<Plan, PlanFileError> {
    let name = || path.display().to_string();
    let bytes = fs::read(path).map_err(|source| PlanFileError::Io { verb: "read", path: name(), source })?;
    from_bytes(&bytes, &name())
}

fn from_bytes(bytes: &[u8], path: &str) -> Result<Plan, PlanFileError> {
    let not_a_plan =
        |error: serde_json::Error| PlanFileError::NotAPlan { path: path.to_owned(), why: error.to_string() };
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(not_a_plan)?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(found) if found != u64::from(FORMAT) => {
            return Err(PlanFileError::Format { path: path.to_owned(), found });
        }
        _ => {}
    }
    let plan: Plan = serde_json::from_value(value).map_err(not_a_plan)?;
    if canonical_bytes(&plan) != bytes {
        return Err(PlanFileError::NotCanonical { path: path.to_owned() });
    }
    Ok(plan)
}
