//! Agents for Amazon Bedrock, flows and prompts.

mod aliases;
mod children;
mod flows;
mod invoke;
mod life;
mod prompts;
mod shown;
mod versions;

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] =
    &[life::ROWS, aliases::ROWS, versions::ROWS, children::ROWS, flows::ROWS, prompts::ROWS, invoke::ROWS];
