//! What the plan of a deny says of it: who works with the principal, what it ends, and what stays possible.

use quell::actions::Refusal;
use quell::base::Impact;
use quell::journal::StepState;
use quell::plan::Plan;
use serde_json::{Value, json};

use super::cases::without_attached;
use super::{Case, ROLE, USER, Undone, action, case, full, refusal};

fn deny(name: &'static str, principal: &str) -> Case {
    case("deny", name, json!({ "principal": principal }), Undone::Exactly)
}

async fn planned(case: Case) -> Plan {
    case.open(1).plan().await
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_user_is_used_as_its_keys_are() {
    let plan = planned(deny("iam.deny-ai-services", USER)).await;
    let story = &action(&plan).story;
    assert_eq!(story.impact, Impact::Degrades);
    assert!(story.because.starts_with("key AKIARTX3GSDSQCIDEPLO last used "), "{}", story.because);
    let unused = planned(deny("iam.deny-ai-services", USER).with("/account/users/1/keys", json!([]))).await;
    assert_eq!(action(&unused).story.impact, Impact::Unknown);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_log_that_ends_with_its_role_is_named() {
    let log = json!({ "cloudWatchConfig": { "logGroupName": "/bedrock", "roleArn": ROLE } });
    let writes_it = |case: Case, service: &str| {
        let logs: Value = json!([{ "region": "eu-west-1", "config": log.clone() }]);
        case.with("/account/invocation_logging", logs)
            .with("/account/roles/0/trust/Statement/0/Principal/Service", json!(service))
    };
    let told = async |name, service| {
        let plan = planned(writes_it(deny(name, ROLE), service)).await;
        action(&plan).story.notes.iter().any(|note| note.starts_with("the log of model invocations in eu-west-1"))
    };
    assert!(told("iam.deny-everything", "bedrock.amazonaws.com").await);
    // It may still write to its bucket and its log group.
    assert!(!told("iam.deny-ai-services", "bedrock.amazonaws.com").await);
    // Amazon Bedrock may not take it on, so that it writes no log.
    assert!(!told("iam.deny-everything", "ecs-tasks.amazonaws.com").await);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_quarantine_without_room_for_that_of_aws_says_what_stays_possible() {
    let stays = |plan: &Plan| {
        let residual = &action(plan).story.residual;
        residual
            .iter()
            .any(|one| one.what.starts_with("whatever AWSCompromisedKeyQuarantineV3 denies and the deny does not"))
    };
    assert!(!stays(&planned(deny("iam.quarantine", USER)).await));
    assert!(stays(&planned(without_attached(deny("iam.quarantine", USER), "users/1")).await));
}

/// A managed policy under the incident's name that allows something by now is not what the run left: nobody takes it off unseen.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_managed_deny_that_somebody_has_changed_is_not_taken_back() {
    let bench = deny("iam.deny-ai-services", ROLE).with("/account/roles/0/inline/full", full("roles/0")).open(1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    bench.rest().await;
    let attached = bench.stage.range.state()["roles"]["ml-pipeline"]["permissions"]["attached"].clone();
    let policy = attached.as_array().into_iter().flatten().find(|arn| arn.to_string().contains("QuellDenyAi"));
    let allow =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] });
    let version = json!({ "PolicyArn": policy, "PolicyDocument": allow.to_string(), "SetAsDefault": true });
    bench.other().iam("CreatePolicyVersion", version).await;
    bench.rest().await;
    let undo = bench.plan_undo(&ran, false).await;
    assert!(matches!(refusal(&undo), Some(Refusal::Changed { .. })), "{:?}", refusal(&undo));
    let again = bench.plan().await;
    assert!(action(&again).story.now.contains("says something else"), "{}", action(&again).story.now);
}
