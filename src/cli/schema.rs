//! `quell schema`.

use super::arguments::SchemaOf;
use super::failure::Failure;
use super::sink;
use crate::actions::registry;
use crate::range::Scenario;
use crate::runbook;

/// Prints the JSON Schema of a file format, made from the types that read and write it.
pub(super) fn schema(of: SchemaOf) -> Result<(), Failure> {
    let schema = match of {
        SchemaOf::Runbook => runbook::schema(registry()),
        SchemaOf::Scenario => schemars::schema_for!(Scenario).to_value(),
        SchemaOf::Plan => schemars::schema_for!(crate::plan::Plan).to_value(),
    };
    sink::json(&schema);
    Ok(())
}
