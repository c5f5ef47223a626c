//! What a person at a terminal sees and types.

use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::cli_quell::{FREEZE, Quell, RUNBOOK, Served, VALUES, calm};

/// A terminal in which the binary runs at a range; waits at most a minute for each text.
fn terminal(quell: &Quell, range: &Served, arguments: &[&str]) -> PtySession {
    let piped = quell.command_at(range, arguments);
    let mut command = Command::new(piped.get_program());
    command.args(piped.get_args()).env_clear().current_dir(env!("CARGO_MANIFEST_DIR"));
    for (name, value) in piped.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    spawn_command(command, Some(60_000)).expect("a terminal")
}

fn code(session: PtySession) -> i32 {
    match session.process().wait().expect("it ends") {
        WaitStatus::Exited(_, code) => code,
        other => panic!("{other:?}"),
    }
}

/// The terminal in which somebody contains the incident, as far as the question.
fn asked_to_contain(quell: &Quell, range: &Served) -> PtySession {
    let first = ["run", RUNBOOK, "--incident", "INC-7"];
    let mut session = terminal(quell, range, &[&first[..], &VALUES].concat());
    session.exp_string("Type  contain INC-7  to send").expect("the question");
    session
}

#[test]
fn the_default_is_no() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    for answer in ["", "yes", "contain inc-7"] {
        let mut session = asked_to_contain(&quell, &range);
        session.send_line(answer).expect("typed");
        session.exp_string("Next: quell run").expect("what comes next");
        session.exp_eof().expect("the end");
        assert_eq!(code(session), 25, "{answer}");
    }
    assert_eq!(quell.say(&["status"]).out, "no runs\n");
}

#[test]
fn irreversible_calls_are_asked_for_with_their_number() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let plan = quell.home.path().join("plan.json").display().to_string();
    let save = ["plan", RUNBOOK, "--phase", "eradicate", "--save", &plan];
    assert_eq!(quell.at(&range, &[&save, &VALUES[..]].concat()).code, 0);
    let mut session = terminal(&quell, &range, &["apply", &plan, "--yes"]);
    session.exp_string("Type  delete 3 agents  to send 7 calls (3 steps for good)").expect("the question");
    session.send_line("delete 3 agents").expect("typed");
    session.exp_string("WAITING FOR A PERSON").expect("the gate");
    session.exp_eof().expect("the end");
    assert_eq!(code(session), 23);
}

#[test]
fn ctrl_c_drains_and_the_run_goes_on_and_is_undone() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let mut session = asked_to_contain(&quell, &range);
    session.send_line("contain INC-7").expect("typed");
    session.exp_string("AGREED contain INC-7").expect("the beginning");
    session.exp_string("DONE").expect("a step");
    session.send_control('c').expect("typed");
    session.exp_string("stopping").expect("the answer to Ctrl-C");
    session.exp_string("Next: quell resume").expect("what comes next");
    session.exp_eof().expect("the end");
    assert_eq!(code(session), 130);

    let run = quell.run_of("contain");
    let said = quell.at(&range, &["resume", &run]);
    assert!([0, 20].contains(&said.code), "{}", said.talk);
    let mut session = terminal(&quell, &range, &["undo", &run]);
    session.exp_string("Type  undo INC-7").expect("the question");
    session.send_line("no").expect("typed");
    session.exp_eof().expect("the end");
    assert_eq!(code(session), 25);
}

#[test]
fn ctrl_c_at_the_question_changes_nothing() {
    let quell = Quell::new();
    let range = Served::shipped(&quell);
    let mut session = asked_to_contain(&quell, &range);
    session.send_control('c').expect("typed");
    session.exp_string("Next: quell run").expect("what comes next");
    session.exp_eof().expect("the end");
    assert_eq!(code(session), 130);
    assert_eq!(quell.say(&["status"]).out, "no runs\n");
}

#[test]
fn a_wrong_target_is_named_before_its_sessions_come_back() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let runbook = quell.file("freeze.yaml", FREEZE);
    let said = quell.at(&range, &["run", &runbook, VALUES[0], "--incident", "INC-7", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    let run = quell.run_of("contain");
    let undo = ["undo", run.as_str(), "--wrong-target"];
    for (typed, code, told) in [("undo INC-7", 25, "Next: quell undo"), ("ml-pipeline", 0, "UNDONE")] {
        // The flag for what is reversible does not name the target.
        let mut session = terminal(&quell, &range, &[&undo[..], &["--yes"]].concat());
        session
            .exp_string("Type  ml-pipeline  to send 1 call (its old sessions work again at once)")
            .expect("the question");
        session.send_line(typed).expect("typed");
        session.exp_string(told).expect("what came of it");
        session.exp_eof().expect("the end");
        assert_eq!(self::code(session), code, "{typed}");
    }
}
