//! A secret in AWS Secrets Manager as a place for the secrets of new access keys.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Assignment, Look, LookError, Move, Refusal};
use crate::aws::{
    CreateSecret, DeleteSecret, DescribeSecret, Late, PutSecretValue, SecretDescription, Symbol,
    UpdateSecretVersionStage, version_of,
};
use crate::base::{AccessKeyId, Entity, EntityKind, Region, SecretName};

/// The tag of secrets that quell has made; its value is the incident.
const TAG: &str = "quell-incident";

/// A secret that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundSecret {
    /// Its ARN, which no other secret ever has.
    pub arn: String,
    /// Whether it is deleted, and can only be brought back.
    pub deleted: bool,
    /// The AWS service that manages it.
    pub managed_by: Option<String>,
    /// Whether AWS changes it by itself from time to time.
    pub rotates: bool,
    /// Whether it was made for this incident.
    pub made_here: bool,
    /// The version that whoever reads it gets.
    pub current: Option<String>,
}

/// Where a secret is, or is to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Store<'i> {
    pub(super) region: &'i Region,
    pub(super) secret: &'i SecretName,
}

impl Store<'_> {
    /// The secret as a thing.
    pub(super) fn entity(secret: &SecretName) -> Entity {
        Entity::new(EntityKind::Secret, secret.as_str())
    }

    /// Looks for the secret, and which of some keys are in it.
    pub(super) async fn look<'k>(
        self,
        to: &Assignment,
        look: &Look<'_>,
        keys: impl Iterator<Item = &'k AccessKeyId>,
    ) -> Result<(Option<FoundSecret>, BTreeSet<AccessKeyId>), LookError> {
        let ask = DescribeSecret { region: self.region.clone(), secret: self.secret.clone() };
        let Some(known) = look.find(ask).await? else { return Ok((None, BTreeSet::new())) };
        let is_in = |key: &&AccessKeyId| known.versions.contains_key(&version_of(self.secret, key));
        let stored = keys.filter(is_in).cloned().collect();
        Ok((Some(found(to, known)), stored))
    }

    /// Why nothing can be put into it.
    pub(super) fn refuses(self, secret: Option<&FoundSecret>) -> Option<Refusal> {
        let secret = secret?;
        let name = self.secret;
        if secret.deleted {
            Some(Refusal::Protected {
                why: format!("secret {name} is deleted, and holds its name until it is gone"),
                instead: format!(
                    "name another secret, or bring it back: aws secretsmanager restore-secret --secret-id {name}"
                ),
            })
        } else if let Some(service) = &secret.managed_by {
            Some(Refusal::Protected {
                why: format!("secret {name} belongs to {service}, which alone changes it"),
                instead: "name a secret of your own".to_owned(),
            })
        } else if secret.rotates {
            Some(Refusal::Protected {
                why: format!("secret {name} is changed by AWS from time to time, and would be overwritten"),
                instead: "name another secret, or switch its rotation off".to_owned(),
            })
        } else {
            None
        }
    }

    /// The moves that make room for it.
    pub(super) fn make(self, to: &Assignment, secret: Option<&FoundSecret>) -> Option<Move> {
        let (tag, value) = (TAG.to_owned(), to.incident.to_string());
        let make = CreateSecret { region: self.region.clone(), secret: self.secret.clone(), tag, value };
        secret.is_none().then(|| make.into())
    }

    /// The move that puts the new key into it.
    pub(super) fn put(self) -> Move {
        let key = Late::Later(Symbol::Fact("access-key".to_owned()));
        PutSecretValue { region: self.region.clone(), secret: self.secret.clone(), key }.into()
    }

    /// The moves by which whoever reads it gets what was there before.
    pub(super) fn leave(
        self,
        before: Option<&FoundSecret>,
        now: Option<&FoundSecret>,
        key: &AccessKeyId,
    ) -> Option<Move> {
        let (region, secret) = (self.region.clone(), self.secret.clone());
        let now = now.filter(|now| !now.deleted)?;
        let Some(before) = before else {
            return now.made_here.then(|| DeleteSecret { region, secret }.into());
        };
        let ours = version_of(self.secret, key);
        let earlier =
            before.current.clone().filter(|_| before.arn == now.arn && now.current.as_ref() == Some(&ours))?;
        Some(UpdateSecretVersionStage { region, secret, from: ours, to: earlier }.into())
    }
}

fn found(to: &Assignment, known: SecretDescription) -> FoundSecret {
    FoundSecret {
        current: known.current().map(str::to_owned),
        made_here: known.tags.get(TAG).is_some_and(|incident| *incident == to.incident.to_string()),
        arn: known.arn,
        deleted: known.deleted,
        managed_by: known.managed_by,
        rotates: known.rotates,
    }
}
