//! The JSON Schema of runbooks, for editors.

use serde_json::{Value, json};

use super::document::Document;
use super::tree::MAX_BYTES;
use crate::actions::Registry;

/// The JSON Schema of a runbook: made from the types of the text, and from what each action and query takes.
pub fn schema(registry: &Registry) -> Value {
    let mut schema = schemars::schema_for!(Document).to_value();
    let inputs = registry
        .actions()
        .map(|action| ("action", action.name(), action.summary(), action.input_schema()))
        .chain(registry.queries().map(|query| ("query", query.name(), query.summary(), query.input_schema())));
    let mut kinds = Vec::new();
    let mut names = serde_json::Map::new();
    for (kind, name, summary, input) in inputs {
        let input = input.to_value();
        let with = loosened(&input);
        let mut then = json!({ "properties": { "with": with } });
        if input.get("required").and_then(Value::as_array).is_some_and(|required| !required.is_empty()) {
            then["required"] = json!(["with"]);
        }
        kinds.push(json!({ "if": { "required": [kind], "properties": { kind: { "const": name } } }, "then": then }));
        let list = names.entry(kind).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(json!({ "const": name, "description": summary }));
        }
    }
    let step = &mut schema["$defs"]["Step"];
    for (kind, list) in names {
        step["properties"][&kind] = json!({ "description": step["properties"][&kind]["description"], "oneOf": list });
    }
    step["oneOf"] = json!([
        { "required": ["action"], "not": { "required": ["message"] } },
        { "required": ["query"], "not": { "required": ["message"] } },
        { "required": ["gate", "message"] },
    ]);
    step["allOf"] = kinds.into();
    schema["$comment"] = format!("A runbook has at most {MAX_BYTES} bytes.").into();
    schema
}

/// A schema in whose places expressions may stand, too: the text `${{ … }}` instead of the value.
fn loosened(schema: &Value) -> Value {
    let Value::Object(map) = schema else { return schema.clone() };
    let mut loose = map.clone();
    loose.remove("$schema");
    loose.remove("title");
    if let Some(Value::Object(properties)) = loose.get_mut("properties") {
        for schema in properties.values_mut() {
            *schema = or_expression(schema);
        }
    }
    if let Some(items) = loose.get_mut("items") {
        *items = or_expression(items);
    }
    Value::Object(loose)
}

fn or_expression(schema: &Value) -> Value {
    let description = schema.get("description").cloned();
    let mut either = json!({ "anyOf": [loosened(schema), { "type": "string", "pattern": "^\\$\\{\\{.*\\}\\}$" }] });
    if let Some(description) = description {
        either["description"] = description;
    }
    either
}
