//! Managed policies.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::range::model::{Account, ManagedPolicy, Permissions, PolicyVersion};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::write("CreatePolicy", on_new_policy, create_policy),
    Row::read("GetPolicy", on_policy, get_policy),
    Row::read("ListPolicies", anything, list_policies),
];

pub(super) fn on_policy(turn: &Turn<'_>) -> String {
    turn.text("PolicyArn").to_owned()
}

fn on_new_policy(turn: &Turn<'_>) -> String {
    let path = turn.maybe("Path").unwrap_or("/");
    format!("arn:aws:iam::{}:policy{path}{}", turn.account().id, turn.text("PolicyName"))
}

/// Those whom a policy is attached to, or bounds: the member that lists them, the one that names them, name and id.
pub(super) fn holders(
    account: &Account,
    arn: &str,
    as_boundary: bool,
) -> Vec<(&'static str, &'static str, String, String)> {
    let has = |held: &Permissions| match as_boundary {
        true => held.boundary.as_deref() == Some(arn),
        false => held.attached.contains(arn),
    };
    let roles = account.roles.all_latest().filter(|(_, role)| has(&role.permissions));
    let roles = roles.map(|(name, role)| ("PolicyRoles", "Role", name.to_owned(), role.id.clone()));
    let users = account.users.all_latest().filter(|(_, user)| has(&user.permissions));
    let users = users.map(|(name, user)| ("PolicyUsers", "User", name.to_owned(), user.id.clone()));
    let groups = account.groups.all_latest().filter(|(_, group)| has(&group.permissions));
    let groups = groups.map(|(name, group)| ("PolicyGroups", "Group", name.to_owned(), group.id.clone()));
    roles.chain(users).chain(groups).collect()
}

fn shown(account: &Account, policy: &ManagedPolicy) -> Value {
    let attached = holders(account, &policy.arn, false).len();
    let bounds = holders(account, &policy.arn, true).len();
    let mut shown = json!({
        "PolicyName": policy.name, "PolicyId": policy.id, "Arn": policy.arn, "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default_version), "AttachmentCount": attached, "PermissionsBoundaryUsageCount": bounds,
        "IsAttachable": true, "CreateDate": policy.created, "UpdateDate": policy.created,
    });
    if let Some(description) = &policy.description {
        shown["Description"] = json!(description);
    }
    shown
}

fn create_policy(turn: &mut Turn<'_>) -> Handled {
    let arn = on_new_policy(turn);
    let name = turn.text("PolicyName").to_owned();
    if turn.account().policies.latest(&arn).is_some() {
        return Err(refuse("EntityAlreadyExists", format!("A policy called {name} already exists.")));
    }
    let document = turn.text("PolicyDocument").to_owned();
    quota::well_formed(&document)?;
    // FACT iam-policy-size
    if quota::size(&document) > quota::MANAGED {
        return Err(refuse("LimitExceeded", format!("Cannot exceed quota for PolicySize: {}", quota::MANAGED)));
    }
    let policy = ManagedPolicy {
        path: turn.maybe("Path").unwrap_or("/").to_owned(),
        arn: arn.clone(),
        id: turn.state.dice.iam_id("ANPA", &name),
        name,
        versions: BTreeMap::from([(1, PolicyVersion { document, created: turn.now })]),
        default_version: 1,
        description: turn.maybe("Description").map(String::from),
        created: turn.now,
    };
    let reply = json!({ "Policy": shown(turn.account(), &policy) });
    let landing = turn.landing(&arn);
    let now = turn.now;
    turn.state.account.policies.write(&arn, Some(policy), landing, now);
    Ok(reply)
}

pub(super) fn found(turn: &Turn<'_>) -> Result<ManagedPolicy, ApiError> {
    let arn = turn.text("PolicyArn");
    let policy = turn.account().policies.seen(arn, turn.now, turn.replica).cloned();
    policy.ok_or_else(|| refuse("NoSuchEntity", format!("Policy {arn} was not found.")))
}

fn get_policy(turn: &mut Turn<'_>) -> Handled {
    let policy = found(turn)?;
    Ok(json!({ "Policy": shown(turn.account(), &policy) }))
}

fn list_policies(turn: &mut Turn<'_>) -> Handled {
    let account = turn.account();
    let scope = turn.maybe("Scope").unwrap_or("All");
    let wanted = |policy: &ManagedPolicy| match scope {
        "AWS" => policy.arn.starts_with("arn:aws:iam::aws:"),
        "Local" => !policy.arn.starts_with("arn:aws:iam::aws:"),
        _ => true,
    };
    let prefix = turn.maybe("PathPrefix").unwrap_or("/");
    let wanted = |policy: &ManagedPolicy| wanted(policy) && policy.path.starts_with(prefix);
    let policies = account.policies.all_seen(turn.now, turn.replica).filter(|(_, policy)| wanted(policy));
    let all = policies.map(|(_, policy)| shown(account, policy));
    let only_attached = turn.flag("OnlyAttached");
    turn.page("Policies", all.filter(|policy| !only_attached || policy["AttachmentCount"] != 0).collect())
}
