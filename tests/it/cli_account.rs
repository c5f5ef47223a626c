//! Plan, run, gates, undo and audit against a range that the binary serves.

use crate::cli_quell::{Quell, RUNBOOK, Served, VALUES, scrubbed};

const GATE: &str = "quell: 1
name: gate-only
title: Ask first
steps:
  - id: sure
    phase: contain
    gate: confirm
    message: Really?
";
const FREEZE: &str = "quell: 1
name: freeze-only
title: End the sessions of a role
parameters:
  principal: { type: iam_arn }
steps:
  - id: freeze
    phase: contain
    action: iam.revoke-sessions
    with: { principal: \"${{ parameters.principal }}\" }
";

#[test]
fn a_plan_of_every_phase() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let said = quell.at(&range, &["plan", RUNBOOK, "--incident", "INC-4711", VALUES[0]]);
    assert_eq!(said.code, 0, "{}", said.talk);
    insta::assert_snapshot!(scrubbed(&said.out, quell.home.path()), @"");
    assert!(said.out.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 90));
}

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_changes() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let said = quell.at(&range, &[&["run", RUNBOOK], &VALUES[..]].concat());
    assert_eq!((said.code, said.out.as_str()), (24, ""));
    assert!(said.next().ends_with(" --yes"), "{}", said.talk);
    assert_eq!(quell.say(&["status"]).out, "no runs\n");

    let plan = quell.home.path().join("eradicate.json").display().to_string();
    let save = ["plan", RUNBOOK, "--phase", "eradicate", "--save", &plan];
    assert_eq!(quell.at(&range, &[&save, &VALUES[..]].concat()).code, 0);
    for wrong in [&[][..], &["--yes"], &["--yes", "--allow-irreversible=7"]] {
        let said = quell.at(&range, &[&["apply", &plan], wrong].concat());
        assert_eq!(said.code, 24, "{}", said.talk);
        assert!(said.next().ends_with(" --allow-irreversible=3"), "{}", said.talk);
    }
    assert_eq!(quell.say(&["status"]).out, "no runs\n");
    let again = quell.at(&range, &[&save, &VALUES[..]].concat());
    assert_eq!(again.code, 1, "a plan that may be signed is not overwritten");
}

#[test]
fn a_gate_waits_for_its_answer() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("gate.yaml", GATE);
    let said = quell.at(&range, &["run", &runbook, "--incident", "INC-1"]);
    insta::assert_snapshot!(scrubbed(&said.out, quell.home.path()), @r#"
    WAITING FOR A PERSON   RANGE (not AWS) [ACCOUNT] prod-web   INC-1 run [ID]
         [TIME]   exit 23
    verified 0 of 1 · looked 1
    NOT VERIFIED   sure is looked
    OWED   an answer to sure: Really?
    RECORD   journal head [ID]   quell audit verify [ID]
    "#);
    assert_eq!(said.code, 23);
    let run = quell.run_of("contain");
    assert!(said.next().starts_with(&format!("Next: quell resume {run} --confirm sure ")), "{}", said.talk);

    assert_eq!(quell.at(&range, &["resume", &run, "--confirm", "other"]).code, 64);
    assert_eq!(quell.at(&range, &["resume", &run]).code, 23);
    let said = quell.at(&range, &["resume", &run[..4], "--confirm", "sure"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(said.out.starts_with("CONTAINED   RANGE (not AWS) 111122223333 prod-web   INC-1"), "{}", said.out);
    let said = quell.at(&range, &["resume", &run, "--confirm", "sure"]);
    assert!(said.code == 0 && said.talk.contains("nothing was sent"), "{}", said.talk);
}

#[test]
fn a_no_at_a_gate_is_an_end() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("gate.yaml", GATE);
    assert_eq!(quell.at(&range, &["run", &runbook]).code, 23);
    let run = quell.run_of("contain");
    let said = quell.at(&range, &["resume", &run, "--deny", "sure"]);
    assert_eq!((said.code, said.next()), (22, format!("Next: quell show {run}").as_str()));
}

#[test]
fn a_run_is_shown_verified_continued_and_taken_back() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let runbook = quell.file("freeze.yaml", FREEZE);
    let plan = quell.home.path().join("plan.json").display().to_string();
    let save = ["plan", &runbook, VALUES[0], "--phase", "contain", "--save", &plan, "--incident", "INC-4711"];
    assert_eq!(quell.at(&range, &save).code, 0);
    let said = quell.at(&range, &["apply", &plan, "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    insta::assert_snapshot!(scrubbed(&said.out, quell.home.path()), @r#"
    CONTAINED   RANGE (not AWS) [ACCOUNT] prod-web   INC-4711 run [ID]   [TIME]
         exit 0
    verified 1 of 1
    STILL POSSIBLE, AS THE STEPS SAY   new sessions of role ml-pipeline for whoever its trust
           policy admits
         sessions of other roles that were reached through role ml-pipeline
    UNDO   quell undo [ID]
    RECORD   journal head [ID]   quell audit verify [ID]
    "#);
    assert!(said.talk.contains("OK     iam:PutRolePolicy on role ml-pipeline   req "), "{}", said.talk);

    let run = quell.run_of("contain");
    let again = quell.at(&range, &["apply", &plan, "--yes"]);
    assert!(again.code == 0 && again.talk.contains("has ended; nothing was sent"), "{}", again.talk);
    assert!(quell.say(&["show", &run]).out.contains("#0 OK iam:PutRolePolicy"), "the call is shown");
    assert!(quell.say(&["show", &plan]).out.contains("saved plan"));
    assert!(quell.say(&["status", "INC-4711"]).out.contains("in force, ours to lift"));
    let said = quell.say(&["audit", "verify", &run]);
    assert!(said.code == 0 && said.out.starts_with("SOUND"), "{}", said.out);

    let said = quell.at(&range, &["undo", &run]);
    assert_eq!(said.code, 22, "nothing may go back yet, so nobody is asked: {}", said.talk);
    assert!(said.talk.contains("freeze stays: too early until"), "{}", said.talk);
    let said = quell.at(&range, &["undo", &run, "--wrong-target", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(said.out.starts_with("UNDONE"), "{}", said.out);
    assert!(quell.say(&["status", &run]).out.contains("taken back by run"));

    let journal = quell.state().join("runs").join(&run).join("journal.jsonl");
    let mut bytes = std::fs::read(&journal).expect("a journal");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, bytes).expect("written");
    for arguments in [&["audit", "verify", &run][..], &["show", &run]] {
        let said = quell.say(arguments);
        assert_eq!(said.code, 27, "{}", said.talk);
        said.next();
    }
}

#[test]
fn credentials_that_are_refused_are_a_state_of_their_own() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let arguments = ["plan", RUNBOOK, VALUES[0], "--range", "--endpoint-url", &range.url];
    let output = quell.command(&arguments).env("AWS_ACCESS_KEY_ID", "AKIAXXXXXXXXXXXXXXXX").output().expect("it runs");
    let said = crate::cli_quell::Said::of(&output);
    assert_eq!((said.code, said.next()), (26, "Next: aws sts get-caller-identity"));
}
