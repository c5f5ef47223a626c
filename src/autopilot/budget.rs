//! How much may happen with nobody there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much may happen with nobody there. What goes beyond it waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budgets {
    /// Roles and users of one account that are acted on within an hour.
    pub principals_per_account: usize,
    /// Roles and users of all accounts that are acted on within an hour. Who asks for more trips the breaker.
    pub principals: usize,
    /// Plans that are made for people within an hour. Beyond it an incident is listed with the command that plans it.
    pub plans: usize,
    /// For how many minutes nothing happens unattended once the breaker has tripped.
    pub breaker_minutes: u32,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { principals_per_account: 5, principals: 10, plans: 60, breaker_minutes: 60 }
    }
}

impl Budgets {
    /// How long the breaker stays open.
    pub fn breaker(&self) -> Duration {
        Duration::from_secs(u64::from(self.breaker_minutes) * 60)
    }

    /// What could not be meant.
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        if self.principals < self.principals_per_account {
            let why = "`principals` is for all accounts together, and less than `principals_per_account`";
            mistakes.push(why.to_owned());
        }
        if self.breaker_minutes == 0 {
            mistakes.push("`breaker_minutes` is 0, and a breaker that closes at once breaks nothing".to_owned());
        }
        mistakes
    }
}
