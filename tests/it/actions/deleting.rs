//! Deleting agents, flows and prompts: who still uses them, what is kept of them, and what the look at a Region costs.

use quell::actions::Refusal;
use quell::journal::StepState;
use serde_json::{Value, json};

use super::{AGENT, Bench, FLOW, PROMPT, Ran, refusal, scenario, set, tools};

fn deleting(account: &Value) -> Bench {
    let agent = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    Bench::of_action("bedrock.delete-agent", &agent, account, 1)
}

async fn users(bench: &Bench) -> Vec<String> {
    let plan = bench.plan().await;
    match refusal(&plan) {
        Some(Refusal::InUse { by }) => by.clone(),
        other => panic!("{other:?}"),
    }
}

fn supervisor(name: &str, id: &str) -> Value {
    json!({ "name": name, "id": id, "region": "us-east-1", "role": "ml-pipeline", "versions": 2 })
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn drafts_and_versions_of_supervisors_and_flows_hold_an_agent() {
    let mut account = scenario();
    let mut draft = supervisor("drafting", "DRAFTING01");
    draft["supervises"] = json!(["market-research"]);
    draft["published_supervises"] = json!([]);
    let mut published = supervisor("published", "PUBLISHED1");
    published["published_supervises"] = json!(["market-research"]);
    let idle = supervisor("idle", "IDLEIDLE01");
    let agents = account["account"]["agents"].as_array_mut().expect("agents");
    agents.extend([draft, published, idle]);
    let flows = json!([
        { "name": "now", "id": "NOWNOWNOW1", "region": "us-east-1", "agents": ["market-research"] },
        { "name": "then", "id": "THENTHENT1", "region": "us-east-1", "versions": [[], ["market-research"]] },
        { "name": "other", "id": "OTHEROTHE1", "region": "us-east-1", "versions": [[]] },
    ]);
    set(&mut account, "/account/flows", flows);
    let should_be = [
        "drafting (DRAFTING01)",
        "flow now (NOWNOWNOW1)",
        "flow then (THENTHENT1), version 2",
        "published (PUBLISHED1), version 1 and 2",
    ];
    assert_eq!(users(&deleting(&account)).await, should_be);
}

/// A supervisor that appears after the plan stops the deletion, also if only a version of it uses the agent.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_user_that_comes_after_the_plan_stops_it() {
    let mut account = scenario();
    let mut flow = json!({ "name": "late", "id": FLOW, "region": "us-east-1", "agents": [] });
    set(&mut account, "/account/flows", json!([flow.clone()]));
    let plan = deleting(&account).plan().await;
    flow["versions"] = json!([["market-research"]]);
    set(&mut account, "/account/flows", json!([flow]));
    let bench = deleting(&account);
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Refused, "{}", ran.told());
    assert!(bench.trail().iter().all(|event| event.read_only));
}

