//! What the making of an access key is decided on: the keys of a user, which of them was made here, and which one gives way.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Refusal;
use super::iam_create_access_key::Input;
use super::key_store::FoundSecret;
use crate::aws::{AccessKey, KeyStatus};
use crate::base::AccessKeyId;

/// How many keys AWS lets a user have.
pub(super) const MOST_KEYS: usize = 2;
/// What a mark begins with whose key is not sealed yet; the keys follow that were there before.
pub(super) const BESIDE: &str = "beside";

/// What is decided on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The user's immutable id, if there is such a user.
    pub user_id: Option<String>,
    /// Its keys.
    pub keys: BTreeMap<AccessKeyId, AccessKey>,
    /// The incident's mark on the user: `beside` and the keys that were there before, or the key that was made and sealed.
    pub mark: Option<String>,
    /// Which keys were ever used: of those that the mark speaks of, or does not know, and of all where an unused one may give way.
    pub used: BTreeSet<AccessKeyId>,
    /// The secret in AWS Secrets Manager that gets it, if it is there.
    pub secret: Option<FoundSecret>,
    /// Keys whose secrets are in it.
    pub stored: BTreeSet<AccessKeyId>,
    /// Keys whose secrets this program holds.
    pub held: BTreeSet<AccessKeyId>,
}

impl State {
    /// The key that the incident has made and sealed, where it is still there.
    pub(super) fn made(&self) -> Option<AccessKeyId> {
        let key = AccessKeyId::new(self.mark.as_ref()?.clone()).ok()?;
        self.keys.contains_key(&key).then_some(key)
    }

    /// Whether a key was about to be made, and nobody knows of one that is sealed.
    pub(super) fn is_pending(&self) -> bool {
        self.mark.as_ref().is_some_and(|mark| mark.split(' ').next() == Some(BESIDE))
    }

    /// The keys that were not there when one was about to be made.
    pub(super) fn strays(&self) -> Vec<&AccessKeyId> {
        let before: Vec<&str> = self.mark.iter().flat_map(|mark| mark.split(' ')).collect();
        let strays = self.keys.keys().filter(|key| !before.contains(&key.as_str()));
        strays.filter(|_| self.is_pending()).collect()
    }

    /// The key that was made and whose secret is lost, if there is one.
    pub(super) fn orphan(&self) -> Result<Option<&AccessKeyId>, Refusal> {
        match self.strays().as_slice() {
            [] => Ok(None),
            [key] if self.used.contains(*key) => Err(Refusal::InUse {
                by: vec![format!("whoever uses access key {key}, which appeared while one was being made")],
            }),
            [key] => Ok(Some(*key)),
            several => {
                let candidates = several.iter().map(|key| format!("access key {key}")).collect();
                Err(Refusal::Ambiguous { candidates })
            }
        }
    }

    /// The key that is deleted to make room, if there has to be one.
    pub(super) fn gives_way<'s>(
        &self,
        input: &Input,
        standing: &[&'s AccessKey],
    ) -> Result<Option<&'s AccessKeyId>, Refusal> {
        if standing.len() < MOST_KEYS {
            return Ok(None);
        }
        let oldest = |one: &&&'s AccessKey| (one.created, one.id.clone());
        let inactive = standing.iter().filter(|key| key.status == KeyStatus::Inactive);
        let unused = |key: &&&'s AccessKey| input.unused_gives_way && !self.used.contains(&key.id);
        let named = standing.iter().find(|key| Some(&key.id) == input.gives_way.as_ref());
        match named {
            Some(key) if key.status == KeyStatus::Active && !unused(&key) => {
                let by = format!("whoever holds access key {}, since it is active: deactivate it first", key.id);
                return Err(Refusal::InUse { by: vec![by] });
            }
            Some(key) => return Ok(Some(&key.id)),
            None => {
                let first = inactive.filter(|_| input.inactive_gives_way).min_by_key(oldest);
                // An inactive key that may not give way is no reason to take an active one.
                let none_inactive = standing.iter().all(|key| key.status == KeyStatus::Active);
                let next = standing.iter().filter(|key| none_inactive && unused(key)).min_by_key(oldest);
                if let Some(key) = first.or(next) {
                    return Ok(Some(&key.id));
                }
            }
        }
        let keys: Vec<String> = standing.iter().map(|key| described(key)).collect();
        Err(Refusal::Quota {
            which: format!(
                "user {} has {} of {MOST_KEYS} access keys: {}; one must go first: say which one `gives_way`, once it is inactive",
                input.user,
                keys.len(),
                keys.join(", ")
            ),
        })
    }
}

/// A key, for people.
pub(super) fn described(key: &AccessKey) -> String {
    format!("{} ({:?}, made {})", key.id, key.status, key.created)
}
