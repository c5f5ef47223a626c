//! Whom an application of Q Business knows: users by their aliases, and groups that documents are shown to.

use serde_json::{Value, json};

use crate::range::model::{QGroup, QKind};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::life::{found, found_mut, on};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateUser", on_application, create_user),
    Row::read("GetUser", on_application, get_user),
    Row::write("DeleteUser", on_application, delete_user),
    Row::write("PutGroup", on_index, put_group),
    Row::read("GetGroup", on_index, get_group),
    Row::read("ListGroups", on_index, list_groups),
    Row::write("DeleteGroup", on_index, delete_group),
];

fn on_application(turn: &Turn<'_>) -> String {
    on(turn, QKind::Application)
}

fn on_index(turn: &Turn<'_>) -> String {
    on(turn, QKind::Index)
}

fn no_user(turn: &Turn<'_>) -> ApiError {
    let id = turn.text("userId");
    let refusal = refuse("ResourceNotFoundException", format!("The user {id} does not exist."));
    refusal.with("resourceId", json!(id)).with("resourceType", json!("user"))
}

fn no_group(turn: &Turn<'_>) -> ApiError {
    let name = turn.text("groupName");
    let refusal = refuse("ResourceNotFoundException", format!("The group {name} does not exist."));
    refusal.with("resourceId", json!(name)).with("resourceType", json!("group"))
}

fn create_user(turn: &mut Turn<'_>) -> Handled {
    let (id, aliases) = (turn.text("userId").to_owned(), turn.call.input.get("userAliases").cloned());
    let application = found_mut(turn, QKind::Application)?;
    application.users.insert(id, aliases.unwrap_or_else(|| json!([])));
    Ok(json!({}))
}

fn get_user(turn: &mut Turn<'_>) -> Handled {
    let aliases = found(turn, QKind::Application)?.users.get(turn.text("userId"));
    aliases.map(|aliases| json!({ "userAliases": aliases })).ok_or_else(|| no_user(turn))
}

fn delete_user(turn: &mut Turn<'_>) -> Handled {
    get_user(turn)?;
    let id = turn.text("userId").to_owned();
    // FACT q-users-deleted-later
    let due = turn.state.after("delete user in q", turn.state.knobs.q_user_deletion.0, turn.now);
    found_mut(turn, QKind::Application)?.leaving.entry(id).or_insert(due);
    Ok(json!({}))
}

fn key(turn: &Turn<'_>) -> String {
    format!("{}/{}", turn.text("dataSourceId"), turn.text("groupName"))
}

fn put_group(turn: &mut Turn<'_>) -> Handled {
    let key = key(turn);
    let made = QGroup {
        data_source: turn.text("dataSourceId").to_owned(),
        name: turn.text("groupName").to_owned(),
        status: "SUCCEEDED",
        due: None,
        updated: turn.now,
    };
    found_mut(turn, QKind::Index)?.groups.insert(key, made);
    Ok(json!({}))
}

fn get_group(turn: &mut Turn<'_>) -> Handled {
    let group = found(turn, QKind::Index)?.groups.get(&key(turn)).ok_or_else(|| no_group(turn))?;
    // FACT q-groups-hide-members
    Ok(json!({ "status": { "status": group.status, "lastUpdatedAt": group.updated } }))
}

fn list_groups(turn: &mut Turn<'_>) -> Handled {
    let index = found(turn, QKind::Index)?;
    let asked = turn.maybe("dataSourceId");
    let listed = index.groups.values().filter(|group| asked.is_none_or(|asked| asked == group.data_source));
    let shown: Vec<Value> = listed.map(|group| json!({ "groupName": group.name })).collect();
    turn.page("items", shown)
}

fn delete_group(turn: &mut Turn<'_>) -> Handled {
    get_group(turn)?;
    // FACT q-groups-delete-later
    let due = turn.state.after("delete group in q", turn.state.knobs.q_deletion.0, turn.now);
    let key = key(turn);
    if let Some(group) = found_mut(turn, QKind::Index)?.groups.get_mut(&key)
        && group.due.is_none()
    {
        (group.status, group.due) = ("DELETING", Some(due));
    }
    Ok(json!({}))
}
