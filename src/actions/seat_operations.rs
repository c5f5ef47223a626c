//! The operations by which denies look for a seat, take it and leave it.

use crate::aws::{
    AttachRolePolicy, AttachUserPolicy, CreatePolicy, CreatePolicyVersion, DeletePolicy, DeletePolicyVersion,
    DeleteRolePermissionsBoundary, DeleteRolePolicy, DeleteUserPermissionsBoundary, DeleteUserPolicy, DetachRolePolicy,
    DetachUserPolicy, GetAccessKeyLastUsed, GetGroup, GetInvocationLogging, GetLoginProfile, GetPolicy,
    GetPolicyVersion, GetRole, GetRolePolicy, GetUser, GetUserPolicy, ListAccessKeys, ListAttachedRolePolicies,
    ListAttachedUserPolicies, ListEntitiesForPolicy, ListPolicyVersions, ListRegions, ListRolePolicies,
    ListServiceSpecificCredentials, ListUserPolicies, Operation, PutRolePermissionsBoundary, PutRolePolicy,
    PutUserPermissionsBoundary, PutUserPolicy, Request, SetDefaultPolicyVersion, joined,
};

/// The operations that looking for a seat uses.
pub(super) const ALL_READS: [&Operation; 10] = [
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
pub(super) const ALL_SENDS: [&Operation; 13] = [
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

/// The operations that tell what a principal is used for.
const IN_USE: [&Operation; 4] = [
    ListAccessKeys::OPERATION,
    GetAccessKeyLastUsed::OPERATION,
    ListRegions::OPERATION,
    GetInvocationLogging::OPERATION,
];

/// The operations that looking for a seat and telling what it is for uses.
pub(super) const READS: &[&Operation] = &joined::<10, 4, 14>(ALL_READS, IN_USE);

/// The same with what tells what a user signs in or signs with.
pub(super) const READS_WITH_CREDENTIALS: &[&Operation] = &joined::<14, 2, 16>(
    joined::<10, 4, 14>(ALL_READS, IN_USE),
    [ListServiceSpecificCredentials::OPERATION, GetLoginProfile::OPERATION],
);

/// The same as a list.
pub(super) const SENDS: &[&Operation] = &ALL_SENDS;

/// The operations that a deny whose cut-off moves needs besides, to look and to move it.
pub(super) const CUT_OFF_READS: [&Operation; 3] =
    [ListPolicyVersions::OPERATION, ListEntitiesForPolicy::OPERATION, GetGroup::OPERATION];

/// The same.
pub(super) const CUT_OFF_SENDS: [&Operation; 4] = [
    CreatePolicyVersion::OPERATION,
    SetDefaultPolicyVersion::OPERATION,
    DeletePolicyVersion::OPERATION,
    DeletePolicy::OPERATION,
];

/// The operations that let a deny stand elsewhere than inline.
pub(super) const ELSEWHERE: &[&Operation] = &[
    CreatePolicy::OPERATION,
    CreatePolicyVersion::OPERATION,
    AttachRolePolicy::OPERATION,
    AttachUserPolicy::OPERATION,
    PutRolePermissionsBoundary::OPERATION,
    PutUserPermissionsBoundary::OPERATION,
];

/// The same for a role only.
pub(super) const ROLE_READS: &[&Operation] = &[
    ListRegions::OPERATION,
    GetInvocationLogging::OPERATION,
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
    ListRegions::OPERATION,
    GetInvocationLogging::OPERATION,
    GetRole::OPERATION,
    GetRolePolicy::OPERATION,
    ListRolePolicies::OPERATION,
    ListAttachedRolePolicies::OPERATION,
    GetUser::OPERATION,
    GetUserPolicy::OPERATION,
    ListUserPolicies::OPERATION,
    ListAttachedUserPolicies::OPERATION,
    ListAccessKeys::OPERATION,
    GetAccessKeyLastUsed::OPERATION,
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
