//! What stops a run from outside: another run, signals, credentials that end. Each is a named state with a way on.

use std::process::{Command, Stdio};

use quell::journal::{Journal, Record};
use quell::range::Scenario;
use quell::range::scenario::{Fault, FaultKind, FaultRepeat};

use crate::cli_quell::{FREEZE, Quell, Said, Served, UnderWay, VALUES, calm};

const LOCK_AND_FREEZE: &str = "quell: 1
name: lock-and-freeze
title: Nobody takes on the role, and its sessions end
parameters:
  principal: { type: iam_arn }
steps:
  - id: lock
    phase: contain
    action: iam.lock-trust
    with: { role: \"${{ parameters.principal }}\" }
  - id: freeze
    phase: contain
    action: iam.revoke-sessions
    with: { principal: \"${{ parameters.principal }}\" }
    after: [lock]
";

/// The first deny goes wrong.
fn with_fault(kind: FaultKind) -> impl FnOnce(&mut Scenario) {
    move |scenario| {
        calm(scenario);
        let operation = "PutRolePolicy".to_owned();
        scenario.faults = vec![Fault { operation, region: None, nth: 1, kind, repeat: FaultRepeat::Once }];
    }
}

/// A run whose first call is on its way and gets no answer for a minute.
fn waiting_for_aws(quell: &Quell, range: &Served) -> (UnderWay, String) {
    let runbook = quell.file("freeze.yaml", FREEZE);
    let mut under_way = quell.start_at(range, &["run", &runbook, VALUES[0], "--yes", "--incident", "INC-1"]);
    let sent = |journal: &Journal| journal.entries.iter().any(|entry| matches!(entry.record, Record::Intended(_)));
    assert!(quell.journal_comes_to(&mut under_way.child, sent), "{}", under_way.end().talk);
    let (run, _) = quell.journal().expect("a run");
    (under_way, run)
}

#[test]
fn a_target_is_changed_by_one_run_at_a_time() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(with_fault(FaultKind::Latency)));
    let (mut first, run) = waiting_for_aws(&quell, &range);
    let runbook = quell.file("freeze.yaml", FREEZE);
    let said = quell.at(&range, &["run", &runbook, VALUES[0], "--yes", "--incident", "INC-2"]);
    assert_eq!((said.code, said.next()), (28, format!("Next: quell status {run}").as_str()), "{}", said.talk);
    assert!(said.talk.contains(&format!("role ml-pipeline is being changed by run `{run}`")), "{}", said.talk);
    assert_eq!(quell.runs(), std::slice::from_ref(&run), "a run that could not begin leaves nothing");
    for verb in ["resume", "undo"] {
        let said = quell.at(&range, &[verb, &run]);
        assert_eq!(said.code, 28, "{verb}: {}", said.talk);
        said.next();
    }
    assert!(quell.say(&["status", &run]).out.contains("at work"), "{}", quell.say(&["status", &run]).out);
    first.child.kill().expect("killed");
    first.child.wait().expect("gone");
}

/// Also a run that finds nothing to do may put back what somebody takes away, so it does not begin beside another one.
#[test]
fn a_run_with_nothing_to_do_waits_for_its_target_too() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let runbook = quell.file("freeze.yaml", FREEZE);
    let run = ["run", &runbook, VALUES[0], "--yes", "--incident", "INC-1"];
    let mut first = quell.start_at(&range, &run);
    first.hears("DONE   freeze");
    let said = quell.at(&range, &run);
    assert!(said.talk.contains("CONTAIN   no calls"), "{}", said.talk);
    assert_eq!(said.code, 28, "{}", said.talk);
    first.child.kill().expect("killed");
    first.child.wait().expect("gone");
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(with_fault(FaultKind::Latency)));
    let (mut under_way, run) = waiting_for_aws(&quell, &range);
    under_way.signal("INT");
    under_way.hears("stopping: nothing new is sent");
    under_way.signal("INT");
    let said = under_way.end();
    assert_eq!((said.code, said.out.as_str()), (130, ""), "{}", said.talk);
    assert!(said.talk.contains("error: ended at once"), "{}", said.talk);
    assert!(said.next().starts_with(&format!("Next: quell resume {run} ")), "{}", said.talk);
    let said = quell.say(&["audit", "verify", &run]);
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn sigterm_lets_a_run_stop_in_good_order() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let runbook = quell.file("freeze.yaml", FREEZE);
    let mut under_way = quell.start_at(&range, &["run", &runbook, VALUES[0], "--yes"]);
    under_way.hears("OK     iam:PutRolePolicy");
    under_way.signal("TERM");
    under_way.hears("stopping: nothing new is sent");
    let said = under_way.end();
    assert_eq!(said.code, 130, "{}", said.talk);
    assert!(said.out.starts_with("INTERRUPTED   RANGE (not AWS)"), "{}", said.out);
    let (run, _) = quell.journal().expect("a run");
    assert!(said.next().starts_with(&format!("Next: quell resume {run} ")), "{}", said.talk);
    let said = quell.at(&range, &["resume", &run]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(said.out.starts_with("CONTAINED"), "{}", said.out);
}

#[test]
fn a_rehearsal_that_is_told_to_stop_says_so() {
    let quell = Quell::new();
    let mut command = quell.command(&["rehearse", "rogue-bedrock-agent"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    // Bit 1 of the caught signals is SIGINT: before that nobody listens yet.
    let listens = || {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 2 != 0)
    };
    while !listens() {
        std::thread::yield_now();
    }
    let sent = Command::new("sh").arg("-c").arg(format!("kill -INT {}", child.id())).status().expect("a shell");
    assert!(sent.success());
    let said = Said::of(&child.wait_with_output().expect("its end"));
    assert_eq!((said.code, said.next()), (130, "Next: quell rehearse rogue-bedrock-agent"), "{}", said.talk);
}

#[test]
fn a_run_outlives_its_credentials() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(with_fault(FaultKind::ExpiredToken)));
    let runbook = quell.file("lock-and-freeze.yaml", LOCK_AND_FREEZE);
    let said = quell.at(&range, &["run", &runbook, VALUES[0], "--yes"]);
    assert_eq!(said.code, 26, "{}", said.talk);
    assert!(said.out.starts_with("STOPPED, CREDENTIALS EXPIRED   RANGE (not AWS)"), "{}", said.out);
    assert!(said.talk.contains("OK     iam:UpdateAssumeRolePolicy"), "it was in the middle: {}", said.talk);
    let (run, _) = quell.journal().expect("a run");
    let renewed =
        "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let next = format!("Next: {renewed} && quell resume {run} ");
    assert!(said.next().starts_with(&next), "{}", said.talk);
    let said = quell.at(&range, &["resume", &run]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(said.out.starts_with("CONTAINED"), "{}", said.out);
}
