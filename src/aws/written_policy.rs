//! Policy documents that quell writes.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::late::Late;
use super::{Fault, Operation};
use crate::iam::{self, PolicyDocument};

/// A policy document that quell writes, the same wherever it goes: inline, as a managed policy, as a version of one. Policies are
/// built as values, never by pasting text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WrittenPolicy {
    /// Refuses everything to sessions that were issued before the cut-off. Long-term keys carry no issue time and are
    /// not touched by it.
    DenyIssuedBefore(Late<Timestamp>),
    /// The same as a permissions boundary, which leaves all else as the policies allow it.
    BoundIssuedBefore(Late<Timestamp>),
    /// A document that is known.
    Document(PolicyDocument),
}

impl From<PolicyDocument> for WrittenPolicy {
    fn from(document: PolicyDocument) -> Self {
        Self::Document(document)
    }
}

impl WrittenPolicy {
    /// The document, in the form that IAM takes.
    pub(super) fn json(&self, operation: &Operation) -> Result<String, Fault> {
        Ok(match self {
            Self::DenyIssuedBefore(cut_off) => iam::revoke_older_sessions(*cut_off.settled(operation)?).to_json(),
            Self::BoundIssuedBefore(cut_off) => iam::bound_older_sessions(*cut_off.settled(operation)?).to_json(),
            Self::Document(document) => document.to_json(),
        })
    }
}
