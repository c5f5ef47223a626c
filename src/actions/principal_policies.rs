//! The policies that a role or user has, as IAM tells them.

use super::{Look, LookError, Who};
use crate::aws::{
    GetPolicy, GetPolicyVersion, GetRolePolicy, GetUserPolicy, ListAttachedRolePolicies, ListAttachedUserPolicies,
    ListRolePolicies, ListUserPolicies,
};
use crate::base::Arn;
use crate::iam::PolicyDocument;

/// The names of all inline policies; none of one that does not exist.
pub(super) async fn inline_names(look: &Look<'_>, who: &Who) -> Result<Vec<String>, LookError> {
    let names = match who.clone() {
        Who::Role(role) => look.find_all(ListRolePolicies { role, next: None }).await?,
        Who::User(user) => look.find_all(ListUserPolicies { user, next: None }).await?,
    };
    Ok(names.unwrap_or_default())
}

/// What an inline policy says, if it is there.
pub(super) async fn inline_policy(
    look: &Look<'_>,
    who: &Who,
    policy: String,
) -> Result<Option<PolicyDocument>, LookError> {
    match who.clone() {
        Who::Role(role) => look.find(GetRolePolicy { role, policy }).await,
        Who::User(user) => look.find(GetUserPolicy { user, policy }).await,
    }
}

/// The managed policies that are attached; none to one that does not exist.
pub(super) async fn attached_policies(look: &Look<'_>, who: &Who) -> Result<Vec<Arn>, LookError> {
    let listed = match who.clone() {
        Who::Role(role) => look.find_all(ListAttachedRolePolicies { role, next: None }).await?,
        Who::User(user) => look.find_all(ListAttachedUserPolicies { user, next: None }).await?,
    };
    Ok(listed.unwrap_or_default())
}

/// What the version of a managed policy says that counts, if it is there.
pub(super) async fn default_document(look: &Look<'_>, policy: &Arn) -> Result<Option<PolicyDocument>, LookError> {
    let Some(known) = look.find(GetPolicy { policy: policy.clone() }).await? else {
        return Ok(None);
    };
    look.find(GetPolicyVersion { policy: policy.clone(), version: known.default_version }).await
}
