//! What the schema of an input allows of a value, beyond its type: one of a few words, a number within bounds.
//!
//! The types of inputs refuse the same values; here they are refused at their place, in words for the person who wrote them.

use serde_json::Value;

use super::near::suggestion;
use super::place::{Segment, segments};

/// The words that a member takes, where it takes no others.
pub(super) fn words(schema: &Value) -> Option<Vec<&str>> {
    if let Some(only) = schema.get("const").and_then(Value::as_str) {
        return Some(vec![only]);
    }
    if let Some(all) = schema.get("enum").and_then(Value::as_array) {
        let strings: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
        return (strings.len() == all.iter().filter(|value| !value.is_null()).count()).then_some(strings);
    }
    let alternatives = ["anyOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array())?;
    let some = alternatives.iter().filter(|one| one.get("type").is_none_or(|of| of != "null"));
    Some(some.map(words).collect::<Option<Vec<_>>>()?.concat())
}

/// What is wrong with a value by itself, and what could stand there instead; nothing where nothing is.
pub(super) fn misfit(name: &str, value: &Value, schema: &Value) -> Option<(String, Option<String>)> {
    if let (Some(text), Some(words)) = (value.as_str(), words(schema)) {
        let known = words.contains(&text);
        return (!known).then(|| (format!("`{name}`: there is no `{text}`"), suggestion(text, words)));
    }
    let number = value.as_i64()?;
    let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
    let (least, most) = (bound("minimum"), bound("maximum"));
    let fits = least.is_none_or(|least| least <= number) && most.is_none_or(|most| number <= most);
    let help = match (least, most) {
        (Some(least), Some(most)) => format!("it is at least {least} and at most {most}"),
        (Some(least), None) => format!("it is at least {least}"),
        (None, Some(most)) => format!("it is at most {most}"),
        (None, None) => return None,
    };
    (!fits).then(|| (format!("`{name}`: {number} cannot stand here"), Some(help)))
}

/// The value at a path such as `agent.region` or `keys[0].id`, and its schema; nothing for the whole.
pub(super) fn at_path<'v, 's>(
    value: &'v mut Value,
    schema: &'s Value,
    path: &str,
) -> Option<(&'v mut Value, &'s Value)> {
    let mut at = (value, schema);
    let mut steps = 0;
    for segment in segments(path) {
        at = match segment {
            Segment::Index(index) => (at.0.get_mut(index)?, alternative(at.1, "items")?.get("items")?),
            Segment::Name(name) => {
                (at.0.get_mut(name)?, alternative(at.1, "properties")?.get("properties")?.get(name)?)
            }
        };
        steps += 1;
    }
    (steps > 0).then_some(at)
}

/// The schema itself, or that of its alternatives which has a key; schemas of optional members are alternatives.
pub(super) fn alternative<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    if schema.get(key).is_some() {
        return Some(schema);
    }
    let all = ["anyOf", "oneOf", "allOf"].into_iter().find_map(|key| schema.get(key)?.as_array())?;
    all.iter().find_map(|one| alternative(one, key))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_few_words_are_all_that_there_are() {
        let optional =
            json!({ "anyOf": [{ "oneOf": [{ "const": "low" }, { "enum": ["high"] }] }, { "type": "null" }] });
        assert_eq!(words(&optional), Some(vec!["low", "high"]));
        let open = json!({ "anyOf": [{ "const": "latest" }, { "type": "string" }] });
        assert_eq!(words(&open), None);
        let said = misfit("severity", &json!("hihg"), &optional).expect("it is none of them");
        assert_eq!(said, ("`severity`: there is no `hihg`".to_owned(), Some("did you mean `high`?".to_owned())));
        assert_eq!(misfit("severity", &json!("high"), &optional), None);
    }

    #[test]
    fn a_number_has_bounds() {
        let schema = json!({ "type": "integer", "minimum": 1, "maximum": 9 });
        for (number, fits) in [(0, false), (1, true), (9, true), (10, false)] {
            assert_eq!(misfit("cap", &json!(number), &schema).is_none(), fits, "{number}");
        }
    }

    #[test]
    fn a_path_leads_to_value_and_schema() {
        let schema = json!({ "properties": { "keys": { "anyOf": [
            { "type": "array", "items": { "properties": { "id": { "type": "string" } } } }, { "type": "null" },
        ] } } });
        let mut value = json!({ "keys": [{ "id": 1 }] });
        let (value_at, schema_at) = at_path(&mut value, &schema, "keys[0].id").expect("it is there");
        assert_eq!((value_at, schema_at), (&mut json!(1), &json!({ "type": "string" })));
        assert_eq!(at_path(&mut value, &schema, "."), None);
    }
}
