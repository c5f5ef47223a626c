//! Long-term access keys of IAM users.

use std::fmt;

use aws_sdk_iam::types::{AccessKeyMetadata, StatusType};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::ear::hear;
use super::iam_roles::{IAM_READ, IAM_WRITE};
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, Request, Service};
use crate::base::{AccessKeyId, Entity, EntityKind, UserName};

const USER: &str = "arn:{partition}:iam::{account}:user/*{parent}";

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub enum KeyStatus {
    /// It can.
    Active,
    /// It cannot, until somebody activates it again.
    Inactive,
}

/// An access key as IAM describes it. The secret is shown by AWS only once, when the key is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessKey {
    /// The key's id.
    pub id: AccessKeyId,
    /// Whether it can be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
}

/// One page of the access keys of a user (`iam:ListAccessKeys`). The name is never left out: IAM would then answer for
/// the caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListAccessKeys {
    /// The user.
    pub user: UserName,
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for ListAccessKeys {
    const OPERATION: &'static Operation = &Operation::read(Service::Iam, "ListAccessKeys")
        .needs(&["iam:ListAccessKeys"], "arn:{partition}:iam::{account}:user/*{id}")
        .paced(IAM_READ);

    type Reply = Page<AccessKey>;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::User, self.user.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to.iam(None).list_access_keys().user_name(self.user.as_str()).set_marker(self.next.clone());
        let heard = hear!(Self::OPERATION, request, |out| {
            let keys: Result<Vec<AccessKey>, String> = out.access_key_metadata.into_iter().map(described).collect();
            keys.map(|items| Page { items, next: out.marker.filter(|_| out.is_truncated) })
        })?;
        heard.read(Self::OPERATION, |reply| reply)
    }
}

impl Ask for ListAccessKeys {}

impl Paged for ListAccessKeys {
    type Item = AccessKey;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..self.clone() }
    }
}

fn described(key: AccessKeyMetadata) -> Result<AccessKey, String> {
    let id = key.access_key_id.ok_or("an access key has no id")?;
    let id = AccessKeyId::new(id).map_err(|bad| bad.to_string())?;
    let status = match key.status {
        Some(StatusType::Active) => KeyStatus::Active,
        // One that has expired opens nothing either.
        Some(StatusType::Inactive | StatusType::Expired) => KeyStatus::Inactive,
        other => {
            let found = other.map_or("no status".to_owned(), |status| format!("the status `{}`", status.as_str()));
            return Err(format!("access key {id} has {found}"));
        }
    };
    let created = key.create_date.ok_or_else(|| format!("access key {id} has no date"))?;
    Ok(AccessKey { id, status, created: super::timestamp(&created) })
}

/// Where a key was last used. AWS remembers the latest use only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyUse {
    /// When.
    pub when: Timestamp,
    /// The service it was used with.
    pub service: String,
    /// The Region it was used in.
    pub region: String,
}

impl fmt::Display for KeyUse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} with {} in {}", self.when, self.service, self.region)
    }
}

/// Whose a key is, and where it was last used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyLastUsed {
    /// The user that it belongs to.
    pub user: Option<UserName>,
    /// Its last use; nothing where AWS remembers none.
    pub last: Option<KeyUse>,
}

/// Reads whose a key is, and where it was last used (`iam:GetAccessKeyLastUsed`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAccessKeyLastUsed {
    /// The key.
    pub key: AccessKeyId,
}

impl Request for GetAccessKeyLastUsed {
    const OPERATION: &'static Operation = &Operation::read(Service::Iam, "GetAccessKeyLastUsed")
        .needs(&["iam:GetAccessKeyLastUsed"], "*")
        .paced(IAM_READ);

    type Reply = KeyLastUsed;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::AccessKey, self.key.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to.iam(None).get_access_key_last_used().access_key_id(self.key.as_str());
        hear!(Self::OPERATION, request, |out| KeyLastUsed {
            user: out.user_name.and_then(|name| UserName::new(name).ok()),
            last: out.access_key_last_used.and_then(|used| {
                Some(KeyUse {
                    when: super::timestamp(used.last_used_date.as_ref()?),
                    service: used.service_name,
                    region: used.region,
                })
            }),
        })
    }
}

impl Ask for GetAccessKeyLastUsed {}

/// Activates or deactivates a key (`iam:UpdateAccessKey`). The user is never left out: IAM would then take the caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateAccessKey {
    /// The user.
    pub user: UserName,
    /// The key.
    pub key: AccessKeyId,
    /// Whether it can be used from now on.
    pub status: KeyStatus,
}

impl Request for UpdateAccessKey {
    const OPERATION: &'static Operation =
        &Operation::reversible(Service::Iam, "UpdateAccessKey").needs(&["iam:UpdateAccessKey"], USER).paced(IAM_WRITE);

    type Reply = Made;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::User, self.user.as_str()).child(EntityKind::AccessKey, self.key.as_str())
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let status = match self.status {
            KeyStatus::Active => aws_sdk_iam::types::StatusType::Active,
            KeyStatus::Inactive => aws_sdk_iam::types::StatusType::Inactive,
        };
        let request = to
            .iam(None)
            .update_access_key()
            .user_name(self.user.as_str())
            .access_key_id(self.key.as_str())
            .status(status);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

request! {
    /// Deletes a key (`iam:DeleteAccessKey`). The user is never left out: IAM would then take the caller.
    change DeleteAccessKey {
        /// The user.
        user: UserName,
        /// The key.
        key: AccessKeyId,
    }
    row: Operation::irreversible(Service::Iam, "DeleteAccessKey")
        .needs(&["iam:DeleteAccessKey"], USER)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| Entity::new(EntityKind::User, it.user.as_str()).child(EntityKind::AccessKey, it.key.as_str()),
    send: |it, to| to.iam(None).delete_access_key().user_name(it.user.as_str()).access_key_id(it.key.as_str()),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_cannot_be_read_is_not_left_out() {
        let key = || {
            AccessKeyMetadata::builder()
                .access_key_id("AKIAIOSFODNN7EXAMPLE")
                .status(StatusType::Active)
                .create_date(aws_smithy_types::DateTime::from_secs(1_800_000_000))
        };
        assert_eq!(described(key().build()).map(|key| key.status), Ok(KeyStatus::Active));
        assert_eq!(described(key().status(StatusType::Expired).build()).map(|key| key.status), Ok(KeyStatus::Inactive));
        assert!(described(key().status("Dormant".into()).build()).is_err_and(|why| why.contains("`Dormant`")));
        for broken in [key().set_status(None), key().set_create_date(None), key().set_access_key_id(None)] {
            assert!(described(broken.build()).is_err());
        }
        let fault = Accepted { reply: described(key().set_status(None).build()), request_id: None, aws_time: None }
            .read(ListAccessKeys::OPERATION, |reply| reply)
            .expect_err("the list is no list");
        assert_eq!(fault.code, "NonsenseReply");
    }
}
