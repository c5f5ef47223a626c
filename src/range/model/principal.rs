//! Roles, users, groups and policies of IAM.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

/// What gives a principal its permissions.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Permissions {
    /// Inline policies: name and document.
    pub(crate) inline: BTreeMap<String, String>,
    /// ARNs of the attached managed policies.
    pub(crate) attached: BTreeSet<String>,
    /// ARN of the managed policy that bounds them.
    pub(crate) boundary: Option<String>,
}

/// A role.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) trust: String,
    pub(crate) description: Option<String>,
    pub(crate) max_session_seconds: u64,
    pub(crate) permissions: Permissions,
    pub(crate) instance_profiles: Vec<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) created: Timestamp,
}

/// A long-term access key.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AccessKey {
    pub(crate) active: bool,
    pub(crate) created: Timestamp,
    #[serde(skip)]
    pub(crate) secret: String,
}

/// An SSH key or a signing certificate.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SwitchedCredential {
    pub(crate) active: bool,
    pub(crate) created: Timestamp,
}

/// A credential for one service, such as a long-term Bedrock API key.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ServiceCredential {
    pub(crate) alias: String,
    pub(crate) service: String,
    pub(crate) active: bool,
    pub(crate) created: Timestamp,
}

/// A user.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) permissions: Permissions,
    pub(crate) keys: BTreeMap<String, AccessKey>,
    pub(crate) groups: BTreeSet<String>,
    /// By serial number, with the moment at which each was registered.
    pub(crate) mfa_devices: BTreeMap<String, Timestamp>,
    pub(crate) console_password: bool,
    pub(crate) password_created: Option<Timestamp>,
    pub(crate) ssh_keys: BTreeMap<String, SwitchedCredential>,
    pub(crate) certificates: BTreeMap<String, SwitchedCredential>,
    pub(crate) service_credentials: BTreeMap<String, ServiceCredential>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) created: Timestamp,
}

/// A group of users.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) permissions: Permissions,
    pub(crate) created: Timestamp,
}

/// A managed policy, of AWS or of the account.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ManagedPolicy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) arn: String,
    pub(crate) id: String,
    /// By number.
    pub(crate) versions: BTreeMap<u32, PolicyVersion>,
    /// The number of the one that counts.
    pub(crate) default_version: u32,
    pub(crate) description: Option<String>,
    pub(crate) created: Timestamp,
}

/// A version of a managed policy.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PolicyVersion {
    pub(crate) document: String,
    pub(crate) created: Timestamp,
}

impl ManagedPolicy {
    /// What the version says that counts.
    pub(crate) fn document(&self) -> &str {
        self.versions.get(&self.default_version).map_or("", |version| &version.document)
    }
}

/// The last use of a role or key.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LastUse {
    pub(crate) when: Timestamp,
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Role {
    /// Whether only AWS may change it: service-linked and Identity Center roles.
    pub(crate) fn is_aws_owned(&self) -> bool {
        self.path.starts_with("/aws-service-role/") || self.path.starts_with("/aws-reserved/sso.amazonaws.com/")
    }
}
