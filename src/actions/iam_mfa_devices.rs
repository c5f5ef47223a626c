//! `iam.mfa-devices`: the MFA devices of a user.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{ListMFADevices, Operation, Request};
use crate::base::{MfaSerial, Region, UserName};

/// The MFA devices of a user.
pub struct MfaDevices;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// Registered at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_after: Option<Timestamp>,
}

/// A device.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The serial number; of a virtual device its ARN.
    pub serial: MfaSerial,
    /// The user.
    pub user: UserName,
    /// When it was registered.
    pub enabled_at: Timestamp,
}

impl Query for MfaDevices {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.mfa-devices";
    const SUMMARY: &'static str = "The MFA devices of a user, by the time of their registration";
    const PAGE: &'static str = include_str!("iam_mfa_devices.md");
    const READS: &'static [&'static Operation] = &[ListMFADevices::OPERATION];
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        format!("{} of {}", item.serial, item.enabled_at)
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let devices = look.find_all(ListMFADevices { user: input.user.clone(), next: None }).await?;
        let mut items: Vec<Item> = devices
            .unwrap_or_default()
            .into_iter()
            .filter(|device| input.enabled_after.is_none_or(|after| device.enabled >= after))
            .map(|device| Item { serial: device.serial, user: input.user.clone(), enabled_at: device.enabled })
            .collect();
        items.sort_by(|one, other| (one.enabled_at, &one.serial).cmp(&(other.enabled_at, &other.serial)));
        Ok(Answer { items, truncated: None })
    }
}
