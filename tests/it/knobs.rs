//! What nobody has confirmed about AWS is a knob of the range, and the shipped runbook comes through with either setting.

use quell::range::scenario::Knobs;
use quell::range::{Actors, Scenario};
use serde_json::{Map, Value, json};

use crate::containment::play;
use crate::stage::{RUNBOOK, SCENARIO, Stage};

fn defaults() -> Map<String, Value> {
    let Value::Object(knobs) = serde_json::to_value(Knobs::default()).expect("JSON") else {
        panic!("knobs are an object")
    };
    knobs
}

/// Plays the shipped scenario with some knobs set otherwise.
async fn comes_through(settings: &[(&str, Value)]) {
    let mut knobs = defaults();
    for (name, value) in settings {
        assert!(knobs.insert((*name).to_owned(), value.clone()).is_some(), "there is no knob `{name}`");
    }
    let mut scenario = Scenario::parse(SCENARIO).expect("a scenario");
    scenario.knobs = serde_json::from_value(Value::Object(knobs)).expect("knobs");
    let stage = Stage::with(RUNBOOK, scenario, 7);
    let actors = Actors::start(&stage.range, &stage.scenario);
    play(&stage).await;
    let judgement = stage.range.judgement();
    actors.stop().await;
    assert_eq!(judgement.still_allowed, Vec::<String>::new(), "{settings:?}");
    assert_eq!(judgement.workload_refused, [], "{settings:?}");
    assert!(judgement.time_to_contain_seconds.is_some(), "{settings:?}");
}

/// Every knob that is a yes or no, the other way round, one at a time: new knobs join by themselves.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn every_yes_or_no_the_other_way_round() {
    for (name, value) in defaults() {
        if let Value::Bool(setting) = value {
            comes_through(&[(name.as_str(), json!(!setting))]).await;
        }
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_slow_aws() {
    comes_through(&[
        ("latency", json!("400ms")),
        ("iam_propagation", json!("8s")),
        ("iam_rate", json!(2)),
        ("support_rate", json!(1)),
        ("other_rate", json!(2)),
        ("page_size", json!(1)),
        ("agent_change", json!("20s")),
        ("alias_change", json!("15s")),
        ("agent_deletion", json!("60s")),
    ])
    .await;
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_fast_aws() {
    comes_through(&[
        ("latency", json!("5ms")),
        ("iam_propagation", json!("200ms")),
        ("iam_rate", json!(200)),
        ("agent_change", json!("100ms")),
        ("alias_change", json!("100ms")),
        ("agent_deletion", json!("100ms")),
    ])
    .await;
}
