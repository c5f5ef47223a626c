//! Amazon Q Business.

mod chat_controls;
mod conversations;
mod documents;
mod groups;
mod life;
mod sync;
mod update;

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] =
    &[chat_controls::ROWS, conversations::ROWS, documents::ROWS, groups::ROWS, life::ROWS, sync::ROWS, update::ROWS];
