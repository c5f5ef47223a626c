//! `iam.deactivate-access-keys`: whose keys.

use quell::actions::Refusal;
use quell::journal::StepState;
use serde_json::json;

use super::{Bench, action, refusal, scenario};

/// IAM takes the caller where no user is named, so the user is named in every request about keys.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_user_is_always_named() {
    let bench = Bench::of_action("iam.deactivate-access-keys", &json!({ "user": "ci-deploy" }), &scenario(), 1);
    let ran = bench.go().await;
    assert_eq!(bench.run(bench.plan_undo(&ran, false).await).await.state(), StepState::Verified);
    let about_keys = ["ListAccessKeys", "UpdateAccessKey"];
    let trail = bench.trail();
    let seen: Vec<_> = trail.iter().filter(|event| about_keys.contains(&event.event_name.as_str())).collect();
    assert!(seen.iter().filter(|event| event.event_name == "UpdateAccessKey").count() == 2);
    assert!(seen.iter().all(|event| event.request_parameters["userName"] == "ci-deploy"), "{seen:?}");
}

/// What AWS remembers of the use of a key is an impact that the plan shows.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_key_in_use_is_an_outage() {
    let bench = Bench::of_action("iam.deactivate-access-keys", &json!({ "user": "ci-deploy" }), &scenario(), 1);
    let plan = bench.plan().await;
    assert_eq!(action(&plan).story.impact, quell::base::Impact::Outage);
    assert!(action(&plan).story.because.contains("AKIARTX3GSDSQCIDEPLO"));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_user_that_does_not_exist_is_missing() {
    let bench = Bench::of_action("iam.deactivate-access-keys", &json!({ "user": "nobody" }), &scenario(), 1);
    assert!(matches!(refusal(&bench.plan().await), Some(Refusal::Missing { .. })));
}
