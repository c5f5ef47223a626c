//! What the managed policies below quell's path say now. Anybody who may make policies may make one there, so that neither path nor
//! name proves anything.

use std::collections::BTreeMap;

use super::made_policies::PATH;
use super::{Look, LookError};
use crate::aws::{GetPolicyVersion, ListPolicies, ManagedPolicy};
use crate::base::Arn;
use crate::iam::{PolicyDocument, denied_by_boundary};

/// What a managed policy does to whoever has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// It denies, and gives nobody anything.
    Denies,
    /// As a permissions boundary it does no more than deny. Attached it would allow everything.
    Bounds,
    /// Anything else.
    More,
}

impl Says {
    fn of(document: &PolicyDocument) -> Self {
        match () {
            () if document.only_denies() => Self::Denies,
            () if denied_by_boundary(document).is_some() => Self::Bounds,
            () => Self::More,
        }
    }
}

/// The managed policies below quell's path, by ARN.
#[derive(Debug, Default)]
pub(super) struct OwnPolicies(BTreeMap<Arn, Says>);

impl OwnPolicies {
    /// Whether a policy stands where quell makes its own.
    pub(super) fn is_below(policy: &Arn) -> bool {
        policy.resource().strip_prefix("policy").is_some_and(|path| path.starts_with(PATH))
    }

    /// Reads them.
    pub(super) async fn read(look: &Look<'_>) -> Result<Self, LookError> {
        let mut own = Self::default();
        for policy in look.ask_all(ListPolicies { path: PATH.to_owned(), next: None }).await? {
            own.learn(look, &policy).await?;
        }
        Ok(own)
    }

    /// Reads one of them.
    pub(super) async fn learn(&mut self, look: &Look<'_>, policy: &ManagedPolicy) -> Result<Says, LookError> {
        let version = GetPolicyVersion { policy: policy.arn.clone(), version: policy.default_version.clone() };
        let says = look.find(version).await?.map_or(Says::More, |document| Says::of(&document));
        self.0.insert(policy.arn.clone(), says);
        Ok(says)
    }

    /// Whether a policy takes something away from whom it is attached to, and gives nothing. One that is gone is attached to nobody.
    pub(super) fn deny_attached(&self, policy: &Arn) -> bool {
        Self::is_below(policy) && self.0.get(policy).is_none_or(|says| *says == Says::Denies)
    }

    /// Whether a policy takes something away from whom it bounds, and leaves the rest as it is.
    pub(super) fn deny_bounded(&self, policy: &Arn) -> bool {
        Self::is_below(policy) && self.0.get(policy).is_none_or(|says| *says != Says::More)
    }
}

#[cfg(test)]
impl OwnPolicies {
    pub(super) fn with(mut self, policy: &str, document: &PolicyDocument) -> Self {
        self.0.insert(policy.parse().expect("an ARN"), Says::of(document));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{as_boundary, deny_everything};

    #[test]
    fn what_a_policy_says_counts_and_not_where_it_stands() {
        let arn = |name: &str| format!("arn:aws:iam::111122223333:policy/quell/INC-1/AROA1/{name}");
        let allow = as_boundary(&deny_everything()).without_statement("QuellDenyEverything").expect("a statement");
        let own = OwnPolicies::default()
            .with(&arn("deny"), &deny_everything())
            .with(&arn("bound"), &as_boundary(&deny_everything()))
            .with(&arn("allow"), &allow);
        let judged = |name: &str| {
            let arn: Arn = arn(name).parse().expect("an ARN");
            (own.deny_attached(&arn), own.deny_bounded(&arn))
        };
        assert_eq!(judged("deny"), (true, true));
        assert_eq!(judged("bound"), (false, true));
        assert_eq!(judged("allow"), (false, false));
        assert_eq!(judged("gone"), (true, true));
        let elsewhere: Arn = "arn:aws:iam::111122223333:policy/team/quell/deny".parse().expect("an ARN");
        assert!(!own.deny_attached(&elsewhere) && !own.deny_bounded(&elsewhere));
    }
}
