//! A deny in each of the forms that it can take: inline, as a managed policy, as a permissions boundary.

use super::Assignment;
use super::made_policies::{DENY_ALL, path_for};
use crate::aws::Place;
use crate::base::{Arn, Digest};
use crate::iam::{PolicyDocument, as_boundary};

/// A deny, in each of the forms that it can take.
pub(super) struct Forms {
    /// The inline policy's name.
    pub(super) name: String,
    /// What it says.
    pub(super) document: PolicyDocument,
    /// What is attached where the inline policies leave no room.
    pub(super) managed: Managed,
    /// What becomes the permissions boundary where nothing more can be attached.
    pub(super) boundary: Managed,
    /// Whether it takes the place of a boundary that is there: only what denies everything takes nothing back by that.
    pub(super) over_boundary: bool,
    /// The policy of AWS that is attached as well.
    pub(super) companion: Option<Arn>,
}

/// A managed policy of AWS, or one that quell makes.
pub(super) struct Managed {
    pub(super) arn: Arn,
    /// What it is made of, where it is one of ours.
    pub(super) made_of: Option<MadeOf>,
}

/// What a managed policy of quell is made of. Its path names the incident and the principal, and its name carries the digest of
/// what it says: nobody else's deny hangs on it, and at the end of the incident it goes with this one.
#[derive(Clone)]
pub(super) struct MadeOf {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) document: PolicyDocument,
}

impl Managed {
    fn of_aws(place: &Place, name: &str) -> Self {
        let arn = format!("arn:{}:iam::aws:policy/{name}", place.partition);
        Self { arn: arn.parse().expect("a name of AWS's own"), made_of: None }
    }

    /// `id` is the immutable id of the principal. IAM's names are the same in capitals and small letters, incidents' ids are not:
    /// hence the incident is in the digest as well.
    fn of_ours(to: &Assignment, id: &str, name: &str, document: PolicyDocument) -> Self {
        let digest = Digest::of(&(&to.incident, id, &document)).short();
        let (path, name) = (path_for(to, id), format!("{name}-{digest}"));
        let arn = format!("arn:{}:iam::{}:policy{path}{name}", to.place.partition, to.place.account);
        Self { arn: arn.parse().expect("ids and digests are plain"), made_of: Some(MadeOf { path, name, document }) }
    }
}

impl Forms {
    /// The forms of a deny that AWS has no policy for. `rest` is what follows the kind in its names: the incident, and what tells
    /// it from others of its kind.
    pub(super) fn of(to: &Assignment, id: &str, kind: &str, rest: &str, document: PolicyDocument) -> Self {
        let boundary = as_boundary(&document);
        Self {
            managed: Managed::of_ours(to, id, &format!("{kind}{rest}"), document.clone()),
            boundary: Managed::of_ours(to, id, &format!("{kind}Boundary{rest}"), boundary),
            over_boundary: false,
            companion: None,
            name: format!("{kind}{rest}"),
            document,
        }
    }

    /// The forms of the deny of everything: AWS has a policy that says the same.
    pub(super) fn of_everything(place: &Place, name: String, document: PolicyDocument) -> Self {
        Self {
            managed: Managed::of_aws(place, DENY_ALL),
            boundary: Managed::of_aws(place, DENY_ALL),
            over_boundary: true,
            companion: None,
            name,
            document,
        }
    }

    /// The same, with a policy of AWS that is attached as well.
    pub(super) fn with_companion(self, place: &Place, policy: &str) -> Self {
        Self { companion: Some(Managed::of_aws(place, policy).arn), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Partition;
    use crate::iam::deny_ai_services;

    fn name(incident: &str, id: &str) -> String {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        let to = Assignment { incident: incident.parse().expect("an incident"), place };
        let rest = format!("-{incident}-0a1b2c3d4e5f");
        let forms = Forms::of(&to, id, "QuellDenyFromOutside", &rest, deny_ai_services());
        let made = forms.boundary.made_of.expect("one of ours");
        assert_eq!(made.path, format!("/quell/{incident}/{id}/"));
        made.name
    }

    #[test]
    fn a_name_is_of_one_incident_and_principal_and_has_room() {
        let longest = "I".repeat(32);
        assert!(name(&longest, "AROAEXAMPLE1").len() <= 128, "the longest that IAM takes");
        assert_ne!(name("INC-1", "AROAEXAMPLE1"), name("INC-1", "AROAEXAMPLE2"));
        assert_ne!(name("INC-1", "AROAEXAMPLE1").to_lowercase(), name("inc-1", "AROAEXAMPLE1").to_lowercase());
    }
}
