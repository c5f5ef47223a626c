//! What AWS says of each operator, and the plain definition of a match.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::plain::{a_pattern, a_test, a_value, an_event, many, plainly};
use super::{BadJson, BadPattern, Event, Pattern};

fn matches(pattern: &Value, event: &Value) -> bool {
    let pattern = Pattern::read(&pattern.to_string()).unwrap_or_else(|bad| panic!("{pattern}: {bad}"));
    pattern.matches(&Event::read(&event.to_string()).expect("an event"))
}

fn why(pattern: &str) -> String {
    Pattern::read(pattern).map_or_else(|bad| bad.to_string(), |_| panic!("AWS rejects {pattern}"))
}

/// A pattern, with events that it matches and events that it does not.
fn check(pattern: Value, yes: &[Value], no: &[Value]) {
    yes.iter().for_each(|event| assert!(matches(&pattern, event), "{pattern} should match {event}"));
    no.iter().for_each(|event| assert!(!matches(&pattern, event), "{pattern} should not match {event}"));
}

#[test]
fn values_are_compared_as_aws_does() {
    check(
        json!({"a": ["x", 300, true, null, ""]}),
        &[
            json!({"a": "x"}),
            json!({"a": 3e2}),
            json!({"a": true}),
            json!({"a": null}),
            json!({"a": ""}),
            json!({"a": [9, "x"]}),
        ],
        &[
            json!({"a": "X"}),
            json!({"a": "300"}),
            json!({"a": false}),
            json!({}),
            json!({"a": []}),
            json!({"a": {"x": 1}}),
        ],
    );
    check(json!({"a": [{"prefix": "ab"}]}), &[json!({"a": "abc"})], &[json!({"a": "Abc"}), json!({"a": 5})]);
    check(json!({"a": [{"prefix": {"equals-ignore-case": "aB"}}]}), &[json!({"a": "Abc"})], &[json!({"a": "a"})]);
    check(json!({"a": [{"suffix": {"equals-ignore-case": ".PNG"}}]}), &[json!({"a": "x.png"})], &[json!({"a": "png"})]);
    check(json!({"a": [{"equals-ignore-case": "Root"}]}), &[json!({"a": "ROOT"})], &[json!({"a": "roots"})]);
    check(
        json!({"a": [{"wildcard": "b*k:Get*"}]}),
        &[json!({"a": "bedrock:GetAgent"})],
        &[json!({"a": "bedrock:ListAgents"})],
    );
    check(
        json!({"a": [{"numeric": [">", 0, "<=", 5]}]}),
        &[json!({"a": 5}), json!({"a": 0.001})],
        &[json!({"a": 0}), json!({"a": 5.0001}), json!({"a": "5"})],
    );
    check(
        json!({"a": [{"cidr": "10.0.0.0/24"}]}),
        &[json!({"a": "10.0.0.255"}), json!({"a": ["x", "10.0.0.1"]})],
        &[json!({"a": "10.0.1.0"}), json!({"a": 10})],
    );
    check(json!({"a": [{"cidr": "2001:db8::/32"}]}), &[json!({"a": "2001:db8::1"})], &[json!({"a": "10.0.0.1"})]);
}

#[test]
fn a_value_is_there_where_a_leaf_is() {
    check(
        json!({"a": {"b": [{"exists": true}]}}),
        &[json!({"a": {"b": null}}), json!({"a": [{"b": 1}, {}]})],
        &[json!({"a": {"b": {}}}), json!({"a": {"b": []}}), json!({"a": 1})],
    );
    check(
        json!({"a": {"b": [{"exists": false}]}}),
        &[json!({"a": {"b": {"c": 1}}}), json!({"a": {"b": []}}), json!({})],
        &[json!({"a": {"b": null}}), json!({"a": [{}, {"b": 1}]})],
    );
    check(json!({"a": ["x", {"exists": false}]}), &[json!({"a": "x"}), json!({})], &[json!({"a": "y"})]);
}

#[test]
fn anything_but_asks_of_any_value_that_is_there() {
    check(
        json!({"a": [{"anything-but": ["x", "y"]}]}),
        &[json!({"a": "z"}), json!({"a": null}), json!({"a": 5}), json!({"a": ["x", "z"]})],
        &[json!({"a": "x"}), json!({}), json!({"a": {"b": 1}}), json!({"a": ["x", "y"]})],
    );
    check(json!({"a": [{"anything-but": 5}]}), &[json!({"a": "5"}), json!({"a": 6})], &[json!({"a": 5.0})]);
    check(
        json!({"a": [{"anything-but": {"prefix": ["x", "y"]}}]}),
        &[json!({"a": "zx"})],
        &[json!({"a": "xz"}), json!({"a": "yz"})],
    );
    check(
        json!({"a": [{"anything-but": {"wildcard": "*/lib/*"}}]}),
        &[json!({"a": "/usr/bin"})],
        &[json!({"a": "/usr/lib/x"})],
    );
}

