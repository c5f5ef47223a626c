//! Skeleton.

use super::Row;

pub(super) const TABLES: &[&[Row]] = &[];
