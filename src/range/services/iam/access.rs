//! Finding and changing roles and users.

use serde_json::{Value, json};

use crate::range::model::{Permissions, Principal, Role, User};
use crate::range::wire::ApiError;
use crate::range::world::{Turn, refuse};

/// The refusal for a thing that is not there.
pub(super) fn no_such(what: &str, name: &str) -> ApiError {
    refuse("NoSuchEntity", format!("The {what} with name {name} cannot be found."))
}

/// The role that a read is about, as this read sees it.
pub(super) fn role_seen(turn: &Turn<'_>) -> Result<Role, ApiError> {
    let name = turn.text("RoleName");
    turn.account().roles.seen(name, turn.now, turn.replica).cloned().ok_or_else(|| no_such("role", name))
}

/// The role that a change is about.
pub(super) fn role_to_change(turn: &Turn<'_>) -> Result<Role, ApiError> {
    let name = turn.text("RoleName");
    let role = turn.account().roles.latest(name).cloned().ok_or_else(|| no_such("role", name))?;
    // FACT iam-unmodifiable
    if role.is_aws_owned() {
        let text = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(refuse("UnmodifiableEntity", text));
    }
    Ok(role)
}

/// Writes a role back; it reaches its readers after a while.
pub(super) fn write_role(turn: &mut Turn<'_>, name: &str, role: Option<Role>) {
    let landing = turn.landing(name);
    let now = turn.now;
    turn.state.account.roles.write(name, role, landing, now);
}

/// From now on trust policies name whoever was deleted by the id, which nobody else will ever have.
pub(super) fn show_as_dead(turn: &mut Turn<'_>, arn: &str, id: &str) {
    // FACT iam-dead-principal
    let trusting: Vec<Role> = turn.account().roles.all_latest().map(|(_, role)| role.clone()).collect();
    for mut role in trusting.into_iter().filter(|role| role.trust.contains(arn)) {
        let mut trust: Value = serde_json::from_str(&role.trust).unwrap_or_default();
        let statements = match &mut trust["Statement"] {
            Value::Array(statements) => statements.iter_mut().collect(),
            one => vec![one],
        };
        let named = statements.into_iter().filter_map(|statement| statement.pointer_mut("/Principal/AWS"));
        let names = named.flat_map(|named| match named {
            Value::Array(names) => names.iter_mut().collect(),
            one => vec![one],
        });
        names.filter(|name| *name == arn).for_each(|name| *name = json!(id));
        role.trust = trust.to_string();
        write_role(turn, &role.name.clone(), Some(role));
    }
}

/// The name of the user that a call is about: the caller where the input names none.
pub(super) fn user_name(turn: &Turn<'_>) -> String {
    // FACT iam-implied-user
    match (turn.maybe("UserName"), &turn.caller.principal) {
        (Some(name), _) => name.to_owned(),
        (None, Principal::User { name }) => name.clone(),
        (None, _) => String::new(),
    }
}

/// The user that a read is about, as this read sees it.
pub(super) fn user_seen(turn: &Turn<'_>) -> Result<User, ApiError> {
    let name = user_name(turn);
    turn.account().users.seen(&name, turn.now, turn.replica).cloned().ok_or_else(|| no_such("user", &name))
}

/// The user that a change is about.
pub(super) fn user_to_change(turn: &Turn<'_>) -> Result<User, ApiError> {
    let name = user_name(turn);
    turn.account().users.latest(&name).cloned().ok_or_else(|| no_such("user", &name))
}

/// Writes a user back; it reaches its readers after a while.
pub(super) fn write_user(turn: &mut Turn<'_>, name: &str, user: Option<User>) {
    let landing = turn.landing(name);
    let now = turn.now;
    turn.state.account.users.write(name, user, landing, now);
}

/// The ARN of the role that a call names.
pub(super) fn on_role(turn: &Turn<'_>) -> String {
    let name = turn.text("RoleName");
    let account = turn.account();
    account.roles.latest(name).map_or_else(
        || format!("arn:aws:iam::{}:role{}{name}", account.id, turn.maybe("Path").unwrap_or("/")),
        |role| account.role_arn(role),
    )
}

/// The ARN of the user that a call names.
pub(super) fn on_user(turn: &Turn<'_>) -> String {
    let name = user_name(turn);
    let account = turn.account();
    account.users.latest(&name).map_or_else(
        || format!("arn:aws:iam::{}:user{}{name}", account.id, turn.maybe("Path").unwrap_or("/")),
        |user| account.user_arn(user),
    )
}

/// A permissions boundary as it stands in replies.
pub(super) fn boundary(permissions: &Permissions) -> Option<Value> {
    let arn = permissions.boundary.as_ref()?;
    Some(json!({ "PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn }))
}

/// Tags as they stand in replies.
pub(super) fn tag_list<'t>(tags: impl IntoIterator<Item = (&'t String, &'t String)>) -> Vec<Value> {
    tags.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
