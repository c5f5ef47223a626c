//! The shipped triggers, held against every event and every finding that they are for.

use std::collections::BTreeSet;

use quell::actions::registry;
use quell::base::Region;
use quell::detect::Pattern;
use quell::detect::{Detection, Event, Facts, Grade, Trigger, Unattended, unwrap};
use quell::report::{EventRule, event_rules, event_rules_template};
use quell::runbook::{Parameter, data_events, prefilled, shipped_triggers, takes};
use serde_json::{Value, json};

const EVENTS: &str = include_str!("../../runbooks/triggers/events.txt");
const FINDINGS: &str = include_str!("../../runbooks/triggers/findings.txt");
const ACCOUNT: &str = "111122223333";

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Role,
    User,
    Root,
}

/// The lines of a table, without its heading, each as its columns; the last one may have spaces.
fn rows(table: &'static str, columns: usize) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(move |line| {
        let mut rest = line;
        let mut row = Vec::new();
        while row.len() < columns && !rest.is_empty() {
            let (column, after) = rest.split_once(' ').unwrap_or((rest, ""));
            row.push(column);
            rest = after.trim_start();
        }
        if !rest.is_empty() {
            row.push(rest);
        }
        row
    })
}

fn identity(who: Who) -> Value {
    let session = json!({
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEEXAMPLE123:kai",
        "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/web-task/kai"),
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": { "sessionIssuer": {
            "type": "Role",
            "principalId": "AROAEXAMPLEEXAMPLE123",
            "arn": format!("arn:aws:iam::{ACCOUNT}:role/web-task"),
            "accountId": ACCOUNT,
            "userName": "web-task",
        } },
    });
    match who {
        Who::Role => session,
        Who::User => json!({
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLEEXAMPLE123",
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/build"),
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "userName": "build",
        }),
        Who::Root => json!({
            "type": "Root",
            "principalId": ACCOUNT,
            "arn": format!("arn:aws:iam::{ACCOUNT}:root"),
            "accountId": ACCOUNT,
        }),
    }
}

/// What EventBridge makes of a record of CloudTrail.
fn recorded(service: &str, event: &str, who: Who, more: Option<&str>) -> Value {
    let kind = match service {
        "signin" => "AWS Console Sign In via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    };
    let mut detail = json!({
        "eventVersion": "1.11",
        "userIdentity": identity(who),
        "eventTime": "2026-11-22T03:00:00Z",
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": event,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "requestParameters": {
            "agentId": "AGENT00001",
            "knowledgeBaseId": "KB00000001",
            "dataSourceId": if service == "qbusiness" { "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f" } else { "DS00000001" },
            "applicationId": "a1b2c3d4-a1b2-a1b2-a1b2-a1b2c3d4e5f6",
        },
        "eventID": "11111111-2222-3333-4444-555555555555",
        "recipientAccountId": ACCOUNT,
    });
    let more: Value = more.map_or(json!({}), |more| serde_json::from_str(more).expect("JSON"));
    for (name, value) in more.as_object().expect("an object") {
        detail[name] = value.clone();
    }
    enveloped(&format!("aws.{service}"), kind, detail)
}

fn enveloped(source: &str, kind: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000001",
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": "2026-11-22T03:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    })
}

