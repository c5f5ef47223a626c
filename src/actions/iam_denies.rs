//! `iam.denies`: what still refuses something for the sake of the incident.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam_lock_trust::sid;
use super::incident_denies::{names_of, says};
use super::{Answer, Assignment, Look, LookError, Principal, Query, Who};
use crate::aws::{
    GetRolePolicy, GetUserPolicy, ListEntitiesForPolicy, ListPolicies, ListRolePolicies, ListRoles, ListUserPolicies,
    ListUsers, Operation, Request,
};
use crate::base::{Arn, Entity, Region};
use crate::iam;

/// What still refuses something for the sake of the incident.
pub struct Denies;

/// Nothing can be asked: it is about the incident.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {}

/// A role or user that is refused something.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// Its ARN.
    pub principal: Arn,
    /// Its immutable id.
    pub id: String,
    /// The incident's inline policies, in the order in which containment puts them there, and the trust lock.
    pub denies: Vec<String>,
    /// Sessions from before this moment are refused by one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<Timestamp>,
    /// Managed policies of quell that are attached to it or bound it. They name no incident.
    pub of_no_incident: Vec<Arn>,
}

/// A role or user of the account.
struct Known {
    arn: Arn,
    id: String,
    who: Who,
    locked: bool,
}

impl Query for Denies {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.denies";
    const SUMMARY: &'static str = "The roles and users that the incident still refuses something";
    const PAGE: &'static str = include_str!("iam_denies.md");
    const READS: &'static [&'static Operation] = &[
        ListRoles::OPERATION,
        ListUsers::OPERATION,
        ListRolePolicies::OPERATION,
        ListUserPolicies::OPERATION,
        GetRolePolicy::OPERATION,
        GetUserPolicy::OPERATION,
        ListPolicies::OPERATION,
        ListEntitiesForPolicy::OPERATION,
    ];
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        item.id.clone()
    }

    async fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        _: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let mut all: Vec<Known> = Vec::new();
        for role in look.ask_all(ListRoles { path: "/".to_owned(), next: None }).await? {
            let locked = role.trust.find_statement(&sid(to)).is_some();
            all.push(Known { arn: role.arn, id: role.id, who: Who::Role(role.name), locked });
        }
        for user in look.ask_all(ListUsers { path: "/".to_owned(), next: None }).await? {
            all.push(Known { arn: user.arn, id: user.id, who: Who::User(user.name), locked: false });
        }
        let attached = attached(look).await?;
        let found = try_join_all(all.into_iter().map(|known| item(to, look, known, &attached))).await?;
        let mut items: Vec<Item> = found.into_iter().flatten().collect();
        items.sort_by(|one, other| (&one.principal, &one.id).cmp(&(&other.principal, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}

/// Who has managed policies that quell has made.
async fn attached(look: &Look<'_>) -> Result<BTreeMap<Entity, Vec<Arn>>, LookError> {
    let mut holders: BTreeMap<Entity, Vec<Arn>> = BTreeMap::new();
    for policy in look.ask_all(ListPolicies { path: "/quell/".to_owned(), next: None }).await? {
        for as_boundary in [false, true] {
            let ask = ListEntitiesForPolicy { policy: policy.arn.clone(), as_boundary, next: None };
            for holder in look.find_all(ask).await?.unwrap_or_default() {
                holders.entry(holder).or_default().push(policy.arn.clone());
            }
        }
    }
    Ok(holders)
}

async fn item(
    to: &Assignment,
    look: &Look<'_>,
    known: Known,
    attached: &BTreeMap<Entity, Vec<Arn>>,
) -> Result<Option<Item>, LookError> {
    let mut denies = names_of(to, look, &known.who).await?;
    let mut cut_off = None;
    for name in denies.clone() {
        let document = says(look, &known.who, name).await?;
        cut_off = cut_off.max(document.as_ref().and_then(iam::cutoff_of));
    }
    if known.locked {
        denies.push("trust lock".to_owned());
    }
    let entity = Principal::of(to, known.who).entity();
    let of_no_incident = attached.get(&entity).cloned().unwrap_or_default();
    if denies.is_empty() && of_no_incident.is_empty() {
        return Ok(None);
    }
    Ok(Some(Item { principal: known.arn, id: known.id, denies, cut_off, of_no_incident }))
}
