//! What the account holds when a shipped runbook is done, where the judge of capabilities has no eye for it.

use quell::base::Effect;
use quell::range::{Actors, Scenario};
use quell::runbook::find;
use serde_json::Value;

use crate::containment::play;
use crate::drill::scenario_of;
use crate::stage::Stage;

/// The account after all phases of a runbook in its scenario.
async fn played(runbook: &str) -> Value {
    let text = find(runbook).expect("a shipped runbook").text().to_owned();
    let scenario = Scenario::parse(&scenario_of(&text)).expect("a scenario");
    let stage = Stage::with(&text, scenario, 7);
    let actors = Actors::start(&stage.range, &stage.scenario);
    let (outcomes, _) = play(&stage).await;
    actors.stop().await;
    assert_eq!(outcomes.len(), 3, "all phases are played");
    stage.range.state()
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn every_region_logs_as_it_did_and_no_other() {
    let state = played("invocation-logging-off").await;
    let logs = state["invocation_logging"].as_object().expect("logs");
    assert_eq!(logs.keys().collect::<Vec<_>>(), ["eu-west-1", "us-east-1"]);
    for (region, log) in logs {
        assert_eq!(log["s3Config"]["bucketName"], "invocation-logs", "{region}");
        assert_eq!(log["cloudWatchConfig"]["logGroupName"], "/bedrock/invocations", "{region}");
    }
    let jobs = state["model_things"].as_array().expect("jobs");
    let status = |name: &str| &jobs.iter().find(|job| job["name"] == name).expect("a job")["status"];
    assert_eq!((status("batch-1"), status("nightly-scores")), (&Value::from("Stopped"), &Value::from("InProgress")));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_poison_is_gone_and_the_rest_stays() {
    let state = played("poisoned-knowledge-base").await;
    let bases = state["knowledge_bases"].as_array().expect("knowledge bases");
    assert_eq!(bases.iter().map(|base| &base["id"]).collect::<Vec<_>>(), ["HANDBOOK01"]);
    let sources = bases[0]["sources"].as_object().expect("data sources");
    let mut ids: Vec<&String> = sources.keys().collect();
    ids.sort();
    assert_eq!(ids, ["NOTES00001", "PAGES00001"]);
    let documents = sources["NOTES00001"]["documents"].as_object().expect("documents");
    let ids = documents.values().map(|document| document["identifier"]["custom"]["id"].as_str().unwrap_or_default());
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    assert_eq!(ids, ["opening-hours", "refund-policy"]);
    let pages = sources["PAGES00001"]["documents"].as_object().expect("documents");
    assert!(
        pages.values().all(|page| !page["identifier"].to_string().contains("refunds-new")) && pages.len() == 2,
        "{pages:?}"
    );
    // Nothing goes on answering that came through a data source that is gone.
    assert_eq!(bases[0]["left_in_store"], Value::Array(vec![]));
    for (id, source) in sources {
        assert_eq!(source["config"]["dataDeletionPolicy"], "RETAIN", "{id}");
        for job in source["jobs"].as_object().expect("syncs").values() {
            assert!(["STOPPED", "COMPLETE"].contains(&job["status"].as_str().unwrap_or_default()), "{id}: {job}");
        }
    }
}

/// The log is put back by a run of its own, so that taking back the denies leaves it as it is.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_log_is_no_part_of_what_contains() {
    let text = find("invocation-logging-off").expect("a shipped runbook").text().to_owned();
    let stage = Stage::with(&text, Scenario::parse(&scenario_of(&text)).expect("a scenario"), 7);
    let plan = stage.plan(quell::base::Phase::Contain).await;
    let calls = plan.actions().flat_map(|(_, action)| action.calls()).map(|call| call.operation().name);
    let calls: Vec<&str> = calls.collect();
    assert!(!calls.is_empty() && calls.iter().all(|name| !name.contains("InvocationLogging")), "{calls:?}");
    assert_eq!(plan.count(Effect::Irreversible), 0);
}