#[test]
fn what_is_asked_of_one_array_holds_of_one_element() {
    let both = json!({"a": {"b": [1], "c": [2]}});
    check(
        both,
        &[json!({"a": [{"b": 0}, {"b": 1, "c": 2}]}), json!({"a": {"b": [0, 1], "c": [2, 3]}})],
        &[json!({"a": [{"b": 1}, {"c": 2}]})],
    );
    let apart = json!({"$or": [{"a": {"b": [1]}}, {"a": {"b": [7]}}], "a": {"c": [2]}});
    check(apart, &[json!({"a": [{"b": 7, "c": 2}]})], &[json!({"a": [{"b": 7}, {"c": 2}]})]);
}

#[test]
fn dots_join_names_on_both_sides() {
    check(
        json!({"a.b": [1], "a": {"c": [2]}}),
        &[json!({"a": {"b": 1, "c": 2}}), json!({"a.b": 1, "a.c": 2}), json!({"a.b": 1, "a": {"c": 2}})],
        &[json!({"a": {"b": 1}})],
    );
}

#[test]
fn or_is_one_of_objects_and_elsewhere_a_name() {
    check(
        json!({"x": [1], "$or": [{"a": [1]}, {"b": [{"numeric": [">", 5]}]}]}),
        &[json!({"x": 1, "a": 1}), json!({"x": 1, "b": 6})],
        &[json!({"a": 1}), json!({"x": 1, "b": 5})],
    );
    check(json!({"$or": {"a": [1]}}), &[json!({"$or": {"a": 1}})], &[json!({"a": 1})]);
}

#[test]
fn what_aws_rejects_is_rejected_with_its_place() {
    for (pattern, part) in [
        ("{}", "the pattern"),
        ("[]", "no JSON object"),
        ("{", "no JSON"),
        (r#"{"a": {}}"#, "`a`: an empty object"),
        (r#"{"a": []}"#, "`a`: an empty list"),
        (r#"{"a": "x"}"#, "`a`: it is neither"),
        (r#"{"a": [["x"]]}"#, "`a[0]`: a list"),
        (r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "`a[0]`: one operator"),
        (r#"{"a": [{"regex": "x"}]}"#, "`a[0].regex`: there is no such operator"),
        (r#"{"a": [{"prefix": ["x"]}]}"#, "`a[0].prefix`: it takes a text"),
        (r#"{"a": [{"wildcard": "a**"}]}"#, "two `*`"),
        (r#"{"a": [{"numeric": [">", 0, "<", 5, "=", 1]}]}"#, "it takes a comparison"),
        (r#"{"a": [{"numeric": ["<", 5, ">", 0]}]}"#, "it takes a comparison"),
        (r#"{"a": [{"numeric": [">", 5, "<", 5]}]}"#, "not below"),
        (r#"{"a": [{"numeric": ["!=", 5]}]}"#, "compares nothing"),
        (r#"{"a": [{"cidr": "10.0.0.1/32"}]}"#, "one address"),
        (r#"{"a": [{"cidr": "::1/128"}]}"#, "one address"),
        (r#"{"a": [{"cidr": "10.0.0.300/8"}]}"#, "no range"),
        (r#"{"a": [{"exists": "true"}]}"#, "true or false"),
        (r#"{"a": [{"anything-but": ["x", 5]}]}"#, "texts alone"),
        (r#"{"a": [{"anything-but": ["x", null]}]}"#, "texts alone"),
        (r#"{"a": [{"anything-but": {"prefix": ""}}]}"#, "an empty text"),
        (r#"{"$or": [{"a": [1]}]}"#, "`$or`: it takes two"),
        (r#"{"$or": [{"a": [1]}, {"prefix": ["x"]}]}"#, "`$or[1]`: `prefix` is an operator"),
        (r#"{"b": {"$or": [{"a": [1]}, 5]}}"#, "`b.$or[1]`: an alternative is an object"),
        (r#"{"a": [1], "a": [2]}"#, "`a`: it stands there twice"),
    ] {
        let why = why(pattern);
        assert!(why.contains(part), "{pattern}: {why}");
    }
    let many: Vec<Value> = (0..11).map(|number| json!({ "a": [number] })).collect();
    let ways = json!({ "$or": many, "b": { "$or": many }, "c": { "$or": many } });
    assert!(matches!(Pattern::read(&ways.to_string()), Err(BadPattern::Rejected { .. })));
    let deep = "{\"a\":".repeat(100) + "[1]" + &"}".repeat(100);
    assert!(why(&deep).contains("64 levels"));
    let dotted = |dots: usize| format!("{{\"a{}\": [1]}}", ".a".repeat(dots));
    assert!(why(&dotted(100_000)).contains("64 levels"));
    assert!(matches!(Event::read(&dotted(100_000)), Err(BadJson::TooDeep)));
    // The root, 61 names below the first one, the list and what is in it.
    assert!(matches!(Event::read(&dotted(62)), Err(BadJson::TooDeep)) && Event::read(&dotted(61)).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(many(30_000)))]

    #[test]
    fn each_operator_is_what_its_definition_says(test in a_test(), value in a_value()) {
        let (pattern, event) = (json!({ "a": [test] }), json!({ "a": value }));
        prop_assert_eq!(matches(&pattern, &event), plainly(&pattern, &event));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(many(4_000)))]

    #[test]
    fn it_matches_what_the_definition_says(pattern in a_pattern(), event in an_event()) {
        prop_assert_eq!(matches(&pattern, &event), plainly(&pattern, &event));
    }
}
