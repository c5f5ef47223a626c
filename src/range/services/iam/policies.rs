//! Managed policies.

use serde_json::{Value, json};

use crate::range::model::{Account, ManagedPolicy, Permissions};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::write("CreatePolicy", on_new_policy, create_policy),
    Row::read("GetPolicy", on_policy, get_policy),
    Row::read("GetPolicyVersion", on_policy, get_policy_version),
    Row::read("ListPolicies", anything, list_policies),
];

fn on_policy(turn: &Turn<'_>) -> String {
    turn.text("PolicyArn").to_owned()
}

fn on_new_policy(turn: &Turn<'_>) -> String {
    let path = turn.maybe("Path").unwrap_or("/");
    format!("arn:aws:iam::{}:policy{path}{}", turn.account().id, turn.text("PolicyName"))
}

fn shown(account: &Account, policy: &ManagedPolicy) -> Value {
    let users = account.users.all_latest().map(|(_, user)| &user.permissions);
    let holders: Vec<&Permissions> =
        account.roles.all_latest().map(|(_, role)| &role.permissions).chain(users).collect();
    let attached = holders.iter().filter(|held| held.attached.contains(&policy.arn)).count();
    let bounds = holders.iter().filter(|held| held.boundary.as_ref() == Some(&policy.arn)).count();
    let mut shown = json!({
        "PolicyName": policy.name, "PolicyId": policy.id, "Arn": policy.arn, "Path": policy.path,
        "DefaultVersionId": "v1", "AttachmentCount": attached, "PermissionsBoundaryUsageCount": bounds,
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
        document,
        description: turn.maybe("Description").map(String::from),
        created: turn.now,
    };
    let reply = json!({ "Policy": shown(turn.account(), &policy) });
    let landing = turn.landing(&arn);
    let now = turn.now;
    turn.state.account.policies.write(&arn, Some(policy), landing, now);
    Ok(reply)
}

fn found(turn: &Turn<'_>) -> Result<ManagedPolicy, ApiError> {
    let arn = turn.text("PolicyArn");
    let policy = turn.account().policies.seen(arn, turn.now, turn.replica).cloned();
    policy.ok_or_else(|| refuse("NoSuchEntity", format!("Policy {arn} was not found.")))
}

fn get_policy(turn: &mut Turn<'_>) -> Handled {
    let policy = found(turn)?;
    Ok(json!({ "Policy": shown(turn.account(), &policy) }))
}

fn get_policy_version(turn: &mut Turn<'_>) -> Handled {
    let policy = found(turn)?;
    let version = turn.text("VersionId");
    if version != "v1" {
        let text = format!("Policy {} version {version} does not exist or is not attachable.", policy.arn);
        return Err(refuse("NoSuchEntity", text));
    }
    Ok(json!({ "PolicyVersion": {
        "Document": policy.document, "VersionId": "v1", "IsDefaultVersion": true, "CreateDate": policy.created,
    }}))
}

fn list_policies(turn: &mut Turn<'_>) -> Handled {
    let account = turn.account();
    let scope = turn.maybe("Scope").unwrap_or("All");
    let wanted = |policy: &ManagedPolicy| match scope {
        "AWS" => policy.arn.starts_with("arn:aws:iam::aws:"),
        "Local" => !policy.arn.starts_with("arn:aws:iam::aws:"),
        _ => true,
    };
    let policies = account.policies.all_seen(turn.now, turn.replica).filter(|(_, policy)| wanted(policy));
    let all = policies.map(|(_, policy)| shown(account, policy));
    let only_attached = turn.flag("OnlyAttached");
    turn.page("Policies", all.filter(|policy| !only_attached || policy["AttachmentCount"] != 0).collect())
}
