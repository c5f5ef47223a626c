//! MFA devices of users. The user is never left out of a request: IAM would then take the caller.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::iam_roles::{IAM_READ, IAM_WRITE};
use super::{Operation, Page, Service};
use crate::base::{Entity, EntityKind, MfaSerial, UserName};

const USER: &str = "arn:{partition}:iam::{account}:user/*{id}";
const USER_OF_CHILD: &str = "arn:{partition}:iam::{account}:user/*{parent}";

fn device(user: &UserName, serial: &MfaSerial) -> Entity {
    Entity::new(EntityKind::User, user.as_str()).child(EntityKind::MfaDevice, serial.as_str())
}

/// An MFA device of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MfaDevice {
    /// Its serial number.
    pub serial: MfaSerial,
    /// When it was registered for the user.
    pub enabled: Timestamp,
}

request! {
    /// One page of the MFA devices of a user (`iam:ListMFADevices`).
    list ListMFADevices {
        /// The user.
        user: UserName,
    } of MfaDevice,
    row: Operation::read(Service::Iam, "ListMFADevices").needs(&["iam:ListMFADevices"], USER).paced(IAM_READ),
    about: |it| Entity::new(EntityKind::User, it.user.as_str()),
    send: |it, to| to.iam(None).list_mfa_devices().user_name(it.user.as_str()).set_marker(it.next.clone()),
    reply: |out| {
        let one = |device: aws_sdk_iam::types::MfaDevice| {
            let serial = MfaSerial::new(device.serial_number).map_err(|error| error.to_string())?;
            Ok::<_, String>(MfaDevice { serial, enabled: super::timestamp(&device.enable_date) })
        };
        Ok(Page {
            items: out.mfa_devices.into_iter().map(one).collect::<Result<_, _>>()?,
            next: out.marker.filter(|_| out.is_truncated),
        })
    },
}

request! {
    /// One page of the virtual MFA devices that some user has, or none (`iam:ListVirtualMFADevices`).
    list ListVirtualMFADevices {
        /// Whether somebody has them.
        assigned: bool,
    } of MfaSerial,
    row: Operation::read(Service::Iam, "ListVirtualMFADevices")
        .needs(&["iam:ListVirtualMFADevices"], "*")
        .paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "virtual MFA devices"),
    send: |it, to| to
        .iam(None)
        .list_virtual_mfa_devices()
        .assignment_status(match it.assigned {
            true => aws_sdk_iam::types::AssignmentStatusType::Assigned,
            false => aws_sdk_iam::types::AssignmentStatusType::Unassigned,
        })
        .set_marker(it.next.clone()),
    reply: |out| {
        let one = |device: aws_sdk_iam::types::VirtualMfaDevice| {
            MfaSerial::new(device.serial_number).map_err(|error| error.to_string())
        };
        Ok(Page {
            items: out.virtual_mfa_devices.into_iter().map(one).collect::<Result<_, _>>()?,
            next: out.marker.filter(|_| out.is_truncated),
        })
    },
}

request! {
    /// Takes an MFA device from a user (`iam:DeactivateMFADevice`).
    change DeactivateMFADevice {
        /// The user.
        user: UserName,
        /// The device.
        serial: MfaSerial,
    }
    row: Operation::irreversible(Service::Iam, "DeactivateMFADevice")
        .needs(&["iam:DeactivateMFADevice"], USER_OF_CHILD)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| device(&it.user, &it.serial),
    send: |it, to| to
        .iam(None)
        .deactivate_mfa_device()
        .user_name(it.user.as_str())
        .serial_number(it.serial.as_str()),
}

request! {
    /// Deletes a virtual MFA device that no user has any more (`iam:DeleteVirtualMFADevice`).
    change DeleteVirtualMFADevice {
        /// The user who had it.
        user: UserName,
        /// The device.
        serial: MfaSerial,
    }
    row: Operation::irreversible(Service::Iam, "DeleteVirtualMFADevice")
        .needs(&["iam:DeleteVirtualMFADevice"], "arn:{partition}:iam::{account}:mfa/*")
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| device(&it.user, &it.serial),
    send: |it, to| to.iam(None).delete_virtual_mfa_device().serial_number(it.serial.as_str()),
}
