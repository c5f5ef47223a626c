//! Amazon Bedrock itself: whose log it is, and what CloudTrail does not know.

use quell::actions::Refusal;
use quell::journal::{Record, StepState};
use quell::range::wire::ServiceName;
use serde_json::{Value, json};

use super::{Bench, changed, finds_nothing_to_do, log, logging_case, refusal, theirs};

const AS_OF: &str = "2026-11-22T01:00:00Z";

async fn logs(bench: &Bench) -> Value {
    let get = "GetModelInvocationLoggingConfiguration";
    let reply = bench.other().call(ServiceName::Bedrock, get, "us-east-1", json!({})).await.expect("a reply");
    reply["loggingConfig"].clone()
}

/// Every member goes back, those of the large objects included.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_log_goes_back_member_by_member() {
    let past = vec![changed("30d", Some(log())), changed("1h", None)];
    let bench = logging_case("case", json!({ "as_of": AS_OF }), None, past).open(1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert_eq!(logs(&bench).await, log());
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_cloudtrail_does_not_remember_is_for_a_person() {
    let forgotten = logging_case("case", json!({ "as_of": AS_OF }), None, vec![changed("1h", None)]);
    let plan = forgotten.open(1).plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::ByHand { .. })), "{:?}", refusal(&plan));
    let untold = changed("30d", Some(json!("HIDDEN")));
    let plan = logging_case("case", json!({ "as_of": AS_OF }), None, vec![untold]).open(1).plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::ByHand { .. })), "{:?}", refusal(&plan));
    // Nobody has touched it for as long as CloudTrail remembers.
    for now in [None, Some(theirs())] {
        let plan = logging_case("case", json!({ "as_of": AS_OF }), now, vec![]).open(1).plan().await;
        assert!(finds_nothing_to_do(&plan));
    }
}

/// AWS refuses a log group that Bedrock cannot get into: the step says so, and nothing is changed.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_log_whose_role_is_gone_is_not_restored() {
    let case = logging_case("case", json!({ "baseline": log() }), Some(theirs()), vec![]);
    let bench = case.with("/account/roles/1/name", json!("another")).open(1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Failed, "{}", ran.told());
    assert!(ran.told().contains("Failed to validate permissions"), "{}", ran.told());
    assert_eq!(logs(&bench).await, theirs());
}

/// Somebody switches the log off again while it is being restored: it is put back, and the run says who did it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_log_that_is_switched_off_again_is_put_back() {
    let case = logging_case("case", json!({ "baseline": log() }), None, vec![]);
    let bench = case.with("/knobs/trail_delay", json!("1s")).open(1);
    let plan = bench.plan().await;
    let (ran, ()) = tokio::join!(bench.run(plan), async {
        loop {
            bench.stage.clock.sleep(std::time::Duration::from_millis(100)).await;
            let put = |event: &quell::range::TrailEvent| event.event_name.starts_with("PutModelInvocation");
            if bench.stage.range.trail().iter().any(put) {
                let delete = "DeleteModelInvocationLoggingConfiguration";
                bench.other().call(ServiceName::Bedrock, delete, "us-east-1", json!({})).await.expect("a reply");
                break;
            }
        }
    });
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert_eq!(logs(&bench).await, log());
    let says_who = |record: &Record| matches!(record, Record::Note { text, .. } if text.contains("undone by") && text.contains("user/mallory"));
    assert!(ran.records.iter().any(says_who), "{:?}", ran.records);
}
