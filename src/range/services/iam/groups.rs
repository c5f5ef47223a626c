//! Groups of users.

use serde_json::{Value, json};

use crate::range::model::{Account, Group};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::access::{no_such, user_to_change, write_user};

pub(super) const ROWS: &[Row] = &[
    Row::read("GetGroup", on_group, get_group),
    Row::write("AddUserToGroup", on_group, add_user_to_group),
    Row::write("RemoveUserFromGroup", on_group, remove_user_from_group),
    Row::write("AttachGroupPolicy", on_group, attach_group_policy),
    Row::write("DetachGroupPolicy", on_group, detach_group_policy),
];

fn on_group(turn: &Turn<'_>) -> String {
    format!("arn:aws:iam::{}:group/{}", turn.account().id, turn.text("GroupName"))
}

fn found(turn: &Turn<'_>) -> Result<Group, ApiError> {
    let name = turn.text("GroupName");
    turn.account().groups.latest(name).cloned().ok_or_else(|| no_such("group", name))
}

fn shown(account: &Account, group: &Group) -> Value {
    let arn = format!("arn:aws:iam::{}:group/{}", account.id, group.name);
    json!({
        "Path": "/", "GroupName": group.name, "GroupId": group.id, "Arn": arn, "CreateDate": group.created,
    })
}

fn get_group(turn: &mut Turn<'_>) -> Handled {
    let group = found(turn)?;
    let account = turn.account();
    let users = account.users.all_seen(turn.now, turn.replica).filter(|(_, user)| user.groups.contains(&group.name));
    let users = users.map(|(_, user)| {
        json!({
            "Path": user.path, "UserName": user.name, "UserId": user.id, "Arn": account.user_arn(user),
            "CreateDate": user.created,
        })
    });
    let mut reply = turn.page("Users", users.collect())?;
    reply["Group"] = shown(account, &group);
    Ok(reply)
}

fn add_user_to_group(turn: &mut Turn<'_>) -> Handled {
    let (group, mut user) = (found(turn)?, user_to_change(turn)?);
    user.groups.insert(group.name);
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}

fn remove_user_from_group(turn: &mut Turn<'_>) -> Handled {
    let (group, mut user) = (found(turn)?, user_to_change(turn)?);
    if !user.groups.remove(&group.name) {
        return Err(no_such("user in the group", &user.name));
    }
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}

fn write(turn: &mut Turn<'_>, group: Group) {
    let landing = turn.landing(&group.name);
    let now = turn.now;
    turn.state.account.groups.write(&group.name.clone(), Some(group), landing, now);
}

fn attach_group_policy(turn: &mut Turn<'_>) -> Handled {
    let mut group = found(turn)?;
    let arn = turn.text("PolicyArn");
    if turn.account().policies.latest(arn).is_none() {
        return Err(refuse("NoSuchEntity", format!("Policy {arn} does not exist or is not attachable.")));
    }
    group.permissions.attached.insert(arn.to_owned());
    write(turn, group);
    Ok(json!({}))
}

fn detach_group_policy(turn: &mut Turn<'_>) -> Handled {
    let mut group = found(turn)?;
    let arn = turn.text("PolicyArn");
    if !group.permissions.attached.remove(arn) {
        return Err(refuse("NoSuchEntity", format!("Policy {arn} was not found.")));
    }
    write(turn, group);
    Ok(json!({}))
}
