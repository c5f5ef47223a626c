//! Support cases.

use jiff::Timestamp;
use serde::Serialize;

/// One message of a case.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Communication {
    pub(crate) body: String,
    pub(crate) submitted_by: String,
    pub(crate) created: Timestamp,
    /// File names.
    pub(crate) attachments: Vec<String>,
}

/// A support case.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) display_id: String,
    pub(crate) subject: String,
    pub(crate) resolved: bool,
    pub(crate) service: String,
    pub(crate) category: String,
    pub(crate) severity: String,
    pub(crate) language: String,
    pub(crate) issue_type: String,
    pub(crate) submitted_by: String,
    pub(crate) created: Timestamp,
    pub(crate) cc: Vec<String>,
    /// Oldest first.
    pub(crate) communications: Vec<Communication>,
}

/// Attachments that wait for a case.
#[derive(Debug, Clone)]
pub(crate) struct AttachmentSet {
    /// File names.
    pub(crate) files: Vec<String>,
    pub(crate) expires: Timestamp,
}
