//! What nobody has confirmed about AWS is a knob of the range, and every shipped runbook comes through with either setting.

use quell::range::scenario::Knobs;
use quell::range::{Actors, Scenario};
use quell::runbook::{embedded, find};
use serde_json::{Map, Value, json};

use crate::containment::play;
use crate::drill::{in_parallel, paused, scenario_of};
use crate::extent::played;
use crate::stage::Stage;

const SEED: u64 = 7;

fn defaults() -> Map<String, Value> {
    let Value::Object(knobs) = serde_json::to_value(Knobs::default()).expect("JSON") else {
        panic!("knobs are an object")
    };
    knobs
}

/// Plays a shipped runbook in its scenario with some knobs set otherwise.
async fn comes_through(runbook: &str, settings: &[(&str, Value)]) {
    let mut knobs = defaults();
    for (name, value) in settings {
        assert!(knobs.insert((*name).to_owned(), value.clone()).is_some(), "there is no knob `{name}`");
    }
    let text = find(runbook).expect("a shipped runbook").text().to_owned();
    let mut scenario = Scenario::parse(&scenario_of(&text)).expect("a scenario");
    scenario.knobs = serde_json::from_value(Value::Object(knobs)).expect("knobs");
    let stage = Stage::with(&text, scenario, SEED);
    let actors = Actors::start(&stage.range, &stage.scenario);
    play(&stage).await;
    let judgement = stage.range.judgement();
    actors.stop().await;
    assert_eq!(judgement.still_allowed, Vec::<String>::new(), "{runbook} {settings:?}");
    assert_eq!(judgement.workload_refused, [], "{runbook} {settings:?}");
    assert!(judgement.time_to_contain_seconds.is_some(), "{runbook} {settings:?}");
}

/// Every knob that is a yes or no, the other way round, one at a time, with every runbook: new knobs and runbooks join by
/// themselves.
#[test]
fn every_yes_or_no_the_other_way_round() {
    let of_each_knob = defaults().into_iter().filter_map(|(name, value)| {
        let otherwise = json!(!value.as_bool()?);
        Some(embedded().map(|runbook| (runbook, name.clone(), otherwise.clone())).collect::<Vec<_>>())
    });
    in_parallel(played(of_each_knob, 1, SEED), |(runbook, name, value)| {
        paused(comes_through(runbook, &[(name.as_str(), value.clone())]));
        Ok(())
    });
}

fn everybody_comes_through(settings: &[(&str, Value)]) {
    in_parallel(embedded().collect(), |runbook| {
        paused(comes_through(runbook, settings));
        Ok(())
    });
}

#[test]
fn a_slow_aws() {
    everybody_comes_through(&[
        ("latency", json!("400ms")),
        ("iam_propagation", json!("8s")),
        ("iam_rate", json!(2)),
        ("support_rate", json!(1)),
        ("other_rate", json!(2)),
        ("page_size", json!(1)),
        ("agent_change", json!("20s")),
        ("alias_change", json!("15s")),
        ("agent_deletion", json!("60s")),
    ]);
}

#[test]
fn a_fast_aws() {
    everybody_comes_through(&[
        ("latency", json!("5ms")),
        ("iam_propagation", json!("200ms")),
        ("iam_rate", json!(200)),
        ("agent_change", json!("100ms")),
        ("alias_change", json!("100ms")),
        ("agent_deletion", json!("100ms")),
    ]);
}
