//! The contract that every action keeps when AWS, or the way to it, does not do what it should: each call goes wrong in each
//! way, and the account ends as if nothing had gone wrong.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use quell::actions::registry;
use quell::aws::{RetryClass, operations};
use quell::journal::StepState;
use quell::range::scenario::FaultKind;
use quell::range::{Moment, TrailEvent};
use quell::run::MOST_DOUBTS;
use serde_json::{Value, json};

use crate::actions::{Bench, Case, Undone, assert_same, cases, cases_by_action, finds_nothing_to_do, row};
use crate::drill::{in_parallel, paused};
use crate::extent::played;
use crate::new_keys::{as_if_made_first, but_for_lost_keys};

const SEED: u64 = 4711;

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
    for event in but_for_lost_keys(bench.trail()).into_iter().filter(done) {
        match effects.iter_mut().find(|one| (&one.0, &one.1) == (&event.event_name, &event.request_parameters)) {
            Some(one) => one.2 += 1,
            None => effects.push((event.event_name, event.request_parameters, 1)),
        }
    }
    effects
}

/// The account without what managed policies of quell's once said: a run that failed may have left a version, which the next one moves
/// on from.
fn but_for_old_versions(mut state: Value) -> Value {
    let policies = state["policies"].as_object_mut().into_iter().flatten();
    for (_, policy) in policies.filter(|(arn, _)| arn.contains(":policy/quell/")) {
        let counts = policy["versions"][policy["default_version"].to_string()].clone();
        policy["versions"] = json!({ "1": counts });
        policy["default_version"] = json!(1);
    }
    state
}

/// One thing goes wrong with one of the calls: the run ends in a named state, nothing is sent twice that must not be, and
/// with a second run at the latest the account is as if nothing had gone wrong.
async fn survives(case: &Case, number: usize, fault: (FaultKind, Moment), persistent: bool, whole: &Value) {
    let name = format!("{}, call {number}, {fault:?}, persistent: {persistent}", case.name);
    let bench = if persistent { case.patient_for("10m").open(SEED) } else { case.open(SEED) };
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
        // What is for good is sent only where all is as it was planned, and IAM may still tell the plan of before.
        if case.undone == Undone::ForGood {
            bench.rest().await;
        }
        let second = bench.go().await;
        assert_eq!(second.state(), StepState::Verified, "{name}: then {}", second.told());
    }
    for (operation, _, count) in effects_of_unsafe_calls(&bench) {
        assert_eq!(count, 1, "{name}: {operation}");
    }
    bench.rest().await;
    let picture = |state: &Value| but_for_old_versions(as_if_made_first(state));
    assert_same(&name, &picture(&bench.stage.range.state()), &picture(whole));
    assert!(finds_nothing_to_do(&bench.plan().await), "{name}");
}

/// A call of an action that goes wrong, and the account as it is when nothing does.
struct Mishap {
    case: Case,
    number: usize,
    fault: (FaultKind, Moment),
    persistent: bool,
    whole: Arc<Value>,
}

/// A call of each operation of an action, and each way in which it goes wrong. Where there are several in a row it is the
/// last one, so that part of the step is done by then.
fn mishaps(cases: Vec<Case>) -> Vec<Mishap> {
    let mut known = BTreeSet::new();
    let mut mishaps = Vec::new();
    for case in cases {
        let (calls, whole) = paused(async {
            let bench = case.open(SEED);
            let ran = bench.go().await;
            let calls = ran.end.fold.calls().values().map(|call| call.intent.operation.to_string());
            let calls: Vec<String> = calls.collect();
            bench.rest().await;
            (calls, Arc::new(bench.stage.range.state()))
        });
        for (number, operation) in calls.iter().enumerate() {
            if calls[number + 1..].contains(operation) || !known.insert(operation.clone()) {
                continue;
            }
            let passing = FAULTS.map(|fault| (fault, false));
            let lasting = FAULTS_FOR_GOOD.map(|fault| (fault, true));
            mishaps.extend(passing.into_iter().chain(lasting).map(|(fault, persistent)| Mishap {
                case: case.clone(),
                number,
                fault,
                persistent,
                whole: Arc::clone(&whole),
            }));
        }
    }
    mishaps
}

/// Every call of every action goes wrong in every way. The denies are one action with different documents: one of them
/// stands for its siblings, one goes with a policy of AWS. Where not all are played, it is one call of one case of each action.
#[test]
fn every_action_may_go_wrong() {
    let stand_ins = ["iam.deny-everything", "iam.deny-from-outside", "iam.deny-session", "iam.deny-session-started-at"];
    let names = registry().actions().map(|action| action.name()).filter(|name| !stand_ins.contains(name));
    let mut cases = cases_by_action();
    let of_each = names.map(|name| mishaps(played(cases.remove(name), 1, SEED)));
    let mishaps = played(of_each, 1, SEED);
    assert!(!mishaps.is_empty());
    in_parallel(mishaps, |Mishap { case, number, fault, persistent, whole }| {
        paused(survives(case, *number, *fault, *persistent, whole));
        Ok(())
    });
}

/// AWS answers 500 to a call that must not be sent blindly twice, whenever it is sent: it is sent a few times, each time after
/// a look, and then the step says that it failed and why. Nothing waits for the step's time to be up.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_call_that_never_gets_through_is_given_up() {
    let mut known = BTreeSet::new();
    for case in cases() {
        if known.contains(case.action) {
            continue;
        }
        let bench = case.open(SEED);
        let calls = bench.go().await.end.fold.calls().clone();
        let unsafe_call = calls.values().position(|call| {
            let row = operations().find(|row| row.full_name() == call.intent.operation).expect("a row");
            row.retry == RetryClass::Unsafe
        });
        let Some(number) = unsafe_call else { continue };
        known.insert(case.action);
        let operation = &calls.values().nth(number).expect("the call").intent.operation;
        let bench = case.open(SEED);
        break_call(&bench, number, (FaultKind::InternalError, Moment::BeforeEffect), true);
        let ran = bench.go().await;
        assert_eq!(ran.state(), StepState::Failed, "{}: {}", case.name, ran.told());
        assert!(ran.told().contains("a look showed that nothing had come of it"), "{}: {}", case.name, ran.told());
        let first = ran.end.fold.calls().values().filter(|call| call.intent.operation == *operation);
        let planned = first.clone().next().expect("it was sent").intent.planned;
        let sent = first.filter(|call| call.intent.planned == planned).count();
        assert_eq!(sent, MOST_DOUBTS as usize, "{}", case.name);
        bench.stage.range.set_hook(|_| None);
        let second = bench.go().await;
        assert_eq!(second.state(), StepState::Verified, "{}: then {}", case.name, second.told());
    }
    assert!(known.len() > 2, "{known:?}");
}