/// A finding as GuardDuty tells it.
fn found(kind: &str, who: Who) -> Value {
    let (name, id, user_type, key) = match who {
        Who::Role => ("web-task", "AROAEXAMPLEEXAMPLE123:kai", "AssumedRole", "ASIAIOSFODNN7EXAMPLE"),
        Who::User => ("build", "AIDAEXAMPLEEXAMPLE123", "IAMUser", "AKIAIOSFODNN7EXAMPLE"),
        Who::Root => ("Root", ACCOUNT, "Root", ""),
    };
    let mut detail = json!({
        "schemaVersion": "2.0",
        "accountId": ACCOUNT,
        "region": "us-east-1",
        "partition": "aws",
        "id": "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0",
        "arn": format!("arn:aws:guardduty:us-east-1:{ACCOUNT}:detector/d0/finding/f0"),
        "type": kind,
        "severity": 2,
        "createdAt": "2026-11-22T02:50:00Z",
        "updatedAt": "2026-11-22T03:00:00Z",
        "service": {
            "serviceName": "guardduty",
            "detectorId": "d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0",
            "eventFirstSeen": "2026-11-22T02:30:00Z",
            "eventLastSeen": "2026-11-22T02:45:00Z",
            "count": 1,
        },
    });
    if kind.starts_with("AttackSequence:") {
        detail["service"]["detection"] = json!({ "sequence": {
            "uid": "s0",
            "actors": [{ "id": "a0", "user": {
                "name": name,
                "uid": id,
                "type": user_type,
                "credentialUid": key,
                "account": { "uid": ACCOUNT },
            } }],
            "resources": [],
            "signals": [],
        } });
        detail["resource"] = json!({ "resourceType": "AttackSequence" });
    } else {
        detail["resource"] = json!({
            "resourceType": "AccessKey",
            "accessKeyDetails": { "accessKeyId": key, "principalId": id, "userName": name, "userType": user_type },
        });
    }
    enveloped("aws.guardduty", "GuardDuty Finding", detail)
}

fn detection(event: &Value) -> Detection {
    let unwrapped = unwrap(event.to_string().as_bytes()).expect("an event");
    assert_eq!(unwrapped.unread, [], "{event}");
    let [detection] = <[Detection; 1]>::try_from(unwrapped.events).expect("one event");
    detection
}

fn parameters(runbook: &str) -> Vec<Parameter> {
    takes(runbook, registry()).expect("it is shipped and sound")
}

/// The triggers of an event, after each has filled its runbook or said what it cannot fill.
fn firing(event: &Value) -> Vec<&'static Trigger> {
    let detection = detection(event);
    let read = Event::read(detection.text()).expect("an event");
    let facts = Facts::of(&detection);
    let firing: Vec<&Trigger> = shipped_triggers().iter().filter(|trigger| trigger.matches(&read)).collect();
    for trigger in &firing {
        let declared = parameters(&trigger.runbook);
        let filled = prefilled(trigger, &facts, &declared);
        for parameter in &declared {
            let is_needed = parameter.default.is_none() && !parameter.optional;
            let told = filled.values.contains_key(&parameter.name)
                || filled.open.iter().any(|open| open.parameter == parameter.name && !open.why.is_empty());
            assert!(told || !is_needed, "{}: `{}` is neither filled nor asked for", trigger.name, parameter.name);
        }
        for parameter in trigger.parameters.keys() {
            let said = filled.open.iter().chain(&filled.left_out).any(|one| one.parameter == *parameter);
            let is_filled = filled.values.contains_key(parameter);
            assert!(said != is_filled || is_filled, "{}: nothing is said of `{parameter}`", trigger.name);
        }
    }
    firing
}

fn names(firing: &[&Trigger]) -> Vec<&'static str> {
    shipped_triggers().iter().filter(|one| firing.contains(one)).map(|one| one.name.as_str()).collect()
}

#[test]
fn every_event_has_its_trigger_and_every_trigger_its_event() {
    let mut seen = BTreeSet::new();
    let mut wrong = String::new();
    for row in rows(EVENTS, 5) {
        let (service, event, more) = (row[0], row[1], row.get(5).copied());
        for (who, expected) in [(Who::Role, row[3]), (Who::User, row[4])] {
            seen.insert(expected);
            let firing = names(&firing(&recorded(service, event, who, more)));
            if !firing.contains(&expected) {
                wrong.push_str(&format!("{service} {event} of {who:?}: {firing:?} and not {expected}\n"));
            }
        }
    }
    for row in rows(FINDINGS, 4) {
        for (who, expected) in [(Who::Role, row[1]), (Who::User, row[2]), (Who::Root, row[3])] {
            if expected == "-" {
                continue;
            }
            seen.insert(expected);
            let firing = names(&firing(&found(row[0], who)));
            if firing != [expected] {
                wrong.push_str(&format!("{} of {who:?}: {firing:?} and not {expected}\n", row[0]));
            }
        }
    }
    let idle: Vec<&str> =
        shipped_triggers().iter().map(|one| one.name.as_str()).filter(|one| !seen.contains(one)).collect();
    assert!(wrong.is_empty() && idle.is_empty(), "{wrong}without a row: {idle:?}");
}

