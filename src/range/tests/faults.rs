//! What goes wrong on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use crate::range::Moment;
use crate::range::scenario::FaultKind;
use crate::range::wire::{Answer, ServiceName};

use super::bench::Bench;

async fn create_user(bench: &Bench) -> Answer {
    bench.answer(ServiceName::Iam, "CreateUser", "us-east-1", json!({ "UserName": "u" })).await
}

/// The answer to the second of three calls that meets a fault, and whether it took effect.
async fn struck(kind: &str) -> (Answer, bool) {
    let bench = Bench::open(&format!("faults: [{{ operation: CreateUser, kind: {kind} }}]"));
    let answer = create_user(&bench).await;
    let happened = bench.range.state()["users"].get("u").is_some();
    if !happened {
        assert!(matches!(create_user(&bench).await, Answer::Reply(_)), "{kind}: it strikes once");
    }
    (answer, happened)
}

#[tokio::test(start_paused = true)]
async fn each_kind_strikes_where_it_should() {
    for (kind, code) in [
        ("throttle", "Throttling"),
        ("internal_error", "ServiceFailure"),
        ("unavailable", "ServiceUnavailable"),
        ("access_denied", "AccessDenied"),
        ("expired_token", "ExpiredToken"),
    ] {
        let (answer, happened) = struck(kind).await;
        assert!(matches!(answer, Answer::Error(error) if error.code == code), "{kind}");
        assert!(!happened, "{kind}");
    }
    assert_eq!(struck("timeout_before").await, (Answer::NoReply, false));
    assert_eq!(struck("timeout_after").await, (Answer::NoReply, true));
    assert_eq!(struck("reset").await, (Answer::NoReply, true));
    for kind in ["malformed", "truncated"] {
        let (answer, happened) = struck(kind).await;
        assert!(matches!(answer, Answer::Garbage(..)) && happened, "{kind}");
    }
    let (answer, happened) = struck("latency").await;
    assert!(matches!(answer, Answer::Reply(_)) && happened);
}

#[tokio::test(start_paused = true)]
async fn a_persistent_fault_stays() {
    let bench = Bench::open("faults: [{ operation: \"*\", nth: 2, kind: unavailable, repeat: persistent }]");
    assert!(matches!(create_user(&bench).await, Answer::Reply(_)));
    for _ in 0..3 {
        assert!(matches!(create_user(&bench).await, Answer::Error(_)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_can_be_of_one_region() {
    let fault = "faults: [{ operation: ListAgents, region: eu-west-1, kind: access_denied, repeat: persistent }]";
    let bench = Bench::open(fault);
    for (region, refused) in [("us-east-1", false), ("eu-west-1", true), ("us-west-2", false)] {
        let answer = bench.answer(ServiceName::BedrockAgent, "ListAgents", region, json!({})).await;
        assert_eq!(matches!(answer, Answer::Error(_)), refused, "{region}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hook_is_asked_before_and_after_each_effect() {
    let bench = Bench::open("");
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    bench.range.set_hook(move |flight| {
        count.fetch_add(1, Ordering::Relaxed);
        (flight.moment == Moment::AfterEffect && flight.call.operation == "CreateUser").then_some(FaultKind::Reset)
    });
    assert_eq!(create_user(&bench).await, Answer::NoReply);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    assert!(bench.range.state()["users"].get("u").is_some());
}
