//! Whether a caller may do a thing.

use jiff::Timestamp;

use crate::range::model::{Account, Caller, Role};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Caller,
    /// The IAM action, such as `bedrock:InvokeAgent`.
    pub(crate) action: &'a str,
    /// The ARN it is for, or `*`.
    pub(crate) resource: &'a str,
    pub(crate) at: Timestamp,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may.
    Allowed,
    /// It may not; the end of AWS's sentence, which says why.
    Denied(String),
}

/// Decides by the policies that are in force.
#[derive(Debug, Default)]
pub(crate) struct Authorizer {}

impl Authorizer {
    /// Whether the caller may.
    pub(crate) fn decide(&mut self, _account: &Account, _question: Question<'_>) -> Verdict {
        Verdict::Allowed
    }

    /// Whether the caller may assume a role: the trust policy must say so, and inside the account the caller's own
    /// policies too unless the trust policy names the caller.
    pub(crate) fn may_assume(
        &mut self,
        _account: &Account,
        _caller: &Caller,
        _role: &Role,
        _external_id: Option<&str>,
        _at: Timestamp,
    ) -> bool {
        true
    }
}
