//! IAM roles: what they are, who may assume them, and the inline policies on them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::ear::hear;
use super::late::Late;
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, RateClass, Request, Service, WrittenPolicy};
use crate::base::{Arn, Entity, EntityKind, RoleName};
use crate::iam::{PolicyDocument, Statement};

/// The rate of IAM's reads. AWS publishes none; this is what a console session stays under.
pub(super) const IAM_READ: RateClass = RateClass { name: "iam:read", per_second: 10.0 };
/// The rate of IAM's writes. AWS publishes none; IAM's write quotas are known to be low.
pub(super) const IAM_WRITE: RateClass = RateClass { name: "iam:write", per_second: 5.0 };
const ROLE: &str = "arn:{partition}:iam::{account}:role/*{id}";

/// A role as IAM describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// The name without its path.
    pub name: RoleName,
    /// The path, starting and ending with `/`.
    pub path: String,
    /// The immutable id, `AROA…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// When it was made.
    pub created: Timestamp,
    /// Who may assume it.
    pub trust: PolicyDocument,
    /// The longest session that may be asked for.
    pub max_session: Duration,
    /// When AWS last saw it used, in the 400 days that AWS remembers; nothing is not never.
    pub last_used: Option<Timestamp>,
    /// The managed policy that bounds it.
    pub boundary: Option<Arn>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// Reads a role (`iam:GetRole`); the lists leave out when it was last used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRole {
    /// The role.
    pub role: RoleName,
}

impl Request for GetRole {
    const OPERATION: &'static Operation =
        &Operation::read(Service::Iam, "GetRole").needs(&["iam:GetRole"], ROLE).paced(IAM_READ);

    type Reply = Role;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Role, self.role.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Role>, Fault> {
        let heard = hear!(Self::OPERATION, to.iam(None).get_role().role_name(self.role.as_str()), |out| out.role)?;
        let role = heard.reply.ok_or_else(|| Fault::nonsense(Self::OPERATION, "no role in the reply"))?;
        Ok(Accepted {
            reply: described(role).map_err(|why| Fault::nonsense(Self::OPERATION, why))?,
            request_id: heard.request_id,
            aws_time: heard.aws_time,
        })
    }
}

impl Ask for GetRole {}

fn described(role: aws_sdk_iam::types::Role) -> Result<Role, String> {
    let trust = role.assume_role_policy_document.as_deref().unwrap_or("{}");
    Ok(Role {
        name: RoleName::new(role.role_name).map_err(|error| error.to_string())?,
        path: role.path,
        id: role.role_id,
        arn: role.arn.parse().map_err(|error| format!("{error}"))?,
        created: super::timestamp(&role.create_date),
        trust: document(trust)?,
        max_session: Duration::from_secs(role.max_session_duration.and_then(|s| u64::try_from(s).ok()).unwrap_or(3600)),
        last_used: role.role_last_used.and_then(|used| used.last_used_date).as_ref().map(super::timestamp),
        boundary: boundary(role.permissions_boundary)?,
        tags: tags(role.tags),
    })
}

/// The ARN of a permissions boundary.
pub(super) fn boundary(
    attached: Option<aws_sdk_iam::types::AttachedPermissionsBoundary>,
) -> Result<Option<Arn>, String> {
    let arn = attached.and_then(|boundary| boundary.permissions_boundary_arn);
    arn.map(|arn| arn.parse().map_err(|error| format!("{error}"))).transpose()
}

/// Tags as a map.
pub(super) fn tags(tags: Option<Vec<aws_sdk_iam::types::Tag>>) -> BTreeMap<String, String> {
    tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()
}

request! {
    /// One page of the account's roles (`iam:ListRoles`). It leaves out tags, boundary and last use.
    list ListRoles {
        /// Below this path.
        path: String,
    } of Role,
    row: Operation::read(Service::Iam, "ListRoles").needs(&["iam:ListRoles"], "*").paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "roles"),
    send: |it, to| to.iam(None).list_roles().path_prefix(&it.path).set_marker(it.next.clone()),
    reply: |out| Ok(Page {
        items: out.roles.into_iter().map(described).collect::<Result<_, _>>()?,
        next: out.marker.filter(|_| out.is_truncated),
    }),
}

