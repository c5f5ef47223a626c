//! Where older sessions are refused beyond the inline policies: a managed policy of the incident for one role or user, attached or
//! as the permissions boundary. Its cut-off moves, hence no digest of what it says is in its name.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::made_policies::path_for;
use super::policy_holders::{PolicyHolder, attached_to, bounded_by};
use super::principal_policies::attached_policies;
use super::seat::{ATTACHED, Seat};
use super::seat_moves::{attach, detach, set_boundary};
use super::{Assignment, Await, Condition, Look, LookError, Move, Principal, Refusal};
use crate::aws::{
    CreatePolicy, CreatePolicyVersion, DeletePolicy, DeletePolicyVersion, GetPolicy, GetPolicyVersion, Late,
    ListPolicyVersions, SetDefaultPolicyVersion, WrittenPolicy,
};
use crate::base::{Arn, Digest, Entity, PolicyVersionId};
use crate::iam::{self, PolicyDocument};

/// The versions that a managed policy can have.
const VERSIONS: usize = 5;
/// How long IAM may take until a policy is let go, or a version of it shows.
const SETTLING: Duration = Duration::from_secs(2 * 60);

/// What stands beyond the inline policies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beyond {
    /// The policy that is attached.
    pub managed: CutOffPolicy,
    /// The policy that is the permissions boundary.
    pub boundary: CutOffPolicy,
    /// Whether another policy may be attached.
    pub attachable: bool,
    /// The permissions boundary.
    pub bounded_by: Option<Arn>,
}

/// A managed policy of the incident that refuses older sessions to one role or user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CutOffPolicy {
    /// Whether the role or user has it.
    pub held: bool,
    /// What it is, if it is there.
    pub made: Option<Made>,
}

/// A managed policy that is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// The version that counts.
    pub version: PolicyVersionId,
    /// The digest of what it says; nothing while IAM does not show the version that counts.
    pub says: Option<Digest>,
    /// Its cut-off; nothing where somebody has let it say something else.
    pub cut_off: Option<Timestamp>,
    /// The versions that do not count, oldest first.
    pub versions: Vec<PolicyVersionId>,
    /// Of these the oldest one of ours, asked for where there is no room for another version.
    pub superseded: Option<PolicyVersionId>,
    /// The other roles and users on whom it acts.
    pub others: BTreeSet<Entity>,
}

/// What a look beyond the inline policies tells: what is decided on, and what the policies say.
pub(super) type Seen = (Beyond, BTreeMap<Arn, PolicyDocument>);

/// One of the two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Managed,
    Boundary,
}

impl Place {
    const BOTH: [Self; 2] = [Self::Managed, Self::Boundary];

    /// The name carries the incident and the principal, in a digest, since IAM's names are unique in the account whatever their path,
    /// and the same in capitals and small letters.
    fn name(self, to: &Assignment, id: &str) -> String {
        let kind = match self {
            Self::Managed => "QuellRevokeOlderSessions",
            Self::Boundary => "QuellRevokeOlderSessionsBoundary",
        };
        format!("{kind}-{}-{}", to.incident, Digest::of(&(&to.incident, id)).short())
    }

    fn arn(self, to: &Assignment, id: &str) -> Arn {
        let (path, name) = (path_for(to, id), self.name(to, id));
        let arn = format!("arn:{}:iam::{}:policy{path}{name}", to.place.partition, to.place.account);
        arn.parse().expect("ids and digests are plain")
    }

    fn cut_off(self, document: &PolicyDocument) -> Option<Timestamp> {
        match self {
            Self::Managed => iam::cutoff_of(document),
            Self::Boundary => iam::cutoff_of_boundary(document),
        }
    }

    fn document(self, cut_off: Late<Timestamp>) -> WrittenPolicy {
        match self {
            Self::Managed => WrittenPolicy::DenyIssuedBefore(cut_off),
            Self::Boundary => WrittenPolicy::BoundIssuedBefore(cut_off),
        }
    }

    fn take(self, principal: &Principal, policy: &Arn) -> Move {
        match self {
            Self::Managed => attach(principal, policy),
            Self::Boundary => set_boundary(principal, Some(policy)),
        }
    }

    fn leave(self, principal: &Principal, policy: &Arn) -> Move {
        match self {
            Self::Managed => detach(principal, policy),
            Self::Boundary => set_boundary(principal, None),
        }
    }

    fn of(self, beyond: &Beyond) -> &CutOffPolicy {
        match self {
            Self::Managed => &beyond.managed,
            Self::Boundary => &beyond.boundary,
        }
    }
}

