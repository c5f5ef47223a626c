//! Secrets in AWS Secrets Manager: putting a new access key into one. quell never reads what a secret says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::declare::request;
use super::{Fault, FaultKind, Late, Operation, Service};
use crate::base::{AccessKeyId, Digest, Entity, EntityKind, SecretName};

/// The ARN of a secret ends with six characters that AWS chooses.
const SECRET: &str = "arn:{partition}:secretsmanager:{region}:{account}:secret:{id}-??????";
/// The label of the version that whoever reads a secret gets.
const CURRENT: &str = "AWSCURRENT";
/// For how many days a deleted secret can be brought back.
const KEPT_DAYS: i64 = 7;

/// A secret as AWS describes it, without what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecretDescription {
    /// The ARN. It ends with characters that tell it from another secret of the same name.
    pub arn: String,
    /// Whether it is deleted, and can only be brought back.
    pub deleted: bool,
    /// The AWS service that manages it.
    pub managed_by: Option<String>,
    /// Whether AWS changes it by itself from time to time.
    pub rotates: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The versions that have labels, with these.
    pub versions: BTreeMap<String, Vec<String>>,
}

impl SecretDescription {
    /// The version that whoever reads the secret gets.
    pub fn current(&self) -> Option<&str> {
        let mut labelled = self.versions.iter();
        labelled.find(|(_, labels)| labels.iter().any(|label| label == CURRENT)).map(|(version, _)| version.as_str())
    }
}

/// The id of the version in which the secret of a key is put: it tells whether that was done already.
pub fn version_of(secret: &SecretName, key: &AccessKeyId) -> String {
    Digest::of(&("quell", secret, key)).to_string()
}

fn secret_entity(secret: &SecretName) -> Entity {
    Entity::new(EntityKind::Secret, secret.as_str())
}

request! {
    /// Describes a secret (`secretsmanager:DescribeSecret`). What it says stays unread.
    read DescribeSecret in a Region {
        /// The secret.
        secret: SecretName,
    } of SecretDescription,
    row: Operation::read(Service::SecretsManager, "DescribeSecret").needs(&["secretsmanager:DescribeSecret"], SECRET),
    about: |it| secret_entity(&it.secret),
    send: |it, to| to.secrets_manager(Some(&it.region)).describe_secret().secret_id(it.secret.as_str()),
    reply: |out| {
        let tags = out.tags.unwrap_or_default().into_iter();
        Ok(SecretDescription {
            arn: out.arn.ok_or("a secret has no ARN")?,
            deleted: out.deleted_date.is_some(),
            managed_by: out.owning_service,
            rotates: out.rotation_enabled.unwrap_or(false),
            tags: tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
            versions: out.version_ids_to_stages.unwrap_or_default().into_iter().collect(),
        })
    },
}

request! {
    /// Makes a secret that says nothing yet (`secretsmanager:CreateSecret`), with one tag.
    change CreateSecret in a Region {
        /// The secret.
        secret: SecretName,
        /// The key of its tag.
        tag: String,
        /// The value of its tag.
        value: String,
    }
    row: Operation::reversible(Service::SecretsManager, "CreateSecret")
        .needs(&["secretsmanager:CreateSecret", "secretsmanager:TagResource"], SECRET)
        .never_blindly()
        .undone_by(&["DeleteSecret"]),
    about: |it| secret_entity(&it.secret),
    send: |it, to| {
        let tag = aws_sdk_secretsmanager::types::Tag::builder().key(&it.tag).value(&it.value).build();
        to.secrets_manager(Some(&it.region)).create_secret().name(it.secret.as_str()).tags(tag)
    },
}

request! {
    /// Puts the secret of a new access key into a secret, in a version of its own (`secretsmanager:PutSecretValue`). The secret of the
    /// key is no part of this request as quell keeps it: it is taken from memory when the request leaves.
    change PutSecretValue in a Region {
        /// The secret.
        secret: SecretName,
        /// The key.
        key: Late<AccessKeyId>,
    }
    row: Operation { retry: super::RetryClass::Token, ..Operation::reversible(Service::SecretsManager, "PutSecretValue") }
        .needs(&["secretsmanager:PutSecretValue"], SECRET)
        .undone_by(&["UpdateSecretVersionStage", "DeleteSecret"]),
    about: |it| secret_entity(&it.secret),
    send: |it, to| {
        to.may_change(Self::OPERATION)?;
        let key = it.key.settled(Self::OPERATION)?;
        let lost = || {
            let why = format!("the secret of access key {key} is not in memory any more");
            Fault::of(Self::OPERATION, FaultKind::BadRequest, "SecretLost", why)
        };
        let plain = to.vault().of(key).ok_or_else(lost)?;
        to.secrets_manager(Some(&it.region))
            .put_secret_value()
            .secret_id(it.secret.as_str())
            .client_request_token(version_of(&it.secret, key))
            .secret_string(plain.expose())
    },
}

request! {
    /// Makes an earlier version of a secret the one that is read (`secretsmanager:UpdateSecretVersionStage`).
    change UpdateSecretVersionStage in a Region {
        /// The secret.
        secret: SecretName,
        /// The version that is read now.
        from: String,
        /// The version that is to be read.
        to: String,
    }
    row: Operation::reversible(Service::SecretsManager, "UpdateSecretVersionStage")
        .needs(&["secretsmanager:UpdateSecretVersionStage"], SECRET),
    about: |it| secret_entity(&it.secret),
    send: |it, to| to
        .secrets_manager(Some(&it.region))
        .update_secret_version_stage()
        .secret_id(it.secret.as_str())
        .version_stage(CURRENT)
        .remove_from_version_id(&it.from)
        .move_to_version_id(&it.to),
}

request! {
    /// Deletes a secret; for a week it can be brought back (`secretsmanager:DeleteSecret`).
    change DeleteSecret in a Region {
        /// The secret.
        secret: SecretName,
    }
    row: Operation::reversible(Service::SecretsManager, "DeleteSecret")
        .needs(&["secretsmanager:DeleteSecret"], SECRET)
        .already(&["ResourceNotFoundException"])
        .undone_by(&["RestoreSecret"]),
    about: |it| secret_entity(&it.secret),
    send: |it, to| to
        .secrets_manager(Some(&it.region))
        .delete_secret()
        .secret_id(it.secret.as_str())
        .recovery_window_in_days(KEPT_DAYS),
}
