//! What queries over things of many kinds can be asked besides their own input: it is written beside it, and told from it here.

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::erased::{encoded, read, schema_of};
use super::{AnyQuery, BadInput, MadeBy, TaggedWith};

/// The input of a query, in its parts.
#[derive(Debug)]
pub(super) struct Parts {
    /// Who made it.
    pub(super) made_by: MadeBy,
    /// Which tags it carries.
    pub(super) tagged_with: TaggedWith,
    /// What is the query's own.
    pub(super) own: Value,
}

impl Parts {
    /// Takes an input apart, as far as the query can be asked such things.
    pub(super) fn of(query: &dyn AnyQuery, input: &Value) -> Result<Self, BadInput> {
        let mut parts = Self { made_by: MadeBy::default(), tagged_with: TaggedWith::default(), own: input.clone() };
        if let Value::Object(own) = &mut parts.own {
            if query.made().is_some() {
                parts.made_by = taken(own, &["created_by", "even_if_unknown"])?;
            }
            if query.tagged().is_some() {
                parts.tagged_with = taken(own, &["tags"])?;
            }
        }
        Ok(parts)
    }

    /// Puts it together again, with the query's own part in its full form.
    pub(super) fn joined(&self, own: Value) -> Result<Value, BadInput> {
        let Value::Object(mut all) = own else { return Ok(own) };
        all.extend(members(&self.made_by)?);
        all.extend(members(&self.tagged_with)?);
        Ok(all.into())
    }
}

fn taken<T: DeserializeOwned>(own: &mut Map<String, Value>, names: &[&str]) -> Result<T, BadInput> {
    let members = names.iter().filter_map(|name| Some(((*name).to_owned(), own.remove(*name)?)));
    read(&Value::Object(members.collect()))
}

fn members<T: Serialize>(shared: &T) -> Result<Map<String, Value>, BadInput> {
    Ok(encoded(shared)?.as_object().cloned().unwrap_or_default())
}

/// Adds the shared members that a query knows to the schema of its own input.
pub(super) fn with_shared(query: &dyn AnyQuery, input: &mut Schema) {
    if query.made().is_some() {
        with_members::<MadeBy>(input);
    }
    if query.tagged().is_some() {
        with_members::<TaggedWith>(input);
    }
}

fn with_members<T: JsonSchema>(input: &mut Schema) {
    let shared = schema_of::<T>().to_value();
    let members = shared.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(own) = input.ensure_object().entry("properties").or_insert_with(|| Map::new().into()).as_object_mut() {
        own.extend(members);
    }
}