request! {
    /// Deletes a role that has nothing any more (`iam:DeleteRole`). Its sessions end with it.
    change DeleteRole {
        /// The role.
        role: RoleName,
    }
    row: Operation::irreversible(Service::Iam, "DeleteRole")
        .needs(&["iam:DeleteRole"], ROLE)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| Entity::new(EntityKind::Role, it.role.as_str()),
    send: |it, to| to.iam(None).delete_role().role_name(it.role.as_str()),
}

/// A policy document as IAM returns it: RFC 3986 URL-encoded JSON.
pub(super) fn document(encoded: &str) -> Result<PolicyDocument, String> {
    let text = percent_encoding::percent_decode_str(encoded).decode_utf8().map_err(|error| error.to_string())?;
    PolicyDocument::parse(&text).map_err(|error| error.to_string())
}

/// Reads an inline policy of a role (`iam:GetRolePolicy`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetRolePolicy {
    /// The role.
    pub role: RoleName,
    /// The policy's name.
    pub policy: String,
}

impl Request for GetRolePolicy {
    const OPERATION: &'static Operation =
        &Operation::read(Service::Iam, "GetRolePolicy").needs(&["iam:GetRolePolicy"], ROLE).paced(IAM_READ);

    type Reply = PolicyDocument;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Role, self.role.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<PolicyDocument>, Fault> {
        let request = to.iam(None).get_role_policy().role_name(self.role.as_str()).policy_name(&self.policy);
        let heard = hear!(Self::OPERATION, request, |out| out.policy_document)?;
        Ok(Accepted {
            reply: document(&heard.reply).map_err(|why| Fault::nonsense(Self::OPERATION, why))?,
            request_id: heard.request_id,
            aws_time: heard.aws_time,
        })
    }
}

impl Ask for GetRolePolicy {}

/// Writes an inline policy of a role (`iam:PutRolePolicy`): makes it or replaces it, so sending it twice is as good as
/// once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PutRolePolicy {
    /// The role.
    pub role: RoleName,
    /// The policy's name.
    pub policy: String,
    /// What it says.
    pub document: WrittenPolicy,
}

impl Request for PutRolePolicy {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Iam, "PutRolePolicy")
        .needs(&["iam:PutRolePolicy"], ROLE)
        .paced(IAM_WRITE)
        .undone_by(&["DeleteRolePolicy", "DeleteRole"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Role, self.role.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to
            .iam(None)
            .put_role_policy()
            .role_name(self.role.as_str())
            .policy_name(&self.policy)
            .policy_document(self.document.json(Self::OPERATION)?);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Deletes an inline policy of a role (`iam:DeleteRolePolicy`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteRolePolicy {
    /// The role.
    pub role: RoleName,
    /// The policy's name.
    pub policy: String,
}

impl Request for DeleteRolePolicy {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Iam, "DeleteRolePolicy")
        .needs(&["iam:DeleteRolePolicy"], ROLE)
        .paced(IAM_WRITE)
        .undone_by(&["PutRolePolicy"])
        .already(&["NoSuchEntity"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Role, self.role.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to.iam(None).delete_role_policy().role_name(self.role.as_str()).policy_name(&self.policy);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Replaces who may assume a role (`iam:UpdateAssumeRolePolicy`): a statement in front of what the last look found.
///
/// It replaces the whole document, so in doubt it is never sent again blindly: somebody may have changed the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateAssumeRolePolicy {
    /// The role.
    pub role: RoleName,
    /// The statement to stand in front, if any.
    pub first: Option<Statement>,
    /// The document that it stands in front of, if anything is left of one.
    pub rest: Late<Option<PolicyDocument>>,
}

impl Request for UpdateAssumeRolePolicy {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Iam, "UpdateAssumeRolePolicy")
        .needs(&["iam:UpdateAssumeRolePolicy"], ROLE)
        .paced(IAM_WRITE)
        .undone_by(&["DeleteRole"])
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Role, self.role.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let document = match (self.first.clone(), self.rest.settled(Self::OPERATION)?.clone()) {
            (Some(first), Some(rest)) => rest.with_statement_first(first),
            (Some(first), None) => PolicyDocument::of(first),
            (None, Some(rest)) => rest,
            (None, None) => {
                let why = "a trust policy without statements".to_owned();
                return Err(Fault::of(Self::OPERATION, super::FaultKind::BadRequest, "NoStatements", why));
            }
        };
        let request =
            to.iam(None).update_assume_role_policy().role_name(self.role.as_str()).policy_document(document.to_json());
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}
