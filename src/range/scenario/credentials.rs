//! What a user of a scenario can sign in or sign with beside access keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Span;
use super::account::{long_ago, yes};

/// What a user can sign in or sign with beside access keys and a password.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CredentialsSpec {
    /// SSH public keys.
    pub ssh_keys: Vec<SwitchedSpec>,
    /// Signing certificates.
    pub certificates: Vec<SwitchedSpec>,
    /// Service-specific credentials, such as long-term Bedrock API keys.
    pub service_credentials: Vec<ServiceCredentialSpec>,
    /// How long before the start the console password was made; as long ago as the user unless given.
    pub password_ago: Option<Span>,
    /// MFA devices.
    pub mfa_devices: Vec<MfaSpec>,
}

/// An SSH key or a signing certificate.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchedSpec {
    /// The id.
    pub id: String,
    /// Whether it is active.
    #[serde(default = "yes")]
    pub active: bool,
    /// How long before the start it was uploaded.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
}

/// A service-specific credential.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceCredentialSpec {
    /// The id.
    pub id: String,
    /// The name that AWS gave it.
    pub alias: String,
    /// The service.
    #[serde(default = "bedrock")]
    pub service: String,
    /// Whether it is active.
    #[serde(default = "yes")]
    pub active: bool,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
}

/// An MFA device.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MfaSpec {
    /// The serial number; of a virtual device its ARN.
    pub serial: String,
    /// How long before the start it was registered.
    #[serde(default = "long_ago")]
    pub enabled_ago: Span,
}

fn bedrock() -> String {
    "bedrock.amazonaws.com".to_owned()
}
