//! AWS Support.

mod attachments;
mod cases;
mod catalogue;

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] = &[catalogue::ROWS, cases::ROWS, attachments::ROWS];
