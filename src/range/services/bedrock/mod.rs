//! Amazon Bedrock itself: models, the log of their invocations, guardrails, and what uses models or makes them.

mod converse;
mod guardrails;
mod logging;
mod models;

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] = &[logging::ROWS, guardrails::ROWS, models::ROWS, converse::ROWS];
