//! A deny in each of the forms that it can take: inline, as a managed policy, as a permissions boundary.

use crate::aws::Place;
use crate::base::{Arn, Digest};
use crate::iam::{PolicyDocument, as_boundary};

/// The path of the managed policies that quell makes.
pub(super) const PATH: &str = "/quell/";

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

/// A managed policy of AWS, or one that quell makes; then the name carries the digest of what it says.
pub(super) struct Managed {
    pub(super) arn: Arn,
    /// The name and what it says, where it is one of ours.
    pub(super) made_of: Option<(String, PolicyDocument)>,
}

impl Managed {
    fn of_aws(place: &Place, name: &str) -> Self {
        let arn = format!("arn:{}:iam::aws:policy/{name}", place.partition);
        Self { arn: arn.parse().expect("a name of AWS's own"), made_of: None }
    }

    fn of_ours(place: &Place, kind: &str, document: PolicyDocument) -> Self {
        Self::named(place, format!("{kind}-{}", Digest::of(&document).short()), document)
    }

    fn named(place: &Place, name: String, document: PolicyDocument) -> Self {
        let arn = format!("arn:{}:iam::{}:policy{PATH}{name}", place.partition, place.account);
        Self { arn: arn.parse().expect("kinds and digests are plain"), made_of: Some((name, document)) }
    }
}

impl Forms {
    /// The forms of a deny that AWS has no policy for.
    pub(super) fn of(place: &Place, kind: &str, name: String, document: PolicyDocument) -> Self {
        Self {
            managed: Managed::of_ours(place, kind, document.clone()),
            boundary: Managed::of_ours(place, &format!("{kind}Boundary"), as_boundary(&document)),
            over_boundary: false,
            companion: None,
            name,
            document,
        }
    }

    /// The forms of the deny of everything: AWS has a policy that says the same.
    pub(super) fn of_everything(place: &Place, name: String, document: PolicyDocument) -> Self {
        Self {
            managed: Managed::of_aws(place, "AWSDenyAll"),
            boundary: Managed::of_aws(place, "AWSDenyAll"),
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
