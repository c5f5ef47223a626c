//! What needs no account: check, graph, show, and mistakes on the command line.

use serde_json::Value;

use crate::cli_quell::{Quell, RUNBOOK};

#[test]
fn the_shipped_runbook_has_no_findings() {
    let quell = Quell::new();
    let said = quell.say(&["check", RUNBOOK, "rogue-bedrock-agent"]);
    insta::assert_snapshot!(said.out, @r#"
    runbooks/rogue-bedrock-agent.yaml: no findings
    rogue-bedrock-agent: no findings
    "#);
    assert_eq!((said.code, said.talk.as_str()), (0, ""));
}

#[test]
fn findings_have_their_place_and_their_code() {
    let quell = Quell::new();
    let path = quell.file(
        "bad.yaml",
        "quell: 1\nname: bad\ntitle: Bad\nsteps:\n  - id: freeze\n    phase: contain\n    action: iam.revoke-session\n    \
         with: { principal: \"arn:aws:iam::111122223333:role/x\" }\n",
    );
    let said = quell.say(&["check", &path]);
    insta::assert_snapshot!(said.out.replace(&quell.home.path().display().to_string(), "[HOME]"), @r#"
    error[unknown-action]: there is no action `iam.revoke-session`
     --> [HOME]/bad.yaml:7:13
      |
    7 |     action: iam.revoke-session
      |             ^^^^^^^^^^^^^^^^^^
      |
      = help: did you mean `iam.revoke-sessions`?
    "#);
    assert_eq!(said.code, 2);
    assert!(said.next().starts_with("Next: quell check "));
    let json: Value = serde_json::from_str(&quell.say(&["check", &path, "--output", "json"]).out).expect("JSON");
    assert_eq!(json["format"], 1);
    let first = &json["diagnostics"][0];
    assert_eq!((first["line"].as_u64(), first["severity"].as_str()), (Some(7), Some("error")));
}

/// Scenarios lie beside runbooks and are YAML as well: one finding says what the file is.
#[test]
fn a_scenario_is_no_runbook() {
    let said = Quell::new().say(&["check", "examples/rogue-bedrock-agent.yaml"]);
    insta::assert_snapshot!(said.out, @r#"
    error[wrong-type]: this is a scenario for rehearsals, and no runbook
     --> examples/rogue-bedrock-agent.yaml:5:11
      |
    5 | scenario: 1
      |           ^
      |
      = help: rehearse a runbook with it: `quell rehearse RUNBOOK --scenario FILE`
    "#);
    assert_eq!(said.code, 2);
}

/// One file that cannot be read hides nothing of the others.
#[test]
fn what_cannot_be_read_is_a_finding_like_others() {
    let quell = Quell::new();
    let bad = quell.file("bad.yaml", "quell: 1\n");
    let latin = quell.home.path().join("latin.yaml");
    std::fs::write(&latin, b"quell: 1\ntitle: caf\xe9\n").expect("written");
    let latin = latin.display().to_string();
    let names = ["check", "nowhere.yaml", "rogue-bedrock-agents", &latin, &bad, "--output", "json"];
    let said = quell.say(&names);
    assert_eq!(said.code, 2, "{}", said.talk);
    let json: Value = serde_json::from_str(&said.out).expect("JSON");
    let of = |name: &str| {
        let all = json["diagnostics"].as_array().expect("findings").iter().find(|one| one["file"] == name);
        all.unwrap_or_else(|| panic!("{name} has no finding: {json}")).clone()
    };
    assert_eq!(
        (of("nowhere.yaml")["code"].as_str(), of(&bad)["code"].as_str()),
        (Some("unreadable"), Some("missing-field"))
    );
    let message = of("rogue-bedrock-agents")["message"].to_string();
    assert!(message.contains("did you mean `rogue-bedrock-agent`?"), "{message}");
    let latin = of(&latin);
    assert_eq!(
        (latin["code"].as_str(), latin["line"].as_u64(), latin["column"].as_u64()),
        (Some("not-yaml"), Some(2), Some(11))
    );
    let text = quell.say(&["check", "nowhere.yaml"]);
    assert!(text.out.starts_with("error[unreadable]: failed to read runbook `nowhere.yaml`"), "{}", text.out);
}

#[test]
fn what_holds_no_record_is_no_sound_journal() {
    let quell = Quell::new();
    for text in ["", "hello", "{\"nonce\":\"\"}"] {
        let said = quell.say(&["audit", "verify", &quell.file("journal.jsonl", text)]);
        assert_eq!(said.code, 27, "{text:?}: {}", said.out);
        assert!(said.out.contains("it holds no record"), "{}", said.out);
    }
}

#[test]
fn names_that_are_nearly_right_are_named() {
    let quell = Quell::new();
    for (verb, slip, right) in [
        ("actions", "iam.revoke-session", "iam.revoke-sessions"),
        ("queries", "bedrock.agent", "bedrock.agents"),
        ("runbooks", "rogue-bedrock-agents", "rogue-bedrock-agent"),
    ] {
        let said = quell.say(&[verb, slip]);
        assert_eq!((said.code, said.next()), (1, format!("Next: quell {verb} {right}").as_str()));
        assert!(said.talk.contains(&format!("did you mean `{right}`?")), "{}", said.talk);
    }
}

#[test]
fn the_graph_of_the_shipped_runbook() {
    let quell = Quell::new();
    let said = quell.say(&["graph", RUNBOOK]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 90));
    insta::assert_snapshot!(said.out, @r#"
    rogue-bedrock-agent
    Contain a rogue Bedrock agent and the principal that made it

    CONTAIN
       1  lock_trust     iam.lock-trust
       1  keys           query iam.access-keys
       1  deactivate     iam.deactivate-access-keys
       1  rogue          query bedrock.agents
       2  freeze         iam.revoke-sessions
            after  lock_trust
            hazard lock_trust: trust-lock-before-revoke
       2  freeze_user    iam.revoke-sessions
            hazard deactivate: keys-before-revoke
       2  pause          bedrock.pause-agent  for each item
            uses   rogue
       3  case           support.open-case
            after  freeze, freeze_user, deactivate, pause

    ERADICATE
       1  pause_unknown  bedrock.pause-agent  for each item
            uses   rogue
       1  sure           GATE confirm
            after  pause
            uses   rogue
       2  delete         bedrock.delete-agent  for each item  ! irreversible
            needs  sure
            uses   rogue
            hazard pause (item by item): pause-before-delete
            hazard pause_unknown (item by item): pause-before-delete

    RECOVER
       1  trails         query cloudtrail.trails
       2  handover       GATE instruction
            uses   trails

    Steps with one number may run at the same time. needs: must have succeeded. after: must
    have ended, however it ended. uses: the query must have been answered.
    hazard: the order that AWS or containment demands, like `after`:
      keys-before-revoke
        whoever still has a working key gets a session younger than the cut-off; the cut-off
        then covers the time until the key is refused everywhere
      pause-before-delete
        deleting takes minutes in which an agent that is not paused still answers
      trust-lock-before-revoke
        whoever can still take on the role gets a session younger than the cut-off; the
        cut-off then covers the time until the lock is seen everywhere
    "#);
    for (format, begins) in [("mermaid", "flowchart"), ("dot", "digraph"), ("json", "{")] {
        assert!(quell.say(&["graph", RUNBOOK, "--format", format]).out.starts_with(begins), "{format}");
    }
}

#[test]
fn each_error_names_the_other_verb() {
    let quell = Quell::new();
    let said = quell.say(&["apply", RUNBOOK]);
    assert_eq!((said.code, said.next()), (1, "Next: quell run runbooks/rogue-bedrock-agent.yaml"));
    let plan = quell.file("plan.json", "{\"nonce\":\"\",\"steps\":[]}");
    let said = quell.say(&["run", &plan]);
    assert_eq!((said.code, said.next()), (1, format!("Next: quell apply {plan}").as_str()));
}

#[test]
fn a_wrong_command_line_is_64_and_nothing_else_is() {
    let quell = Quell::new();
    for arguments in [
        &["frobnicate"][..],
        &[],
        &["plan"],
        &["plan", "rogue-bedrock-agent"],
        &["plan", "rogue-bedrock-agent", "nonsense"],
        &["plan", "q-developer-misuse", "--save", "x"],
        &["run", "rogue-bedrock-agent", "--through", "recovery"],
        &["range", "serve", "--listen", "nowhere"],
    ] {
        let said = quell.say(arguments);
        assert_eq!(said.code, 64, "{arguments:?}: {}", said.talk);
        assert!(said.next().starts_with("Next: quell "), "{}", said.talk);
    }
    let slip = quell.say(&["plan", "rogue-bedrock-agent", "--phase", "contian"]);
    assert!(slip.code == 64 && slip.talk.contains("a similar value exists: 'contain'"), "{}", slip.talk);
    assert_eq!(quell.say(&["--version"]).code, 0);
    assert_eq!(quell.say(&["--help"]).code, 0);
}

#[test]
fn every_page_and_schema_is_there() {
    let quell = Quell::new();
    let list: Value = serde_json::from_str(&quell.say(&["actions", "--output", "json"]).out).expect("JSON");
    for action in list["actions"].as_array().expect("actions") {
        let name = action["name"].as_str().expect("a name");
        assert!(quell.say(&["actions", name]).out.contains("Undo"), "{name}");
    }
    for of in ["runbook", "scenario", "plan"] {
        let schema: Value = serde_json::from_str(&quell.say(&["schema", of]).out).expect("JSON");
        assert!(schema["properties"].is_object(), "{of}");
    }
    let policy: Value = serde_json::from_str(&quell.say(&["permissions", RUNBOOK]).out).expect("JSON");
    assert_eq!(policy["Version"], "2012-10-17");
    assert!(!policy.to_string().contains("000000000000"));
    assert!(quell.say(&["exit-codes"]).out.contains("130"));
    assert!(quell.say(&["help", "exit-codes"]).out.contains("130"));
    assert!(quell.say(&["runbooks"]).out.contains("principal=iam_arn, needed"));
}

#[test]
fn runs_that_are_not_there_are_said_so() {
    let quell = Quell::new();
    assert_eq!(quell.say(&["status"]).out, "no runs\n");
    for arguments in [&["show", "abc"][..], &["resume", "abc"], &["undo", "abc"], &["audit", "verify", "abc"]] {
        let said = quell.say(arguments);
        assert_eq!((said.code, said.next()), (1, "Next: quell status"), "{arguments:?}");
    }
}

#[test]
fn a_state_directory_that_cannot_be_written_is_a_state_of_its_own() {
    let quell = Quell::new();
    let said = quell.say(&["status", "--state-dir", "/proc/nowhere"]);
    assert_eq!(said.code, 30, "{}", said.talk);
    said.next();
}

/// Whoever may write in the state directory decides what is in it.
#[test]
fn a_state_directory_that_others_may_write_in_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let quell = Quell::new();
    assert_eq!(quell.say(&["status"]).code, 0);
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    for path in [quell.state(), quell.state().join("runs")] {
        mode(&path, 0o777);
        let said = quell.say(&["status"]);
        assert_eq!(said.code, 1, "{}", said.talk);
        assert!(said.talk.contains("others may write in it: its mode is 777"), "{}", said.talk);
        let healed = crate::cli_next::typed(&quell, said.next());
        assert_eq!(healed.code, 0, "{}", healed.talk);
        assert_eq!(quell.say(&["status"]).code, 0);
    }
    let runs = quell.state().join("runs");
    mode(&runs, 0o755);
    assert_eq!(quell.say(&["status"]).code, 0);
    let found = runs.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(found, 0o700, "what others may read is tightened");
    // A link that one has made oneself leads where one wants it to lead.
    let link = quell.home.path().join("link");
    symlink(quell.state(), &link).expect("a link");
    assert_eq!(quell.say(&["status", "--state-dir", &link.display().to_string()]).code, 0);
}

#[test]
fn aws_and_ranges_are_not_mixed_up() {
    let quell = Quell::new();
    let plan = ["plan", "rogue-bedrock-agent", "principal=arn:aws:iam::111122223333:role/x"];
    for more in [
        &["--endpoint-url", "http://127.0.0.1:9"][..],
        &["--range"],
        &["--range", "--endpoint-url", "https://iam.amazonaws.com"],
        &["--range", "--endpoint-url", "http://10.0.0.1"],
    ] {
        assert_eq!(quell.say(&[&plan, more].concat()).code, 64, "{more:?}");
    }
}

/// What a finding tells to do is accepted when it is done, and says nothing that is not.
#[test]
fn the_help_of_a_finding_leads_on() {
    let quell = Quell::new();
    let found = |parameters: &str, step: &str| {
        let text = format!(
            "quell: 1\nname: x\ntitle: X\nparameters: {{ {parameters} }}\nsteps:\n  - {{ id: x, phase: contain, {step} }}\n"
        );
        let said = quell.say(&["check", &quell.file("x.yaml", &text), "--output", "json"]);
        let json: Value = serde_json::from_str(&said.out).expect("JSON");
        let all = json["diagnostics"].as_array().expect("findings").iter();
        let words = |one: &Value| format!("{} | {}", one["message"], one["help"]);
        all.map(words).collect::<Vec<_>>().join("\n")
    };
    let pause = "action: bedrock.pause-agent, with: { agent:";
    for (parameters, step, told, not_told) in [
        (
            "ag: { type: string }",
            format!("{pause} \"${{{{ parameters.ag }}}}\" }}"),
            "from what a query has found, or write it out: `{ id: …, region: … }`",
            "sample",
        ),
        ("", format!("timeout: 5, {pause} {{ id: ABCDEFGHIJ, region: eu-west-1 }} }}"), "such as `15m`", "in quotes"),
        (
            "l: { type: list }",
            "gate: confirm, message: \"${{ parameters.l }}\"".to_owned(),
            "`list<string>`",
            "there are",
        ),
        ("l: { type: [string] }", "gate: confirm, message: x".to_owned(), "`list<string>`", "one text"),
        (
            "",
            "action: iam.revoke-sessions, for_each: \"${{ [] }}\", with: { principal: \"${{ item }}\" }".to_owned(),
            "never runs: its list is always empty",
            "is not an ARN",
        ),
        (
            "",
            "query: bedrock.agents, with: { tags: [a] }".to_owned(),
            "expected a mapping, found a list",
            "invalid type",
        ),
    ] {
        let found = found(parameters, &step);
        assert!(found.contains(told) && !found.contains(not_told), "{parameters} {step}\n{found}");
    }
    let nowhere = quell.say(&["check", "nowhere.yaml"]);
    assert!(nowhere.next().starts_with("Next: quell runbooks  # "), "{}", nowhere.talk);
    let unknown = quell.say(&["plan", "zzz"]);
    assert!(unknown.talk.lines().all(|line| line.len() < 200), "names stand where they have room: {}", unknown.talk);
}

/// What could change what a screen says is escaped in a drawing for programs as JSON does it.
#[test]
fn a_drawing_for_programs_is_json_and_harmless() {
    let quell = Quell::new();
    let gate =
        "quell: 1\nname: x\ntitle: \"a\\u202eb\"\nsteps:\n  - { id: x, phase: contain, gate: confirm, message: x }\n";
    let said = quell.say(&["graph", &quell.file("x.yaml", gate), "--format", "json"]);
    let json: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out));
    assert!(json.to_string().contains('\u{202e}') && !said.out.contains('\u{202e}'), "{}", said.out);
}

#[test]
fn a_range_listens_where_this_machine_calls_itself() {
    use std::io::{BufRead, BufReader};
    let quell = Quell::new();
    let mut command = quell.command(&["range", "serve", "--listen", "localhost:0"]);
    let mut range =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().expect("a range");
    let mut address = String::new();
    BufReader::new(range.stdout.take().expect("its output")).read_line(&mut address).expect("its address");
    range.kill().and_then(|()| range.wait()).expect("ended");
    assert!(address.starts_with("http://127.0.0.1:"), "{address}");
}