#[test]
fn what_failed_has_made_nothing() {
    let denied = Some(r#"{ "errorCode": "AccessDenied" }"#);
    for row in rows(EVENTS, 5).filter(|row| row.get(5).is_none()) {
        for who in [Who::Role, Who::User] {
            let firing = firing(&recorded(row[0], row[1], who, denied));
            let counts = |one: &&&Trigger| one.after.is_none() && !one.name.as_str().contains("api-key");
            let made: Vec<&str> = firing.iter().filter(counts).map(|one| one.name.as_str()).collect();
            assert_eq!(made, Vec::<&str>::new(), "{} {} of {who:?}", row[0], row[1]);
        }
    }
}

#[test]
fn namesakes_of_other_services_are_other_events() {
    for (service, other) in [("bedrock", "q-data-source-fed"), ("qbusiness", "knowledge-base-fed")] {
        let firing = names(&firing(&recorded(service, "CreateDataSource", Who::Role, None)));
        assert!(!firing.is_empty() && !firing.contains(&other), "{firing:?}");
    }
    // What says that it is of another source than it is has not come from AWS.
    let mut forged = recorded("bedrock", "CreateAgent", Who::Role, None);
    forged["source"] = json!("company.tests");
    assert!(firing(&forged).is_empty());
}

#[test]
fn what_ends_the_principal_goes_by_who_it_is() {
    let values = |event: &Value, name: &str| {
        let facts = Facts::of(&detection(event));
        let all = firing(event);
        let trigger = all.iter().find(|one| one.name.as_str() == name).expect("it fires");
        let filled = prefilled(trigger, &facts, &parameters(&trigger.runbook));
        let plain: Vec<(String, Value)> = filled.values.into_iter().map(|(name, one)| (name, one.value)).collect();
        let open: Vec<String> = filled.open.into_iter().map(|one| one.parameter).collect();
        (plain, open)
    };
    let (filled, open) = values(&recorded("bedrock", "CreateAgent", Who::Role, None), "bedrock-agent-made");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/web-task");
    let since = ("since".to_owned(), json!("2026-11-22T02:00:00Z"));
    assert_eq!((filled, open), (vec![("principal".to_owned(), json!(role)), since], vec![]));
    let event = found("Impact:IAMUser/CostHarvesting", Who::User);
    let (filled, open) = values(&event, "guardduty-models-misused-by-user");
    assert_eq!(open, Vec::<String>::new());
    assert!(filled.contains(&("key".to_owned(), json!("AKIAIOSFODNN7EXAMPLE"))), "{filled:?}");
    let (_, open) = values(&recorded("bedrock", "StartIngestionJob", Who::User, None), "knowledge-base-fed");
    assert_eq!(open, Vec::<String>::new());
    let event = recorded("iam", "ResetServiceSpecificCredential", Who::Role, None);
    let (_, open) = values(&event, "bedrock-api-key-made");
    assert_eq!(open, ["user"], "whose key it was is in no fact, and the one who reset it is another one");
}

#[test]
fn only_incidents_are_answered_before_a_person_has_looked() {
    let grades = |grade| shipped_triggers().iter().filter(|one| one.grade == grade).count();
    assert!(grades(Grade::Notice) > 0 && grades(Grade::Suspicious) > 0 && grades(Grade::Incident) > 0);
    for trigger in shipped_triggers() {
        assert!(trigger.unattended == Unattended::Never || trigger.grade == Grade::Incident, "{}", trigger.name);
        // What somebody does every day is no incident, and once is no notice.
        assert!(trigger.grade != Grade::Notice || trigger.after.is_some(), "{}", trigger.name);
    }
}

fn region(name: &str) -> Region {
    Region::new(name).expect("a Region")
}

fn delivers(rule: &EventRule<'_>, event: &Event) -> bool {
    Pattern::read(&rule.pattern.to_string()).expect("a pattern").matches(event)
}

#[test]
fn rules_bring_each_event_to_its_triggers_and_no_other() {
    let rules = event_rules(shipped_triggers(), &region("us-east-1"));
    let elsewhere = event_rules(shipped_triggers(), &region("eu-west-1"));
    let asked: Vec<&str> = rules.iter().flat_map(|rule| &rule.triggers).map(|one| one.name.as_str()).collect();
    assert_eq!(asked.len(), shipped_triggers().len(), "each trigger has one rule");
    for row in rows(EVENTS, 5) {
        let (service, name, plane, more) = (row[0], row[1], row[2], row.get(5).copied());
        for who in [Who::Role, Who::User] {
            let event = recorded(service, name, who, more);
            let read = Event::read(&event.to_string()).expect("an event");
            let brought = |rules: &[EventRule<'_>]| {
                let all = rules.iter().filter(|rule| delivers(rule, &read)).flat_map(|rule| &rule.triggers);
                all.map(|one| one.name.as_str().to_owned()).collect::<BTreeSet<String>>()
            };
            let fires: BTreeSet<String> = names(&firing(&event)).into_iter().map(str::to_owned).collect();
            assert_eq!(brought(&rules), fires, "{service} {name}");
            let expected = if service == "iam" { BTreeSet::new() } else { fires };
            assert_eq!(brought(&elsewhere), expected, "{service} {name} elsewhere");
            let is_read = ["Describe", "Get", "List"].iter().any(|start| name.starts_with(start));
            if is_read && plane == "management" {
                let all = rules.iter().filter(|rule| delivers(rule, &read));
                all.for_each(|rule| assert!(rule.reads, "{} would not get {name}", rule.id));
            }
        }
    }
    let made = rules.iter().find(|rule| rule.triggers[0].name.as_str() == "bedrock-agent-made").expect("a rule");
    assert!(!made.reads, "what only writes asks for no reads");
}

#[test]
fn the_template_is_one_that_cloudformation_takes() {
    for name in ["us-east-1", "eu-west-1"] {
        let template = event_rules_template(shipped_triggers(), &region(name), &data_events());
        let resources = template["Resources"].as_object().expect("resources");
        let of = |kind: &str| resources.iter().filter(|(_, one)| one["Type"] == kind).collect::<Vec<_>>();
        let rules = of("AWS::Events::Rule");
        assert_eq!(rules.len() + 4, resources.len());
        assert_eq!((of("AWS::SQS::Queue").len(), of("AWS::SQS::QueuePolicy").len()), (2, 2));
        let statement = &resources["DetectionsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
        assert_eq!(statement["Principal"], json!({ "Service": "events.amazonaws.com" }));
        let senders = statement["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].as_str().expect("a text");
        let (_, start) = senders.rsplit_once('/').expect("a rule");
        let start = start.strip_suffix('*').expect("all that begin so");
        let mut called = BTreeSet::new();
        let is_global = name == "us-east-1";
        for (id, rule) in &rules {
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
            let properties = &rule["Properties"];
            let name = properties["Name"].as_str().expect("a name");
            assert!(name.starts_with(start) && name.len() <= 64 && called.insert(name), "{name} may not send");
            assert!(properties["EventPattern"].to_string().len() <= 2_048, "{id}");
            assert_eq!(properties["Targets"].as_array().map(Vec::len), Some(1));
            assert_eq!(properties["Targets"][0]["Arn"], json!({ "Fn::GetAtt": ["Detections", "Arn"] }));
            let state = properties["State"].as_str().expect("a state");
            assert!(["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"].contains(&state), "{state}");
            let global = properties["EventPattern"]["source"].as_array().expect("sources").contains(&json!("aws.iam"));
            assert!(!global || is_global, "{id}");
        }
        assert_eq!(
            resources["RuleBedrockDataCalled"]["Metadata"]["quell"]["data_events_of"][0],
            "AWS::Bedrock::AgentAlias"
        );
        let again = event_rules_template(shipped_triggers(), &region(name), &data_events());
        assert_eq!(template.to_string(), again.to_string());
    }
}
