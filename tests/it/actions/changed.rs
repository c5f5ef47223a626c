//! What of ours somebody has changed: found by the time of the change, and not only by that of the making.

use serde_json::{Value, json};

use super::{AGENT, BASE, Bench, FLOW, refusal, scenario, set, with_base};

const SINCE: &str = "2026-11-21T12:00:00Z";

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_agent_is_found_by_a_tool_that_was_put_into_its_draft() {
    let mut account = scenario();
    let pause = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    let bench = |account: &Value| Bench::of_action("bedrock.pause-agent", &pause, account, 1);
    let changed = json!({ "created_before": SINCE, "updated_after": SINCE });
    assert_eq!(bench(&account).found("bedrock.agents", changed.clone()).await, Vec::<Value>::new());
    set(&mut account, "/account/agents/0/last_tool_ago", json!("3h"));
    let agents = bench(&account).found("bedrock.agents", changed).await;
    assert_eq!(agents.len(), 1);
    assert_eq!((&agents[0]["id"], &agents[0]["updated_at"]), (&json!(AGENT), &json!("2026-11-22T00:00:00Z")));
    assert!(agents[0]["created_at"].as_str().expect("a time") < SINCE);
}

fn flow(versions: &Value, aliases: &Value) -> Value {
    json!({
        "name": "journey", "id": FLOW, "region": "us-east-1", "versions": versions, "last_version_ago": "3h",
        "aliases": aliases,
    })
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_flow_is_found_by_where_its_alias_leads() {
    let mut account = scenario();
    let with = json!({ "flow": { "region": "us-east-1", "id": FLOW }, "before": SINCE });
    let bench = |account: &Value| Bench::of_action("bedrock.lead-flow-back", &with, account, 1);
    let changed = json!({ "created_before": SINCE, "updated_after": SINCE });
    let old = json!([{ "name": "live", "version": 1 }]);
    set(&mut account, "/account/flows", json!([flow(&json!([[], []]), &old)]));
    assert_eq!(bench(&account).found("bedrock.flows", changed.clone()).await, Vec::<Value>::new());
    let led = json!([{ "name": "live", "version": 2 }]);
    set(&mut account, "/account/flows", json!([flow(&json!([[], []]), &led)]));
    assert_eq!(bench(&account).found("bedrock.flows", changed).await.len(), 1);
    // Nothing to lead back to.
    set(&mut account, "/account/flows", json!([flow(&json!([[]]), &old)]));
    let plan = bench(&account).plan().await;
    assert!(matches!(refusal(&plan), Some(quell::actions::Refusal::ByHand { .. })), "{:?}", refusal(&plan));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn documents_are_found_in_every_data_source_page_by_page() {
    let with = json!({ "data_source": { "region": "us-east-1", "knowledge_base": BASE, "id": "UPLOADS001" } });
    let mut case = with_base(super::case("case", "bedrock.delete-data-source", with, super::Undone::ForGood));
    case = case.with("/knobs/page_size", json!(1));
    let bench = case.open(1);
    let all = bench.found("bedrock.documents", json!({})).await;
    let mut ids: Vec<&str> = all.iter().filter_map(|document| document["id"].as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["honest", "poison", "s3://uploads/a.pdf", "s3://uploads/b.pdf"]);
    assert_eq!(bench.found("bedrock.documents", json!({ "data_source": "DIRECT0001" })).await.len(), 2);
    assert_eq!(bench.found("bedrock.documents", json!({ "updated_after": "2026-11-22T01:00:00Z" })).await.len(), 0);
    assert_eq!(bench.found("bedrock.documents", json!({ "knowledge_base": "NOBODYS001" })).await.len(), 0);
    // Its documents go on answering, and the plan says so: a page of them is looked at.
    let plan = bench.plan().await;
    let residual = &super::action(&plan).story.residual;
    assert!(residual.iter().any(|one| one.what.contains("still answers from 1 or more documents")), "{residual:?}");
}
