//! What happens to a plan when the account has moved on: namesakes, children, edits.

use std::time::Duration;

use quell::journal::StepState;
use quell::range::wire::ServiceName;
use serde_json::{Value, json};

use super::{AGENT, Bench, ROLE, Ran, action, scenario};

fn deleting() -> Bench {
    let agent = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    Bench::of_action("bedrock.delete-agent", &agent, &scenario(), 1)
}

/// Nothing was sent.
fn untouched(bench: &Bench, ran: &Ran) {
    assert_eq!(ran.state(), StepState::Drifted, "{}", ran.told());
    assert!(bench.trail().iter().all(|event| event.read_only));
}

fn edit(description: &str) -> Value {
    json!({
        "agentId": AGENT, "agentName": "market-research", "description": description,
        "foundationModel": "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "agentResourceRoleArn": "arn:aws:iam::111122223333:role/service/ml-pipeline",
    })
}

/// A role that was made anew under the name is another role, for every action.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_namesake_is_not_what_was_approved() {
    for (name, with) in
        [("iam.revoke-sessions", json!({ "principal": ROLE })), ("iam.lock-trust", json!({ "role": ROLE }))]
    {
        let bench = Bench::of_action(name, &with, &scenario(), 1);
        let plan = bench.plan().await;
        let trust = bench.stage.range.state()["roles"]["ml-pipeline"]["trust"].to_string();
        let other = bench.other();
        other.iam("DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": "pipeline" })).await;
        other.iam("DeleteRole", json!({ "RoleName": "ml-pipeline" })).await;
        let again = json!({ "RoleName": "ml-pipeline", "Path": "/service/", "AssumeRolePolicyDocument": trust });
        other.iam("CreateRole", again).await;
        bench.rest().await;
        let ran = bench.run(plan).await;
        untouched(&bench, &ran);
    }
}

/// An agent that was made anew has another id: the old one is gone, and the new one is not touched.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_agent_that_was_made_anew_is_another_one() {
    let bench = deleting();
    let plan = bench.plan().await;
    let other = bench.other();
    other.agents("DeleteAgent", json!({ "agentId": AGENT, "skipResourceInUseCheck": true })).await;
    bench.rest().await;
    let mut again = edit("");
    again.as_object_mut().expect("an object").remove("agentId");
    other.agents("CreateAgent", again).await;
    bench.rest().await;
    let ran = bench.run(plan).await;
    assert_eq!((ran.state(), ran.end.fold.calls().len()), (StepState::Verified, 0), "{}", ran.told());
    assert_eq!(bench.stage.range.state()["agents"].as_array().expect("agents").len(), 1);
}

/// What is for good demands that things are as they were approved.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_agent_that_is_edited_is_not_deleted() {
    let bench = deleting();
    let plan = bench.plan().await;
    let other = bench.other();
    let edits = tokio::spawn(async move {
        loop {
            let _ = other.call(ServiceName::BedrockAgent, "UpdateAgent", "us-east-1", edit("again")).await;
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ran = bench.run(plan).await;
    edits.abort();
    untouched(&bench, &ran);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_alias_that_is_new_since_the_plan_stops_the_deletion() {
    let bench = deleting();
    let plan = bench.plan().await;
    let route = json!([{ "agentVersion": "1" }]);
    let input = json!({ "agentId": AGENT, "agentAliasName": "back-door", "routingConfiguration": route });
    bench.other().agents("CreateAgentAlias", input).await;
    bench.rest().await;
    let ran = bench.run(plan).await;
    untouched(&bench, &ran);
    // A new plan lists it.
    let plan = bench.plan().await;
    assert_eq!(action(&plan).calls().count(), 4);
    assert_eq!(bench.run(plan).await.state(), StepState::Verified);
}

/// Somebody else who deletes one of the aliases while the agent is being deleted does not stop it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_deleted_by_somebody_else_is_deleted() {
    let bench = deleting();
    let plan = bench.plan().await;
    bench.other().agents("DeleteAgent", json!({ "agentId": AGENT, "skipResourceInUseCheck": true })).await;
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert_eq!(bench.stage.range.state()["agents"], json!([]));
}
