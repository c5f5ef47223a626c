//! `quell match`: one pattern, one event, an exit code.

use std::io::Write as _;
use std::process::Stdio;

use crate::cli_quell::{Quell, Said};

const PATTERN: &str = r#"{ "source": ["aws.guardduty"], "detail": { "severity": [{ "numeric": [">=", 7] }] } }"#;
const SEVERE: &str = r#"{ "source": "aws.guardduty", "detail": { "severity": 8.0 } }"#;
const MILD: &str = r#"{ "source": "aws.guardduty", "detail": { "severity": 2 } }"#;

#[test]
fn the_exit_code_says_whether_it_matches() {
    let quell = Quell::new();
    let pattern = quell.file("pattern.json", PATTERN);
    let severe = quell.file("severe.json", SEVERE);
    let said = quell.say(&["match", "--pattern", &pattern, &severe]);
    assert_eq!((said.code, said.out.as_str(), said.talk.as_str()), (0, "match\n", ""));
    let mild = quell.file("mild.json", MILD);
    let said = quell.say(&["match", "--pattern", &pattern, &mild]);
    assert_eq!((said.code, said.out.as_str()), (1, "no match\n"));
    said.next();
    let said = quell.say(&["match", "--pattern", &pattern, &mild, "--output", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((said.code, json), (1, serde_json::json!({ "format": 1, "matches": false })));
}

#[test]
fn an_event_may_come_from_stdin() {
    let quell = Quell::new();
    let pattern = quell.file("pattern.json", PATTERN);
    let mut command = quell.command(&["match", "--pattern", &pattern, "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("its input").write_all(SEVERE.as_bytes()).expect("written");
    let said = Said::of(&child.wait_with_output().expect("its end"));
    assert_eq!((said.code, said.out.as_str()), (0, "match\n"), "{}", said.talk);
    assert_eq!(quell.say(&["match", "--pattern", "-", "-"]).code, 64);
}

#[test]
fn what_is_no_pattern_and_what_is_no_event_are_told_apart() {
    let quell = Quell::new();
    let severe = quell.file("severe.json", SEVERE);
    let bad = quell.file("bad.json", r#"{ "detail": { "severity": [{ "numeric": ["!=", 7] }] } }"#);
    let said = quell.say(&["match", "--pattern", &bad, &severe]);
    assert_eq!(said.code, 2, "{}", said.talk);
    assert!(said.talk.contains("`detail.severity[0].numeric`: `!=` compares nothing"), "{}", said.talk);
    said.next();
    let pattern = quell.file("pattern.json", PATTERN);
    for no_event in ["[]", "{", "5"] {
        let event = quell.file("event.json", no_event);
        let said = quell.say(&["match", "--pattern", &pattern, &event]);
        assert_eq!(said.code, 64, "{no_event}: {}", said.talk);
        said.next();
    }
    assert_eq!(quell.say(&["match", "--pattern", &pattern, "/nowhere.json"]).code, 64);
}
