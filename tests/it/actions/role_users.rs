//! `iam.delete-role`: what works with a role holds it, and nothing else does.

use quell::actions::Refusal;
use quell::journal::StepState;
use serde_json::{Value, json};

use super::cases::q::applications;
use super::{BASE, Bench, Case, FLOW, ROLE, Undone, case, refusal, role, with_base};

const SERVICE_ROLE: &str = "arn:aws:iam::111122223333:role/service-role/kb-service";

fn deleting(role: &str, even_if_used: bool) -> Case {
    with_base(case("delete", "iam.delete-role", json!({ "role": role, "even_if_used": even_if_used }), Undone::ForGood))
        .with("/account/agents", json!([]))
        .with("/account/knowledge_bases", json!([]))
}

fn trust(services: &[&str]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": services }, "Action": "sts:AssumeRole" },
    ]})
}

async fn users(bench: &Bench) -> Vec<String> {
    match refusal(&bench.plan().await) {
        Some(Refusal::InUse { by }) => by.clone(),
        None => vec![],
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_role_that_bedrock_may_take_on_goes_once_nothing_works_with_it() {
    let with_it =
        deleting(SERVICE_ROLE, false).with("/account/knowledge_bases", json!([super::cases::knowledge::base()]));
    assert_eq!(users(&with_it.open(1)).await, [format!("knowledge base handbook ({BASE}) in us-east-1")]);
    let ran = deleting(SERVICE_ROLE, false).open(1).go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn agents_flows_logs_and_applications_hold_their_role() {
    let trusting = |services: &[&str]| deleting(ROLE, false).with("/account/roles/0/trust", trust(services));
    let bedrock = || trusting(&["bedrock.amazonaws.com"]);
    let agent = bedrock().with("/account/agents", json!([super::cases::account::agent()]));
    assert_eq!(users(&agent.open(1)).await, ["agent market-research (RESEARCH01) in us-east-1"]);
    let mut role = role("AmazonBedrockExecutionRoleForFlows", "/service-role/");
    role["trust"] = trust(&["bedrock.amazonaws.com"]);
    let flow = deleting("arn:aws:iam::111122223333:role/service-role/AmazonBedrockExecutionRoleForFlows", false)
        .with("/account/roles/0", role)
        .with("/account/flows", json!([{ "name": "journey", "id": FLOW, "region": "eu-west-1" }]));
    assert_eq!(users(&flow.open(1)).await, ["flow journey (JOURNEY001) in eu-west-1"]);
    let held = applications();
    let q = trusting(&["qbusiness.amazonaws.com"]).with("/account/q_applications", held.clone());
    let by = users(&q.open(1)).await;
    assert!(matches!(by.as_slice(), [one] if one.starts_with("Q application helpdesk ")), "{by:?}");
    // A service that its trust policy does not admit cannot work with it.
    let other = trusting(&["lambda.amazonaws.com"]).with("/account/q_applications", held);
    assert_eq!(users(&other.open(1)).await, Vec::<String>::new());
}

/// Whoever says `even_if_used` speaks of what works with a role, and not of the account's logs.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_role_of_the_logs_stays_whatever_the_runbook_says() {
    for even_if_used in [false, true] {
        let keeper = deleting(ROLE, even_if_used).with("/account/roles/0/trust", trust(&["cloudtrail.amazonaws.com"]));
        let plan = keeper.open(1).plan().await;
        match refusal(&plan) {
            Some(Refusal::Protected { why, .. }) => assert!(why.contains("writes the account's logs"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    let used = deleting(SERVICE_ROLE, true).with("/account/knowledge_bases", json!([super::cases::knowledge::base()]));
    assert_eq!(refusal(&used.open(1).plan().await), None);
}
