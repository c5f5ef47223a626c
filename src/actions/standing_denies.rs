//! What stands on a role or user for the sake of an incident and comes off at its end: in which order, and what stays.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::incident_denies::{rank, rank_of_managed};
use super::made_policies::{MadePolicy, Whose, name_of, whose};
use super::seat_moves::{delete_inline, detach, set_boundary};
use super::{Assignment, Move, Principal, Refusal};
use crate::base::{Arn, Digest};

/// A principal that exists.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The immutable id.
    pub id: String,
    /// Its path, which tells what AWS protects.
    pub path: String,
    /// The incident's inline policies, by name, with the digest of what each says.
    pub inline: BTreeMap<String, Digest>,
    /// The incident's managed policies that it has, or that were made for it.
    pub managed: BTreeMap<Arn, MadePolicy>,
    /// AWS's own policies by which quell denies, where they are attached.
    pub of_aws: BTreeSet<Arn>,
    /// The permissions boundary.
    pub boundary: Option<Arn>,
    /// Whether another incident refuses it something, too.
    pub contested: bool,
    /// The digest of the incident's lock in the trust policy.
    pub locked: Option<Digest>,
    /// Whether nothing would be left of the trust policy without that lock.
    pub bare: bool,
    /// Principals in the trust policy that were deleted since: they go out with the lock, since AWS takes no document that names
    /// them.
    pub dead: Vec<String>,
    /// Until when sessions from before the containment could live, where that lies ahead.
    pub too_early_until: Option<Timestamp>,
}

/// A thing that refuses, in the order of the kinds in which containment puts them there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    Inline(String),
    Attached(Arn),
    Boundary(Arn),
}

impl Standing {
    fn rank(&self, to: &Assignment) -> usize {
        match self {
            Self::Inline(name) => rank(to, name).unwrap_or_default(),
            Self::Attached(policy) | Self::Boundary(policy) => rank_of_managed(policy),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Inline(name) => name,
            Self::Attached(policy) | Self::Boundary(policy) => name_of(policy),
        }
    }

    pub(super) fn take_off(&self, principal: &Principal) -> Move {
        match self {
            Self::Inline(name) => delete_inline(principal, name),
            Self::Attached(policy) => detach(principal, policy),
            Self::Boundary(_) => set_boundary(principal, None),
        }
    }
}

/// What comes off, the latest first.
pub(super) fn in_order<'a>(
    to: &Assignment,
    inline: impl Iterator<Item = &'a String>,
    managed: impl Iterator<Item = (&'a Arn, bool, bool)>,
    of_aws: impl Iterator<Item = &'a Arn>,
) -> Vec<Standing> {
    let mut all: Vec<Standing> = inline.cloned().map(Standing::Inline).collect();
    for (policy, attached, bounds) in managed {
        all.extend(attached.then(|| Standing::Attached(policy.clone())));
        all.extend(bounds.then(|| Standing::Boundary(policy.clone())));
    }
    all.extend(of_aws.cloned().map(Standing::Attached));
    all.sort_by_key(|one| (Reverse(one.rank(to)), one.name().to_owned()));
    all
}

impl Found {
    /// AWS's own policies that come off. Where another incident refuses something as well, nobody can say whose they are.
    pub(super) fn unmarked(&self, unmarked: bool) -> impl Iterator<Item = &Arn> {
        let they_go = unmarked && !self.contested;
        self.of_aws.iter().filter(move |_| they_go)
    }

    pub(super) fn standing(&self, to: &Assignment, unmarked: bool) -> Vec<Standing> {
        let managed = self.managed.iter().map(|(policy, made)| (policy, made.attached, made.bounds));
        in_order(to, self.inline.keys(), managed, self.unmarked(unmarked))
    }

    fn is_bounded_by_aws(&self, to: &Assignment) -> bool {
        self.boundary.as_ref().is_some_and(|boundary| whose(to, boundary) == Whose::Aws)
    }

    /// The managed policies that nobody needs once they are let go. Where the deny of everything took the place of a boundary, that
    /// may be one of these, and `quell undo` has to find it.
    pub(super) fn doomed(&self, to: &Assignment) -> impl Iterator<Item = (&Arn, &MadePolicy)> {
        let hidden = self.is_bounded_by_aws(to);
        let doomed = move |made: &MadePolicy| made.made_for_it && made.others.is_empty() && (made.is_held() || !hidden);
        self.managed.iter().filter(move |(_, made)| doomed(made))
    }
}

/// What stays although quell may have put it there, and what takes it off.
pub(super) fn notes(to: &Assignment, unmarked: bool, found: &Found, old: &[Arn]) -> Vec<String> {
    let undo = format!("`quell undo RUN` of the run that put it there (`quell status {}`)", to.incident);
    let mut notes: Vec<String> =
        old.iter().map(|policy| format!("{policy} stays: it names no incident. {undo} takes it off")).collect();
    let goes: BTreeSet<&Arn> = found.unmarked(unmarked).collect();
    for policy in found.of_aws.iter().filter(|policy| !goes.contains(policy)) {
        notes.push(match found.contested {
            true => format!("{policy} stays: it names no incident, and another incident refuses something here too. {undo} takes it off"),
            false => format!("{policy} stays: it names no incident. If it is of this one, `unmarked: true` takes it off, or {undo}"),
        });
    }
    if found.is_bounded_by_aws(to) {
        let boundary = found.boundary.as_ref().map(ToString::to_string).unwrap_or_default();
        notes.push(format!(
            "{boundary} stays its permissions boundary: what stood there before is in the journal alone. {undo} puts that back"
        ));
    }
    for (policy, made) in &found.managed {
        if made.made_for_it && !made.others.is_empty() {
            let others: Vec<String> = made.others.iter().map(ToString::to_string).collect();
            notes.push(format!("{policy} is not deleted: {} has it as well", others.join(", ")));
        }
    }
    if found.locked.is_some() && !found.bare && !found.dead.is_empty() {
        notes.push(format!("{} in its trust policy {GOES_FOR_GOOD}", found.dead.join(", ")));
    }
    notes
}

/// What becomes of principals in a trust policy that no longer exist, when it is written.
pub(super) const GOES_FOR_GOOD: &str =
    "goes out for good: it was deleted, admits nobody, and AWS takes no document that names it";

/// Refuses where nothing that AWS would take would be left of the trust policy.
pub(super) fn writable(found: &Found) -> Result<(), Refusal> {
    if !found.bare {
        return Ok(());
    }
    let why = match found.dead.is_empty() {
        true => "the trust policy holds nothing but the lock".to_owned(),
        false => format!(
            "the trust policy holds nothing but the lock and principals that no longer exist ({})",
            found.dead.join(", ")
        ),
    };
    let instructions = vec![
        "In the IAM console, open the role's trust policy".to_owned(),
        "Write the trust policy that the role is to have, without the lock".to_owned(),
    ];
    Err(Refusal::ByHand { why, instructions })
}
