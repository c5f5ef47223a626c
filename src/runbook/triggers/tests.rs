use std::time::Duration;

use serde_json::json;

use super::*;
use crate::actions::registry;
use crate::base::TriggerName;
use crate::detect::{Fact, Filling, Grade, Trigger, Unattended};
use crate::runbook::{Code, Diagnostic, Source};

const SOUND: &str = "
quell: 1
triggers:
  - name: agent-made
    title: Somebody made an agent
    grade: incident
    runbook: rogue-bedrock-agent
    unattended: when_harmless
    pattern: { source: [aws.bedrock], detail: { eventName: [CreateAgent, { prefix: Update }] } }
    parameters:
      principal: { from: role }
      user: { from: user }
      since: { from: time, earlier: 1h }
      delete_unknown: { is: false }
      cc: { is: [kai@example.com] }
    dedupe: [principal, region]
    window: 2h
    after: { times: 5, within: 15m }
";

fn checked(text: &str) -> CheckedTriggers {
    check_triggers(Source::new("own/t.yaml", text), registry(), &TakenNames::new())
}

/// Each finding as one line: its code, its place, what is wrong and what helps.
fn found(text: &str) -> String {
    let line = |one: &Diagnostic| {
        let help = one.help.as_deref().unwrap_or("-");
        format!("{} {}:{} {} | {help}\n", one.code, one.line, one.column, one.message)
    };
    checked(text).diagnostics.iter().map(line).collect()
}

fn one() -> Trigger {
    let checked = checked(SOUND);
    assert!(checked.diagnostics.is_empty(), "{}", found(SOUND));
    checked.triggers.into_iter().next().expect("one trigger")
}

#[test]
fn a_trigger_is_what_its_text_says() {
    let trigger = one();
    assert_eq!(trigger.name.as_str(), "agent-made");
    assert_eq!((trigger.grade, trigger.unattended), (Grade::Incident, Unattended::WhenHarmless));
    assert_eq!(trigger.runbook, "rogue-bedrock-agent");
    assert_eq!(trigger.written["detail"]["eventName"], json!(["CreateAgent", { "prefix": "Update" }]));
    let hour = Duration::from_secs(3600);
    assert_eq!(trigger.parameters["since"], Filling::From { fact: Fact::Time, earlier: hour });
    assert_eq!(trigger.parameters["cc"], Filling::Is(json!(["kai@example.com"])));
    assert_eq!(trigger.dedupe, [Fact::Principal, Fact::Region]);
    assert_eq!(trigger.window, 2 * hour);
    assert_eq!(trigger.after.map(|after| (after.times, after.within)), Some((5, Duration::from_secs(900))));
}

