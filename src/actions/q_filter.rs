//! What the queries of Q Business have in common: which items fit.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::Named;
use crate::base::QId;

/// What a runbook writes to choose applications: all that is given must fit.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QFilter {
    /// Made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Made before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Has a name that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
}

impl QFilter {
    /// Whether a thing of this name and time fits.
    pub fn fits(&self, name: &str, created: Timestamp) -> bool {
        let Self { created_after, created_before, name: wanted, name_prefix } = self;
        Named {
            created_after: *created_after,
            created_before: *created_before,
            name: wanted.as_deref(),
            name_prefix: name_prefix.as_deref(),
        }
        .fits(name, created)
    }
}

/// What a runbook writes to choose what applications hold: all that is given must fit.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QPartsFilter {
    /// Of this application only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<QId>,
    /// Made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Made before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Has a name that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
}

impl QPartsFilter {
    /// Whether a thing of this name and time fits.
    pub fn fits(&self, name: &str, created: Timestamp) -> bool {
        let Self { created_after, created_before, name: wanted, name_prefix, .. } = self;
        Named {
            created_after: *created_after,
            created_before: *created_before,
            name: wanted.as_deref(),
            name_prefix: name_prefix.as_deref(),
        }
        .fits(name, created)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_given_must_fit() {
        let filter = QPartsFilter {
            created_after: Some(Timestamp::UNIX_EPOCH),
            name_prefix: Some("rogue-".to_owned()),
            ..QPartsFilter::default()
        };
        assert!(filter.fits("rogue-1", Timestamp::UNIX_EPOCH));
        assert!(!filter.fits("shop", Timestamp::UNIX_EPOCH));
        let before = QPartsFilter { created_before: Some(Timestamp::UNIX_EPOCH), ..QPartsFilter::default() };
        assert!(!before.fits("rogue-1", Timestamp::UNIX_EPOCH));
    }
}
