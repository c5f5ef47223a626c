//! Secrets of AWS Secrets Manager.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

/// The label of the version that is read.
pub(crate) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that was read before.
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

/// A secret.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoredSecret {
    pub(crate) region: String,
    pub(crate) name: String,
    /// The six characters at the end of its ARN.
    pub(crate) ending: String,
    pub(crate) created: Timestamp,
    /// When it was deleted; it can be brought back.
    pub(crate) deleted: Option<Timestamp>,
    /// The service that manages it.
    pub(crate) managed_by: Option<String>,
    pub(crate) rotates: bool,
    pub(crate) tags: BTreeMap<String, String>,
    /// What each version says.
    pub(crate) versions: BTreeMap<String, String>,
    /// Labels, and the version that has each.
    pub(crate) labels: BTreeMap<String, String>,
}

impl StoredSecret {
    /// Gives a version the label of the one that is read. FACT secrets-current-moves
    pub(crate) fn make_current(&mut self, version: &str) {
        if let Some(before) = self.labels.insert(CURRENT.to_owned(), version.to_owned())
            && before != version
        {
            self.labels.insert(PREVIOUS.to_owned(), before);
        }
    }

    /// The labels of each version that has any.
    pub(crate) fn labelled(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (label, version) in &self.labels {
            versions.entry(version).or_default().push(label);
        }
        versions
    }

    /// What tells two secrets apart, without what they say: of a key its id.
    pub(crate) fn picture(&self) -> Value {
        let says = self.labels.get(CURRENT).and_then(|version| self.versions.get(version));
        let key = says.and_then(|says| serde_json::from_str::<Value>(says).ok()?.get("access_key_id").cloned());
        json!({
            "region": self.region, "name": self.name, "tags": self.tags, "deleted": self.deleted.is_some(),
            "says": says.map(|_| key.unwrap_or_else(|| "something else".into())),
        })
    }
}
