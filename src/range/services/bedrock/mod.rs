//! Amazon Bedrock: guardrails, logging of invocations, jobs, throughput.

use super::Row;

/// The operations, by what they are about.
pub(super) const TABLES: &[&[Row]] = &[];
