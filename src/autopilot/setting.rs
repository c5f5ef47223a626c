//! What a company tells the autopilot: `autopilot.yaml`.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Budgets;
use super::notices::NotifySetting;

/// What stands in `autopilot.yaml`. Everything may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutopilotSetting {
    /// How much may happen with nobody there.
    pub budgets: Budgets,
    /// For how many minutes AWS is asked whether a detection is true: CloudTrail tells of calls some minutes late.
    pub confirm_within_minutes: u32,
    /// The file of the secret with which events are signed that are sent to `--listen`: `whsec_` and base64.
    pub listen_secret_file: Option<PathBuf>,
    /// How people are told.
    pub notify: NotifySetting,
}

impl Default for AutopilotSetting {
    fn default() -> Self {
        Self {
            budgets: Budgets::default(),
            confirm_within_minutes: 20,
            listen_secret_file: None,
            notify: NotifySetting::default(),
        }
    }
}

impl AutopilotSetting {
    /// What could not be meant.
    pub fn mistakes(&self) -> Vec<String> {
        self.budgets.mistakes().into_iter().chain(self.notify.mistakes()).collect()
    }

    /// For how long AWS is asked whether a detection is true.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(u64::from(self.confirm_within_minutes) * 60)
    }
}
