//! `iam.key-holders`: who has active long-term keys that are to be changed.

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam_create_access_key::made_for;
use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{AccessKey, GetUser, KeyStatus, ListAccessKeys, ListUsers, Operation, Request};
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
    /// Keys that are known to be stolen: their users are meant also where such a key is inactive already, until they have a new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stolen: Vec<AccessKeyId>,
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
    /// Its active keys, and those that are known to be stolen, but for the one that was made for this incident.
    pub keys: Vec<AccessKeyId>,
    /// Those of its keys that are known to be stolen, active or not.
    pub stolen: Vec<AccessKeyId>,
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
        let found = try_join_all(meant.map(|user| holder(to, look, user, input))).await?;
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
async fn holder(to: &Assignment, look: &Look<'_>, user: UserName, input: &Input) -> Result<Option<Item>, LookError> {
    let keys = look.find_all(ListAccessKeys { user: user.clone(), next: None }).await?.unwrap_or_default();
    let is_stolen = |key: &AccessKey| input.stolen.contains(&key.id);
    if !keys.iter().any(|key| key.status == KeyStatus::Active || is_stolen(key)) {
        return Ok(None);
    }
    let Some(known) = look.find(GetUser { user }).await? else { return Ok(None) };
    let made = made_for(to, &known.tags).filter(|made| keys.iter().any(|key| key.id == *made));
    // Who has a new key already needs no other for an old one that no longer works.
    let is_meant = |key: &AccessKey| key.status == KeyStatus::Active || (is_stolen(key) && made.is_none());
    let ids = |of: &dyn Fn(&AccessKey) -> bool| {
        let mut ids: Vec<AccessKeyId> = keys.iter().filter(|key| of(key)).map(|key| key.id.clone()).collect();
        ids.sort();
        ids
    };
    let mut meant = ids(&is_meant);
    meant.retain(|key| Some(key) != made.as_ref());
    let has = keys.len();
    let item = Item { user: known.name, arn: known.arn, id: known.id, keys: meant, stolen: ids(&is_stolen), has };
    Ok(Some(item).filter(|item| !item.keys.is_empty()))
}
