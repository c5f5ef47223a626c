//! `iam.users`: the users of the account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, Query};
use crate::aws::{GetUser, ListUsers, LookupEvents, Operation, Request};
use crate::base::{Arn, Region, UserName};

/// The users of the account.
pub struct Users;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Made before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Has a name that starts with this, such as `BedrockAPIKey-`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// Has a path that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_prefix: Option<String>,
    /// Carries these tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The name.
    pub name: UserName,
    /// The ARN.
    pub arn: Arn,
    /// The immutable id.
    pub id: String,
    /// The path.
    pub path: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Query for Users {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.users";
    const SUMMARY: &'static str = "The users of the account, by creation time, creator, name, path or tag";
    const PAGE: &'static str = include_str!("iam_users.md");
    const READS: &'static [&'static Operation] = &[ListUsers::OPERATION, GetUser::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "iam.amazonaws.com", by: &["CreateUser"] });
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        item.id.clone()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let fits = named!(input);
        let path = input.path_prefix.clone().unwrap_or_else(|| "/".to_owned());
        let mut items = Vec::new();
        for user in look.ask_all(ListUsers { path, next: None }).await? {
            if !fits.fits(user.name.as_str(), user.created) {
                continue;
            }
            // The list leaves out tags.
            if !input.tags.is_empty() {
                let Some(known) = look.find(GetUser { user: user.name.clone() }).await? else { continue };
                if input.tags.iter().any(|(key, value)| known.tags.get(key) != Some(value)) {
                    continue;
                }
            }
            items.push(Item { name: user.name, arn: user.arn, id: user.id, path: user.path, created_at: user.created });
        }
        items.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}
