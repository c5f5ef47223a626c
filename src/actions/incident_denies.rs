//! What on a role or user refuses something for the sake of an incident, and names the incident.

use super::{Assignment, Look, LookError, Who};
use crate::aws::{GetRolePolicy, GetUserPolicy, ListRolePolicies, ListUserPolicies};
use crate::iam::PolicyDocument;

/// What the inline policies of quell are called in front of the incident, in the order in which containment puts them there.
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

/// The names of the incident's inline policies on a role or user.
pub(super) async fn names_of(to: &Assignment, look: &Look<'_>, who: &Who) -> Result<Vec<String>, LookError> {
    let names = match who.clone() {
        Who::Role(role) => look.find_all(ListRolePolicies { role, next: None }).await?,
        Who::User(user) => look.find_all(ListUserPolicies { user, next: None }).await?,
    };
    let mut ours: Vec<String> = names.unwrap_or_default();
    ours.retain(|name| rank(to, name).is_some());
    ours.sort_by_key(|name| (rank(to, name), name.clone()));
    Ok(ours)
}

/// What one of them says.
pub(super) async fn says(look: &Look<'_>, who: &Who, policy: String) -> Result<Option<PolicyDocument>, LookError> {
    match who.clone() {
        Who::Role(role) => look.find(GetRolePolicy { role, policy }).await,
        Who::User(user) => look.find(GetUserPolicy { user, policy }).await,
    }
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
    }
}
