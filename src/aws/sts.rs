//! AWS Security Token Service: who is calling, and sessions of roles.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_sts::types::PolicyDescriptorType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::{Operation, RateClass, Service};
use crate::base::{Arn, Entity, EntityKind};

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallerIdentity {
    /// The caller's ARN; for a role session `arn:…:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: Arn,
    /// The unique id: `AIDA…` for a user, `AROA…:session` for a role session.
    pub user_id: String,
}

request! {
    /// Who is calling. AWS answers this even to a caller that is denied everything, so it proves no containment.
    read GetCallerIdentity {} of CallerIdentity,
    row: Operation::read(Service::Sts, "GetCallerIdentity").paced(RateClass { name: "sts", per_second: 10.0 }),
    about: |_it| Entity::new(EntityKind::Account, "caller"),
    send: |_it, to| to.sts(None).get_caller_identity(),
    reply: |out| Ok(CallerIdentity {
        arn: out.arn.unwrap_or_default().parse().map_err(|error| format!("{error}"))?,
        user_id: out.user_id.unwrap_or_default(),
    }),
}

/// The permissions that it takes to assume a role for a run: a source identity needs one of its own.
const ASSUME_ROLE: &[&str] = &["sts:AssumeRole", "sts:SetSourceIdentity"];

/// A session of a role, as AWS hands it out.
#[derive(Debug, Clone)]
pub struct AssumedRole {
    /// The key, its secret, the token and their end. They tell nothing when they are formatted.
    pub(super) credentials: Credentials,
    /// The unique id: `AROA…:session`.
    pub user_id: String,
}

request! {
    /// Makes a session of a role that may do no more than `bounds` let pass (`sts:AssumeRole`). It lasts for as long as a session may that
    /// was made with another one. Nothing in the account changes, so it may be repeated.
    read AssumeRole {
        /// The role.
        role: Arn,
        /// What the session is called, 2 to 64 characters.
        session: String,
        /// Who is behind it: every record of CloudTrail tells, and sessions that are made with it keep it.
        source_identity: String,
        /// What the trust policy asks for where it guards against confused deputies.
        external_id: Option<String>,
        /// What bounds the session.
        bounds: Bounds,
    } of AssumedRole,
    row: Operation::session(Service::Sts, "AssumeRole")
        .needs(ASSUME_ROLE, "arn:{partition}:iam::{account}:role/{id}")
        .paced(RateClass { name: "sts", per_second: 10.0 }),
    about: |it| Entity::of_iam(&it.role).unwrap_or_else(|| Entity::new(EntityKind::Role, it.role.as_str())),
    send: |it, to| {
        let asked = to
            .sts(None)
            .assume_role()
            .role_arn(it.role.as_str())
            .role_session_name(&it.session)
            .source_identity(&it.source_identity)
            .set_external_id(it.external_id.clone())
            .duration_seconds(LONGEST_CHAINED);
        match &it.bounds {
            Bounds::Policy(document) => asked.policy(document),
            Bounds::Managed(arns) => asked.set_policy_arns(Some(
                arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn.as_str()).build()).collect(),
            )),
        }
    },
    reply: |out| {
        let given = out.credentials.ok_or("no credentials in the reply")?;
        let ends = SystemTime::try_from(given.expiration).map_err(|error| error.to_string())?;
        let user_id = out.assumed_role_user.map(|user| user.assumed_role_id).unwrap_or_default();
        let (key, secret, token) = (given.access_key_id, given.secret_access_key, given.session_token);
        Ok(AssumedRole { credentials: Credentials::new(key, secret, Some(token), Some(ends), "AssumeRole"), user_id })
    },
}

/// The longest that AWS lets a session be which was made with another one, in seconds.
const LONGEST_CHAINED: i32 = 3_600;

/// The most characters that the policies of a session have together, the ARNs of managed ones included.
pub const LONGEST_SESSION_POLICY: usize = 2_048;

/// What bounds a session: what the role's own policies allow, and these do not, is denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bounds {
    /// A policy document, as JSON.
    Policy(String),
    /// Managed policies of the account.
    Managed(Vec<Arn>),
}
