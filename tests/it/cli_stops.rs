//! What stops a run from outside: another run, signals, credentials that end. Each is a named state with a way on.

use std::process::{Command, Stdio};

use quell::journal::{Journal, Record};
use quell::range::Scenario;
use quell::range::scenario::FaultKind;

use crate::cli_quell::{FREEZE, Quell, Said, Served, UnderWay, VALUES, calm, one_fault};

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
        scenario.faults = one_fault("PutRolePolicy", kind);
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
    stops_in_good_order(&["TERM"]);
}

/// Kernel and shell both send it when a connection is lost, so a second one says nothing new.
#[test]
fn a_lost_terminal_lets_a_run_stop_in_good_order() {
    stops_in_good_order(&["HUP", "HUP"]);
}

fn stops_in_good_order(signals: &[&str]) {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let runbook = quell.file("freeze.yaml", FREEZE);
    let mut under_way = quell.start_at(&range, &["run", &runbook, VALUES[0], "--yes"]);
    under_way.hears("OK     iam:PutRolePolicy");
    for signal in signals {
        under_way.signal(signal);
    }
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

/// Whoever comes after a process that was killed is told which run is open, what is not known of it, and how it goes on.
#[test]
fn an_open_run_says_how_it_goes_on() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(with_fault(FaultKind::Latency)));
    let (mut under_way, run) = waiting_for_aws(&quell, &range);
    let at_work = quell.say(&["status", &run]).out;
    assert!(at_work.contains("at work") && !at_work.contains("Next: "), "somebody is at it: {at_work}");
    under_way.child.kill().expect("killed");
    under_way.child.wait().expect("gone");
    let status = quell.say(&["status"]).out;
    for part in [
        &format!("run {run}") as &str,
        "open, its process has gone",
        "1 call in doubt, settled by looking when the run goes on: #0 iam:PutRolePolicy on",
        &format!("     Next: quell resume {run} --endpoint-url {} --range\n", range.url),
    ] {
        assert!(status.contains(part), "{part}: {status}");
    }
    let json: serde_json::Value = serde_json::from_str(&quell.say(&["status", "--output", "json"]).out).expect("JSON");
    assert_eq!(json["runs"][0]["calls_in_doubt"], 1);
    assert!(json["runs"][0]["resume"].as_str().is_some_and(|next| next.starts_with(&format!("quell resume {run} "))));
}

/// What waits for a person is gone on with by the line that stands in the status.
#[test]
fn a_run_at_a_gate_says_how_it_goes_on() {
    let quell = Quell::new();
    let range = Served::with(&quell, &quell.scenario(calm));
    let gate = "quell: 1\nname: gate-only\ntitle: Ask first\nsteps:\n  \
        - { id: sure, phase: contain, gate: confirm, message: Really? }\n";
    assert_eq!(quell.at(&range, &["run", &quell.file("gate.yaml", gate)]).code, 23);
    let status = quell.say(&["status"]).out;
    let next = status.lines().find(|line| line.starts_with("     Next: ")).unwrap_or_else(|| panic!("{status}"));
    let said = crate::cli_next::typed(&quell, next);
    assert_eq!(said.code, 0, "{next}: {}", said.talk);
    assert!(!quell.say(&["status"]).out.contains("Next: "), "it has ended");
}

/// AWS puts calls off when it has too many: that is slow, and no failure.
#[test]
fn what_is_throttled_is_slow_and_has_not_failed() {
    let quell = Quell::new();
    let busy = quell.scenario(|scenario| {
        calm(scenario);
        scenario.faults = one_fault("UpdateAgentAlias", FaultKind::Throttle);
    });
    let range = Served::with(&quell, &busy);
    let runbook = "quell: 1\nname: shut\ntitle: Shut an agent\nsteps:\n\
        \x20 - { id: found, phase: contain, query: bedrock.agents, with: { name: translate-fast } }\n\
        \x20 - { id: pause, phase: contain, action: bedrock.pause-agent, for_each: \"${{ steps.found.items }}\", \
        with: { agent: \"${{ item }}\" } }\n";
    let said = quell.at(&range, &["run", &quell.file("shut.yaml", runbook), "--yes"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    assert!(said.talk.contains("SLOW   bedrock-agent:UpdateAgentAlias on "), "{}", said.talk);
    assert!(said.talk.contains("try 1") && !said.talk.contains("FAILED"), "{}", said.talk);
}
