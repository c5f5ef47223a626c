//! The moves by which a policy comes to a role or user and goes from it.

use super::{Move, Principal, Who};
use crate::aws::{
    AttachRolePolicy, AttachUserPolicy, DeleteRolePermissionsBoundary, DeleteRolePolicy, DeleteUserPermissionsBoundary,
    DeleteUserPolicy, DetachRolePolicy, DetachUserPolicy, PutRolePermissionsBoundary, PutRolePolicy,
    PutUserPermissionsBoundary, PutUserPolicy, WrittenPolicy,
};
use crate::base::Arn;

/// Writes an inline policy, in the place of one of that name.
pub(super) fn put_inline(principal: &Principal, policy: &str, document: WrittenPolicy) -> Move {
    let policy = policy.to_owned();
    match principal.who.clone() {
        Who::Role(role) => PutRolePolicy { role, policy, document }.into(),
        Who::User(user) => PutUserPolicy { user, policy, document }.into(),
    }
}

/// Takes an inline policy away.
pub(super) fn delete_inline(principal: &Principal, policy: &str) -> Move {
    let policy = policy.to_owned();
    match principal.who.clone() {
        Who::Role(role) => DeleteRolePolicy { role, policy }.into(),
        Who::User(user) => DeleteUserPolicy { user, policy }.into(),
    }
}

/// Attaches a managed policy.
pub(super) fn attach(principal: &Principal, policy: &Arn) -> Move {
    let policy = policy.clone();
    match principal.who.clone() {
        Who::Role(role) => AttachRolePolicy { role, policy }.into(),
        Who::User(user) => AttachUserPolicy { user, policy }.into(),
    }
}

/// Takes a managed policy off.
pub(super) fn detach(principal: &Principal, policy: &Arn) -> Move {
    let policy = policy.clone();
    match principal.who.clone() {
        Who::Role(role) => DetachRolePolicy { role, policy }.into(),
        Who::User(user) => DetachUserPolicy { user, policy }.into(),
    }
}

/// Sets the permissions boundary, or takes it away.
pub(super) fn set_boundary(principal: &Principal, policy: Option<&Arn>) -> Move {
    match (principal.who.clone(), policy.cloned()) {
        (Who::Role(role), Some(policy)) => PutRolePermissionsBoundary { role, policy }.into(),
        (Who::Role(role), None) => DeleteRolePermissionsBoundary { role }.into(),
        (Who::User(user), Some(policy)) => PutUserPermissionsBoundary { user, policy }.into(),
        (Who::User(user), None) => DeleteUserPermissionsBoundary { user }.into(),
    }
}
