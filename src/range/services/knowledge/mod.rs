//! Knowledge bases of Amazon Bedrock.

mod bases;
mod documents;
mod jobs;
mod shown;
mod sources;

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] = &[bases::ROWS, sources::ROWS, jobs::ROWS, documents::ROWS];
