//! AWS Secrets Manager.

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] = &[];
