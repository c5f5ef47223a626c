//! `bedrock.pause-agent`: what else it must not do.

use std::time::Duration;

use quell::journal::StepState;
use quell::range::wire::ServiceName;
use serde_json::{Value, json};

use super::{AGENT, Bench, action, assert_same, scenario, set};

fn bench(knob: &str, value: bool) -> Bench {
    let mut account = scenario();
    set(&mut account, &format!("/knobs/{knob}"), json!(value));
    Bench::of_action("bedrock.pause-agent", &json!({ "agent": { "region": "us-east-1", "id": AGENT } }), &account, 1)
}

/// The same picture with every alias open.
fn opened(mut picture: Value) -> Value {
    let aliases = picture["agents"][0]["aliases"].as_object_mut().expect("aliases");
    for alias in aliases.values_mut() {
        alias["invocations"] = json!("ACCEPT_INVOCATIONS");
    }
    picture
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn nothing_but_the_state_of_the_aliases_changes() {
    let bench = bench("test_alias_pausable", false);
    let before = bench.stage.range.state();
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let after = bench.stage.range.state();
    for (id, alias) in after["agents"][0]["aliases"].as_object().expect("aliases") {
        let is = alias["invocations"].as_str();
        let should_be = if id == "TSTALIASID" { "ACCEPT_INVOCATIONS" } else { "REJECT_INVOCATIONS" };
        assert_eq!(is, Some(should_be), "{id}");
    }
    assert!(ran.step().drift.is_empty(), "{:?}", ran.step().drift);
    // Names, descriptions and routing are as they were, and no version was published: neither by this nor by the undo.
    assert_same("paused", &opened(after), &before);
    let undone = bench.run(bench.plan_undo(&ran, false).await).await;
    assert_eq!(undone.state(), StepState::Verified);
    assert_same("undone", &bench.stage.range.state(), &before);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_test_alias_is_named_as_what_stays_open() {
    for pausable in [false, true] {
        let bench = bench("test_alias_pausable", pausable);
        let plan = bench.plan().await;
        let planned = action(&plan);
        assert!(planned.calls().all(|call| !call.entity().to_string().contains("TSTALIASID")));
        assert!(planned.story.residual.iter().any(|residual| residual.what.contains("TSTALIASID")));
        assert_eq!(bench.run(plan).await.state(), StepState::Verified);
    }
}

/// An agent that is edited all the time is paused all the same.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn edits_of_the_agent_do_not_stop_it() {
    let bench = bench("test_alias_pausable", false);
    let other = bench.other();
    let edits = tokio::spawn(async move {
        loop {
            let _ = other.call(ServiceName::BedrockAgent, "UpdateAgent", "us-east-1", json!({
                "agentId": AGENT, "agentName": "market-research", "foundationModel": "anthropic.claude-3-5-sonnet-20241022-v2:0",
                "agentResourceRoleArn": "arn:aws:iam::111122223333:role/service/ml-pipeline", "description": "again",
            })).await;
            tokio::time::sleep(Duration::from_secs(4)).await;
        }
    });
    let ran = bench.go().await;
    edits.abort();
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
}

/// An alias that came after the plan lies in the envelope: it is shut as well, and the difference is told.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_alias_that_is_new_since_the_plan_is_shut_as_well() {
    let bench = bench("test_alias_pausable", false);
    let plan = bench.plan().await;
    let route = json!([{ "agentVersion": "1" }]);
    bench
        .other()
        .agents(
            "CreateAgentAlias",
            json!({
                "agentId": AGENT, "agentAliasName": "back-door", "routingConfiguration": route,
            }),
        )
        .await;
    bench.rest().await;
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert_eq!(ran.end.fold.calls().len(), 3);
    assert!(ran.step().drift.iter().any(|what| what.contains("UpdateAgentAlias")), "{:?}", ran.step().drift);
}

/// An update without a routing publishes the draft. This step never sends one: where somebody else does, it is told.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_version_that_somebody_publishes_meanwhile_is_told() {
    let bench = bench("test_alias_pausable", false);
    let before = bench.stage.range.state()["agents"][0]["aliases"].clone();
    let mut aliases = before.as_object().expect("aliases").keys().filter(|id| *id != "TSTALIASID");
    let alias = aliases.next().expect("an alias").clone();
    let (led, left) = (aliases.next().expect("another alias").clone(), &alias);
    let plan = bench.plan().await;
    let publish = json!({
        "agentId": AGENT, "agentAliasId": left, "agentAliasName": "live", "aliasInvocationState": "REJECT_INVOCATIONS",
    });
    let other = bench.other();
    let (ran, ()) = tokio::join!(bench.run(plan), async {
        loop {
            bench.stage.clock.sleep(Duration::from_secs(1)).await;
            let is_paused = bench.stage.range.trail().iter().any(|event| event.event_name == "UpdateAgentAlias");
            let asked = other.call(ServiceName::BedrockAgent, "UpdateAgentAlias", "us-east-1", publish.clone());
            if is_paused && asked.await.is_ok() {
                break;
            }
        }
    });
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let drift = &ran.step().drift;
    assert!(drift.iter().any(|what| what.starts_with("version ") && what.contains("was published")), "{drift:?}");
    assert!(drift.iter().any(|what| what.starts_with(&format!("alias {alias} led to "))), "{drift:?}");
    assert!(!drift.iter().any(|what| what.contains(&led)), "{drift:?}");
}

/// An inline agent is nothing that could be shut or deleted: the plan says that it stays possible.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn inline_agents_are_named_as_what_stays_open() {
    for name in ["bedrock.pause-agent", "bedrock.delete-agent"] {
        let with = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
        let plan = Bench::of_action(name, &with, &scenario(), 1).plan().await;
        let residual = &action(&plan).story.residual;
        assert!(residual.iter().any(|one| one.what.contains("bedrock:InvokeInlineAgent")), "{name}: {residual:?}");
    }
}
