//! `iam.delete-mfa-device`: takes an MFA device from a user, for good.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, Deletion, Doomed, Found, Look, LookError, Residual, Stage, Story};
use crate::aws::{
    Call, DeactivateMFADevice, DeleteVirtualMFADevice, ListMFADevices, ListVirtualMFADevices, Operation, Request,
};
use crate::base::{Entity, EntityKind, Impact, MfaSerial, Region, UserName, counted};

/// Takes an MFA device from a user, for good.
pub struct DeleteMfaDevice;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// The device's serial number; of a virtual one its ARN.
    pub serial: MfaSerial,
}

/// What goes before a virtual device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// That the user has it.
    Registration,
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// When it was registered for the user; nothing where it is nobody's any more.
    pub enabled: Option<Timestamp>,
    /// How many other devices the user has.
    pub others: usize,
}

impl Deletion for DeleteMfaDevice {
    type Input = Input;
    type Part = Part;
    type Present = Present;

    const NAME: &'static str = "iam.delete-mfa-device";
    const SUMMARY: &'static str = "Take an MFA device from a user, for good";
    const PAGE: &'static str = include_str!("iam_delete_mfa_device.md");
    const READS: &'static [&'static Operation] = &[ListMFADevices::OPERATION, ListVirtualMFADevices::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeactivateMFADevice::OPERATION, DeleteVirtualMFADevice::OPERATION];
    const GOING: Duration = Duration::from_secs(5 * 60);

    fn region<'i>(&self, _: &'i Input) -> Option<&'i Region> {
        None
    }

    fn entity(&self, input: &Input) -> Entity {
        Entity::new(EntityKind::User, input.user.as_str()).child(EntityKind::MfaDevice, input.serial.as_str())
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<Part, Present>>, LookError> {
        let devices = look.find_all(ListMFADevices { user: input.user.clone(), next: None }).await?.unwrap_or_default();
        let enabled = devices.iter().find(|device| device.serial == input.serial).map(|device| device.enabled);
        let is_loose = input.serial.is_virtual()
            && enabled.is_none()
            && look.ask_all(ListVirtualMFADevices { assigned: false, next: None }).await?.contains(&input.serial);
        if enabled.is_none() && !is_loose {
            return Ok(None);
        }
        // A serial number is never given twice at a time, and nothing else of it stays when the user loses it.
        let doomed = Doomed {
            first: match enabled {
                Some(_) if input.serial.is_virtual() => vec![(Part::Registration, Stage::Standing)],
                _ => vec![],
            },
            ..Doomed::new(input.serial.to_string(), Stage::Standing)
        };
        let others = devices.iter().filter(|device| device.serial != input.serial).count();
        Ok(Some(Found { doomed, present: Present { enabled, others } }))
    }

    fn delete_first(&self, input: &Input, _: &Part) -> Option<Call> {
        Some(DeactivateMFADevice { user: input.user.clone(), serial: input.serial.clone() }.into())
    }

    fn delete(&self, input: &Input) -> Call {
        let (user, serial) = (input.user.clone(), input.serial.clone());
        match input.serial.is_virtual() {
            true => DeleteVirtualMFADevice { user, serial }.into(),
            false => DeactivateMFADevice { user, serial }.into(),
        }
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<Part>, &Present)>) -> Story {
        let others = found.map_or(0, |(_, present)| present.others);
        let (impact, because) = match (found, others) {
            (None, _) => (Impact::NoneSeen, "it is gone already".to_owned()),
            (Some(_), 0) => (Impact::Degrades, "it is the last one: what demands MFA refuses the user".to_owned()),
            // Others of the same plan may go as well: nobody knows here.
            (Some(_), _) => (
                Impact::Degrades,
                format!(
                    "{} of the user beside it: where none of them stays, what demands MFA refuses the user",
                    counted(others, "device")
                ),
            ),
        };
        Story {
            now: match found {
                None => "is not registered".to_owned(),
                Some((_, Present { enabled: Some(enabled), .. })) => format!("registered since {enabled}"),
                Some(_) => "is nobody's any more".to_owned(),
            },
            does: "take it from the user for good".to_owned(),
            impact,
            because,
            undo: String::new(),
            residual: found.map_or_else(Vec::new, |_| vec![Residual::sessions_of_device()]),
            notes: vec!["take away only what the attacker registered: compare the time with the incident's".to_owned()],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "the user registers a device again, by hand".to_owned()
    }
}
