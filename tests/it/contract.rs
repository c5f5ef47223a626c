//! The contract that every action keeps, in the range. An action that joins the registry joins it here with its cases.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use quell::actions::{Refusal, registry};
use quell::aws::{Operation, RetryClass, operations};
use quell::base::Effect;
use quell::journal::StepState;
use quell::plan::{Outlook, Plan};
use quell::range::scenario::FaultKind;
use quell::range::{Moment, TrailEvent};
use serde_json::Value;

use crate::actions::{Bench, Case, Undone, action, cases, finds_nothing_to_do};

const SEED: u64 = 4711;

/// The row of what the range has seen.
fn row(event: &TrailEvent) -> &'static Operation {
    let is_it = |row: &&Operation| row.name == event.event_name && row.service.event_source() == event.event_source;
    operations().find(is_it).unwrap_or_else(|| panic!("{} is in the vocabulary", event.event_name))
}

#[test]
fn every_action_has_a_case() {
    let with_case: BTreeSet<&str> = cases().iter().map(|case| case.action).collect();
    let all: BTreeSet<&str> = registry().actions().map(|action| action.name()).collect();
    assert_eq!(with_case, all);
}

/// The goal is reached, a second run finds nothing to do, and asking for the same once more changes nothing.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_goal_is_reached_once() {
    for case in cases() {
        let name = case.name;
        let bench = case.open(SEED);
        let plan = bench.plan().await;
        assert!(action(&plan).calls().count() > 0, "{name}: {:?}", action(&plan).outlook);
        let ran = bench.run(plan).await;
        assert_eq!(ran.state(), StepState::Verified, "{name}: {}", ran.told());
        let after = bench.stage.range.state();
        let second = bench.plan().await;
        assert!(finds_nothing_to_do(&second), "{name}: {:?}", action(&second).outlook);
        let again = bench.run(second).await;
        assert_eq!((again.state(), again.end.fold.calls().len()), (StepState::Verified, 0), "{name}: {}", again.told());
        // The first plan once more: what it lists is there already.
        let first_again = bench.run(ran.plan.clone()).await;
        assert_eq!((first_again.state(), first_again.end.fold.calls().len()), (StepState::Verified, 0), "{name}");
        assert_eq!(bench.stage.range.state(), after, "{name}");
    }
}

/// What was done is taken back to the byte, or the refusal says why not; twice is as good as once.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn undo_gives_back_what_was_there() {
    for case in cases() {
        let name = case.name;
        let bench = case.open(SEED);
        let before = bench.stage.range.state();
        let ran = bench.go().await;
        if case.undone == Undone::ExactlyButLater {
            let early = bench.plan_undo(&ran, false).await;
            assert!(matches!(refusal(&early), Some(Refusal::TooEarly { .. })), "{name}: {:?}", action(&early).outlook);
        }
        let undo = bench.plan_undo(&ran, true).await;
        match case.undone {
            Undone::ForGood => assert!(matches!(refusal(&undo), Some(Refusal::ForGood { .. })), "{name}"),
            Undone::ByHand => assert!(matches!(refusal(&undo), Some(Refusal::ByHand { .. })), "{name}"),
            Undone::Exactly | Undone::ExactlyButLater => {
                let undone = bench.run(undo.clone()).await;
                assert_eq!(undone.state(), StepState::Verified, "{name}: {}", undone.told());
                bench.rest().await;
                assert_eq!(bench.stage.range.state(), before, "{name}");
                let twice = bench.plan_undo(&ran, true).await;
                assert!(finds_nothing_to_do(&twice), "{name}: {:?}", action(&twice).outlook);
                let again = bench.run(undo).await;
                assert_eq!((again.state(), again.end.fold.calls().len()), (StepState::Verified, 0), "{name}");
                assert_eq!(bench.stage.range.state(), before, "{name}");
            }
        }
    }
}

fn refusal(plan: &Plan) -> Option<&Refusal> {
    match &action(plan).outlook {
        Outlook::Refused { because } => Some(because),
        _ => None,
    }
}

/// What can go wrong with a call, and where.
const FAULTS: [(FaultKind, Moment); 8] = [
    (FaultKind::AccessDenied, Moment::BeforeEffect),
    (FaultKind::Throttle, Moment::BeforeEffect),
    (FaultKind::InternalError, Moment::BeforeEffect),
    (FaultKind::InternalError, Moment::AfterEffect),
    (FaultKind::TimeoutBefore, Moment::BeforeEffect),
    (FaultKind::TimeoutAfter, Moment::AfterEffect),
    (FaultKind::Reset, Moment::AfterEffect),
    (FaultKind::Truncated, Moment::AfterEffect),
];

/// The same for good: until the step's time is up, or AWS's patience.
const FAULTS_FOR_GOOD: [(FaultKind, Moment); 4] = [
    (FaultKind::AccessDenied, Moment::BeforeEffect),
    (FaultKind::InternalError, Moment::BeforeEffect),
    (FaultKind::TimeoutBefore, Moment::BeforeEffect),
    (FaultKind::TimeoutAfter, Moment::AfterEffect),
];

