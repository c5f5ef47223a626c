//! The plain definition of a match, and patterns and events to hold it against.

use std::collections::BTreeMap;
use std::net::IpAddr;

use proptest::prelude::*;
use serde_json::{Value, json};

/// So many cases of a property where everything is played, and a tenth of them otherwise.
pub(super) fn many(cases: u32) -> u32 {
    let whole = std::env::var("QUELL_MATRICES").is_ok_and(|extent| extent == "whole");
    if whole { cases } else { cases / 10 }
}

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

/// What each operator means, of one value.
fn test_holds(test: &Value, value: &Value) -> bool {
    let Value::Object(operator) = test else { return same(test, value) };
    let (name, with) = operator.iter().next().expect("an operator");
    let alternatives = with.as_array().map_or(std::slice::from_ref(with), Vec::as_slice);
    match (name.as_str(), with) {
        ("exists", with) => with == &json!(true),
        ("numeric", with) => value.as_f64().is_some_and(|number| compares(number, with.as_array().expect("a list"))),
        ("anything-but", Value::Object(inner)) => {
            let (name, texts) = inner.iter().next().expect("an operator");
            let texts = texts.as_array().map_or(std::slice::from_ref(texts), Vec::as_slice);
            !texts.iter().any(|text| test_holds(&json!({ name: text }), value))
        }
        ("anything-but", _) => !alternatives.iter().any(|one| same(one, value)),
        (name, with) => value.as_str().is_some_and(|text| text_fits(name, with, text)),
    }
}

/// Numbers by their value, and all else to the letter.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn compares(number: f64, comparisons: &[Value]) -> bool {
    comparisons.chunks(2).all(|pair| {
        let than = pair[1].as_f64().expect("a number");
        match pair[0].as_str().expect("a comparison") {
            "=" => number == than,
            ">" => number > than,
            ">=" => number >= than,
            "<" => number < than,
            "<=" => number <= than,
            other => panic!("{other} compares nothing"),
        }
    })
}

fn text_fits(name: &str, with: &Value, text: &str) -> bool {
    let fold = |text: &str| text.chars().map(|c| c.to_ascii_uppercase()).collect::<Vec<_>>();
    let (asked, text) = match with {
        Value::Object(folded) => (fold(folded["equals-ignore-case"].as_str().expect("a text")), fold(text)),
        with => (with.as_str().expect("a text").chars().collect(), text.chars().collect::<Vec<_>>()),
    };
    let ends = |length: usize| text.len().checked_sub(length).map(|from| &text[from..]);
    match name {
        "prefix" => text.get(..asked.len()) == Some(&asked),
        "suffix" => ends(asked.len()) == Some(&asked),
        "equals-ignore-case" => fold(&asked.iter().collect::<String>()) == fold(&text.iter().collect::<String>()),
        "wildcard" => wildcard_fits(&asked, &text),
        "cidr" => is_within(&asked.iter().collect::<String>(), &text.iter().collect::<String>()),
        other => panic!("there is no {other}"),
    }
}

/// A star is any number of characters.
pub(super) fn wildcard_fits(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|skipped| wildcard_fits(rest, &text[skipped..])),
        ['\\', escaped, rest @ ..] => text.first() == Some(escaped) && wildcard_fits(rest, &text[1..]),
        [plain, rest @ ..] => text.first() == Some(plain) && wildcard_fits(rest, &text[1..]),
    }
}

/// The first bits of the address are those of the range.
fn is_within(range: &str, address: &str) -> bool {
    let bits = |text: &str| match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(four)) => Some(four.octets().iter().map(|byte| format!("{byte:08b}")).collect::<String>()),
        Ok(IpAddr::V6(six)) => Some(six.octets().iter().map(|byte| format!("{byte:08b}")).collect::<String>()),
        Err(_) => None,
    };
    let (base, length) = range.split_once('/').expect("a range");
    let (base, length) = (bits(base).expect("an address"), length.parse::<usize>().expect("a length"));
    bits(address).is_some_and(|address| address.len() == base.len() && address[..length] == base[..length])
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

