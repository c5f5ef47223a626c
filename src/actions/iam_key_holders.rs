//! `iam.key-holders`: who has active long-term keys that are to be changed.

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam_create_access_key::made_for;
use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{GetUser, KeyStatus, ListAccessKeys, ListUsers, Operation, Request};
use crate::base::{AccessKeyId, Arn, Region, UserName, counted};

/// Who has active long-term keys that are to be changed.
pub struct KeyHolders;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// This user alone; left out, every user of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserName>,
    /// Users who are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<UserName>,
    /// With more users than this, nothing may be done on the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<usize>,
}

/// A user with keys.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The user.
    pub user: UserName,
    /// Its ARN.
    pub arn: Arn,
    /// Its immutable id.
    pub id: String,
    /// Its active keys, but for the one that was made for this incident.
    pub keys: Vec<AccessKeyId>,
    /// How many keys it has in all.
    pub has: usize,
}

impl Query for KeyHolders {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.key-holders";
    const SUMMARY: &'static str = "The users with active keys that the incident has not changed yet";
    const PAGE: &'static str = include_str!("iam_key_holders.md");
    const READS: &'static [&'static Operation] = &[ListUsers::OPERATION, GetUser::OPERATION, ListAccessKeys::OPERATION];
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        item.id.clone()
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
        let meant = users.into_iter().filter(|user| !input.except.contains(user));
        let found = try_join_all(meant.map(|user| holder(to, look, user))).await?;
        let mut items: Vec<Item> = found.into_iter().flatten().collect();
        items.sort_by(|one, other| (&one.user, &one.id).cmp(&(&other.user, &other.id)));
        let truncated = input
            .at_most
            .filter(|most| items.len() > *most)
            .map(|most| format!("active keys are with {}, and `at_most` says {most}", counted(items.len(), "user")));
        Ok(Answer { items, truncated })
    }
}

/// A user, if it has keys that are to be changed.
async fn holder(to: &Assignment, look: &Look<'_>, user: UserName) -> Result<Option<Item>, LookError> {
    let keys = look.find_all(ListAccessKeys { user: user.clone(), next: None }).await?.unwrap_or_default();
    let has = keys.len();
    let mut active: Vec<AccessKeyId> =
        keys.into_iter().filter(|key| key.status == KeyStatus::Active).map(|key| key.id).collect();
    if active.is_empty() {
        return Ok(None);
    }
    let Some(known) = look.find(GetUser { user }).await? else { return Ok(None) };
    let made = made_for(to, &known.tags);
    active.retain(|key| Some(key) != made.as_ref());
    active.sort();
    let item = Item { user: known.name, arn: known.arn, id: known.id, keys: active, has };
    Ok(Some(item).filter(|item| !item.keys.is_empty()))
}