/// Looks at one of the policies.
async fn look_at(
    look: &Look<'_>,
    principal: &Principal,
    place: Place,
    policy: &Arn,
) -> Result<Option<(Made, Option<PolicyDocument>)>, LookError> {
    let Some(known) = look.find(GetPolicy { policy: policy.clone() }).await? else { return Ok(None) };
    let says = |version: PolicyVersionId| look.find(GetPolicyVersion { policy: policy.clone(), version });
    let document = says(known.default_version.clone()).await?;
    let listed = look.find_all(ListPolicyVersions { policy: policy.clone(), next: None }).await?;
    let mut others: Vec<_> = listed.unwrap_or_default();
    others.retain(|version| version.id != known.default_version);
    others.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    let versions: Vec<PolicyVersionId> = others.into_iter().map(|version| version.id).collect();
    let mut superseded = None;
    if versions.len() + 1 >= VERSIONS {
        for version in &versions {
            if says(version.clone()).await?.is_some_and(|document| place.cut_off(&document).is_some()) {
                superseded = Some(version.clone());
                break;
            }
        }
    }
    let mut holders = BTreeSet::new();
    if known.attached + known.bounds > 0 {
        holders = bounded_by(look, policy).await?;
        holders.extend(attached_to(look, policy).await?.iter().flat_map(PolicyHolder::principals));
        holders.remove(&principal.entity());
    }
    let made = Made {
        version: known.default_version,
        says: document.as_ref().map(Digest::of),
        cut_off: document.as_ref().and_then(|document| place.cut_off(document)),
        versions,
        superseded,
        others: holders,
    };
    Ok(Some((made, document)))
}

/// Looks where older sessions are refused beyond the inline policies, and where there is room for that.
pub(super) async fn look_beyond(
    to: &Assignment,
    look: &Look<'_>,
    principal: &Principal,
    id: &str,
    bounded_by: Option<Arn>,
) -> Result<Seen, LookError> {
    let attached = attached_policies(look, &principal.who).await?;
    let mut documents = BTreeMap::new();
    let mut found = Vec::new();
    for place in Place::BOTH {
        let policy = place.arn(to, id);
        let held = match place {
            Place::Managed => attached.contains(&policy),
            Place::Boundary => bounded_by.as_ref() == Some(&policy),
        };
        let made = look_at(look, principal, place, &policy).await?;
        found.push(CutOffPolicy { held, made: made.as_ref().map(|(made, _)| made.clone()) });
        documents.extend(made.and_then(|(_, document)| Some((policy, document?))));
    }
    let boundary = found.pop().unwrap_or_default();
    let managed = found.pop().unwrap_or_default();
    Ok((Beyond { managed, boundary, attachable: attached.len() < ATTACHED, bounded_by }, documents))
}

impl Beyond {
    /// The cut-off before which sessions are refused.
    pub(super) fn cut_off(&self) -> Option<Timestamp> {
        let held = Place::BOTH.into_iter().map(|place| place.of(self)).filter(|policy| policy.held);
        held.filter_map(|policy| policy.made.as_ref()?.cut_off).max()
    }

    /// The place that the deny has or would take.
    fn place(&self) -> Option<Place> {
        match () {
            () if self.managed.held && self.managed.has_room() => Some(Place::Managed),
            () if self.boundary.held && self.boundary.has_room() => Some(Place::Boundary),
            // One that somebody has filled with versions of their own is held in vain: the next place is free all the same.
            () if !self.managed.held && self.attachable && self.managed.has_room() => Some(Place::Managed),
            () if self.bounded_by.is_none() && self.boundary.has_room() => Some(Place::Boundary),
            () => None,
        }
    }

    /// The same as a place of the ladder.
    pub(super) fn seat(&self) -> Option<Seat> {
        self.place().map(|place| match place {
            Place::Managed => Seat::Managed,
            Place::Boundary => Seat::Boundary,
        })
    }

    /// The roles and users besides the principal on whom a deny there acts.
    pub(super) fn reaches(&self) -> Vec<Entity> {
        let made = self.place().and_then(|place| place.of(self).made.as_ref());
        made.into_iter().flat_map(|made| made.others.iter().cloned()).collect()
    }

