//! Yes, no, and what keeps us from knowing.

use std::collections::BTreeSet;
use std::fmt;

/// Something that keeps a statement from being decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The value of a condition key is not known. Its name is in lower case.
    Key(String),
    /// A condition operator that we do not know.
    Operator(String),
    /// A member of the document that we do not know, or that does not belong there.
    Member(String),
    /// A value that the operator cannot compare, such as a date that is none.
    Value(String),
    /// A principal for which AWS's answer is not documented.
    Principal(String),
}

impl fmt::Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) => write!(out, "the condition key `{name}` is not known"),
            Self::Operator(name) => write!(out, "the condition operator `{name}` is not known"),
            Self::Member(name) => write!(out, "the policy element `{name}` is not known here"),
            Self::Value(value) => write!(out, "the value `{value}` cannot be compared"),
            Self::Principal(name) => write!(out, "whether the principal `{name}` is meant is not known"),
        }
    }
}

/// Kleene's three values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    Unknown(BTreeSet<Doubt>),
}

impl Truth {
    pub(super) fn doubt(doubt: Doubt) -> Self {
        Self::Unknown(BTreeSet::from([doubt]))
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown => unknown,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, rest) | (rest, Self::Yes) => rest,
            (Self::Unknown(mut some), Self::Unknown(more)) => {
                some.extend(more);
                Self::Unknown(some)
            }
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    pub(super) fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(Self::Yes, Self::and)
    }

    pub(super) fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        truths.into_iter().fold(Self::No, Self::or)
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}
