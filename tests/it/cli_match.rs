//! `quell match`: a pattern or triggers, events, an exit code.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::cli_quell::{Quell, Said, Served};

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

/// A record of what a role did, as CloudTrail writes it to its log.
fn made_agent(name: &str) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLEEXAMPLE123:kai",
            "arn": "arn:aws:sts::111122223333:assumed-role/ml-pipeline/kai",
            "accountId": "111122223333",
            "sessionContext": { "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLEEXAMPLE123",
                "arn": "arn:aws:iam::111122223333:role/service/ml-pipeline",
                "accountId": "111122223333",
                "userName": "ml-pipeline",
            } },
        },
        "eventTime": "2026-11-22T03:00:00Z",
        "eventSource": "bedrock.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "eventID": "11111111-2222-3333-4444-555555555555",
        "recipientAccountId": "111122223333",
    })
}

const OWN: &str = "quell: 1
triggers:
  - name: own-agent-made
    title: Somebody made an agent
    grade: notice
    runbook: rogue-bedrock-agent
    pattern: { source: [aws.bedrock], detail: { eventName: [CreateAgent] } }
    parameters: { principal: { ask: who it was }, delete_unknown: { is: true } }
";

#[test]
fn an_event_says_which_triggers_fire_and_with_what() {
    let quell = Quell::new();
    let event = quell.file("event.json", &json!({ "Records": [made_agent("CreateAgent")] }).to_string());
    let said = quell.say(&["match", &event]);
    assert_eq!(said.code, 0, "{}", said.talk);
    for part in [
        "  bedrock-agent-made fires: Somebody made a Bedrock agent\n",
        "    suspicious: a plan waits for a person\n",
        "principal=arn:aws:iam::111122223333:role/service/ml-pipeline, `role` at",
        "    quell run rogue-bedrock-agent principal=arn:aws:iam::111122223333:role/service/ml-pipeline since=2026-11-22T02:00:00Z\n",
    ] {
        assert!(said.out.contains(part), "{part}\n{}", said.out);
    }
    let said = quell.say(&["match", &event, "--output", "json"]);
    let json: Value = serde_json::from_str(&said.out).expect("JSON");
    let fires = &json["events"][0]["fires"][0];
    assert_eq!(
        fires["values"]["since"]["from"],
        json!({ "fact": "time", "at": ["detail.eventTime"], "earlier": "1h" })
    );
    assert_eq!(fires["key"][0], "runbook=rogue-bedrock-agent");
    let own = quell.file("own.yaml", OWN);
    let said = quell.say(&["match", &event, "--triggers", &own, "--trigger", "own-agent-made"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(said.out.contains("delete_unknown=true, as the trigger says"), "{}", said.out);
    assert!(said.out.contains("  # then with principal= and what it is about\n"), "{}", said.out);
}

#[test]
fn what_fires_nothing_says_what_is_not_as_asked() {
    let quell = Quell::new();
    let event = quell.file("event.json", &made_agent("GetFoundationModel").to_string());
    let said = quell.say(&["match", &event, "--trigger", "bedrock-agent-made"]);
    assert_eq!(said.code, 1, "{}", said.talk);
    assert!(said.out.contains("bedrock-agent-made does not fire:\n    - `detail.eventName`:"), "{}", said.out);
    said.next();
    let nothing = quell.file("other.json", r#"{ "version": "0", "id": "1", "detail-type": "x", "source": "mine", "account": "111122223333", "time": "2026-11-22T03:00:00Z", "region": "us-east-1", "resources": [], "detail": {} }"#);
    let said = quell.say(&["match", &nothing]);
    assert_eq!(said.code, 1, "{}", said.talk);
    assert!(said.out.contains("  no trigger fires\n"), "{}", said.out);
    let broken = quell.file("broken.json", "{");
    let said = quell.say(&["match", &event, &broken]);
    assert_eq!(said.code, 2, "{}", said.talk);
    assert!(said.talk.contains("broken.json: no event: "), "{}", said.talk);
    let said = quell.say(&["match", &event, "--trigger", "bedrock-agent-mad"]);
    assert_eq!(said.code, 64);
    assert!(said.talk.contains("did you mean `bedrock-agent-made`?"), "{}", said.talk);
}

#[test]
fn ones_own_triggers_stand_in_the_folder_of_the_configuration_and_are_checked() {
    let quell = Quell::new();
    let event = quell.file("event.json", &made_agent("CreateAgent").to_string());
    std::fs::create_dir_all(quell.home.path().join("config/triggers")).expect("a folder");
    let config = quell.home.path().join("config").display().to_string();
    quell.file("config/triggers/own.yaml", OWN);
    let said = quell.say(&["match", &event, "--config-dir", &config]);
    assert!(said.out.contains("  own-agent-made fires: "), "{}{}", said.out, said.talk);
    let own = quell.file("wrong.yaml", &OWN.replace("own-agent-made", "bedrock-agent-made"));
    let said = quell.say(&["check", &own]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.out.contains("duplicate-id") && said.out.contains("wrong.yaml:3:11"), "{}", said.out);
    assert_eq!(quell.say(&["match", &event, "--triggers", &own]).code, 2);
    let said = quell.say(&["check", "runbooks/triggers/bedrock.yaml", "runbooks/triggers/guardduty.yaml"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert_eq!(quell.say(&["schema", "trigger"]).code, 0);
}

#[test]
fn a_plan_takes_what_is_not_typed_from_an_event() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let event = quell.file("event.json", &made_agent("CreateAgent").to_string());
    let said = quell.at(&range, &["plan", "rogue-bedrock-agent", "--phase", "contain", "--event", &event]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(
        said.out
            .contains("from the event (AWS API Call via CloudTrail of aws.bedrock), by trigger bedrock-agent-made:"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("  principal=arn:aws:iam::111122223333:role/service/ml-pipeline, `role` at"),
        "{}",
        said.out
    );
    let typed = [
        "plan",
        "rogue-bedrock-agent",
        "since=2026-11-20T00:00:00Z",
        "--phase",
        "contain",
        "--event",
        &event,
        "--output",
        "json",
    ];
    let said = quell.at(&range, &typed);
    let json: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(json["event"]["trigger"], "bedrock-agent-made");
    assert_eq!(json["plans"][0]["plan"]["parameters"]["since"], "2026-11-20T00:00:00Z", "what is typed wins");
    let said = quell.say(&["plan", "llmjacking", "--event", &event]);
    assert_eq!(said.code, 1, "{}", said.talk);
    assert!(said.talk.contains("no trigger that asks for runbook `llmjacking` fires"), "{}", said.talk);
    let own = quell.file("own.yaml", OWN);
    let asked = ["plan", "rogue-bedrock-agent", "--event", &event, "--triggers", &own];
    let said = quell.say(&asked);
    assert_eq!(said.code, 64, "{}", said.talk);
    assert!(said.talk.contains("several triggers fill `rogue-bedrock-agent` otherwise"), "{}", said.talk);
    let said = quell.say(&[&asked[..], &["--trigger", "own-agent-made"]].concat());
    assert_eq!(said.code, 64, "{}", said.talk);
    assert!(said.talk.contains("parameter `principal`: no event says it: who it was"), "{}", said.talk);
}

#[test]
fn the_rules_that_bring_events_are_a_template() {
    let quell = Quell::new();
    let yaml = quell.say(&["triggers", "export", "--region", "eu-west-1"]);
    let json = quell.say(&["triggers", "export", "--region", "eu-west-1", "--output", "json"]);
    assert_eq!((yaml.code, json.code), (0, 0), "{}", yaml.talk);
    let of_yaml: Value = serde_yaml::from_str(&yaml.out).expect("YAML");
    let of_json: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(of_yaml, of_json);
    let listed = quell.say(&["triggers"]);
    assert!(listed.out.contains("bedrock-agent-made: Somebody made a Bedrock agent\n"), "{}", listed.out);
}
