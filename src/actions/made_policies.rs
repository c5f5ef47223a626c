//! The managed policies that quell makes where no inline policy has room. Whose they are stands in their path: `/quell/`, the
//! incident, and the immutable id of the role or user that each is made for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::policy_holders::holders;
use super::{Assignment, Look, LookError, Principal};
use crate::aws::{GetPolicyVersion, ListPolicies, ListPolicyVersions, ManagedPolicy};
use crate::base::{Arn, Digest, Entity, PolicyVersionId};
use crate::iam::PolicyDocument;

/// The path of all managed policies that quell makes.
pub(super) const PATH: &str = "/quell/";
/// AWS's own policy that says what the deny of everything says.
pub(super) const DENY_ALL: &str = "AWSDenyAll";
/// AWS's own policy that is attached with the quarantine.
pub(super) const QUARANTINE: &str = "AWSCompromisedKeyQuarantineV3";

/// The path of those that an incident makes.
fn incident_path(to: &Assignment) -> String {
    format!("{PATH}{}/", to.incident)
}

/// The path of those that an incident makes for one role or user, named by its immutable id.
pub(super) fn path_for(to: &Assignment, id: &str) -> String {
    format!("{}{id}/", incident_path(to))
}

/// Whose a managed policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Quell has made it, for this incident.
    ThisIncident,
    /// Quell has made it, for another incident.
    OtherIncident,
    /// Quell has made it before its policies named their incident.
    OldQuell,
    /// It is AWS's own, and quell attaches it.
    Aws,
    /// Anybody else's.
    Somebody,
}

/// Whose a managed policy is, by its ARN.
pub(super) fn whose(to: &Assignment, policy: &Arn) -> Whose {
    if policy.as_str().contains(":iam::aws:") {
        let ours = [DENY_ALL, QUARANTINE].map(|name| format!("policy/{name}"));
        return if ours.iter().any(|name| name == policy.resource()) { Whose::Aws } else { Whose::Somebody };
    }
    let Some(below) = policy.resource().strip_prefix("policy").and_then(|path| path.strip_prefix(PATH)) else {
        return Whose::Somebody;
    };
    match below.split_once('/') {
        None => Whose::OldQuell,
        Some((incident, _)) if incident == to.incident.as_str() => Whose::ThisIncident,
        Some(_) => Whose::OtherIncident,
    }
}

/// The name of a managed policy, without its path.
pub(super) fn name_of(policy: &Arn) -> &str {
    policy.as_str().rsplit('/').next().unwrap_or_default()
}

/// The immutable id of the role or user that a policy of an incident was made for.
pub(super) fn made_for(to: &Assignment, policy: &ManagedPolicy) -> Option<String> {
    let id = policy.path.strip_prefix(&incident_path(to))?.strip_suffix('/')?;
    Some(id.to_owned())
}

/// A managed policy of the incident that a role or user has, or that was made for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadePolicy {
    /// The digest of what the version says that counts.
    pub says: Option<Digest>,
    /// Whether it is attached to the role or user.
    pub attached: bool,
    /// Whether it is the permissions boundary of the role or user.
    pub bounds: bool,
    /// Whether it was made for this role or user.
    pub made_for_it: bool,
    /// Who else has it.
    pub others: BTreeSet<Entity>,
    /// The versions that do not count.
    pub versions: BTreeSet<PolicyVersionId>,
}

impl MadePolicy {
    /// Whether the role or user has it.
    pub(super) fn is_held(&self) -> bool {
        self.attached || self.bounds
    }
}

/// The same with what it says, for evidence and for putting it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresentPolicy {
    /// The path.
    pub path: String,
    /// What the version says that counts.
    pub document: Option<PolicyDocument>,
    /// What the other versions say.
    pub versions: BTreeMap<PolicyVersionId, PolicyDocument>,
    /// Whether it is attached to the role or user.
    pub attached: bool,
    /// Whether it is the permissions boundary of the role or user.
    pub bounds: bool,
}

/// Managed policies of the incident, by ARN.
pub(super) type Made = BTreeMap<Arn, (MadePolicy, PresentPolicy)>;

/// The incident's managed policies that a role or user has, or that were made for it.
pub(super) async fn made_policies(
    to: &Assignment,
    look: &Look<'_>,
    principal: &Principal,
    id: &str,
    attached: &[Arn],
    boundary: Option<&Arn>,
) -> Result<Made, LookError> {
    let mut made = Made::new();
    let own = path_for(to, id);
    for policy in look.ask_all(ListPolicies { path: incident_path(to), next: None }).await? {
        let (attached, bounds) = (attached.contains(&policy.arn), boundary == Some(&policy.arn));
        if !attached && !bounds && policy.path != own {
            continue;
        }
        let Some(listed) = look.find_all(ListPolicyVersions { policy: policy.arn.clone(), next: None }).await? else {
            continue;
        };
        let mut versions = BTreeMap::new();
        for version in listed {
            let ask = GetPolicyVersion { policy: policy.arn.clone(), version: version.id.clone() };
            versions.extend(look.find(ask).await?.map(|document| (version.id, document)));
        }
        let document = versions.remove(&policy.default_version);
        let mut others = holders(look, &policy.arn, false).await?;
        others.extend(holders(look, &policy.arn, true).await?);
        others.remove(&principal.entity());
        let state = MadePolicy {
            says: document.as_ref().map(Digest::of),
            attached,
            bounds,
            made_for_it: policy.path == own,
            others,
            versions: versions.keys().cloned().collect(),
        };
        let present = PresentPolicy { path: policy.path, document, versions, attached, bounds };
        made.insert(policy.arn, (state, present));
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    #[test]
    fn the_path_says_whose_a_policy_is() {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        for (resource, expected) in [
            ("111122223333:policy/quell/INC-1/AROA1/QuellDenyAiServices-INC-1-0a1b2c3d4e5f", Whose::ThisIncident),
            ("111122223333:policy/quell/INC-12/AROA1/QuellDenyAiServices-INC-12-0a1b2c3d4e5f", Whose::OtherIncident),
            ("111122223333:policy/quell/inc-1/AROA1/QuellDenyAiServices-inc-1-0a1b2c3d4e5f", Whose::OtherIncident),
            ("111122223333:policy/quell/QuellDenyAiServices-0a1b2c3d4e5f", Whose::OldQuell),
            ("111122223333:policy/team/quell/INC-1/mine", Whose::Somebody),
            ("111122223333:policy/AWSDenyAll", Whose::Somebody),
            ("aws:policy/AWSDenyAll", Whose::Aws),
            ("aws:policy/AWSCompromisedKeyQuarantineV3", Whose::Aws),
            ("aws:policy/AWSCompromisedKeyQuarantineV2", Whose::Somebody),
            ("aws:policy/quell/INC-1/AROA1/AWSDenyAll", Whose::Somebody),
        ] {
            let arn: Arn = format!("arn:aws:iam::{resource}").parse().expect("an ARN");
            assert_eq!(whose(&to, &arn), expected, "{arn}");
        }
    }
}
