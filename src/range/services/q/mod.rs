//! Amazon Q Business.

mod life;
mod sync;
mod update;

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] = &[life::ROWS, sync::ROWS, update::ROWS];
