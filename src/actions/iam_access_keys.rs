//! `iam.access-keys`: the long-term keys of a user, or of all.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam_create_access_key::made_for;
use super::{Answer, Assignment, Look, LookError, Making, Query};
use crate::aws::{GetUser, KeyStatus, ListAccessKeys, ListUsers, LookupEvents, Operation, Request};
use crate::base::{AccessKeyId, Region, UserName};

/// The long-term keys of a user, or of all users.
pub struct AccessKeys;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user; left out, every user of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserName>,
    /// Made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Has this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<KeyStatus>,
    /// Beside it, `iam.create-access-key` has made a new one for this incident; the new one itself is left out.
    #[serde(default)]
    pub replaced: bool,
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
    const SUMMARY: &'static str = "The long-term keys of a user or of all, by creation time, creator or status";
    const PAGE: &'static str = include_str!("iam_access_keys.md");
    const READS: &'static [&'static Operation] =
        &[ListUsers::OPERATION, ListAccessKeys::OPERATION, GetUser::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "iam.amazonaws.com", by: &["CreateAccessKey"] });
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        item.id.to_string()
    }

    async fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let users = match &input.user {
            Some(user) => vec![user.clone()],
            None => {
                let all = look.ask_all(ListUsers { path: "/".to_owned(), next: None }).await?;
                all.into_iter().map(|user| user.name).collect()
            }
        };
        let of_each = try_join_all(users.into_iter().map(|user| keys_of(to, look, user, input))).await?;
        let mut items: Vec<Item> = of_each.into_iter().flatten().collect();
        items.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}

async fn keys_of(to: &Assignment, look: &Look<'_>, user: UserName, input: &Input) -> Result<Vec<Item>, LookError> {
    let keys = look.find_all(ListAccessKeys { user: user.clone(), next: None }).await?.unwrap_or_default();
    let mut items: Vec<Item> = keys
        .into_iter()
        .filter(|key| input.status.is_none_or(|status| status == key.status))
        .filter(|key| input.created_after.is_none_or(|after| key.created >= after))
        .map(|key| Item { id: key.id, user: user.clone(), status: key.status, created_at: key.created })
        .collect();
    if input.replaced && !items.is_empty() {
        let tags = look.find(GetUser { user }).await?.map(|user| user.tags).unwrap_or_default();
        let made = made_for(to, &tags);
        items.retain(|item| made.as_ref().is_some_and(|made| *made != item.id));
    }
    Ok(items)
}
