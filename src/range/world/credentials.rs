//! Makes the credentials of a scenario's users.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::range::model::{ServiceCredential, SwitchedCredential};
use crate::range::scenario::{SwitchedSpec, UserSpec};

use super::state::earlier;

/// SSH keys or signing certificates, by id.
pub(super) fn switched(specs: &[SwitchedSpec], now: Timestamp) -> BTreeMap<String, SwitchedCredential> {
    let made =
        |spec: &SwitchedSpec| SwitchedCredential { active: spec.active, created: earlier(now, spec.created_ago.0) };
    specs.iter().map(|spec| (spec.id.clone(), made(spec))).collect()
}

/// Service-specific credentials by id; a Bedrock API key that has a name only gets an id made of it.
pub(super) fn service_credentials(spec: &UserSpec, now: Timestamp) -> BTreeMap<String, ServiceCredential> {
    let mut made = BTreeMap::new();
    for alias in &spec.bedrock_api_keys {
        let letters: String = alias.to_uppercase().chars().filter(char::is_ascii_alphanumeric).take(17).collect();
        let credential = ServiceCredential {
            alias: alias.clone(),
            service: "bedrock.amazonaws.com".to_owned(),
            active: true,
            created: earlier(now, spec.created_ago.0),
        };
        made.insert(format!("ACCA{letters:A<17}"), credential);
    }
    for one in &spec.credentials.service_credentials {
        let credential = ServiceCredential {
            alias: one.alias.clone(),
            service: one.service.clone(),
            active: one.active,
            created: earlier(now, one.created_ago.0),
        };
        made.insert(one.id.clone(), credential);
    }
    made
}

/// MFA devices by serial number.
pub(super) fn mfa_devices(spec: &UserSpec, now: Timestamp) -> BTreeMap<String, Timestamp> {
    let since_made = spec.mfa_devices.iter().map(|serial| (serial.clone(), earlier(now, spec.created_ago.0)));
    let dated = spec.credentials.mfa_devices.iter();
    since_made.chain(dated.map(|one| (one.serial.clone(), earlier(now, one.enabled_ago.0)))).collect()
}
