//! The operations by which denies look for a seat, take it and leave it.

use crate::aws::{
    AttachRolePolicy, AttachUserPolicy, CreatePolicy, DeleteRolePermissionsBoundary, DeleteRolePolicy,
    DeleteUserPermissionsBoundary, DeleteUserPolicy, DetachRolePolicy, DetachUserPolicy, GetPolicy, GetPolicyVersion,
    GetRole, GetRolePolicy, GetUser, GetUserPolicy, ListAttachedRolePolicies, ListAttachedUserPolicies,
    ListRolePolicies, ListUserPolicies, Operation, PutRolePermissionsBoundary, PutRolePolicy,
    PutUserPermissionsBoundary, PutUserPolicy, Request,
};

/// The operations that looking for a seat uses.
pub(super) const READS: &[&Operation] = &[
    GetRole::OPERATION,
    GetRolePolicy::OPERATION,
    ListRolePolicies::OPERATION,
    ListAttachedRolePolicies::OPERATION,
    GetUser::OPERATION,
    GetUserPolicy::OPERATION,
    ListUserPolicies::OPERATION,
    ListAttachedUserPolicies::OPERATION,
    GetPolicy::OPERATION,
    GetPolicyVersion::OPERATION,
];

/// The operations that taking a seat and leaving it uses.
pub(super) const SENDS: &[&Operation] = &[
    PutRolePolicy::OPERATION,
    DeleteRolePolicy::OPERATION,
    PutUserPolicy::OPERATION,
    DeleteUserPolicy::OPERATION,
    CreatePolicy::OPERATION,
    AttachRolePolicy::OPERATION,
    DetachRolePolicy::OPERATION,
    AttachUserPolicy::OPERATION,
    DetachUserPolicy::OPERATION,
    PutRolePermissionsBoundary::OPERATION,
    DeleteRolePermissionsBoundary::OPERATION,
    PutUserPermissionsBoundary::OPERATION,
    DeleteUserPermissionsBoundary::OPERATION,
];

/// The same for a role only.
pub(super) const ROLE_READS: &[&Operation] = &[
    GetRole::OPERATION,
    GetRolePolicy::OPERATION,
    ListRolePolicies::OPERATION,
    ListAttachedRolePolicies::OPERATION,
    GetPolicy::OPERATION,
    GetPolicyVersion::OPERATION,
];

/// The same for a role only.
pub(super) const ROLE_SENDS: &[&Operation] = &[
    PutRolePolicy::OPERATION,
    DeleteRolePolicy::OPERATION,
    CreatePolicy::OPERATION,
    AttachRolePolicy::OPERATION,
    DetachRolePolicy::OPERATION,
    PutRolePermissionsBoundary::OPERATION,
    DeleteRolePermissionsBoundary::OPERATION,
];

/// The same where AWS has the policy already.
pub(super) const READS_WITHOUT_MAKING: &[&Operation] = &[
    GetRole::OPERATION,
    GetRolePolicy::OPERATION,
    ListRolePolicies::OPERATION,
    ListAttachedRolePolicies::OPERATION,
    GetUser::OPERATION,
    GetUserPolicy::OPERATION,
    ListUserPolicies::OPERATION,
    ListAttachedUserPolicies::OPERATION,
];

/// The same where AWS has the policy already.
pub(super) const SENDS_WITHOUT_MAKING: &[&Operation] = &[
    PutRolePolicy::OPERATION,
    DeleteRolePolicy::OPERATION,
    PutUserPolicy::OPERATION,
    DeleteUserPolicy::OPERATION,
    AttachRolePolicy::OPERATION,
    DetachRolePolicy::OPERATION,
    AttachUserPolicy::OPERATION,
    DetachUserPolicy::OPERATION,
    PutRolePermissionsBoundary::OPERATION,
    DeleteRolePermissionsBoundary::OPERATION,
    PutUserPermissionsBoundary::OPERATION,
    DeleteUserPermissionsBoundary::OPERATION,
];
