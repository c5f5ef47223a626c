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

/// A user.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) permissions: Permissions,
    pub(crate) keys: BTreeMap<String, AccessKey>,
    pub(crate) groups: BTreeSet<String>,
    pub(crate) mfa_devices: Vec<String>,
    pub(crate) console_password: bool,
    pub(crate) bedrock_api_keys: Vec<String>,
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
    pub(crate) document: String,
    pub(crate) description: Option<String>,
    pub(crate) created: Timestamp,
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
