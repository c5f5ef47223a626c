//! `iam.policies`: the managed policies of the account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, PolicyRef, Query};
use crate::aws::{GetPolicy, ListPolicies, LookupEvents, Operation, Request};
use crate::base::Region;

/// The managed policies of the account.
pub struct Policies;

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
    /// Has a name that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// Has a path that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_prefix: Option<String>,
    /// Carries these tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A managed policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The name.
    pub name: String,
    /// The ARN.
    pub arn: PolicyRef,
    /// The immutable id.
    pub id: String,
    /// The path.
    pub path: String,
    /// To how many roles, users and groups it is attached.
    pub attached: i32,
    /// For how many roles and users it is the permissions boundary.
    pub bounds: i32,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Query for Policies {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.policies";
    const SUMMARY: &'static str =
        "The managed policies of the account, those of AWS left out, by creation time, creator, name, path or tag";
    const PAGE: &'static str = include_str!("iam_policies.md");
    const READS: &'static [&'static Operation] =
        &[ListPolicies::OPERATION, GetPolicy::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "iam.amazonaws.com", by: &["CreatePolicy"] });
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
        for policy in look.ask_all(ListPolicies { path, next: None }).await? {
            if !fits.fits(&policy.name, policy.created) {
                continue;
            }
            // The list leaves out tags.
            if !input.tags.is_empty() {
                let Some(known) = look.find(GetPolicy { policy: policy.arn.clone() }).await? else { continue };
                if input.tags.iter().any(|(key, value)| known.tags.get(key) != Some(value)) {
                    continue;
                }
            }
            // What is listed is a managed policy of the account.
            let Ok(arn) = PolicyRef::try_from(policy.arn) else { continue };
            items.push(Item {
                name: policy.name,
                arn,
                id: policy.id,
                path: policy.path,
                attached: policy.attached,
                bounds: policy.bounds,
                created_at: policy.created,
            });
        }
        items.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}
