//! Agents for Amazon Bedrock.

mod aliases;
mod children;
mod invoke;
mod life;
mod shown;
mod tags;
mod versions;

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] =
    &[life::ROWS, aliases::ROWS, versions::ROWS, children::ROWS, tags::ROWS, invoke::ROWS];
