//! Why IAM would refuse a document.

/// Why a text is not a policy document that IAM accepts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// IAM's MalformedPolicyDocument.
    #[error("the policy document is malformed: {why}")]
    Malformed {
        /// The reason, as a fragment.
        why: String,
    },
    /// A character outside U+0009, U+000A, U+000D and U+0020 to U+00FF, which IAM refuses everywhere in a document.
    #[error("the policy document holds `{}`, but IAM accepts only Latin-1 characters", character.escape_unicode())]
    Character {
        /// The first such character.
        character: char,
    },
}

impl PolicyError {
    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::Malformed { why: why.into() }
    }
}
