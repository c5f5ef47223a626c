//! Roles and their trust policies.

use serde_json::{Value, json};

use crate::range::model::{Account, Permissions, Role};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, Turn, refuse};

use super::access::{boundary, on_role, role_seen, role_to_change, show_as_dead, tag_list, write_role};
use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::read("GetRole", on_role, get_role),
    Row::read("ListRoles", anything, list_roles),
    Row::write("CreateRole", on_role, create_role),
    Row::write("DeleteRole", on_role, delete_role),
    Row::write("UpdateAssumeRolePolicy", on_role, update_assume_role_policy),
    Row::read("ListInstanceProfilesForRole", on_role, list_instance_profiles),
    Row::write("RemoveRoleFromInstanceProfile", on_instance_profile, remove_role_from_instance_profile),
    Row::read("ListRoleTags", on_role, list_role_tags),
];

/// A role as it stands in lists, which leave out boundary, tags and last use.
fn summary(account: &Account, role: &Role) -> Value {
    let mut shown = json!({
        "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": account.role_arn(role),
        "CreateDate": role.created, "AssumeRolePolicyDocument": role.trust,
        "MaxSessionDuration": role.max_session_seconds,
    });
    if let Some(description) = &role.description {
        shown["Description"] = json!(description);
    }
    shown
}

fn full(account: &Account, role: &Role) -> Value {
    let mut shown = summary(account, role);
    if let Some(boundary) = boundary(&role.permissions) {
        shown["PermissionsBoundary"] = boundary;
    }
    if !role.tags.is_empty() {
        shown["Tags"] = json!(tag_list(&role.tags));
    }
    // FACT iam-last-used
    shown["RoleLastUsed"] = match account.role_uses.get(&role.name) {
        Some(last) => json!({ "LastUsedDate": last.when, "Region": last.region }),
        None => json!({}),
    };
    shown
}

fn get_role(turn: &mut Turn<'_>) -> Handled {
    let role = role_seen(turn)?;
    Ok(json!({ "Role": full(turn.account(), &role) }))
}

fn list_roles(turn: &mut Turn<'_>) -> Handled {
    let prefix = turn.maybe("PathPrefix").unwrap_or("/");
    let account = turn.account();
    let roles = account.roles.all_seen(turn.now, turn.replica).filter(|(_, role)| role.path.starts_with(prefix));
    turn.page("Roles", roles.map(|(_, role)| summary(account, role)).collect())
}

fn create_role(turn: &mut Turn<'_>) -> Handled {
    let name = turn.text("RoleName").to_owned();
    if turn.account().roles.latest(&name).is_some() {
        return Err(refuse("EntityAlreadyExists", format!("Role with name {name} already exists.")));
    }
    let trust = turn.text("AssumeRolePolicyDocument").to_owned();
    quota::trust_is_sound(turn, &trust)?;
    let role = Role {
        name: name.clone(),
        path: turn.maybe("Path").unwrap_or("/").to_owned(),
        id: turn.state.dice.iam_id("AROA", &name),
        trust,
        description: turn.maybe("Description").map(String::from),
        max_session_seconds: turn.number("MaxSessionDuration").unwrap_or(3_600),
        permissions: Permissions {
            boundary: turn.maybe("PermissionsBoundary").map(String::from),
            ..Permissions::default()
        },
        instance_profiles: Vec::new(),
        tags: turn.tags("Tags"),
        created: turn.now,
    };
    let shown = full(turn.account(), &role);
    turn.state.account.role_uses.remove(&name);
    write_role(turn, &name, Some(role));
    Ok(json!({ "Role": shown }))
}

fn delete_role(turn: &mut Turn<'_>) -> Handled {
    let role = role_to_change(turn)?;
    // FACT iam-delete-conflict
    let conflict = |what| Err(refuse("DeleteConflict", format!("Cannot delete entity, must {what} first.")));
    if !role.permissions.inline.is_empty() {
        return conflict("delete policies");
    }
    if !role.permissions.attached.is_empty() {
        return conflict("detach all policies");
    }
    if !role.instance_profiles.is_empty() {
        return conflict("remove roles from instance profile");
    }
    write_role(turn, &role.name, None);
    show_as_dead(turn, &turn.account().role_arn(&role), &role.id);
    Ok(json!({}))
}

fn update_assume_role_policy(turn: &mut Turn<'_>) -> Handled {
    let mut role = role_to_change(turn)?;
    let document = turn.text("PolicyDocument");
    quota::trust_is_sound(turn, document)?;
    document.clone_into(&mut role.trust);
    write_role(turn, &role.name.clone(), Some(role));
    Ok(json!({}))
}

fn list_instance_profiles(turn: &mut Turn<'_>) -> Handled {
    let role = role_seen(turn)?;
    let account = turn.account();
    let shown = |name: &String| {
        json!({
            "Path": "/", "InstanceProfileName": name, "InstanceProfileId": format!("AIPA{}", &role.id[4..]),
            "Arn": format!("arn:aws:iam::{}:instance-profile/{name}", account.id), "CreateDate": role.created,
            "Roles": [summary(account, &role)],
        })
    };
    turn.page("InstanceProfiles", role.instance_profiles.iter().map(shown).collect())
}

fn on_instance_profile(turn: &Turn<'_>) -> String {
    format!("arn:aws:iam::{}:instance-profile/{}", turn.account().id, turn.text("InstanceProfileName"))
}

fn remove_role_from_instance_profile(turn: &mut Turn<'_>) -> Handled {
    let mut role = role_to_change(turn)?;
    let profile = turn.text("InstanceProfileName");
    let Some(at) = role.instance_profiles.iter().position(|name| name == profile) else {
        return Err(refuse("NoSuchEntity", format!("The instance profile {profile} does not hold the role.")));
    };
    role.instance_profiles.remove(at);
    write_role(turn, &role.name.clone(), Some(role));
    Ok(json!({}))
}

fn list_role_tags(turn: &mut Turn<'_>) -> Handled {
    let role = role_seen(turn)?;
    turn.page("Tags", tag_list(&role.tags))
}
