//! The policies of a role or user that is to be deleted: what they say, and in which order they go.

use serde::{Deserialize, Serialize};

use super::principal_policies::{attached_policies, default_document, inline_names, inline_policy};
use super::{Look, LookError, Principal, Residual, Who};
use crate::aws::{Call, DeleteRolePolicy, DeleteUserPolicy, DetachRolePolicy, DetachUserPolicy};
use crate::base::Arn;
use crate::iam::{PolicyDocument, StatementEffect, cutoff_of, deny_everything};

/// A policy that a role or user has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeldPolicy {
    /// An inline policy.
    Inline(String),
    /// An attached managed policy.
    Attached(Arn),
}

/// The same with what it says, for the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaidPolicy {
    /// The policy.
    pub policy: HeldPolicy,
    /// What it says; nothing for policies of AWS, which everybody can look up, and for what is gone already.
    pub document: Option<PolicyDocument>,
}

impl SaidPolicy {
    /// How late it goes: what allows first, what denies last, so that nobody can do more on the way than before. AWS's
    /// own denies go after ours, since ours may have conditions.
    fn rank(&self) -> u8 {
        let denies = |document: &PolicyDocument| {
            document.statements().iter().any(|statement| statement.effect() == StatementEffect::Deny)
        };
        match (&self.policy, &self.document) {
            (HeldPolicy::Attached(arn), _) if is_deny_of_aws(arn) => 2,
            (_, document) => u8::from(document.as_ref().is_some_and(denies)),
        }
    }

    /// Whether it refuses everything, whoever calls from wherever.
    fn refuses_everything(&self) -> bool {
        let of_aws =
            matches!(&self.policy, HeldPolicy::Attached(arn) if arn.as_str().ends_with(":iam::aws:policy/AWSDenyAll"));
        of_aws || self.document.as_ref() == Some(&deny_everything())
    }

    /// The call that takes it away.
    pub(super) fn take_away(policy: &HeldPolicy, who: &Who) -> Call {
        match (policy.clone(), who.clone()) {
            (HeldPolicy::Inline(policy), Who::Role(role)) => DeleteRolePolicy { role, policy }.into(),
            (HeldPolicy::Inline(policy), Who::User(user)) => DeleteUserPolicy { user, policy }.into(),
            (HeldPolicy::Attached(policy), Who::Role(role)) => DetachRolePolicy { role, policy }.into(),
            (HeldPolicy::Attached(policy), Who::User(user)) => DetachUserPolicy { user, policy }.into(),
        }
    }
}

/// What stays possible of a role or user that goes, given what it has reached before and whether it is shut, so that nobody starts
/// a session of it. Where everything was refused to it already, or to all the sessions that it has, whatever refused that has said so.
pub(super) fn left_by_deletion(policies: &[SaidPolicy], is_shut: bool, reached: Residual) -> Vec<Residual> {
    let is_revoked = |one: &SaidPolicy| one.document.as_ref().and_then(cutoff_of).is_some();
    let is_refused = policies.iter().any(SaidPolicy::refuses_everything);
    match is_refused || (is_shut && policies.iter().any(is_revoked)) {
        true => vec![],
        false => vec![reached, Residual::propagation()],
    }
}

/// Whether this is one of the policies by which AWS denies.
pub(super) fn is_deny_of_aws(arn: &Arn) -> bool {
    let text = arn.as_str();
    text.contains(":iam::aws:") && (text.ends_with("/AWSDenyAll") || text.contains("Quarantine"))
}

/// Reads all policies of a role or user, in the order in which they go.
pub(super) async fn held_policies(look: &Look<'_>, principal: &Principal) -> Result<Vec<SaidPolicy>, LookError> {
    let who = &principal.who;
    let names = inline_names(look, who).await?;
    let attached = attached_policies(look, who).await?;
    let mut held = Vec::new();
    for name in names {
        let document = inline_policy(look, who, name.clone()).await?;
        held.push(SaidPolicy { policy: HeldPolicy::Inline(name), document });
    }
    for arn in attached {
        let document = match arn.as_str().contains(":iam::aws:") {
            true => None,
            false => default_document(look, &arn).await?,
        };
        held.push(SaidPolicy { policy: HeldPolicy::Attached(arn), document });
    }
    held.sort_by_key(SaidPolicy::rank);
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{as_boundary, deny_everything};

    #[test]
    fn what_denies_goes_last() {
        let allow = as_boundary(&deny_everything()).without_statement("QuellDenyEverything");
        let attached = |arn: &str| HeldPolicy::Attached(arn.parse().expect("an ARN"));
        let mut held = [
            SaidPolicy { policy: attached("arn:aws:iam::aws:policy/AWSDenyAll"), document: None },
            SaidPolicy { policy: HeldPolicy::Inline("deny".to_owned()), document: Some(deny_everything()) },
            SaidPolicy { policy: attached("arn:aws:iam::aws:policy/AdministratorAccess"), document: None },
            SaidPolicy { policy: HeldPolicy::Inline("allow".to_owned()), document: allow },
        ];
        held.sort_by_key(SaidPolicy::rank);
        let order: Vec<u8> = held.iter().map(SaidPolicy::rank).collect();
        assert_eq!(order, [0, 0, 1, 2]);
    }
}
