//! Makes the credentials of a scenario's users.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::range::model::{ServiceCredential, SwitchedCredential};
use crate::range::scenario::{MfaSpec, ServiceCredentialSpec, SwitchedSpec};

use super::state::earlier;

/// SSH keys or signing certificates, by id.
pub(super) fn switched(specs: &[SwitchedSpec], now: Timestamp) -> BTreeMap<String, SwitchedCredential> {
    let made =
        |spec: &SwitchedSpec| SwitchedCredential { active: spec.active, created: earlier(now, spec.created_ago.0) };
    specs.iter().map(|spec| (spec.id.clone(), made(spec))).collect()
}

/// Service-specific credentials, by id.
pub(super) fn service_credentials(
    specs: &[ServiceCredentialSpec],
    now: Timestamp,
) -> BTreeMap<String, ServiceCredential> {
    let made = |spec: &ServiceCredentialSpec| ServiceCredential {
        alias: spec.alias.clone(),
        service: spec.service.clone(),
        active: spec.active,
        created: earlier(now, spec.created_ago.0),
    };
    specs.iter().map(|spec| (spec.id.clone(), made(spec))).collect()
}

/// MFA devices, by serial number.
pub(super) fn mfa_devices(specs: &[MfaSpec], now: Timestamp) -> BTreeMap<String, Timestamp> {
    specs.iter().map(|spec| (spec.serial.clone(), earlier(now, spec.enabled_ago.0))).collect()
}
