//! `quell schema`.

use serde_json::Value;

use super::arguments::SchemaOf;
use super::failure::Failure;
use super::sink;
use crate::actions::registry;
use crate::range::Scenario;
use crate::runbook::{self, TriggersDocument};

/// Prints the JSON Schema of a file format, made from the types that read and write it.
pub(super) fn schema(of: SchemaOf) -> Result<(), Failure> {
    let mut schema = match of {
        SchemaOf::Runbook => runbook::schema(registry()),
        SchemaOf::Trigger => schemars::schema_for!(TriggersDocument).to_value(),
        SchemaOf::Scenario => schemars::schema_for!(Scenario).to_value(),
        SchemaOf::Plan => schemars::schema_for!(crate::plan::Plan).to_value(),
    };
    plain(&mut schema);
    sink::json(&schema);
    Ok(())
}

/// The descriptions are those of the code, and outside of it nothing follows its links.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(members) => members.iter_mut().for_each(|(name, member)| match member {
            Value::String(text) if name == "description" => *text = text.replace("[`", "`").replace("`]", "`"),
            other => plain(other),
        }),
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}
