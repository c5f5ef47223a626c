//! Long-term access keys.

use serde_json::{Value, json};

use crate::range::model::AccessKey;
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, Turn, refuse};

use super::access::{on_user, user_seen, user_to_change, write_user};
use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateAccessKey", on_user, create_access_key),
    Row::read("ListAccessKeys", on_user, list_access_keys),
    Row::write("UpdateAccessKey", on_user, update_access_key),
    Row::write("DeleteAccessKey", on_user, delete_access_key),
    Row::read("GetAccessKeyLastUsed", anything, get_access_key_last_used),
];

fn status(key: &AccessKey) -> &'static str {
    if key.active { "Active" } else { "Inactive" }
}

fn no_such_key(id: &str) -> crate::range::wire::ApiError {
    refuse("NoSuchEntity", format!("The Access Key with id {id} cannot be found."))
}

fn create_access_key(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    // FACT iam-two-keys
    if user.keys.len() >= quota::KEYS {
        return Err(refuse("LimitExceeded", format!("Cannot exceed quota for AccessKeysPerUser: {}", quota::KEYS)));
    }
    let account = turn.account().id.clone();
    let id = turn.state.dice.key_id("AKIA", &account, &user.name);
    let key = AccessKey { active: true, created: turn.now, secret: turn.state.dice.secret(&id) };
    let shown = json!({
        "UserName": user.name, "AccessKeyId": id, "Status": "Active", "SecretAccessKey": key.secret, "CreateDate": key.created,
    });
    turn.state.inherit_party(turn.caller.key.as_deref(), &id);
    user.keys.insert(id, key);
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({ "AccessKey": shown }))
}

fn list_access_keys(turn: &mut Turn<'_>) -> Handled {
    let user = user_seen(turn)?;
    let shown = |(id, key): (&String, &AccessKey)| -> Value {
        json!({ "UserName": user.name, "AccessKeyId": id, "Status": status(key), "CreateDate": key.created })
    };
    turn.page("AccessKeyMetadata", user.keys.iter().map(shown).collect())
}

fn update_access_key(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    let id = turn.text("AccessKeyId");
    let key = user.keys.get_mut(id).ok_or_else(|| no_such_key(id))?;
    key.active = turn.text("Status") == "Active";
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}

fn delete_access_key(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    let id = turn.text("AccessKeyId");
    user.keys.remove(id).ok_or_else(|| no_such_key(id))?;
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}

fn get_access_key_last_used(turn: &mut Turn<'_>) -> Handled {
    let id = turn.text("AccessKeyId");
    let account = turn.account();
    let mut users = account.users.all_seen(turn.now, turn.replica);
    let (name, _) = users.find(|(_, user)| user.keys.contains_key(id)).ok_or_else(|| no_such_key(id))?;
    // FACT iam-last-used
    let last = match account.key_uses.get(id) {
        Some(last) => json!({ "LastUsedDate": last.when, "ServiceName": last.service, "Region": last.region }),
        None => json!({ "ServiceName": "N/A", "Region": "N/A" }),
    };
    Ok(json!({ "UserName": name, "AccessKeyLastUsed": last }))
}
