//! Who may assume a role.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::Arn;

use super::context::Context;
use super::decision::{Denial, PolicyKind, StatementRef};
use super::document::PolicyDocument;
use super::evaluate::{Found, NamedPolicy, Request, doubts_of, explicit_deny, grant_as};
use super::principal::Principal;
use super::principal_element::Naming;
use super::truth::{Doubt, Truth};

/// What a role's trust policy says to a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// It lets the caller in by itself. A Deny in the caller's own policies, and for a named role its boundary and
    /// session policies, still count.
    Granted {
        /// The statement.
        by: StatementRef,
    },
    /// It leaves the decision to the caller's account: the caller's identity policies have to allow the action too.
    Delegated {
        /// The statement.
        by: StatementRef,
    },
    /// It keeps the caller out.
    Refused {
        /// Why.
        by: Denial,
    },
    /// It cannot be decided.
    Unknown {
        /// All that would have to be known.
        doubts: BTreeSet<Doubt>,
    },
}

/// Judges a caller by the trust policy of a role alone. `action` is one of `sts:AssumeRole`,
/// `sts:AssumeRoleWithSAML`, `sts:AssumeRoleWithWebIdentity`, `sts:TagSession`, `sts:SetSourceIdentity`.
pub fn evaluate_trust(
    trust: &PolicyDocument,
    role: &Arn,
    caller: &Principal,
    action: &str,
    context: &Context,
) -> Trust {
    let policy = NamedPolicy { name: role.as_str().to_owned(), document: Arc::new(trust.clone()) };
    let request = Request { principal: caller, action, resource: role.as_str(), context };
    let denied = explicit_deny(&policy, false, &request);
    if let Some(statement) = denied.by {
        return Trust::Refused { by: Denial::Explicit(statement) };
    }
    let implicit = Trust::Refused { by: Denial::Implicit(PolicyKind::Resource) };
    // The root user cannot assume roles, whoever trusts it.
    if matches!(caller, Principal::Root { .. }) {
        return implicit;
    }
    let named = Found::any([grant_as(&policy, &request, Naming::Itself), grant_as(&policy, &request, Naming::Behind)]);
    let by_account = grant_as(&policy, &request, Naming::Account);
    let stands_alone = caller.account().is_none_or(|account| role.account() == Some(account));
    let (granted, delegated) =
        if stands_alone { (named, by_account) } else { (Found::any([]), Found::any([named, by_account])) };
    match (denied.truth, granted, delegated) {
        (Truth::No, Found { by: Some(by), .. }, _) => Trust::Granted { by },
        (Truth::No, Found { truth: Truth::No, .. }, Found { by: Some(by), .. }) => Trust::Delegated { by },
        (_, Found { truth: Truth::No, .. }, Found { truth: Truth::No, .. }) => implicit,
        (denied, granted, delegated) => Trust::Unknown { doubts: doubts_of([denied, granted.truth, delegated.truth]) },
    }
}
