//! What differs between two states of one thing, in words for a person.

use serde_json::Value;

use super::on_screen_within;

/// How many differences are told by name.
const TOLD: usize = 3;
/// What tells one element of a list from the others, where they are no plain values.
const NAMES: [&str; 5] = ["id", "name", "alias", "arn", "key"];
/// How much of a value is told, in columns.
const WIDTH: usize = 60;

/// Where `now` differs from `then`, as `aliases[TSTALIASID].status: "PREPARED" is now "UPDATING"`: the first few, and how many more.
/// Empty if nothing does. An element of a list is known by its id or name, so that one that is new does not make all behind
/// it differ. Text of others is made harmless for a screen, and long values are cut.
pub fn difference(then: &Value, now: &Value) -> String {
    let mut found = Vec::new();
    collect("", then, now, &mut found);
    let more = found.len().saturating_sub(TOLD);
    found.truncate(TOLD);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    found.join("; ")
}

fn collect(path: &str, then: &Value, now: &Value, found: &mut Vec<String>) {
    match (then, now) {
        _ if then == now => {}
        (Value::Object(then), Value::Object(now)) => {
            let added = now.keys().filter(|key| !then.contains_key(*key));
            for key in then.keys().chain(added) {
                let shown = on_screen_within(key, WIDTH);
                let inner = if path.is_empty() { shown } else { format!("{path}.{shown}") };
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                collect(&inner, &of(then), &of(now), found);
            }
        }
        (Value::Array(then), Value::Array(now)) => of_lists(path, then, now, found),
        // All that a thing is made of says less than that it is there.
        (Value::Null, Value::Object(_)) => found.push(format!("{} is there now", or_it(path))),
        (Value::Object(_), Value::Null) => found.push(format!("{} is gone", or_it(path))),
        _ => found.push(format!("{}: {} is now {}", or_it(path), shown(then), shown(now))),
    }
}

fn or_it(path: &str) -> &str {
    if path.is_empty() { "it" } else { path }
}

fn of_lists(path: &str, then: &[Value], now: &[Value], found: &mut Vec<String>) {
    let before = found.len();
    // What is there as it was is no difference, whatever else has its name.
    let mut new: Vec<&Value> = now.iter().collect();
    let take = |from: &mut Vec<&'_ Value>, wanted: &dyn Fn(&Value) -> bool| {
        from.iter().position(|one| wanted(one)).map(|at| from.remove(at).clone())
    };
    let changed: Vec<&Value> = then.iter().filter(|was| take(&mut new, &|is| is == *was).is_none()).collect();
    for was in changed {
        match take(&mut new, &|is| name(is) == name(was)) {
            Some(is) => collect(&format!("{path}[{}]", label(was)), was, &is, found),
            None => found.push(format!("{path}: {} is gone", label(was))),
        }
    }
    found.extend(new.into_iter().map(|is| format!("{path}: {} is new", label(is))));
    if found.len() > before {
        return;
    }
    found.push(format!("{path}: in another order"));
}

/// What an element is known by: the whole of it where it has no name.
fn name(element: &Value) -> &Value {
    NAMES.iter().find_map(|name| element.get(name)).filter(|name| !name.is_null()).unwrap_or(element)
}

fn label(element: &Value) -> String {
    match name(element) {
        Value::String(text) => on_screen_within(text, WIDTH),
        other => shown(other),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        other => on_screen_within(&other.to_string(), WIDTH),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_place_and_both_values_are_told() {
        let then = json!({ "status": "PREPARED", "aliases": [{ "id": "A1", "to": 1 }, { "id": "A2", "to": 1 }] });
        let now = json!({ "status": "PREPARED", "aliases": [{ "id": "A3", "to": 9 }, { "id": "A2", "to": 2 }] });
        assert_eq!(difference(&then, &now), "aliases: A1 is gone; aliases[A2].to: 1 is now 2; aliases: A3 is new");
        assert_eq!(difference(&then, &then), "");
    }

    #[test]
    fn what_is_absent_is_nothing_and_lists_of_values_have_an_order() {
        assert_eq!(difference(&json!({ "a": { "b": 1 } }), &json!({ "a": {} })), "a.b: 1 is now nothing");
        assert_eq!(difference(&json!({ "a": ["x", "y"] }), &json!({ "a": ["y", "x"] })), "a: in another order");
        assert_eq!(difference(&json!({ "a": ["x"] }), &json!({ "a": ["x", "x"] })), "a: x is new");
        let twins = |v: u8| json!([{ "name": "a", "v": 1 }, { "name": "a", "v": v }]);
        assert_eq!(difference(&twins(2), &twins(3)), "[a].v: 2 is now 3");
        assert_eq!(difference(&json!([{ "id": null, "v": 1 }]), &json!([{ "id": null, "v": 1 }, 5])), ": 5 is new");
        assert_eq!(difference(&json!(null), &json!({ "a": 1 })), "it is there now");
        assert_eq!(difference(&json!({ "a": { "b": 1 } }), &json!({ "a": null })), "a is gone");
    }

    #[test]
    fn many_differences_and_hostile_text_stay_short_and_harmless() {
        let then = json!({ "a": 1, "b": 1, "c": 1, "d": 1, "e": "x".repeat(4_000) });
        let now = json!({ "a": 2, "b": 2, "c": "\u{1b}[2K\n", "d": 2, "e": 2 });
        let told = difference(&then, &now);
        assert!(told.ends_with("; and 2 more") && told.len() < 300, "{told}");
        assert!(!told.contains(['\u{1b}', '\n']), "{told}");
    }
}