/// A value that is no array and no object.
pub(super) fn a_value() -> impl Strategy<Value = Value> {
    let addresses = ["10.0.0.1", "10.0.1.255", "11.0.0.0", "2001:db8::7", "::ffff:10.0.0.1", "10.0.0.01"];
    prop_oneof![
        4 => Just(json!("x")),
        2 => "[xyXY*]{0,3}".prop_map(Value::from),
        2 => prop::sample::select(vec![json!(1), json!(1.0), json!(2), json!(0.5), json!(-3), json!(0)]),
        1 => prop::sample::select(addresses.to_vec()).prop_map(Value::from),
        1 => prop::sample::select(vec![Value::Null, json!(true), json!(false), json!("1"), json!("null")]),
    ]
}

pub(super) fn an_event() -> impl Strategy<Value = Value> {
    let leaf = a_value();
    let value = leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|members| json!(members)),
        ]
    });
    prop::collection::btree_map("[abc]", value, 0..4).prop_map(|members| json!(members))
}

/// One alternative of a leaf, of every operator.
pub(super) fn a_test() -> impl Strategy<Value = Value> {
    let text = || "[xyXY]{0,2}";
    let some = || "[xyXY]{1,2}";
    let one_or_more = |texts: BoxedStrategy<String>| {
        prop_oneof![texts.clone().prop_map(Value::from), prop::collection::vec(texts, 1..3).prop_map(|all| json!(all))]
    };
    let wildcard = || {
        let piece = r"(x|y|X|\\\*|\\\\){1,2}";
        (prop::collection::vec(piece, 1..3), any::<[bool; 2]>()).prop_map(|(pieces, [before, behind])| {
            let star = |there| if there { "*" } else { "" };
            format!("{}{}{}", star(before), pieces.join("*"), star(behind))
        })
    };
    let number =
        || prop::sample::select(vec![json!(-3), json!(0), json!(0.5), json!(1), json!(1.0), json!(2), json!(7)]);
    let comparison = prop::sample::select(vec!["=", ">", ">=", "<", "<="]);
    let lower = prop::sample::select(vec![">", ">="]);
    let upper = prop::sample::select(vec!["<", "<="]);
    let range =
        prop::sample::select(vec!["10.0.0.0/24", "10.0.1.9/8", "0.0.0.0/0", "10.0.0.0/31", "2001:db8::/32", "::/0"]);
    let nested = prop_oneof![
        ("prefix|suffix|equals-ignore-case", one_or_more(some().boxed())),
        (Just("wildcard".to_owned()), one_or_more(wildcard().boxed())),
    ];
    prop_oneof![
        6 => a_value(),
        2 => any::<bool>().prop_map(|there| json!({ "exists": there })),
        2 => ("prefix|suffix|equals-ignore-case", text()).prop_map(|(name, text)| json!({ name: text })),
        1 => ("prefix|suffix", text()).prop_map(|(name, text)| json!({ name: { "equals-ignore-case": text } })),
        1 => wildcard().prop_map(|text| json!({ "wildcard": text })),
        1 => (comparison, number()).prop_map(|(comparison, than)| json!({ "numeric": [comparison, than] })),
        1 => (lower, -4..2, upper, 0..4).prop_map(|(low, from, high, wide)| {
            json!({ "numeric": [low, from, high, f64::from(from + wide) + 0.5] })
        }),
        1 => range.prop_map(|range| json!({ "cidr": range })),
        1 => one_or_more(text().boxed()).prop_map(|texts| json!({ "anything-but": texts })),
        1 => prop::collection::vec(number(), 1..3).prop_map(|numbers| json!({ "anything-but": numbers })),
        1 => number().prop_map(|number| json!({ "anything-but": number })),
        1 => nested.prop_map(|(name, texts)| json!({ "anything-but": { name: texts } })),
    ]
}

pub(super) fn a_pattern() -> impl Strategy<Value = Value> {
    let test = a_test();
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
