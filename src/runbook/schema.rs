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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::registry;

    #[test]
    fn every_action_and_query_has_its_input() {
        let schema = schema(registry());
        let step = &schema["$defs"]["Step"];
        let names = |kind: &str| -> Vec<&str> {
            step["properties"][kind]["oneOf"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|one| one["const"].as_str())
                .collect()
        };
        assert_eq!(names("action").len(), registry().actions().count());
        assert_eq!(names("query").len(), registry().queries().count());
        assert_eq!(step["allOf"].as_array().map(Vec::len), Some(names("action").len() + names("query").len()));
        assert_eq!(schema["required"], json!(["quell", "name", "title", "steps"]));
        assert_eq!(schema["additionalProperties"], json!(false));
    }

    #[test]
    fn the_shipped_runbook_has_the_shape_of_the_schema() {
        let schema = schema(registry());
        for name in super::super::embedded() {
            let source = super::super::find(name).expect("it is embedded");
            let value: Value = serde_yaml::from_str(source.text()).expect("YAML");
            assert_eq!(misfits(&schema, &schema, &value, "."), Vec::<String>::new(), "{name}");
        }
        let wrong = json!({ "quell": 1, "name": "x", "title": "x", "steps": [{ "id": "a", "phase": "contain", "action": "iam.lock-trust", "with": { "rle": "x" } }] });
        assert!(!misfits(&schema, &schema, &wrong, ".").is_empty());
    }

    /// As much of JSON Schema as the schema of runbooks uses.
    fn misfits(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let Some(schema) = schema.as_object() else { return Vec::new() };
        let mut found = Vec::new();
        let fits = |schema: &Value| misfits(root, schema, value, at).is_empty();
        let list = |key: &str| schema.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            found.extend(misfits(root, root.pointer(&target[1..]).expect("a definition"), value, at));
        }
        let is = |of: &Value| match of.as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("boolean") => value.is_boolean(),
            Some("null") => value.is_null(),
            _ => true,
        };
        match schema.get("type") {
            Some(Value::Array(types)) if !types.iter().any(is) => found.push(format!("{at}: none of {types:?}")),
            Some(of @ Value::String(_)) if !is(of) => found.push(format!("{at}: not {of}")),
            _ => {}
        }
        if schema.get("const").is_some_and(|one| one != value) {
            found.push(format!("{at}: not {}", schema["const"]));
        }
        if schema.contains_key("enum") && !list("enum").contains(value) {
            found.push(format!("{at}: not one of {:?}", list("enum")));
        }
        if schema.contains_key("anyOf") && !list("anyOf").iter().any(fits) {
            found.push(format!("{at}: fits nothing of anyOf"));
        }
        if schema.contains_key("oneOf") && list("oneOf").iter().filter(|one| fits(one)).count() != 1 {
            found.push(format!("{at}: does not fit one of oneOf"));
        }
        if schema.get("not").is_some_and(fits) {
            found.push(format!("{at}: fits what it must not"));
        }
        for one in list("allOf") {
            found.extend(misfits(root, one, value, at));
        }
        if schema.get("if").is_some_and(fits) {
            found.extend(misfits(root, &schema["then"], value, at));
        }
        if let Some(text) = value.as_str()
            && schema.get("pattern") == Some(&json!("^\\$\\{\\{.*\\}\\}$"))
            && !(text.starts_with("${{") && text.ends_with("}}"))
        {
            found.push(format!("{at}: no expression"));
        }
        if let Some(object) = value.as_object() {
            for name in list("required").iter().filter_map(Value::as_str).filter(|name| !object.contains_key(*name)) {
                found.push(format!("{at}: lacks {name}"));
            }
            for (name, member) in object {
                let inner = format!("{at}/{name}");
                match schema.get("properties").and_then(|all| all.get(name)) {
                    Some(schema) => found.extend(misfits(root, schema, member, &inner)),
                    None if schema.get("additionalProperties") == Some(&json!(false)) => {
                        found.push(format!("{inner}: unknown"))
                    }
                    None => {}
                }
            }
        }
        for (index, element) in value.as_array().into_iter().flatten().enumerate() {
            if let Some(items) = schema.get("items") {
                found.extend(misfits(root, items, element, &format!("{at}/{index}")));
            }
        }
        found
    }
}
