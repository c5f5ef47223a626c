//! What CloudTrail tells: who has undone a step.

use std::time::Duration;

use quell::journal::{StepState, Undone};
use serde_json::{Value, json};

use super::{Bench, OTHERS_KEY, ROLE, Ran, scenario, set};

const MALLORY: &str = "arn:aws:iam::111122223333:user/mallory";

/// A run that somebody takes the deny away from once, after everything but the last look, in an account with these knobs.
async fn undone_once(change: impl FnOnce(&mut Value)) -> (Bench, Ran) {
    let mut account = scenario();
    change(&mut account);
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1);
    let other = bench.other();
    let plan = bench.plan().await;
    let adversary = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(9)).await;
        let policy = "QuellRevokeOlderSessions-INC-4711";
        // Another policy of the same role is not what was undone.
        other.iam("DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": policy })).await;
        other.iam("DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": "pipeline" })).await;
    });
    let ran = bench.run(plan).await;
    adversary.await.expect("the adversary");
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    (bench, ran)
}

fn undone(ran: &Ran) -> &Undone {
    let [undone] = ran.step().undone.as_slice() else { panic!("once: {:?}", ran.step().undone) };
    undone
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn whoever_undoes_a_step_is_named() {
    let (bench, ran) = undone_once(|account| set(account, "/knobs/trail_delay", json!("0s"))).await;
    let undone = undone(&ran);
    assert_eq!(undone.who.as_deref(), Some(MALLORY));
    let how = undone.how.as_deref().unwrap_or_default();
    assert!(how.starts_with("DeleteRolePolicy at ") && how.contains(OTHERS_KEY), "{how}");
    let trail = bench.stage.range.trail();
    let event = trail.iter().find(|event| how.ends_with(&format!("CloudTrail event {}", event.event_id)));
    let policy = event.map(|event| event.request_parameters["policyName"].clone());
    assert_eq!(policy, Some(json!("QuellRevokeOlderSessions-INC-4711")));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_cloudtrail_does_not_tell_yet_is_said() {
    let (_, ran) = undone_once(|account| set(account, "/knobs/trail_delay", json!("300s"))).await;
    let undone = undone(&ran);
    assert_eq!(undone.who, None);
    let how = undone.how.as_deref().unwrap_or_default();
    assert!(how.starts_with("not known yet: CloudTrail is complete until about 2026-11-22T02:4"), "{how}");
    assert!(how.contains("aws cloudtrail lookup-events --region us-east-1 --start-time 2026-11-22T03:0"), "{how}");
}

/// The run does all that it would do, and says what it was not allowed to find out.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_missing_permission_is_said_and_changes_nothing_else() {
    let refused = json!([{ "operation": "LookupEvents", "kind": "access_denied", "repeat": "persistent" }]);
    let (_, ran) = undone_once(|account| set(account, "/faults", refused)).await;
    let undone = undone(&ran);
    assert_eq!(undone.who, None);
    let how = undone.how.as_deref().unwrap_or_default();
    assert!(how.starts_with("not known: cloudtrail:LookupEvents: AccessDenied"), "{how}");
}

/// Who waits in vain for CloudTrail ends all the same.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn cloudtrail_that_does_not_answer_holds_nothing_up() {
    let silent = json!([{ "operation": "LookupEvents", "kind": "timeout_before", "repeat": "persistent" }]);
    let (bench, ran) = undone_once(|account| set(account, "/faults", silent)).await;
    let how = undone(&ran).how.clone().unwrap_or_default();
    assert!(how.starts_with("not known: "), "{how}");
    let took = bench.stage.clock.now().duration_since(ran.plan.made);
    assert!(took.as_secs() < 90, "{took}");
}
