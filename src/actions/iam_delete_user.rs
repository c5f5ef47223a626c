//! `iam.delete-user`: deletes a user with all that it has, for good.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::held_policy::{HeldPolicy, SaidPolicy, held_policies, left_by_deletion};
use super::{
    Assignment, Deletion, Doomed, Ended, Facts, Found, Look, LookError, Principal, Residual, Stage, Story, Who,
};
use crate::aws::{
    AccessKey, Call, Credential, DeactivateMFADevice, DeleteAccessKey, DeleteLoginProfile, DeleteSSHPublicKey,
    DeleteServiceSpecificCredential, DeleteSigningCertificate, DeleteUser as DeleteUserCall, DeleteUserPolicy,
    DeleteVirtualMFADevice, DetachUserPolicy, GetLoginProfile, GetPolicy, GetPolicyVersion, GetUser, GetUserPolicy,
    ListAccessKeys, ListAttachedUserPolicies, ListGroupsForUser, ListMFADevices, ListSSHPublicKeys,
    ListServiceSpecificCredentials, ListSigningCertificates, ListUserPolicies, ListVirtualMFADevices, MfaDevice,
    Operation, RemoveUserFromGroup, Request,
};
use crate::base::{AccessKeyId, Arn, CredentialId, Entity, EntityKind, Impact, MfaSerial, Region, UserName, counted};

/// Deletes a user with all that it has, for good.
pub struct DeleteUser;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
}

/// What goes before the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The console password.
    Password,
    /// An access key.
    AccessKey(AccessKeyId),
    /// A signing certificate.
    Certificate(CredentialId),
    /// An SSH key.
    SshKey(CredentialId),
    /// A service-specific credential.
    ServiceCredential(CredentialId),
    /// That it has an MFA device.
    Mfa(MfaSerial),
    /// A virtual MFA device, which stays as nobody's when the user loses it.
    VirtualMfa(MfaSerial),
    /// That it is in a group.
    Group(String),
    /// A policy.
    Policy(HeldPolicy),
}

impl Part {
    /// Whether it is a virtual MFA device that has the name of a user.
    fn is_called(&self, user: &UserName) -> bool {
        let Self::VirtualMfa(serial) = self else { return false };
        serial.as_str().rsplit('/').next() == Some(user.as_str())
    }
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The immutable id.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// When it was made.
    pub created: Timestamp,
    /// When its password was last used.
    pub password_last_used: Option<Timestamp>,
    /// The managed policy that bounds it. It stays until the user is gone: without it the user could do more.
    pub boundary: Option<Arn>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When its console password was made.
    pub password: Option<Timestamp>,
    /// Its access keys.
    pub keys: Vec<AccessKey>,
    /// Its signing certificates.
    pub certificates: Vec<Credential>,
    /// Its SSH keys.
    pub ssh_keys: Vec<Credential>,
    /// Its service-specific credentials.
    pub service_credentials: Vec<Credential>,
    /// Its MFA devices.
    pub mfa_devices: Vec<MfaDevice>,
    /// The groups that it is in.
    pub groups: Vec<String>,
    /// Its policies.
    pub policies: Vec<SaidPolicy>,
}

impl Present {
    /// What goes before the user, in this order: first whatever lets anybody in, then what allows, then what denies.
    fn parts(&self) -> Vec<Part> {
        let password = self.password.iter().map(|_| Part::Password);
        let keys = self.keys.iter().map(|key| Part::AccessKey(key.id.clone()));
        let certificates = self.certificates.iter().map(|one| Part::Certificate(one.id.clone()));
        let ssh_keys = self.ssh_keys.iter().map(|one| Part::SshKey(one.id.clone()));
        let services = self.service_credentials.iter().map(|one| Part::ServiceCredential(one.id.clone()));
        let mfa = self.mfa_devices.iter().flat_map(|MfaDevice { serial, .. }| {
            let device = serial.is_virtual().then(|| Part::VirtualMfa(serial.clone()));
            std::iter::once(Part::Mfa(serial.clone())).chain(device)
        });
        let groups = self.groups.iter().map(|group| Part::Group(group.clone()));
        let policies = self.policies.iter().map(|held| Part::Policy(held.policy.clone()));
        let credentials = password.chain(keys).chain(certificates).chain(ssh_keys).chain(services).chain(mfa);
        credentials.chain(groups).chain(policies).collect()
    }
}

