//! What on a role or user refuses something for the sake of an incident, and names the incident.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Assignment;
use super::made_policies::{DENY_ALL, QUARANTINE, name_of};
use crate::base::Arn;
use crate::iam::{self, PolicyDocument};

/// How something is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DenyKind {
    /// An inline policy.
    Inline,
    /// A managed policy that quell has made, attached.
    Managed,
    /// A managed policy that quell has made, as the permissions boundary.
    Boundary,
    /// A managed policy that quell has made, and that the role or user no longer has. It refuses nothing.
    Unused,
    /// AWS's own policy, attached.
    Aws,
    /// AWS's own policy as the permissions boundary.
    AwsBoundary,
    /// A statement in front of the trust policy.
    TrustLock,
}

/// Something that refuses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct FoundDeny {
    /// How it refuses.
    pub kind: DenyKind,
    /// The name of an inline policy or of the statement, the ARN of a managed policy.
    pub policy: String,
}

/// What the policies of quell are called in front of the incident, in the order in which containment puts them there.
const KINDS: [&str; 6] = [
    "QuellDenyAiServices",
    "QuellDenyFromOutside",
    "QuellDenySession",
    "QuellQuarantine",
    "QuellDenyEverything",
    "QuellRevokeOlderSessions",
];
/// Of these there may be several, each with a mark behind the incident.
const MARKED: &str = "QuellDenySession";

/// The cut-off of a policy that refuses older sessions, whether as a deny or as a permissions boundary.
pub(super) fn cut_off_in(document: &PolicyDocument) -> Option<Timestamp> {
    iam::cutoff_of(document).or_else(|| iam::cutoff_of_boundary(document))
}

/// How late a policy came, if it is one of the incident's: the later, the higher.
pub(super) fn rank(to: &Assignment, policy: &str) -> Option<usize> {
    let rank = KINDS.iter().position(|kind| policy.strip_prefix(kind).is_some_and(|rest| rest.starts_with('-')))?;
    let rest = policy.strip_prefix(KINDS[rank])?.strip_prefix('-')?.strip_prefix(to.incident.as_str())?;
    // What follows the id may be the rest of another incident's longer one.
    let mark = rest.strip_prefix('-').is_some_and(|mark| {
        KINDS[rank] == MARKED
            && mark.len() == 12
            && mark.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    });
    (rest.is_empty() || mark).then_some(rank)
}

/// How late a managed policy of quell came, or one of AWS's that goes with a deny: the later, the higher.
pub(super) fn rank_of_managed(policy: &Arn) -> usize {
    let name = name_of(policy);
    let kind = match name {
        DENY_ALL => "QuellDenyEverything",
        QUARANTINE => "QuellQuarantine",
        _ => {
            let kind = name.split('-').next().unwrap_or_default();
            kind.strip_suffix("Boundary").unwrap_or(kind)
        }
    };
    KINDS.iter().position(|one| *one == kind).unwrap_or_default()
}

/// Whether an inline policy of quell stands for another incident, or was changed so that it names none.
pub(super) fn is_of_another(to: &Assignment, policy: &str) -> bool {
    let of_quell = KINDS.iter().filter_map(|kind| policy.strip_prefix(kind)).any(|rest| rest.starts_with('-'));
    of_quell && rank(to, policy).is_none()
}

/// Of the names of inline policies, those of the incident, in the order in which containment puts them there.
pub(super) fn of_incident(to: &Assignment, names: &[String]) -> Vec<String> {
    let mut ours: Vec<String> = names.iter().filter(|name| rank(to, name).is_some()).cloned().collect();
    ours.sort_by_key(|name| (rank(to, name), name.clone()));
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Place;
    use crate::base::Partition;

    #[test]
    fn the_policies_of_an_incident_are_told_from_those_of_others() {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: "INC-1".parse().expect("an incident"), place };
        assert!(rank(&to, "QuellRevokeOlderSessions-INC-1") > rank(&to, "QuellDenyEverything-INC-1"));
        assert!(rank(&to, "QuellDenyAiServices-INC-1").is_some());
        assert!(rank(&to, "QuellDenySession-INC-1-0a1b2c3d4e5f").is_some());
        for other in [
            "QuellDenyAiServices-INC-12",
            "QuellDenyAiServices-INC-1-2",
            "QuellDenyAiServices",
            "QuellDenySession-INC-1-XYZ",
            "DenyAiServices-INC-1",
            "QuellNothing-INC-1",
        ] {
            assert_eq!(rank(&to, other), None, "{other}");
        }
        assert!(is_of_another(&to, "QuellDenyAiServices-INC-12") && !is_of_another(&to, "QuellDenyAiServices-INC-1"));
        assert!(!is_of_another(&to, "DenyAiServices-INC-12"));
    }

    #[test]
    fn a_managed_policy_comes_as_late_as_its_kind() {
        let rank = |policy: &str| rank_of_managed(&format!("arn:aws:iam::{policy}").parse().expect("an ARN"));
        let made = |name: &str| rank(&format!("111122223333:policy/quell/INC-1/AROA1/{name}-INC-1-0a1b2c3d4e5f"));
        assert!(made("QuellQuarantine") < rank("aws:policy/AWSDenyAll"));
        assert_eq!(made("QuellQuarantine"), rank("aws:policy/AWSCompromisedKeyQuarantineV3"));
        assert_eq!(made("QuellDenySessionBoundary"), made("QuellDenySession"));
        assert!(made("QuellDenyFromOutside") > made("QuellDenyAiServices"));
    }
}
