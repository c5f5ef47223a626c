//! Users and what belongs to them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::range::model::{Account, Permissions, User};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, Turn, refuse};

use super::access::{boundary, on_user, show_as_dead, tag_list, user_seen, user_to_change, write_user};
use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::read("GetUser", on_user, get_user),
    Row::read("ListUsers", anything, list_users),
    Row::write("CreateUser", on_user, create_user),
    Row::write("DeleteUser", on_user, delete_user),
    Row::read("ListGroupsForUser", on_user, list_groups_for_user),
    Row::write("TagUser", on_user, tag_user),
    Row::write("UntagUser", on_user, untag_user),
];

fn summary(account: &Account, user: &User) -> Value {
    json!({
        "Path": user.path, "UserName": user.name, "UserId": user.id, "Arn": account.user_arn(user),
        "CreateDate": user.created,
    })
}

fn full(account: &Account, user: &User) -> Value {
    let mut shown = summary(account, user);
    if let Some(boundary) = boundary(&user.permissions) {
        shown["PermissionsBoundary"] = boundary;
    }
    if !user.tags.is_empty() {
        shown["Tags"] = json!(tag_list(&user.tags));
    }
    shown
}

fn get_user(turn: &mut Turn<'_>) -> Handled {
    let user = user_seen(turn)?;
    Ok(json!({ "User": full(turn.account(), &user) }))
}

fn list_users(turn: &mut Turn<'_>) -> Handled {
    let prefix = turn.maybe("PathPrefix").unwrap_or("/");
    let account = turn.account();
    let users = account.users.all_seen(turn.now, turn.replica).filter(|(_, user)| user.path.starts_with(prefix));
    turn.page("Users", users.map(|(_, user)| summary(account, user)).collect())
}

fn create_user(turn: &mut Turn<'_>) -> Handled {
    let name = turn.text("UserName").to_owned();
    if turn.account().users.latest(&name).is_some() {
        return Err(refuse("EntityAlreadyExists", format!("User with name {name} already exists.")));
    }
    let user = User {
        name: name.clone(),
        path: turn.maybe("Path").unwrap_or("/").to_owned(),
        id: turn.state.dice.iam_id("AIDA", &name),
        permissions: Permissions {
            boundary: turn.maybe("PermissionsBoundary").map(String::from),
            ..Permissions::default()
        },
        keys: BTreeMap::new(),
        groups: BTreeSet::new(),
        mfa_devices: BTreeMap::new(),
        console_password: false,
        password_created: None,
        ssh_keys: BTreeMap::new(),
        certificates: BTreeMap::new(),
        service_credentials: BTreeMap::new(),
        tags: turn.tags("Tags"),
        created: turn.now,
    };
    let shown = full(turn.account(), &user);
    write_user(turn, &name, Some(user));
    Ok(json!({ "User": shown }))
}

fn delete_user(turn: &mut Turn<'_>) -> Handled {
    let user = user_to_change(turn)?;
    // FACT iam-delete-conflict
    let reasons = [
        (!user.keys.is_empty(), "delete access keys"),
        (!user.permissions.inline.is_empty(), "delete policies"),
        (!user.permissions.attached.is_empty(), "detach all policies"),
        (!user.groups.is_empty(), "remove users from group"),
        (user.console_password, "delete login profile"),
        (!user.mfa_devices.is_empty(), "delete MFA device"),
        (!user.certificates.is_empty(), "delete signing certificates"),
        (!user.ssh_keys.is_empty() || !user.service_credentials.is_empty(), "remove referenced objects"),
    ];
    if let Some((_, what)) = reasons.iter().find(|(holds, _)| *holds) {
        return Err(refuse("DeleteConflict", format!("Cannot delete entity, must {what} first.")));
    }
    write_user(turn, &user.name, None);
    show_as_dead(turn, &turn.account().user_arn(&user), &user.id);
    Ok(json!({}))
}

fn list_groups_for_user(turn: &mut Turn<'_>) -> Handled {
    let user = user_seen(turn)?;
    let account = turn.account();
    let shown = user.groups.iter().filter_map(|name| {
        let group = account.groups.seen(name, turn.now, turn.replica)?;
        let arn = format!("arn:aws:iam::{}:group/{name}", account.id);
        Some(json!({ "Path": "/", "GroupName": name, "GroupId": group.id, "Arn": arn, "CreateDate": group.created }))
    });
    turn.page("Groups", shown.collect())
}

fn tag_user(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    user.tags.extend(turn.tags("Tags"));
    // FACT iam-tags
    if user.tags.len() > quota::TAGS {
        return Err(refuse("LimitExceeded", format!("Cannot exceed quota for TagsPerUser: {}", quota::TAGS)));
    }
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}

fn untag_user(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    // FACT iam-tags
    let taken = turn.texts("TagKeys");
    user.tags.retain(|key, _| !taken.iter().any(|taken| taken == key));
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}