impl Deletion for DeleteUser {
    type Input = Input;
    type Part = Part;
    type Present = Present;

    const NAME: &'static str = "iam.delete-user";
    const SUMMARY: &'static str = "Delete a user with its credentials and policies, for good";
    const PAGE: &'static str = include_str!("iam_delete_user.md");
    const READS: &'static [&'static Operation] = &[
        GetUser::OPERATION,
        GetLoginProfile::OPERATION,
        ListAccessKeys::OPERATION,
        ListSigningCertificates::OPERATION,
        ListSSHPublicKeys::OPERATION,
        ListServiceSpecificCredentials::OPERATION,
        ListMFADevices::OPERATION,
        ListVirtualMFADevices::OPERATION,
        ListGroupsForUser::OPERATION,
        ListUserPolicies::OPERATION,
        GetUserPolicy::OPERATION,
        ListAttachedUserPolicies::OPERATION,
        GetPolicy::OPERATION,
        GetPolicyVersion::OPERATION,
    ];
    const SENDS: &'static [&'static Operation] = &[
        DeleteLoginProfile::OPERATION,
        DeleteAccessKey::OPERATION,
        DeleteSigningCertificate::OPERATION,
        DeleteSSHPublicKey::OPERATION,
        DeleteServiceSpecificCredential::OPERATION,
        DeactivateMFADevice::OPERATION,
        DeleteVirtualMFADevice::OPERATION,
        RemoveUserFromGroup::OPERATION,
        DeleteUserPolicy::OPERATION,
        DetachUserPolicy::OPERATION,
        DeleteUserCall::OPERATION,
    ];
    const GOING: Duration = Duration::from_secs(5 * 60);

    fn region<'i>(&self, _: &'i Input) -> Option<&'i Region> {
        None
    }

    fn entity(&self, input: &Input) -> Entity {
        Entity::new(EntityKind::User, input.user.as_str())
    }

    async fn find(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<Part, Present>>, LookError> {
        let Some(known) = look.find(GetUser { user: input.user.clone() }).await? else {
            return Ok(None);
        };
        let user = || input.user.clone();
        let principal = Principal::of(to, Who::User(user()));
        // Somebody else may delete it meanwhile: then there is nothing of it to list.
        let present = Present {
            password: look.find(GetLoginProfile { user: user() }).await?,
            keys: look.find_all(ListAccessKeys { user: user(), next: None }).await?.unwrap_or_default(),
            certificates: look
                .find_all(ListSigningCertificates { user: user(), next: None })
                .await?
                .unwrap_or_default(),
            ssh_keys: look.find_all(ListSSHPublicKeys { user: user(), next: None }).await?.unwrap_or_default(),
            service_credentials: look
                .find_all(ListServiceSpecificCredentials { user: Some(user()), service: None, next: None })
                .await?
                .unwrap_or_default(),
            mfa_devices: look.find_all(ListMFADevices { user: user(), next: None }).await?.unwrap_or_default(),
            groups: look.find_all(ListGroupsForUser { user: user(), next: None }).await?.unwrap_or_default(),
            policies: held_policies(look, &principal).await?,
            id: known.id.clone(),
            arn: known.arn,
            created: known.created,
            password_last_used: known.password_last_used,
            boundary: known.boundary,
            tags: known.tags,
        };
        let loose: Vec<Part> = look
            .ask_all(ListVirtualMFADevices { assigned: false, next: None })
            .await?
            .into_iter()
            .map(Part::VirtualMfa)
            .collect();
        let parts = present.parts();
        // The console names a device as its user is named.
        let of_that_name = loose.iter().filter(|part| part.is_called(&input.user) && !parts.contains(part)).cloned();
        let first = of_that_name.chain(parts.iter().cloned()).map(|part| (part, Stage::Standing)).collect();
        let doomed = Doomed { identity: known.id, stage: Stage::Standing, first, used_by: BTreeSet::new(), loose };
        Ok(Some(Found { doomed, present }))
    }

    fn delete_first(&self, input: &Input, part: &Part) -> Option<Call> {
        let user = input.user.clone();
        Some(match part.clone() {
            Part::Password => DeleteLoginProfile { user }.into(),
            Part::AccessKey(key) => DeleteAccessKey { user, key }.into(),
            Part::Certificate(id) => DeleteSigningCertificate { user, id }.into(),
            Part::SshKey(id) => DeleteSSHPublicKey { user, id }.into(),
            Part::ServiceCredential(id) => DeleteServiceSpecificCredential { user, id }.into(),
            Part::Mfa(serial) => DeactivateMFADevice { user, serial }.into(),
            Part::VirtualMfa(serial) => DeleteVirtualMFADevice { user, serial }.into(),
            Part::Group(group) => RemoveUserFromGroup { user, group }.into(),
            Part::Policy(policy) => SaidPolicy::take_away(&policy, &Who::User(user)),
        })
    }

    fn was_its(&self, input: &Input, part: &Part, facts: &Facts) -> bool {
        let Part::VirtualMfa(serial) = part else { return false };
        let taken = DeactivateMFADevice { user: input.user.clone(), serial: serial.clone() };
        facts.landed(DeactivateMFADevice::OPERATION, &taken.entity()).is_some()
    }

    fn delete(&self, input: &Input) -> Call {
        DeleteUserCall { user: input.user.clone() }.into()
    }

    fn ends(&self, _: &Input) -> Vec<Ended> {
        Ended::with_user()
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<Part>, &Present)>) -> Story {
        let used = found.and_then(|(_, user)| user.password_last_used);
        let keys = found.map_or(0, |(_, user)| user.keys.len());
        let (impact, because) = match (found, keys, used) {
            (None, ..) => (Impact::NoneSeen, "it is gone already".to_owned()),
            (Some(_), 0, None) => {
                (Impact::NoneSeen, "it has no access keys, and its password was never used".to_owned())
            }
            (Some(_), _, Some(used)) => (Impact::Outage, format!("its password was last used {used}, its keys go")),
            (Some(_), _, None) => (Impact::Outage, "its access keys go".to_owned()),
        };
        let mut notes = vec![
            "policies of resources that name it show its dead id from then on, and AWS refuses to write them back"
                .to_owned(),
        ];
        let nobodys = found.map_or(0, |(doomed, _)| {
            doomed.loose.iter().filter(|part| !doomed.first.iter().any(|(first, _)| first == *part)).count()
        });
        if nobodys > 0 {
            notes.push(format!(
                "{} nobody's: AWS does not tell whether it was this user's. `iam.delete-mfa-device` takes one away",
                counted(nobodys, "virtual MFA device") + if nobodys == 1 { " is" } else { " are" }
            ));
        }
        Story {
            now: match found {
                None => "does not exist".to_owned(),
                Some((doomed, user)) => format!("made {}, {}", user.created, counted(doomed.first.len(), "part")),
            },
            does: "delete it for good, with its credentials, groups and policies".to_owned(),
            impact,
            because,
            undo: String::new(),
            residual: found.map_or_else(Vec::new, |(_, user)| {
                left_by_deletion(&user.policies, false, Residual::chained_from_user())
            }),
            notes,
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "a new user of that name would have another id, and other keys; what the old one was is in the evidence"
            .to_owned()
    }
}