#[test]
fn what_a_trigger_does_not_say_has_its_default() {
    let text =
        SOUND.replace("    dedupe: [principal, region]\n    window: 2h\n    after: { times: 5, within: 15m }\n", "");
    let checked = checked(&text.replace("    unattended: when_harmless\n", ""));
    let trigger = &checked.triggers[0];
    assert_eq!(trigger.dedupe, [Fact::Account, Fact::Principal]);
    assert_eq!((trigger.window, trigger.after), (Duration::from_secs(6 * 3600), None));
    assert_eq!(trigger.unattended, Unattended::Never);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let mut wrong = String::new();
    for (was, is, finding) in [
        ("quell: 1", "quell: 2", "not-yet 2:8 this is format 2"),
        ("name: agent-made", "name: Agent", "invalid-value 4:11 `Agent` is not the name of a trigger"),
        ("    title: Somebody made an agent\n", "", "missing-field 4:5 the trigger has no `title`"),
        (
            "grade: incident",
            "grade: incidnet",
            "invalid-value 6:12 `grade` cannot be `incidnet` | did you mean `incident`?",
        ),
        ("grade: incident", "grade: suspicious", "invalid-value 8:17 only an incident may be answered"),
        (
            "unattended:",
            "unatended:",
            "unknown-field 8:5 a trigger has no field `unatended` | did you mean `unattended`?",
        ),
        (
            "runbook: rogue-bedrock-agent",
            "runbook: rogue-bedrock-agnt",
            "unknown-runbook 7:14 there is no runbook `rogue-bedrock-agnt` | did you mean `rogue-bedrock-agent`?",
        ),
        (
            "runbook: rogue-bedrock-agent",
            "runbook: mine.yaml",
            "unknown-runbook 7:14 failed to read runbook `own/mine.yaml`",
        ),
        (
            "{ prefix: Update }",
            "{ prefx: Update }",
            "bad-pattern 9:83 AWS takes no such pattern: `detail.eventName[1].prefx`",
        ),
        ("source: [aws.bedrock]", "source: aws.bedrock", "bad-pattern 9:24 AWS takes no such pattern: `source`"),
        (
            "user: { from: user }",
            "usr: { from: user }",
            "unknown-parameter 12:7 runbook `rogue-bedrock-agent` has no parameter `usr` | did you mean `user`?",
        ),
        ("principal: { from: role }", "language: { is: de }", "missing-input 4:5 `principal` is not filled"),
        ("{ from: user }", "{ from: usr }", "invalid-value 12:21 `from` cannot be `usr` | did you mean `user`?"),
        (
            "{ from: user }",
            "{ frm: user }",
            "unknown-field 12:15 parameter `user` has no field `frm` | did you mean `from`?",
        ),
        (
            "{ from: user }",
            "{ from: access_key }",
            "wrong-type 12:21 `access_key` is an `access_key_id`, and `user` takes an `iam_arn`",
        ),
        (
            "{ from: user }",
            "{ all: user }",
            "wrong-type 12:20 `user` is no list, and `all` gives one | write `from: user`",
        ),
        ("{ from: user }", "{ earlier: 1h }", "missing-field 12:7 `user` does not say where its value comes from"),
        ("{ from: user }", "{ from: user, ask: who }", "misplaced-field 12:27 `user` says more than once"),
        ("{ from: user }", "{ from: user, earlier: 1h }", "misplaced-field 12:27 `earlier` is about a point in time"),
        ("{ from: user }", "{ ask: ' ' }", "invalid-value 12:20 `user` asks nothing"),
        ("earlier: 1h", "earlier: soon", "invalid-value 13:37 `soon` is not a duration"),
        ("{ is: false }", "{ is: 'no' }", "wrong-type 14:29 the value does not fit"),
        (
            "dedupe: [principal, region]",
            "dedupe: [principl]",
            "invalid-value 16:14 `dedupe` cannot be `principl` | did you mean `principal`?",
        ),
        (
            "dedupe: [principal, region]",
            "dedupe: []",
            "invalid-value 16:13 all detections of a runbook would be one incident",
        ),
        ("dedupe: [principal, region]", "dedupe: [region, region]", "repeated 16:22 `region` stands here twice"),
        ("window: 2h", "window: 90d", "invalid-value 17:13 a trigger looks back a moment at least"),
        ("times: 5", "times: 1", "invalid-value 18:21 every single detection counts without `after`"),
        (", within: 15m", "", "missing-field 18:12 `after` has no `within`"),
    ] {
        assert!(SOUND.contains(was), "{was}");
        let found = found(&SOUND.replacen(was, is, 1));
        if !found.starts_with(finding) && !found.contains(&format!("\n{finding}")) {
            wrong.push_str(&format!("{was} -> {is}: {finding}\n{found}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn no_two_triggers_have_one_name() {
    let again: String = SOUND.split_once("triggers:\n").map(|(_, list)| list.to_owned()).expect("a list");
    let found_twice = found(&(SOUND.to_owned() + &again));
    assert!(found_twice.contains("duplicate-id 19:11 another trigger is called `agent-made`"), "{found_twice}");
    let taken = TakenNames::from([(TriggerName::new("agent-made").expect("a name"), "`a.yaml`".to_owned())]);
    let checked = check_triggers(Source::new("t.yaml", SOUND), registry(), &taken);
    let said: Vec<(Code, &str)> = checked.diagnostics.iter().map(|one| (one.code, one.message.as_str())).collect();
    assert_eq!(said, [(Code::DuplicateId, "another trigger is called `agent-made`, in `a.yaml`")]);
}

#[test]
fn a_pattern_that_is_longer_than_aws_takes_is_told() {
    let names: Vec<String> = (0..200).map(|number| format!("CreateAgent{number}")).collect();
    let found = found(&SOUND.replace("CreateAgent, ", &format!("{}, ", names.join(", "))));
    assert!(found.contains("and AWS takes 2048"), "{found}");
}

#[test]
fn a_runbook_says_itself_which_detections_ask_for_it() {
    let on = "\
quell: 1
name: mine
title: Mine
parameters:
  role: { type: iam_arn }
on:
  - name: mine-made
    title: Somebody did it
    grade: suspicious
    pattern: { source: [aws.bedrock] }
    parameters: { role: { from: role } }
steps:
  - { id: a, phase: contain, action: iam.lock-trust, with: { role: \"${{ parameters.role }}\" } }
";
    let compiled = |text: &str| {
        let (runbook, findings) =
            crate::runbook::compile(std::sync::Arc::new(Source::new("mine.yaml", text)), registry());
        let list: Vec<String> =
            findings.into_list().iter().map(|one| format!("{} {}:{}", one.code, one.line, one.column)).collect();
        (runbook.expect("a runbook"), list)
    };
    let (runbook, findings) = compiled(on);
    assert_eq!(findings, Vec::<String>::new());
    let asks: Vec<(&str, &str)> =
        runbook.triggers().iter().map(|one| (one.name.as_str(), one.runbook.as_str())).collect();
    assert_eq!(asks, [("mine-made", "mine.yaml")]);
    assert_eq!(
        compiled(&on.replace("    grade: suspicious", "    runbook: x\n    grade: suspicious")).1,
        ["misplaced-field 9:14"]
    );
    assert_eq!(
        compiled(&on.replace("role: { from: role }", "rol: { from: role }")).1,
        ["unknown-parameter 11:19", "missing-input 7:5"]
    );
}

#[test]
fn the_shipped_triggers_are_sound() {
    let mut taken = TakenNames::new();
    for file in shipped_trigger_files() {
        let checked = check_triggers(Source::new(file.name, file.text), registry(), &taken);
        assert_eq!(crate::runbook::render(&checked.diagnostics, &checked.source, false), "");
        taken.extend(checked.triggers.into_iter().map(|one| (one.name, file.name.to_owned())));
    }
    assert_eq!(taken.len(), shipped_triggers().len());
}