    /// The moves by which sessions from before a cut-off are refused. `enough`: whether the cut-off of a policy that nobody has yet is
    /// good as it is.
    pub(super) fn take(
        &self,
        to: &Assignment,
        principal: &Principal,
        id: &str,
        cut_off: Late<Timestamp>,
        enough: impl Fn(Timestamp) -> bool,
    ) -> Result<Vec<Move>, Refusal> {
        let place = self.place().ok_or_else(|| self.quota())?;
        let (policy, standing) = (place.arn(to, id), place.of(self));
        let (made_for, document) = (principal.entity(), place.document(cut_off));
        let mut moves = Vec::new();
        match &standing.made {
            None => {
                let (path, name) = (path_for(to, id), place.name(to, id));
                moves.push(CreatePolicy { made_for, path, name, document }.into());
            }
            // What it says decides what is to be done, and IAM shows it in a moment.
            Some(made) if made.says.is_none() => return Ok(vec![Move::Await(settling(to, principal))]),
            Some(made) if !standing.held && made.cut_off.is_some_and(enough) => {}
            Some(made) => {
                if made.is_full() {
                    let version = made.superseded.clone().ok_or_else(|| self.quota())?;
                    moves.push(DeletePolicyVersion { policy: policy.clone(), version }.into());
                }
                moves.push(CreatePolicyVersion { made_for, policy: policy.clone(), document }.into());
            }
        }
        moves.extend((!standing.held).then(|| place.take(principal, &policy)));
        Ok(moves)
    }

    /// The refusal where no place has room.
    fn quota(&self) -> Refusal {
        let boundary = match &self.bounded_by {
            Some(_) => "another permissions boundary is there",
            None => "the versions of the incident's own policies",
        };
        Refusal::Quota { which: format!("inline policies, attached policies, and {boundary}") }
    }
}

impl CutOffPolicy {
    /// Whether it can say something else.
    fn has_room(&self) -> bool {
        self.made.as_ref().is_none_or(|made| !made.is_full() || made.superseded.is_some())
    }
}

impl Made {
    fn is_full(&self) -> bool {
        self.versions.len() + 1 >= VERSIONS
    }
}

/// Waits until IAM shows what was done to a policy.
fn settling(to: &Assignment, principal: &Principal) -> Await {
    Await { what: to.place.target(None, principal.entity()), until: Condition::Settled, within: SETTLING }
}

/// The moves by which both places are as they were before the run. The error says how one of them is neither as it was nor as it was
/// left.
pub(super) fn give_back(
    to: &Assignment,
    principal: &Principal,
    id: &str,
    before: Option<&Beyond>,
    left: &Beyond,
    now: &Beyond,
) -> Result<Vec<Move>, String> {
    let mut moves = Vec::new();
    for place in Place::BOTH {
        let before = before.map(|before| place.of(before).clone()).unwrap_or_default();
        let settling = settling(to, principal);
        if place.of(now).made.as_ref().is_some_and(|made| made.says.is_none()) {
            return Ok(vec![Move::Await(settling)]);
        }
        moves.extend(place.give_back(
            principal,
            place.arn(to, id),
            settling,
            [&before, place.of(left), place.of(now)],
        )?);
    }
    Ok(moves)
}

impl Place {
    fn give_back(
        self,
        principal: &Principal,
        policy: Arn,
        going: Await,
        [before, left, now]: [&CutOffPolicy; 3],
    ) -> Result<Vec<Move>, String> {
        let mut moves = Vec::new();
        if left.held && !before.held && now.held {
            moves.push(self.leave(principal, &policy));
        }
        let (Some(was_left), Some(made)) = (&left.made, &now.made) else { return Ok(moves) };
        let as_left = (&was_left.version, was_left.says) == (&made.version, made.says);
        let changed = || match made.cut_off {
            Some(cut_off) => format!("{policy} refuses sessions before {cut_off}"),
            None => format!("{policy} says something else"),
        };
        let version =
            |version: &PolicyVersionId| DeletePolicyVersion { policy: policy.clone(), version: version.clone() };
        match &before.made {
            // The run has moved nothing.
            Some(before) if before.version == was_left.version => {}
            Some(before) if before.version == made.version => {
                moves.extend(
                    made.versions.iter().filter(|one| **one == was_left.version).map(|one| version(one).into()),
                );
            }
            Some(before) if as_left && made.versions.contains(&before.version) => {
                let back = SetDefaultPolicyVersion { policy: policy.clone(), version: before.version.clone() };
                moves.extend([back.into(), version(&made.version).into()]);
            }
            Some(_) => return Err(changed()),
            None if !as_left => return Err(changed()),
            // Somebody else has it as well.
            None if !made.others.is_empty() => {}
            None => {
                if !moves.is_empty() {
                    moves.push(Move::Await(going));
                }
                moves.extend(made.versions.iter().map(|one| version(one).into()));
                moves.push(DeletePolicy { policy }.into());
            }
        }
        Ok(moves)
    }
}
