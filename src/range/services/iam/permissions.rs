//! Inline policies, attached policies and boundaries, of roles and of users alike.

use serde_json::{Value, json};

use crate::range::model::Permissions;
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::access::{on_role, on_user, role_seen, role_to_change, user_seen, user_to_change, write_role, write_user};
use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::write("PutRolePolicy", on_role, |turn| change(turn, put_inline)),
    Row::write("PutUserPolicy", on_user, |turn| change(turn, put_inline)),
    Row::write("DeleteRolePolicy", on_role, |turn| change(turn, delete_inline)),
    Row::write("DeleteUserPolicy", on_user, |turn| change(turn, delete_inline)),
    Row::write("AttachRolePolicy", on_role, |turn| change(turn, attach)),
    Row::write("AttachUserPolicy", on_user, |turn| change(turn, attach)),
    Row::write("DetachRolePolicy", on_role, |turn| change(turn, detach)),
    Row::write("DetachUserPolicy", on_user, |turn| change(turn, detach)),
    Row::write("PutRolePermissionsBoundary", on_role, |turn| change(turn, put_boundary)),
    Row::write("PutUserPermissionsBoundary", on_user, |turn| change(turn, put_boundary)),
    Row::write("DeleteRolePermissionsBoundary", on_role, |turn| change(turn, delete_boundary)),
    Row::write("DeleteUserPermissionsBoundary", on_user, |turn| change(turn, delete_boundary)),
    Row::read("GetRolePolicy", on_role, get_inline),
    Row::read("GetUserPolicy", on_user, get_inline),
    Row::read("ListRolePolicies", on_role, list_inline),
    Row::read("ListUserPolicies", on_user, list_inline),
    Row::read("ListAttachedRolePolicies", on_role, list_attached),
    Row::read("ListAttachedUserPolicies", on_user, list_attached),
];

/// Whether the call is about a role; otherwise it is about a user.
fn about_role(turn: &Turn<'_>) -> bool {
    turn.maybe("RoleName").is_some()
}

type Change = fn(&Turn<'_>, &mut Permissions) -> Result<(), ApiError>;

/// Changes the permissions of the role or user that the call names.
fn change(turn: &mut Turn<'_>, change: Change) -> Handled {
    if about_role(turn) {
        let mut role = role_to_change(turn)?;
        change(turn, &mut role.permissions)?;
        quota::inline_fits(&role.permissions, quota::ROLE_INLINE, "role", &role.name)?;
        write_role(turn, &role.name.clone(), Some(role));
    } else {
        let mut user = user_to_change(turn)?;
        change(turn, &mut user.permissions)?;
        quota::inline_fits(&user.permissions, quota::USER_INLINE, "user", &user.name)?;
        write_user(turn, &user.name.clone(), Some(user));
    }
    Ok(json!({}))
}

fn no_such_policy(name: &str) -> ApiError {
    refuse("NoSuchEntity", format!("The policy with name {name} cannot be found."))
}

fn put_inline(turn: &Turn<'_>, permissions: &mut Permissions) -> Result<(), ApiError> {
    let document = turn.text("PolicyDocument");
    quota::well_formed(document)?;
    permissions.inline.insert(turn.text("PolicyName").to_owned(), document.to_owned());
    Ok(())
}

fn delete_inline(turn: &Turn<'_>, permissions: &mut Permissions) -> Result<(), ApiError> {
    let name = turn.text("PolicyName");
    permissions.inline.remove(name).map(drop).ok_or_else(|| no_such_policy(name))
}

/// The managed policy that a call names must exist.
fn known_policy(turn: &Turn<'_>, arn: &str) -> Result<(), ApiError> {
    match turn.account().policies.latest(arn) {
        Some(_) => Ok(()),
        None => Err(refuse("NoSuchEntity", format!("Policy {arn} does not exist or is not attachable."))),
    }
}

fn attach(turn: &Turn<'_>, permissions: &mut Permissions) -> Result<(), ApiError> {
    let arn = turn.text("PolicyArn");
    known_policy(turn, arn)?;
    // FACT iam-attach-again: attaching what is attached succeeds.
    if !permissions.attached.contains(arn) && permissions.attached.len() >= quota::ATTACHED {
        return Err(refuse("LimitExceeded", format!("Cannot exceed quota for attached policies: {}", quota::ATTACHED)));
    }
    permissions.attached.insert(arn.to_owned());
    Ok(())
}

fn detach(turn: &Turn<'_>, permissions: &mut Permissions) -> Result<(), ApiError> {
    let arn = turn.text("PolicyArn");
    if permissions.attached.remove(arn) {
        return Ok(());
    }
    Err(refuse("NoSuchEntity", format!("Policy {arn} was not found.")))
}

fn put_boundary(turn: &Turn<'_>, permissions: &mut Permissions) -> Result<(), ApiError> {
    let arn = turn.text("PermissionsBoundary");
    known_policy(turn, arn)?;
    permissions.boundary = Some(arn.to_owned());
    Ok(())
}

fn delete_boundary(turn: &Turn<'_>, permissions: &mut Permissions) -> Result<(), ApiError> {
    // FACT iam-delete-boundary
    match permissions.boundary.take() {
        None if turn.state.knobs.absent_boundary_refused => {
            Err(refuse("NoSuchEntity", "The entity does not have a permissions boundary attached."))
        }
        _ => Ok(()),
    }
}

/// The permissions that a read is about, and the member that names their owner.
fn seen(turn: &Turn<'_>) -> Result<(Permissions, &'static str, String), ApiError> {
    Ok(if about_role(turn) {
        let role = role_seen(turn)?;
        (role.permissions, "RoleName", role.name)
    } else {
        let user = user_seen(turn)?;
        (user.permissions, "UserName", user.name)
    })
}

fn get_inline(turn: &mut Turn<'_>) -> Handled {
    let (permissions, member, owner) = seen(turn)?;
    let name = turn.text("PolicyName");
    let document = permissions.inline.get(name).ok_or_else(|| no_such_policy(name))?;
    Ok(json!({ member: owner, "PolicyName": name, "PolicyDocument": document }))
}

fn list_inline(turn: &mut Turn<'_>) -> Handled {
    let (permissions, ..) = seen(turn)?;
    turn.page("PolicyNames", permissions.inline.keys().map(|name| json!(name)).collect())
}

fn list_attached(turn: &mut Turn<'_>) -> Handled {
    let (permissions, ..) = seen(turn)?;
    let shown = |arn: &String| -> Value {
        json!({ "PolicyName": arn.rsplit('/').next().unwrap_or_default(), "PolicyArn": arn })
    };
    turn.page("AttachedPolicies", permissions.attached.iter().map(shown).collect())
}
