//! The plain definition of a match, and patterns and events to hold it against.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

/// The leaves of an event: path, value, and at which index of which array each stands.
type Leaves<'e> = Vec<(String, &'e Value, BTreeMap<usize, usize>)>;

fn leaves<'e>(path: &str, value: &'e Value, arrays: &BTreeMap<usize, usize>, next: &mut usize, out: &mut Leaves<'e>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value, arrays, next, out);
            }
        }
        Value::Array(items) => {
            let array = *next;
            *next += 1;
            for (index, item) in items.iter().enumerate() {
                let mut within = arrays.clone();
                within.insert(array, index);
                leaves(path, item, &within, next, out);
            }
        }
        scalar => out.push((path.to_owned(), scalar, arrays.clone())),
    }
}

/// The ways through a pattern: for each, what is asked at which path.
fn ways(path: &str, pattern: &Value) -> Vec<Vec<(String, Vec<Value>)>> {
    let mut all = vec![vec![]];
    for (name, value) in pattern.as_object().expect("an object") {
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let more = match value {
            Value::Array(alternatives) if name == "$or" => {
                alternatives.iter().flat_map(|one| ways(path, one)).collect()
            }
            Value::Array(tests) => vec![vec![(below, tests.clone())]],
            object => ways(&below, object),
        };
        all = all
            .iter()
            .flat_map(|way: &Vec<_>| more.iter().map(move |one| [way.clone(), one.clone()].concat()))
            .collect();
    }
    all
}

fn test_holds(test: &Value, value: &Value) -> bool {
    match test {
        Value::Object(operator) => match operator.iter().next().expect("an operator") {
            (name, with) if name == "prefix" => {
                value.as_str().is_some_and(|text| text.starts_with(with.as_str().expect("a text")))
            }
            (name, with) if name == "anything-but" => !with.as_array().expect("a list").contains(value),
            (_, with) => with == &json!(true),
        },
        exactly => exactly == value,
    }
}

/// EventBridge's own definition: for each thing that is asked there is a leaf at its path, and no two leaves stand at different indices of one
/// array.
pub(super) fn plainly(pattern: &Value, event: &Value) -> bool {
    let mut all = Vec::new();
    leaves("", event, &BTreeMap::new(), &mut 0, &mut all);
    let absent = json!({ "exists": false });
    fn assigned(
        asked: &[(String, Vec<Value>)],
        all: &Leaves<'_>,
        arrays: &BTreeMap<usize, usize>,
        absent: &Value,
    ) -> bool {
        let [(path, tests), rest @ ..] = asked else { return true };
        if tests.contains(absent) && all.iter().all(|(known, ..)| known != path) && assigned(rest, all, arrays, absent)
        {
            return true;
        }
        all.iter().filter(|(known, ..)| known == path).any(|(_, value, within)| {
            let fits = within.iter().all(|(array, index)| arrays.get(array).is_none_or(|known| known == index));
            let joined = || arrays.iter().chain(within).map(|(array, index)| (*array, *index)).collect();
            let holds = tests.iter().filter(|test| *test != absent).any(|test| test_holds(test, value));
            fits && holds && assigned(rest, all, &joined(), absent)
        })
    }
    ways("", pattern).iter().any(|way| assigned(way, &all, &BTreeMap::new(), &absent))
}

pub(super) fn an_event() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!("x")), Just(json!("xy")), Just(json!(1)), Just(json!(2)), Just(Value::Null)];
    let value = leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|members| json!(members)),
        ]
    });
    prop::collection::btree_map("[abc]", value, 0..4).prop_map(|members| json!(members))
}

pub(super) fn a_pattern() -> impl Strategy<Value = Value> {
    let test = prop_oneof![
        Just(json!("x")),
        Just(json!(1)),
        Just(Value::Null),
        Just(json!({ "prefix": "x" })),
        Just(json!({ "exists": true })),
        Just(json!({ "exists": false })),
        Just(json!({ "anything-but": ["x"] })),
    ];
    let leaf = prop::collection::vec(test, 1..3).prop_map(Value::Array);
    let object = |value: BoxedStrategy<Value>| {
        prop::collection::btree_map("[abc]|[abc]\\.[abc]", value, 1..3).prop_map(|members| json!(members))
    };
    object(leaf.boxed()).prop_recursive(3, 16, 3, move |inner| {
        let or = prop::collection::vec(inner.clone(), 2..3).prop_map(|all| json!({ "$or": all }));
        prop_oneof![
            object(inner.clone().boxed()),
            or,
            (inner.clone(), inner).prop_map(|(one, other)| {
                let mut one = one;
                if let Some(members) = one.as_object_mut() {
                    members.entry("$or").or_insert_with(|| json!([other, { "c": [1] }]));
                }
                one
            })
        ]
    })
}
