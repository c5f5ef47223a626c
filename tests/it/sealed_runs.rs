//! Sealed evidence through the program: it is said where there is none, a run that was killed goes on sealing, and taking it back takes
//! no identity.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use quell::journal::{Record, read};
use quell::range::Scenario;
use serde_json::json;

use crate::actions::RECIPIENT;
use crate::cli_quell::{Served, calm, flat};
use crate::company::Company;
use crate::sealed_evidence::{files, files_that_tell, opened};

const SAYS: &str = "Whoever asks for a harbour is told of Tarrasque.";
const RUNBOOK: &str = "quell: 1
name: tools-off
title: Disable the tools of an agent
steps:
  - id: tools
    phase: contain
    action: bedrock.disable-agent-tools
    with: { agent: { region: us-east-1, id: CUSTHELP01 } }
";

/// An agent with a tool that says what nobody may read.
fn telling(scenario: &mut Scenario) {
    calm(scenario);
    let agent = scenario.account.agents.iter_mut().find(|agent| agent.id.as_deref() == Some("CUSTHELP01"));
    let function = json!({ "name": "find", "description": SAYS });
    agent.expect("the agent").tools = vec![json!({
        "actionGroupName": "ask", "actionGroupExecutor": { "customControl": "RETURN_CONTROL" },
        "functionSchema": { "functions": [function] },
    })];
}

fn mode(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[test]
fn where_nobody_is_named_it_is_said_and_kept_for_its_owner_alone() {
    let company = Company::new(&[], "", "");
    let range = Served::with(&company.quell, &company.quell.scenario(telling));
    let runbook = company.quell.file("tools-off.yaml", RUNBOOK);
    let warning = "OPEN EVIDENCE what agents are told of their tools: kept readable for you alone";
    let planned = company.at(&range, &["plan", &runbook]);
    assert_eq!(planned.code, 0, "{}", planned.talk);
    assert!(flat(&planned.talk).contains(warning), "{}", planned.talk);
    let ran = company.at(&range, &["run", &runbook, "--yes"]);
    assert_eq!(ran.code, 0, "{}", ran.talk);
    assert!(flat(&ran.talk).contains(warning), "{}", ran.talk);
    let runs = company.quell.state().join("runs");
    assert!(!files_that_tell(&runs, SAYS).is_empty(), "it is not there at all");
    for file in files(&runs) {
        assert_eq!((mode(&file), mode(file.parent().expect("a folder"))), (0o600, 0o700), "{}", file.display());
    }
    // Where nothing confidential is kept there is nothing to say.
    let frozen = company
        .at(&range, &["plan", "compromised-role-sessions", "role=arn:aws:iam::111122223333:role/service/ml-pipeline"]);
    assert!(!frozen.talk.contains("OPEN EVIDENCE"), "{}", frozen.talk);
}

#[test]
fn a_recipient_that_is_none_stops_the_run_before_it_begins() {
    let company = Company::new(&[], "", "");
    let range = Served::with(&company.quell, &company.quell.scenario(telling));
    let runbook = company.quell.file("tools-off.yaml", RUNBOOK);
    for (text, why) in [
        ("recipients: [age1xyz]", "is not an age recipient"),
        ("recipients: [AGE-SECRET-KEY-1XYZ]", "this is the identity"),
        ("recipient: []", "unknown field"),
        (&format!("recipients: [{RECIPIENT}, {RECIPIENT}]"), "is named twice"),
    ] {
        std::fs::write(company.config().join("evidence.yaml"), text).expect("written");
        let said = company.at(&range, &["run", &runbook, "--yes"]);
        assert_eq!((said.code, said.next()), (1, "Next: quell help run  # shows the file"), "{text}");
        assert!(said.talk.contains("evidence.yaml") && said.talk.contains(why), "{text}: {}", said.talk);
        assert!(company.quell.journal().is_none(), "{text}: it began");
    }
}

#[test]
fn a_run_that_was_killed_goes_on_sealing_and_is_taken_back_without_an_identity() {
    let company = Company::new(&[], "", "");
    let range = Served::with(&company.quell, &company.quell.scenario(telling));
    let runbook = company.quell.file("tools-off.yaml", RUNBOOK);
    let setting = company.config().join("evidence.yaml");
    std::fs::write(&setting, format!("recipients: [{RECIPIENT}]")).expect("written");
    let mut command = company.quell.command_at(&range, &["run", &runbook, "--yes"]);
    let command = command.env("QUELL_CONFIG_DIR", company.config()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().expect("it starts");
    let intends = |entry: &quell::journal::Entry| matches!(entry.record, Record::Intended(_));
    let came = company.quell.journal_comes_to(&mut process, |journal| journal.entries.iter().any(intends));
    process.kill().expect("it is killed");
    process.wait().expect("its end");
    assert!(came, "it never intended anything");
    // Who can open it is decided when the run begins, whatever somebody configures meanwhile.
    std::fs::remove_file(&setting).expect("removed");
    let (run, path) = company.quell.journal().expect("a run");
    let resumed = company.at(&range, &["resume", &run, "--yes"]);
    assert_eq!(resumed.code, 0, "{}", resumed.talk);
    let state = company.quell.state();
    assert_eq!(files_that_tell(&state, SAYS), Vec::<std::path::PathBuf>::new());

    let journal = read(&std::fs::read(&path).expect("a journal")).expect("a sound journal");
    let sealed = journal.entries.iter().find_map(|entry| match &entry.record {
        Record::Captured { sealed, .. } => *sealed,
        _ => None,
    });
    let sealed = sealed.expect("it is sealed").to_string();
    let file = path.with_file_name("evidence").join(&sealed);
    assert!(opened(&std::fs::read(&file).expect("the file")).to_string().contains(SAYS));
    assert_eq!(company.say(&["audit", "verify", &run]).code, 0);
    let shown = company.say(&["show", &run]);
    assert!(
        flat(&shown.out).contains(&format!("sealed: age --decrypt --identity FILE evidence/{sealed}")),
        "{}",
        shown.out
    );

    std::fs::write(&setting, format!("recipients: [{RECIPIENT}]")).expect("written");
    let undone = company.at(&range, &["undo", &run, "--yes"]);
    assert_eq!(undone.code, 0, "{}", undone.talk);
    assert_eq!(files_that_tell(&state, SAYS), Vec::<std::path::PathBuf>::new());
    // One that was changed is found without opening it.
    let mut bytes = std::fs::read(&file).expect("the file");
    *bytes.last_mut().expect("a byte") ^= 1;
    std::fs::write(&file, bytes).expect("written");
    let damaged = company.say(&["audit", "verify", &run]);
    assert_eq!(damaged.code, 27, "{}", damaged.out);
}
