//! While a plan is made, nothing that changes anything leaves the program, whoever asks.

use std::collections::BTreeSet;

use quell::actions::registry;
use quell::aws::{Call, Clients, FaultKind, operations};
use quell::base::Phase;
use quell::range::TrailEvent;
use serde_json::Value;

use crate::actions::cases;
use crate::stage::Stage;

/// One call of every kind, as runs have really sent it.
async fn one_of_each() -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for case in cases() {
        let sends = registry().action(case.action).expect("an action").sends();
        if sends.iter().all(|row| calls.iter().any(|known| known.operation() == *row)) {
            continue;
        }
        let bench = case.open(1);
        let ran = bench.go().await;
        let undone = bench.run(bench.plan_undo(&ran, true).await).await;
        for sent in ran.end.fold.calls().values().chain(undone.end.fold.calls().values()) {
            let mut request = sent.intent.request.clone();
            // A journal holds no files, so the sample gets another one.
            for file in request.pointer_mut("/input/attachments").and_then(Value::as_array_mut).into_iter().flatten() {
                file["data"] = Value::from("aGVsbG8=");
            }
            let call: Call = serde_json::from_value(request).expect("a call");
            if calls.iter().all(|known| known.operation() != call.operation()) {
                calls.push(call);
            }
        }
    }
    calls
}

/// What is on the trail but for what the scenario says of the time before.
fn since_the_start(stage: &Stage) -> Vec<TrailEvent> {
    stage.range.trail().into_iter().filter(|event| event.event_time >= stage.scenario.start).collect()
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn no_call_of_the_vocabulary_gets_out_while_planning() {
    let calls = one_of_each().await;
    let sampled: BTreeSet<String> = calls.iter().map(|call| call.operation().to_string()).collect();
    let mutating: BTreeSet<String> =
        operations().filter(|row| row.effect.is_mutating()).map(ToString::to_string).collect();
    assert_eq!(sampled, mutating);
    let stage = Stage::shipped(1);
    let clients = Clients::read_only(&stage.connection);
    let reader = stage.planning();
    for call in calls {
        let refused = call.send(&clients).await.expect_err("nothing may be changed");
        assert_eq!(refused.kind, FaultKind::Guarded, "{}", call.operation());
        let refused = reader.send(&call).await.expect_err("nothing may be changed");
        assert_eq!(refused.kind, FaultKind::Guarded, "{}", call.operation());
    }
    assert_eq!(since_the_start(&stage), [], "nothing has reached the account");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn planning_only_reads() {
    let stage = Stage::shipped(1);
    for phase in Phase::ALL {
        stage.plan(phase).await;
    }
    let trail = since_the_start(&stage);
    assert!(trail.len() > 20 && trail.iter().all(|event| event.read_only));
}
