//! Guardrails, and what uses models or makes them: what billing holds, and what a draft keeps.

use quell::actions::Refusal;
use quell::journal::StepState;
use quell::range::wire::ServiceName;
use serde_json::{Value, json};

use super::{Bench, GUARDRAIL, finds_nothing_to_do, guardrail_case, refusal, throughput_case};

async fn shown(bench: &Bench, version: &str) -> Value {
    let input = json!({ "guardrailIdentifier": GUARDRAIL, "guardrailVersion": version });
    bench.other().call(ServiceName::Bedrock, "GetGuardrail", "us-east-1", input).await.expect("a reply")
}

/// Every policy of the version comes back, and the versions stay as they are. The description stays that of the draft.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_draft_says_what_the_version_says() {
    let bench = guardrail_case("case", json!({ "before": "2026-11-22T00:00:00Z" })).open(1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let (draft, second) = (shown(&bench, "DRAFT").await, shown(&bench, "2").await);
    for (member, value) in second.as_object().expect("an object") {
        if !["version", "createdAt", "updatedAt"].contains(&member.as_str()) {
            assert_eq!(draft[member], *value, "{member}");
        }
    }
    assert_eq!(draft["description"], "For the shop");
    let third = shown(&bench, "3").await;
    assert_eq!(third["contentPolicy"]["filters"][0]["inputStrength"], "NONE", "a version stays");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_not_there_is_for_a_person() {
    let plan = guardrail_case("case", json!({ "version": 7 })).open(1).plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::ByHand { .. })), "{:?}", refusal(&plan));
    let plan = guardrail_case("case", json!({ "before": "2020-01-01T00:00:00Z" })).open(1).plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::ByHand { .. })), "{:?}", refusal(&plan));
    let gone = guardrail_case("case", json!({ "version": 2 })).with("/account/guardrails", json!([]));
    let plan = gone.open(1).plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::Missing { .. })), "{:?}", refusal(&plan));
    let plan = guardrail_case("case", json!({ "version": 3 })).open(1).plan().await;
    assert!(finds_nothing_to_do(&plan), "the draft says that already");
}

/// A term that is not over is refused with its end; an hour after its end it is not.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_term_is_refused_until_it_is_over() {
    let bench = throughput_case("case").with("/account/model_things/0/committed_for", json!("10d")).open(1);
    let plan = bench.plan().await;
    let why = refusal(&plan).map(ToString::to_string).unwrap_or_default();
    assert!(why.contains("it was bought until 2026-12-02T03:00:00Z"), "{why}");
    bench.stage.clock.sleep(std::time::Duration::from_secs(10 * 86_400)).await;
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
}

/// Where AWS keeps what a request leaves out, the step does not say that it is done.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_policy_that_aws_keeps_is_not_called_gone() {
    let case = guardrail_case("case", json!({ "version": 1 })).with("/knobs/guardrail_update_replaces", json!(false));
    let bench = case.open(1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Contested, "{}", ran.told());
    assert!(shown(&bench, "DRAFT").await["contentPolicy"].is_object());
}
