//! What a company tells the guardrails: `guardrails.yaml`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::{AccountId, Arn, Entity, EntityKind, Target};

/// What stands in `guardrails.yaml`. Everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuardrailSetting {
    /// The accounts in which alone quell may act; in any, where none is listed.
    pub accounts: BTreeSet<AccountId>,
    /// Accounts in which nothing happens unattended.
    pub protected_accounts: BTreeSet<AccountId>,
    /// Roles, users, groups and managed policies to which nothing happens unattended, and on which a person acts with the approval
    /// `protected` only.
    pub protected_principals: BTreeSet<Arn>,
    /// Roles, users, groups and managed policies that no plan touches.
    pub break_glass: BTreeSet<Arn>,
    /// What one person decides.
    pub caps: Caps,
    /// When nothing is to be changed.
    pub freezes: Vec<Freeze>,
}

/// How much one person decides; more needs the approval `many`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// Roles and users that a plan acts on.
    pub principals: u32,
    /// Steps that do something for good.
    pub irreversible: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self { principals: 25, irreversible: 50 }
    }
}

/// A time in which nothing is to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why, for people.
    pub why: String,
}

impl GuardrailSetting {
    /// What could never be met.
    pub fn mistakes(&self) -> Vec<String> {
        let listed = self.protected_principals.iter().chain(&self.break_glass);
        let mut mistakes: Vec<String> = listed
            .filter(|arn| Entity::of_iam(arn).is_none() || arn.account().is_none())
            .map(|arn| format!("`{arn}` names no role, user, group or managed policy of an account"))
            .collect();
        let empty = self.freezes.iter().filter(|freeze| freeze.from >= freeze.until);
        mistakes.extend(empty.map(|freeze| format!("the freeze from {} ends before it begins", freeze.from)));
        mistakes
    }

    /// Whether quell may act in an account.
    pub(super) fn lists(&self, account: &AccountId) -> bool {
        self.accounts.is_empty() || self.accounts.contains(account)
    }

    /// Whether something may run unattended at all: whoever has named nothing that is precious has not thought of it yet.
    pub(super) fn is_prepared(&self) -> bool {
        !self.protected_accounts.is_empty() && !self.protected_principals.is_empty()
    }

    /// Whether a moment lies in a freeze.
    pub(super) fn is_frozen(&self, now: Timestamp) -> bool {
        self.freezes.iter().any(|freeze| freeze.from <= now && now < freeze.until)
    }
}

/// The role or user that a thing is, or that it belongs to.
pub(super) fn owner(target: &Target) -> Option<(EntityKind, &str)> {
    let name = target.entity.path.first()?;
    match target.entity.kind {
        EntityKind::Role => Some((EntityKind::Role, name)),
        EntityKind::User
        | EntityKind::AccessKey
        | EntityKind::ConsolePassword
        | EntityKind::SshKey
        | EntityKind::SigningCertificate
        | EntityKind::ServiceCredential
        | EntityKind::MfaDevice => Some((EntityKind::User, name)),
        _ => None,
    }
}

/// Whether a thing is one of those listed, or belongs to one. A session stands for its role; a policy and a group are listed by their own ARNs.
pub(super) fn is_of(target: &Target, listed: &BTreeSet<Arn>) -> bool {
    let Some(owner) = owner(target).or_else(|| bearer(target)) else { return false };
    let of_account = listed.iter().filter(|arn| arn.account().as_ref() == Some(&target.account));
    of_account.filter_map(Entity::of_iam).any(|listed| owner == (listed.kind, listed.id()))
}

/// What gives permissions to others.
fn bearer(target: &Target) -> Option<(EntityKind, &str)> {
    let kind = target.entity.kind;
    matches!(kind, EntityKind::ManagedPolicy | EntityKind::Group).then(|| (kind, target.entity.id()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    #[test]
    fn what_is_listed_covers_what_belongs_to_it_and_nothing_of_another_name_or_account() {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let target = |kind, path: &[&str]| {
            let path = path.iter().map(|&part| part.to_owned()).collect();
            place.target(None, Entity { kind, path })
        };
        let listed = |arn: &str| BTreeSet::from([arn.parse::<Arn>().expect("an ARN")]);
        let key = target(EntityKind::AccessKey, &["ana", "AKIAIOSFODNN7EXAMPLE"]);
        assert!(is_of(&key, &listed("arn:aws:iam::111122223333:user/people/ana")));
        assert!(!is_of(&key, &listed("arn:aws:iam::111122223333:role/ana")), "a role of the name is another thing");
        assert!(!is_of(&key, &listed("arn:aws:iam::444455556666:user/ana")), "and so is a user elsewhere");
        let role = target(EntityKind::Role, &["breakglass"]);
        assert!(is_of(&role, &listed("arn:aws:sts::111122223333:assumed-role/breakglass/ana")));
        let policy = target(EntityKind::ManagedPolicy, &["breakglass"]);
        assert!(is_of(&policy, &listed("arn:aws:iam::111122223333:policy/path/breakglass")));
        assert!(!is_of(&policy, &listed("arn:aws:iam::111122223333:role/breakglass")));
        assert!(is_of(&target(EntityKind::Group, &["admins"]), &listed("arn:aws:iam::111122223333:group/admins")));
        let setting = |arn: &str| GuardrailSetting { break_glass: listed(arn), ..GuardrailSetting::default() };
        assert!(setting("arn:aws:iam::111122223333:root").mistakes().len() == 1);
        assert!(setting("arn:aws:iam::111122223333:user/ana").mistakes().is_empty());
    }
}
