//! `iam.delete-access-key`: deletes an inactive key of a user, for good.

use std::collections::BTreeSet;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, Assignment, Deletion, Doomed, Ended, Found, Look, LookError, Stage, Story};
use crate::aws::{
    AccessKey, Call, DeleteAccessKey as DeleteAccessKeyCall, GetAccessKeyLastUsed, KeyLastUsed, KeyStatus,
    ListAccessKeys, Operation, Request,
};
use crate::base::{AccessKeyId, Entity, EntityKind, Impact, Region, UserName};

/// Deletes an inactive key of a user, for good.
pub struct DeleteAccessKey;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// The key.
    pub key: AccessKeyId,
}

/// What it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// The key. Its id stays a trace to follow in CloudTrail.
    pub key: AccessKey,
    /// Its last use, where that could be read in time.
    pub used: Option<KeyUse>,
}

/// Its last use.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeyUse {
    /// As AWS tells it.
    pub last: KeyLastUsed,
}

impl Deletion for DeleteAccessKey {
    type Input = Input;
    type Part = String;
    type Present = Present;

    const NAME: &'static str = "iam.delete-access-key";
    const SUMMARY: &'static str = "Delete an inactive key of a user, for good";
    const PAGE: &'static str = include_str!("iam_delete_access_key.md");
    const READS: &'static [&'static Operation] = &[ListAccessKeys::OPERATION, GetAccessKeyLastUsed::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteAccessKeyCall::OPERATION];
    const GOING: Duration = Duration::from_secs(5 * 60);

    fn region<'i>(&self, _: &'i Input) -> Option<&'i Region> {
        None
    }

    fn entity(&self, input: &Input) -> Entity {
        Entity::new(EntityKind::User, input.user.as_str()).child(EntityKind::AccessKey, input.key.as_str())
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<String, Present>>, LookError> {
        let keys = look.find_all(ListAccessKeys { user: input.user.clone(), next: None }).await?.unwrap_or_default();
        let Some(key) = keys.into_iter().find(|key| key.id == input.key) else {
            return Ok(None);
        };
        let used = look.glance(GetAccessKeyLastUsed { key: key.id.clone() }).await.map(|last| KeyUse { last });
        let active = key.status == KeyStatus::Active;
        let used_by = active.then(|| "whoever holds it, since it is active: deactivate it first".to_owned());
        let doomed = Doomed {
            used_by: BTreeSet::from_iter(used_by),
            ..Doomed::new(format!("{} of {}", key.id, key.created), Stage::Standing)
        };
        Ok(Some(Found { doomed, present: Present { key, used } }))
    }

    fn delete(&self, input: &Input) -> Call {
        DeleteAccessKeyCall { user: input.user.clone(), key: input.key.clone() }.into()
    }

    // What is active is refused, and what is inactive signs nothing: another key is another matter.
    fn ends(&self, input: &Input) -> Vec<Ended> {
        vec![Ended::some(Access::LongTermKey, Some(&[&input.key]), &[])]
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<String>, &Present)>) -> Story {
        let used = found.and_then(|(_, present)| present.used.as_ref()?.last.last.clone());
        Story {
            now: match found {
                None => "does not exist".to_owned(),
                Some((_, present)) => format!("made {}, {:?}", present.key.created, present.key.status),
            },
            does: "delete it for good".to_owned(),
            impact: Impact::NoneSeen,
            because: match used {
                Some(used) => format!("it is inactive; last used {} with {}", used.when, used.service),
                None => "it is inactive".to_owned(),
            },
            undo: String::new(),
            residual: vec![],
            notes: vec![
                "an inactive key can be activated again where something still needed it; a deleted one cannot"
                    .to_owned(),
            ],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "its secret is gone: a new key has another id and another secret".to_owned()
    }
}
