//! Where a run or a plan came from.

use serde::{Deserialize, Serialize};

/// What a command about a run or a plan has to name to find the same account and the same runbook again, whoever types it and in
/// whichever shell. Nothing is decided by it: it is there for the commands that screens name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    /// The flags by which the account was reached, each as `--flag` or `--flag=value`.
    pub reached: Vec<String>,
    /// The runbook: the name of an embedded one, or the full path of a file.
    pub runbook: Option<String>,
}
