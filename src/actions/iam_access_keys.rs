//! `iam.access-keys`: the long-term keys of a user.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{KeyStatus, ListAccessKeys, Operation, Request};
use crate::base::{AccessKeyId, Region, UserName};

/// The long-term keys of a user.
pub struct AccessKeys;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// Made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Has this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<KeyStatus>,
}

/// A key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The key's id.
    pub id: AccessKeyId,
    /// The user.
    pub user: UserName,
    /// Whether it can be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Query for AccessKeys {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.access-keys";
    const SUMMARY: &'static str = "The long-term keys of a user, by creation time or status";
    const PAGE: &'static str = include_str!("iam_access_keys.md");
    const READS: &'static [&'static Operation] = &[ListAccessKeys::OPERATION];
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        item.id.to_string()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let keys = look.find_all(ListAccessKeys { user: input.user.clone(), next: None }).await?.unwrap_or_default();
        let mut items: Vec<Item> = keys
            .into_iter()
            .filter(|key| input.status.is_none_or(|status| status == key.status))
            .filter(|key| input.created_after.is_none_or(|after| key.created >= after))
            .map(|key| Item { id: key.id, user: input.user.clone(), status: key.status, created_at: key.created })
            .collect();
        items.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}
