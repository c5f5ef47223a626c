//! IAM users and the inline policies on them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::ear::hear;
use super::iam_roles::{IAM_READ, IAM_WRITE, boundary, document, tags};
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Request, Service, WrittenPolicy};
use crate::base::{Arn, Entity, EntityKind, UserName};
use crate::iam::PolicyDocument;

const USER: &str = "arn:{partition}:iam::{account}:user/*{id}";

/// A user as IAM describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The name without its path.
    pub name: UserName,
    /// The path, starting and ending with `/`.
    pub path: String,
    /// The immutable id, `AIDA…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// When it was made.
    pub created: Timestamp,
    /// When its password was last used, as far as AWS remembers.
    pub password_last_used: Option<Timestamp>,
    /// The managed policy that bounds it; lists leave it out.
    pub boundary: Option<Arn>,
    /// Its tags; lists leave them out.
    pub tags: BTreeMap<String, String>,
}

/// Reads a user (`iam:GetUser`). The name is never left out: IAM would then answer for the caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetUser {
    /// The user.
    pub user: UserName,
}

impl Request for GetUser {
    const OPERATION: &'static Operation =
        &Operation::read(Service::Iam, "GetUser").needs(&["iam:GetUser"], USER).paced(IAM_READ);

    type Reply = User;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::User, self.user.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<User>, Fault> {
        let heard = hear!(Self::OPERATION, to.iam(None).get_user().user_name(self.user.as_str()), |out| out.user)?;
        let user = heard.reply.ok_or_else(|| Fault::nonsense(Self::OPERATION, "no user in the reply"))?;
        Ok(Accepted {
            reply: described(user).map_err(|why| Fault::nonsense(Self::OPERATION, why))?,
            request_id: heard.request_id,
            aws_time: heard.aws_time,
        })
    }
}

impl Ask for GetUser {}

fn described(user: aws_sdk_iam::types::User) -> Result<User, String> {
    Ok(User {
        name: UserName::new(user.user_name).map_err(|error| error.to_string())?,
        path: user.path,
        id: user.user_id,
        arn: user.arn.parse().map_err(|error| format!("{error}"))?,
        created: super::timestamp(&user.create_date),
        password_last_used: user.password_last_used.as_ref().map(super::timestamp),
        boundary: boundary(user.permissions_boundary)?,
        tags: tags(user.tags),
    })
}

request! {
    /// One page of the account's users (`iam:ListUsers`). It leaves out tags and boundary.
    list ListUsers {
        /// Below this path.
        path: String,
    } of User,
    row: Operation::read(Service::Iam, "ListUsers").needs(&["iam:ListUsers"], "*").paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "users"),
    send: |it, to| to.iam(None).list_users().path_prefix(&it.path).set_marker(it.next.clone()),
    reply: |out| Ok(Page {
        items: out.users.into_iter().map(described).collect::<Result<_, _>>()?,
        next: out.marker.filter(|_| out.is_truncated),
    }),
}

request! {
    /// Deletes a user that has nothing any more (`iam:DeleteUser`). The name is never left out: IAM would then take the
    /// caller.
    change DeleteUser {
        /// The user.
        user: UserName,
    }
    row: Operation::irreversible(Service::Iam, "DeleteUser")
        .needs(&["iam:DeleteUser"], USER)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| Entity::new(EntityKind::User, it.user.as_str()),
    send: |it, to| to.iam(None).delete_user().user_name(it.user.as_str()),
}

/// Reads an inline policy of a user (`iam:GetUserPolicy`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetUserPolicy {
    /// The user.
    pub user: UserName,
    /// The policy's name.
    pub policy: String,
}

impl Request for GetUserPolicy {
    const OPERATION: &'static Operation =
        &Operation::read(Service::Iam, "GetUserPolicy").needs(&["iam:GetUserPolicy"], USER).paced(IAM_READ);

    type Reply = PolicyDocument;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::User, self.user.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<PolicyDocument>, Fault> {
        let request = to.iam(None).get_user_policy().user_name(self.user.as_str()).policy_name(&self.policy);
        let heard = hear!(Self::OPERATION, request, |out| out.policy_document)?;
        Ok(Accepted {
            reply: document(&heard.reply).map_err(|why| Fault::nonsense(Self::OPERATION, why))?,
            request_id: heard.request_id,
            aws_time: heard.aws_time,
        })
    }
}

impl Ask for GetUserPolicy {}

/// Writes an inline policy of a user (`iam:PutUserPolicy`): makes it or replaces it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PutUserPolicy {
    /// The user.
    pub user: UserName,
    /// The policy's name.
    pub policy: String,
    /// What it says.
    pub document: WrittenPolicy,
}

impl Request for PutUserPolicy {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Iam, "PutUserPolicy")
        .needs(&["iam:PutUserPolicy"], USER)
        .paced(IAM_WRITE)
        .undone_by(&["DeleteUserPolicy", "DeleteUser"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::User, self.user.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to
            .iam(None)
            .put_user_policy()
            .user_name(self.user.as_str())
            .policy_name(&self.policy)
            .policy_document(self.document.json(Self::OPERATION)?);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Deletes an inline policy of a user (`iam:DeleteUserPolicy`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteUserPolicy {
    /// The user.
    pub user: UserName,
    /// The policy's name.
    pub policy: String,
}

impl Request for DeleteUserPolicy {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Iam, "DeleteUserPolicy")
        .needs(&["iam:DeleteUserPolicy"], USER)
        .paced(IAM_WRITE)
        .undone_by(&["PutUserPolicy"])
        .already(&["NoSuchEntity"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::User, self.user.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to.iam(None).delete_user_policy().user_name(self.user.as_str()).policy_name(&self.policy);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}
