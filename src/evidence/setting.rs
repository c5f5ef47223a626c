//! What a company tells about evidence: `evidence.yaml`.

use serde::{Deserialize, Serialize};

use crate::secrets::Recipient;

/// What stands in `evidence.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvidenceSetting {
    /// Who can open what is confidential. Where nobody is named it is not sealed.
    pub recipients: Vec<Recipient>,
}

impl EvidenceSetting {
    /// What could never be meant.
    pub fn mistakes(&self) -> Vec<String> {
        let twice = self.recipients.iter().enumerate().filter(|(at, one)| self.recipients[..*at].contains(one));
        twice.map(|(_, one)| format!("`{one}` is named twice")).collect()
    }
}
