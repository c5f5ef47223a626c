//! Versions of managed policies, who has a policy, and its end.

use serde_json::{Value, json};

use crate::range::model::{ManagedPolicy, PolicyVersion};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::policies::{found, holders, on_policy};
use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::read("GetPolicyVersion", on_policy, get_policy_version),
    Row::read("ListPolicyVersions", on_policy, list_policy_versions),
    Row::read("ListEntitiesForPolicy", on_policy, list_entities_for_policy),
    Row::write("CreatePolicyVersion", on_policy, create_policy_version),
    Row::write("SetDefaultPolicyVersion", on_policy, set_default_policy_version),
    Row::write("DeletePolicyVersion", on_policy, delete_policy_version),
    Row::write("DeletePolicy", on_policy, delete_policy),
];

/// The number of the version that a call names.
fn number(turn: &Turn<'_>) -> u32 {
    turn.text("VersionId").trim_start_matches('v').parse().unwrap_or(0)
}

fn no_such_version(policy: &ManagedPolicy, turn: &Turn<'_>) -> ApiError {
    let text = format!("Policy {} version {} does not exist or is not attachable.", policy.arn, turn.text("VersionId"));
    refuse("NoSuchEntity", text)
}

/// The policy that a change is about.
fn to_change(turn: &Turn<'_>) -> Result<ManagedPolicy, ApiError> {
    let arn = turn.text("PolicyArn");
    // FACT iam-aws-managed
    if arn.contains(":iam::aws:") {
        return Err(refuse("AccessDenied", format!("Policy {arn} is outside your own account.")));
    }
    let policy = turn.account().policies.latest(arn).cloned();
    policy.ok_or_else(|| refuse("NoSuchEntity", format!("Policy {arn} was not found.")))
}

fn write(turn: &mut Turn<'_>, arn: &str, policy: Option<ManagedPolicy>) {
    let landing = turn.landing(arn);
    let now = turn.now;
    turn.state.account.policies.write(arn, policy, landing, now);
}

fn summary(policy: &ManagedPolicy, number: u32, version: &PolicyVersion) -> Value {
    json!({
        "VersionId": format!("v{number}"), "IsDefaultVersion": number == policy.default_version,
        "CreateDate": version.created,
    })
}

fn get_policy_version(turn: &mut Turn<'_>) -> Handled {
    let policy = found(turn)?;
    let number = number(turn);
    let version = policy.versions.get(&number).ok_or_else(|| no_such_version(&policy, turn))?;
    let mut shown = summary(&policy, number, version);
    shown["Document"] = json!(version.document);
    Ok(json!({ "PolicyVersion": shown }))
}

fn list_policy_versions(turn: &mut Turn<'_>) -> Handled {
    let policy = found(turn)?;
    turn.page("Versions", policy.versions.iter().rev().map(|(number, it)| summary(&policy, *number, it)).collect())
}

fn list_entities_for_policy(turn: &mut Turn<'_>) -> Handled {
    let policy = found(turn)?;
    let as_boundary = turn.maybe("PolicyUsageFilter") == Some("PermissionsBoundary");
    let all = holders(turn.account(), &policy.arn, as_boundary);
    let shown = |(list, kind, name, id): &(&str, &str, String, String)| -> Value {
        json!({ "list": list, "it": { format!("{kind}Name"): name, format!("{kind}Id"): id } })
    };
    let mut reply = turn.page("all", all.iter().map(shown).collect())?;
    let page = reply["all"].take();
    for list in ["PolicyRoles", "PolicyUsers", "PolicyGroups"] {
        let those = page.as_array().into_iter().flatten().filter(|one| one["list"] == list);
        reply[list] = those.map(|one| one["it"].clone()).collect();
    }
    if let Some(members) = reply.as_object_mut() {
        members.remove("all");
    }
    Ok(reply)
}

fn create_policy_version(turn: &mut Turn<'_>) -> Handled {
    let mut policy = to_change(turn)?;
    // FACT iam-five-versions
    if policy.versions.len() >= quota::VERSIONS {
        return Err(refuse("LimitExceeded", format!("A managed policy can have up to {} versions.", quota::VERSIONS)));
    }
    let document = turn.text("PolicyDocument").to_owned();
    quota::well_formed(&document)?;
    // FACT iam-policy-size
    if quota::size(&document) > quota::MANAGED {
        return Err(refuse("LimitExceeded", format!("Cannot exceed quota for PolicySize: {}", quota::MANAGED)));
    }
    let number = policy.versions.keys().last().map_or(1, |last| last + 1);
    let version = PolicyVersion { document, created: turn.now };
    if turn.flag("SetAsDefault") {
        policy.default_version = number;
    }
    let shown = summary(&policy, number, &version);
    policy.versions.insert(number, version);
    write(turn, &policy.arn.clone(), Some(policy));
    Ok(json!({ "PolicyVersion": shown }))
}

fn set_default_policy_version(turn: &mut Turn<'_>) -> Handled {
    let mut policy = to_change(turn)?;
    let number = number(turn);
    if !policy.versions.contains_key(&number) {
        return Err(no_such_version(&policy, turn));
    }
    policy.default_version = number;
    write(turn, &policy.arn.clone(), Some(policy));
    Ok(json!({}))
}

fn delete_policy_version(turn: &mut Turn<'_>) -> Handled {
    let mut policy = to_change(turn)?;
    let number = number(turn);
    // FACT iam-delete-policy
    if number == policy.default_version {
        return Err(refuse("DeleteConflict", "Cannot delete the default version of a policy."));
    }
    policy.versions.remove(&number).ok_or_else(|| no_such_version(&policy, turn))?;
    write(turn, &policy.arn.clone(), Some(policy));
    Ok(json!({}))
}

fn delete_policy(turn: &mut Turn<'_>) -> Handled {
    let policy = to_change(turn)?;
    // FACT iam-delete-policy
    let account = turn.account();
    if !holders(account, &policy.arn, false).is_empty() || !holders(account, &policy.arn, true).is_empty() {
        return Err(refuse("DeleteConflict", "Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        let text = "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                    versions. The default version is deleted with the policy.";
        return Err(refuse("DeleteConflict", text));
    }
    write(turn, &policy.arn, None);
    Ok(json!({}))
}