/// Lets the responder's mutating call of a number go wrong; `persistent`: and all after it.
fn break_call(bench: &Bench, number: usize, (kind, when): (FaultKind, Moment), persistent: bool) {
    let key = bench.key.clone();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    bench.stage.range.set_hook(move |flight| {
        let mutates = operations().any(|row| row.name == flight.call.operation && row.effect.is_mutating());
        if !mutates || flight.call.access_key.as_deref() != Some(key.as_str()) {
            return None;
        }
        let mut seen = seen.lock().expect("one thread");
        let id = &flight.call.request_id;
        let index = seen.iter().position(|other| other == id).unwrap_or_else(|| {
            seen.push(id.clone());
            seen.len() - 1
        });
        (flight.moment == when && (index == number || (persistent && index > number))).then_some(kind)
    });
}

/// How often each request that must not be sent twice took effect.
fn effects_of_unsafe_calls(bench: &Bench) -> Vec<(String, Value, usize)> {
    let mut effects: Vec<(String, Value, usize)> = Vec::new();
    let done = |event: &TrailEvent| event.error_code.is_none() && row(event).retry == RetryClass::Unsafe;
    for event in bench.trail().into_iter().filter(done) {
        match effects.iter_mut().find(|one| (&one.0, &one.1) == (&event.event_name, &event.request_parameters)) {
            Some(one) => one.2 += 1,
            None => effects.push((event.event_name, event.request_parameters, 1)),
        }
    }
    effects
}

/// One thing goes wrong with one of the calls: the run ends in a named state, nothing is sent twice that must not be, and
/// with a second run at the latest the account is as if nothing had gone wrong.
async fn survives(case: &Case, number: usize, fault: (FaultKind, Moment), persistent: bool, whole: &Value) {
    let name = format!("{}, call {number}, {fault:?}, persistent: {persistent}", case.name);
    let bench = case.open(SEED);
    break_call(&bench, number, fault, persistent);
    let ran = bench.go().await;
    bench.stage.range.set_hook(|_| None);
    let ends: &[StepState] = match (persistent, fault.0) {
        (false, FaultKind::AccessDenied) => &[StepState::Failed],
        (false, _) => &[StepState::Verified],
        (true, _) => &[StepState::Verified, StepState::Failed, StepState::Stuck],
    };
    assert!(ends.contains(&ran.state()), "{name}: {}", ran.told());
    if ran.state() != StepState::Verified {
        let second = bench.go().await;
        assert_eq!(second.state(), StepState::Verified, "{name}: then {}", second.told());
    }
    for (operation, _, count) in effects_of_unsafe_calls(&bench) {
        assert_eq!(count, 1, "{name}: {operation}");
    }
    bench.rest().await;
    assert_eq!(bench.stage.range.state(), *whole, "{name}");
    assert!(finds_nothing_to_do(&bench.plan().await), "{name}");
}

/// Lets each call of an action go wrong in each way, in the first case of each list of calls.
async fn matrix(action: &str) {
    let mut known = BTreeSet::new();
    for case in cases().into_iter().filter(|case| case.action == action) {
        let bench = case.open(SEED);
        let ran = bench.go().await;
        let calls: Vec<String> = ran.end.fold.calls().values().map(|call| call.intent.operation.to_string()).collect();
        if !known.insert(calls.clone()) {
            continue;
        }
        bench.rest().await;
        let whole = bench.stage.range.state();
        for number in 0..calls.len() {
            for fault in FAULTS {
                survives(&case, number, fault, false, &whole).await;
            }
            for fault in FAULTS_FOR_GOOD {
                survives(&case, number, fault, true, &whole).await;
            }
        }
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn deleting_an_agent_may_go_wrong() {
    matrix("bedrock.delete-agent").await;
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn pausing_an_agent_may_go_wrong() {
    matrix("bedrock.pause-agent").await;
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn every_other_action_may_go_wrong() {
    for action in registry().actions().filter(|action| !action.name().starts_with("bedrock.")) {
        matrix(action.name()).await;
    }
}

/// Each call that a plan lists, and each that a run sends, is declared.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_declared_is_what_the_range_sees() {
    let mut sent = BTreeSet::new();
    for case in cases() {
        let bench = case.open(SEED);
        let ran = bench.go().await;
        let undo = bench.plan_undo(&ran, true).await;
        bench.run(undo).await;
        let known = registry().action(case.action).expect("an action");
        for event in bench.trail() {
            let row = row(&event);
            let declared = if row.effect == Effect::Read { known.reads() } else { known.sends() };
            let of_the_caller = ["GetCallerIdentity", "ListAccountAliases"].contains(&row.name);
            assert!(declared.contains(&row) || of_the_caller, "{}: {row} is not declared", case.name);
            if row.effect != Effect::Read {
                sent.insert((case.action, row.to_string()));
            }
        }
    }
    let declared: BTreeSet<_> = registry()
        .actions()
        .flat_map(|action| action.sends().iter().map(move |row| (action.name(), row.to_string())))
        .collect();
    assert_eq!(sent, declared);
}
