//! Decisions and their reasons.

use std::collections::BTreeSet;
use std::fmt;

use super::truth::Doubt;

/// What a policy is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// Attached to the principal, or inline.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// Given when the session was made.
    Session,
    /// Attached to the resource; the trust policy of a role.
    Resource,
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Identity => "identity policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource policy",
        })
    }
}

/// The statement that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRef {
    /// What its policy is used for.
    pub kind: PolicyKind,
    /// The policy's name.
    pub policy: String,
    /// Its place in the document, from zero.
    pub index: usize,
    /// Its id, if it has one.
    pub sid: Option<String>,
}

impl fmt::Display for StatementRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sid {
            Some(sid) => write!(out, "statement `{sid}`")?,
            None => write!(out, "statement {}", self.index + 1)?,
        }
        write!(out, " of {} `{}`", self.kind, self.policy)
    }
}

/// Why a request is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// A Deny statement matches.
    Explicit(StatementRef),
    /// Nothing allows it in policies of this kind.
    Implicit(PolicyKind),
}

impl fmt::Display for Denial {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit(statement) => write!(out, "explicitly denied by {statement}"),
            Self::Implicit(kind) => write!(out, "not allowed by any {kind}"),
        }
    }
}

/// What the policies say to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is allowed.
    Allowed {
        /// The first statement that grants it; nothing for what needs no statement: the root user in its own account,
        /// and GetCallerIdentity.
        by: Option<StatementRef>,
    },
    /// It is denied.
    Denied {
        /// Why.
        by: Denial,
    },
    /// It cannot be decided.
    Unknown {
        /// All that would have to be known.
        doubts: BTreeSet<Doubt>,
    },
}

impl Decision {
    /// Whether the request is certainly allowed.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// Whether the request is certainly denied.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }
}
