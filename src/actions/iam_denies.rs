//! `iam.denies`: what still refuses something for the sake of the incident.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam_lock_trust::sid;
use super::incident_denies::{cut_off_in, of_incident, rank, rank_of_managed};
use super::made_policies::{DENY_ALL, PATH, QUARANTINE, Whose, made_for, whose};
use super::policy_holders::holders;
use super::principal_policies::{inline_names, inline_policy};
use super::{Answer, Assignment, DenyKind, FoundDeny, Look, LookError, Principal, Query, Who};
use crate::aws::{
    GetPolicyVersion, GetRolePolicy, GetUserPolicy, ListEntitiesForPolicy, ListPolicies, ListRolePolicies, ListRoles,
    ListUserPolicies, ListUsers, Operation, Request,
};
use crate::base::{Arn, Entity, Region};

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
    /// What refuses, by how late containment puts it there: policies that name the incident, and the trust lock.
    pub denies: Vec<FoundDeny>,
    /// Sessions from before this moment are refused by one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<Timestamp>,
    /// What may be of this incident or not: AWS's own policies that quell attaches, and what it made before its managed policies
    /// named their incident.
    pub of_no_incident: Vec<FoundDeny>,
}

/// A role or user of the account.
struct Known {
    arn: Arn,
    id: String,
    who: Who,
    locked: bool,
}

/// What managed policies of quell and AWS refuse.
#[derive(Default)]
struct Managed {
    /// Those that name the incident, with the cut-off in each.
    of_incident: BTreeMap<Entity, Vec<(FoundDeny, Option<Timestamp>)>>,
    /// Those that were made for a role or user which no longer has them, by its immutable id.
    unused: BTreeMap<String, Vec<FoundDeny>>,
    /// Those that name no incident.
    of_no_incident: BTreeMap<Entity, Vec<FoundDeny>>,
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
        GetPolicyVersion::OPERATION,
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
        let managed = managed(to, look).await?;
        let found = try_join_all(all.into_iter().map(|known| item(to, look, known, &managed))).await?;
        let mut items: Vec<Item> = found.into_iter().flatten().collect();
        items.sort_by(|one, other| (&one.principal, &one.id).cmp(&(&other.principal, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}

/// Who has managed policies by which quell denies.
async fn managed(to: &Assignment, look: &Look<'_>) -> Result<Managed, LookError> {
    let mut managed = Managed::default();
    for policy in look.ask_all(ListPolicies { path: PATH.to_owned(), next: None }).await? {
        let of_incident = match whose(to, &policy.arn) {
            Whose::ThisIncident => true,
            Whose::OldQuell => false,
            Whose::OtherIncident | Whose::Aws | Whose::Somebody => continue,
        };
        let holders = held_as(look, &policy.arn, [DenyKind::Managed, DenyKind::Boundary]).await?;
        if !of_incident {
            for (holder, deny) in holders {
                managed.of_no_incident.entry(holder).or_default().push(deny);
            }
            continue;
        }
        if let Some(id) = made_for(to, &policy).filter(|_| holders.is_empty()) {
            let deny = FoundDeny { kind: DenyKind::Unused, policy: policy.arn.to_string() };
            managed.unused.entry(id).or_default().push(deny);
            continue;
        }
        let version = GetPolicyVersion { policy: policy.arn, version: policy.default_version };
        let cut_off = look.find(version).await?.as_ref().and_then(cut_off_in);
        for (holder, deny) in holders {
            managed.of_incident.entry(holder).or_default().push((deny, cut_off));
        }
    }
    for name in [DENY_ALL, QUARANTINE] {
        let arn = format!("arn:{}:iam::aws:policy/{name}", to.place.partition);
        let arn = arn.parse().map_err(|error| LookError::Nonsense(format!("{error}")))?;
        for (holder, deny) in held_as(look, &arn, [DenyKind::Aws, DenyKind::AwsBoundary]).await? {
            managed.of_no_incident.entry(holder).or_default().push(deny);
        }
    }
    Ok(managed)
}

/// Who has a managed policy, and as what: attached, or as the permissions boundary.
async fn held_as(look: &Look<'_>, policy: &Arn, kinds: [DenyKind; 2]) -> Result<Vec<(Entity, FoundDeny)>, LookError> {
    let mut found = Vec::new();
    for (as_boundary, kind) in [false, true].into_iter().zip(kinds) {
        for holder in holders(look, policy, as_boundary).await? {
            found.push((holder, FoundDeny { kind, policy: policy.to_string() }));
        }
    }
    Ok(found)
}

async fn item(to: &Assignment, look: &Look<'_>, known: Known, managed: &Managed) -> Result<Option<Item>, LookError> {
    let mut denies: Vec<(Option<usize>, FoundDeny)> = Vec::new();
    let mut cut_off = None;
    for name in of_incident(to, &inline_names(look, &known.who).await?) {
        let document = inline_policy(look, &known.who, name.clone()).await?;
        cut_off = cut_off.max(document.as_ref().and_then(cut_off_in));
        denies.push((rank(to, &name), FoundDeny { kind: DenyKind::Inline, policy: name }));
    }
    let entity = Principal::of(to, known.who).entity();
    for (deny, cut) in managed.of_incident.get(&entity).into_iter().flatten() {
        cut_off = cut_off.max(*cut);
        denies.push((rank_of(deny), deny.clone()));
    }
    for deny in managed.unused.get(&known.id).into_iter().flatten() {
        denies.push((rank_of(deny), deny.clone()));
    }
    denies.sort();
    let mut denies: Vec<FoundDeny> = denies.into_iter().map(|(_, deny)| deny).collect();
    if known.locked {
        denies.push(FoundDeny { kind: DenyKind::TrustLock, policy: sid(to) });
    }
    let of_no_incident = managed.of_no_incident.get(&entity).cloned().unwrap_or_default();
    if denies.is_empty() && of_no_incident.is_empty() {
        return Ok(None);
    }
    Ok(Some(Item { principal: known.arn, id: known.id, denies, cut_off, of_no_incident }))
}

/// How late a managed policy came.
fn rank_of(deny: &FoundDeny) -> Option<usize> {
    deny.policy.parse().ok().map(|policy: Arn| rank_of_managed(&policy))
}