async fn gone(bench: &Bench) -> Ran {
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    ran
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn all_that_was_there_is_kept() {
    let mut account = scenario();
    set(&mut account, "/account/agents/0/tools", tools());
    set(&mut account, "/account/agents/0/knowledge_bases", json!(["KBASE00001"]));
    let bench = deleting(&account);
    let kept = bench.captured(&gone(&bench).await);
    assert_eq!(kept["agent"]["words"]["instruction"], "Answer every question.");
    assert_eq!(kept["versions"].as_object().map(serde_json::Map::len), Some(3), "the draft and two versions");
    for (number, version) in kept["versions"].as_object().expect("versions") {
        let configuration = &version["configuration"];
        assert_eq!(configuration.is_null(), number == "DRAFT", "{number}");
        assert!(number == "DRAFT" || configuration["instruction"] == "Answer every question.", "{number}");
        let groups = version["action_groups"].as_array().expect("groups");
        assert_eq!(groups.len(), 7, "{number}");
        let of = |name: &str| groups.iter().find(|group| group["actionGroupName"] == name).expect("a group");
        assert_eq!(of("book")["apiSchema"]["payload"], "{\"openapi\":\"3.0.0\"}");
        assert_eq!(of("ask")["functionSchema"]["functions"][0]["name"], "find");
        assert!(of("fetch")["actionGroupExecutor"]["lambda"].is_string());
        assert_eq!(version["knowledge_bases"][0]["id"], "KBASE00001", "{number}");
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn flows_and_prompts_are_kept_with_their_versions() {
    let mut account = scenario();
    let flow = json!({
        "name": "journey", "id": FLOW, "region": "us-east-1", "versions": [["market-research"]],
        "aliases": [{ "name": "live" }],
    });
    let prompt =
        json!({ "name": "summarise", "id": PROMPT, "region": "us-east-1", "text": "Sum it up.", "versions": 1 });
    set(&mut account, "/account/flows", json!([flow]));
    set(&mut account, "/account/prompts", json!([prompt]));
    let with = json!({ "flow": { "region": "us-east-1", "id": FLOW } });
    let bench = Bench::of_action("bedrock.delete-flow", &with, &account, 1);
    let kept = bench.captured(&gone(&bench).await);
    assert_eq!(kept["versions"]["1"]["words"]["definition"]["nodes"][0]["type"], "Agent");
    assert_eq!(kept["aliases"][0]["versions"], json!(["1"]));
    let with = json!({ "prompt": { "region": "us-east-1", "id": PROMPT } });
    let bench = Bench::of_action("bedrock.delete-prompt", &with, &account, 1);
    let kept = bench.captured(&gone(&bench).await);
    for words in [&kept["prompt"]["words"], &kept["versions"]["1"]["words"]] {
        assert_eq!(words["variants"][0]["templateConfiguration"]["text"]["text"], "Sum it up.");
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_prompt_that_a_flow_uses_is_not_deleted() {
    let mut account = scenario();
    let prompt = json!({ "name": "summarise", "id": PROMPT, "region": "us-east-1", "text": "Sum it up." });
    let flow = json!({ "name": "journey", "id": FLOW, "region": "us-east-1", "prompts": ["summarise"] });
    set(&mut account, "/account/prompts", json!([prompt]));
    set(&mut account, "/account/flows", json!([flow]));
    let with = json!({ "prompt": { "region": "us-east-1", "id": PROMPT } });
    let bench = Bench::of_action("bedrock.delete-prompt", &with, &account, 1);
    assert_eq!(users(&bench).await, ["flow journey (JOURNEY001)"]);
}

/// Agents that go together do not read the Region once each.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_reads_of_a_run_grow_with_the_agents_and_not_with_their_square() {
    let mut looked = Vec::new();
    for count in [5_usize, 20] {
        let mut account = scenario();
        let agent = |number: usize| {
            json!({
                "name": format!("rogue-{number}"), "id": format!("ROGUE{number:05}"), "region": "us-east-1",
                "role": "ml-pipeline", "aliases": [{ "name": "live" }],
            })
        };
        set(&mut account, "/account/agents", (0..count).map(agent).collect());
        let step = |number: usize| {
            let agent = json!({ "region": "us-east-1", "id": format!("ROGUE{number:05}") });
            json!({ "id": format!("go_{number}"), "action": "bedrock.delete-agent", "with": { "agent": agent } })
        };
        let bench = Bench::of_steps((0..count).map(step).collect(), &account, 1);
        let plan = bench.plan().await;
        let before = bench.trail().len();
        let ran = bench.run(plan).await;
        assert!(ran.end.fold.steps().values().all(|step| step.state == StepState::Verified));
        looked
            .push(bench.trail()[before..].iter().filter(|event| event.event_name == "ListAgentCollaborators").count());
    }
    let most = |agents: usize| 2 * 2 * agents + 2 * 2 * 2 * agents;
    assert!(looked[0] <= most(5) && looked[1] <= most(20), "{looked:?}");
}

/// Once the user has lost a virtual MFA device, AWS does not tell whose it was: it goes all the same, however slowly IAM answers.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_virtual_mfa_device_goes_with_its_user() {
    let device = "arn:aws:iam::111122223333:mfa/phone-of-somebody";
    let mut account = scenario();
    set(
        &mut account,
        "/account/users/1",
        json!({ "name": "ci-deploy", "credentials": { "mfa_devices": [{ "serial": device }] } }),
    );
    set(&mut account, "/faults", json!([{ "operation": "DeleteVirtualMFADevice", "kind": "throttle" }]));
    for seed in 1..=6 {
        let bench = Bench::of_action("iam.delete-user", &json!({ "user": "ci-deploy" }), &account, seed);
        let ran = bench.go().await;
        assert_eq!(ran.state(), StepState::Verified, "seed {seed}: {}", ran.told());
        let left = bench.stage.range.state();
        assert!(left["users"]["ci-deploy"].is_null() && !left.to_string().contains(device), "seed {seed}");
    }
}
