//! How much of a plan was agreed to.

use std::collections::BTreeSet;

use super::Confirmation;
use crate::base::StepKey;

/// How much of a plan was agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreed {
    /// Nothing: the run ended between its first record and the first confirmation.
    Nothing,
    /// These steps. The others wait for somebody who agrees to the whole plan.
    Part(BTreeSet<StepKey>),
    /// All of it.
    All,
}

impl Agreed {
    /// What some confirmations come to together.
    pub(super) fn by(confirmations: &[Confirmation]) -> Self {
        let mut part = BTreeSet::new();
        for confirmation in confirmations {
            match &confirmation.steps {
                None => return Self::All,
                Some(steps) => part.extend(steps.iter().cloned()),
            }
        }
        if confirmations.is_empty() { Self::Nothing } else { Self::Part(part) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Consent;

    #[test]
    fn a_part_stays_a_part_until_somebody_agrees_to_all_of_it() {
        let step = |name: &str| StepKey::once(name.parse().expect("an id"));
        let of = |steps: Option<&[&str]>| Confirmation {
            steps: steps.map(|names| names.iter().map(|name| step(name)).collect()),
            ..Confirmation::of(Consent::Detection, String::new(), 1, 0)
        };
        assert_eq!(Agreed::by(&[]), Agreed::Nothing);
        let both = Agreed::by(&[of(Some(&["deny"])), of(Some(&["pause"]))]);
        assert_eq!(both, Agreed::Part([step("deny"), step("pause")].into()));
        assert_eq!(Agreed::by(&[of(Some(&["deny"])), of(None)]), Agreed::All);
        assert_eq!(Agreed::by(&[of(Some(&[]))]), Agreed::Part(BTreeSet::new()), "nothing of it is not all of it");
    }
}
