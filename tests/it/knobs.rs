//! What nobody has confirmed about AWS is a knob of the range, and every shipped runbook comes through with either setting.

use std::collections::BTreeSet;

use quell::actions::registry;
use quell::aws::Service;
use quell::graph::check;
use quell::journal::{Record, StepState};
use quell::range::scenario::{Knobs, Span};
use quell::range::{Actors, Scenario};
use quell::runbook::{Parameters, Work, embedded, find};
use rand::SeedableRng as _;
use rand::seq::IteratorRandom as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use crate::containment::play;
use crate::drill::{in_parallel, paused, rehearsals, scenario_of};
use crate::extent::played;
use crate::stage::Stage;

const SEED: u64 = 7;
/// How many runbooks are played with each time that is another one.
const RUNBOOKS_OF_EACH_TIME: usize = 4;
/// How many runbooks are played with a slow or fast AWS where not all are.
const RUNBOOKS_AT_ONCE: usize = 4;
/// How many of each knob that is a yes or no, with each of the runbooks, are played where not all are.
const YES_OR_NO: usize = 8;
/// How many longer times are played where not all are.
const LONGER_TIMES: usize = 8;
/// How many numbers and shorter times are played where not all are.
const SETTINGS_THE_OTHER_WAY: usize = 4;
/// How a step ends that has not done its work although nobody else did anything.
const FELL_SHORT: [StepState; 4] = [StepState::Failed, StepState::Stuck, StepState::NotVerified, StepState::Drifted];

fn defaults() -> Map<String, Value> {
    let Value::Object(knobs) = serde_json::to_value(Knobs::default()).expect("JSON") else {
        panic!("knobs are an object")
    };
    knobs
}

/// Plays a shipped runbook in its scenario with some knobs set otherwise.
async fn comes_through(runbook: &str, settings: &[(&str, Value)]) {
    comes_through_with(runbook, &[], settings).await;
}

/// The same with values of parameters in place of those of the scenario.
async fn comes_through_with(runbook: &str, values: &[&str], settings: &[(&str, Value)]) {
    let mut knobs = defaults();
    for (name, value) in settings {
        assert!(knobs.insert((*name).to_owned(), value.clone()).is_some(), "there is no knob `{name}`");
    }
    let text = find(runbook).expect("a shipped runbook").text().to_owned();
    let mut scenario = Scenario::parse(&scenario_of(&text)).expect("a scenario");
    let (checked, _) = check(find(runbook).expect("a shipped runbook"), registry()).runbook.expect("a sound runbook");
    let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
    scenario.parameters.extend(Parameters::arguments(checked.parameters(), &values).expect("fitting values"));
    scenario.knobs = serde_json::from_value(Value::Object(knobs)).expect("knobs");
    let stage = Stage::with(&text, scenario, SEED);
    let actors = Actors::start(&stage.range, &stage.scenario);
    let (_, records) = play(&stage).await;
    // What was refused last is refused everywhere only when IAM has told everybody.
    stage.clock.sleep(stage.scenario.knobs.iam_propagation.0 * 4).await;
    let judgement = stage.range.judgement();
    actors.stop().await;
    let fell_short = records.iter().filter_map(|record| match record {
        Record::Step(moved) if FELL_SHORT.contains(&moved.to) => {
            Some(format!("{} is {}: {}", moved.step, moved.to, moved.why.as_deref().unwrap_or("-")))
        }
        _ => None,
    });
    assert_eq!(fell_short.collect::<Vec<_>>(), Vec::<String>::new(), "{runbook} {settings:?}");
    assert_eq!(judgement.still_allowed, Vec::<String>::new(), "{runbook} {settings:?}");
    assert_eq!(judgement.workload_refused, [], "{runbook} {settings:?}");
    assert!(judgement.time_to_contain_seconds.is_some(), "{runbook} {settings:?}");
}

/// The services that a knob has a say in, by the section in which `FACTS.md` has its row; nothing where that is all of them.
fn services_of(knob: &str) -> Option<&'static [Service]> {
    let facts = include_str!("../../src/range/FACTS.md");
    let (before, _) = facts.split_once(&format!("| `{knob}` |")).unwrap_or_else(|| panic!("no row for `{knob}`"));
    let (_, section) = before.rsplit_once("\n## ").expect("a section");
    match section.lines().next().expect("a title") {
        "Every service" => None,
        "IAM" | "STS" => Some(&[Service::Iam, Service::Sts]),
        "Agents for Amazon Bedrock" => Some(&[Service::BedrockAgent]),
        "Amazon Bedrock" => Some(&[Service::Bedrock]),
        "Amazon Q Business" => Some(&[Service::QBusiness]),
        "AWS Secrets Manager" => Some(&[Service::SecretsManager]),
        "AWS Support and accounts" => Some(&[Service::Support, Service::Account]),
        other => panic!("which service is `{other}`?"),
    }
}

/// The services that a shipped runbook asks and tells something.
fn services_in(runbook: &str) -> BTreeSet<Service> {
    let (runbook, _) = check(find(runbook).expect("a shipped runbook"), registry()).runbook.expect("a sound runbook");
    let steps = runbook.steps().iter();
    let operations = steps.flat_map(|step| match &step.work {
        Work::Action { name, .. } => {
            let action = registry().action(name).expect("a known action");
            [action.reads(), action.sends()].concat()
        }
        Work::Query { name, .. } => registry().query(name).expect("a known query").reads().to_vec(),
        Work::Gate { .. } => vec![],
    });
    operations.map(|operation| operation.service).collect()
}

/// Every knob that is a yes or no, the other way round, one at a time, with every runbook that has to do with its service, also with the
/// values by which it contains otherwise: new knobs and runbooks join by themselves.
#[test]
fn every_yes_or_no_the_other_way_round() {
    let as_expected = rehearsals().filter(|one| one.is_as_expected);
    let runbooks: Vec<_> = as_expected.map(|one| (one, services_in(one.name))).collect();
    let of_each_knob = defaults().into_iter().filter_map(|(name, value)| {
        let otherwise = json!(!value.as_bool()?);
        let services = services_of(&name);
        let has_to_do =
            |of: &BTreeSet<Service>| services.is_none_or(|services| services.iter().any(|one| of.contains(one)));
        let concerned = runbooks.iter().filter(|(_, of)| has_to_do(of));
        let played: Vec<_> = concerned.map(|(variant, _)| (*variant, name.clone(), otherwise.clone())).collect();
        assert!(!played.is_empty(), "no runbook meets `{name}`");
        Some(played)
    });
    in_parallel(played([of_each_knob.flatten().collect()], YES_OR_NO, SEED), |(variant, name, value)| {
        paused(comes_through_with(variant.name, variant.values, &[(name.as_str(), value.clone())]));
        Ok(())
    });
}

/// The knobs that are times, each as much longer as a containment may still reckon with.
fn longer_times() -> Vec<(String, Value)> {
    let of_knob = |(name, value): (String, Value)| {
        let Span(is) = serde_json::from_value(value).ok()?;
        let times = match name.as_str() {
            // What CloudTrail does not show yet nobody can follow: an intruder's chained session of the last hour stays.
            "trail_delay" => return None,
            // The cut-off lies 30 seconds ahead: a session that begins after that, and before IAM has told everybody, outlives it.
            "iam_propagation" => 3,
            _ => 10,
        };
        Some((name, json!(Span(is * times))))
    };
    defaults().into_iter().filter_map(of_knob).collect()
}

/// Every knob that is a time, much longer, one at a time, each with some of the runbooks.
#[test]
fn every_time_much_longer() {
    let mut luck = ChaCha8Rng::seed_from_u64(SEED);
    let of_each_knob = longer_times().into_iter().map(|(name, value)| {
        let some = embedded().sample(&mut luck, RUNBOOKS_OF_EACH_TIME);
        some.into_iter().map(|runbook| (runbook, name.clone(), value.clone())).collect::<Vec<_>>()
    });
    in_parallel(played([of_each_knob.flatten().collect()], LONGER_TIMES, SEED), |(runbook, name, value)| {
        paused(comes_through(runbook, &[(name.as_str(), value.clone())]));
        Ok(())
    });
}

/// The knobs that are numbers, each with a small and a large one.
const NUMBERS: &[(&str, [u64; 2])] = &[
    ("cases_per_hour", [1, 100]),
    ("iam_rate", [2, 200]),
    ("other_rate", [2, 200]),
    ("page_size", [1, 1_000]),
    ("support_rate", [1, 50]),
];

/// Every knob that is a number, small and large, and every time much shorter, one at a time, each with one of the runbooks.
#[test]
fn every_number_and_every_time_the_other_way() {
    let numbers: Vec<String> =
        defaults().into_iter().filter(|(_, value)| value.is_number()).map(|(name, _)| name).collect();
    let listed: BTreeSet<&str> = NUMBERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, numbers.iter().map(String::as_str).collect(), "a knob without other numbers");
    let numbers = NUMBERS.iter().flat_map(|(name, others)| others.map(|other| ((*name).to_owned(), json!(other))));
    let shorter = defaults().into_iter().filter_map(|(name, value)| {
        let Span(is) = serde_json::from_value(value).ok()?;
        Some((name, json!(Span(is / 10))))
    });
    let mut luck = ChaCha8Rng::seed_from_u64(SEED);
    let with_a_runbook = numbers.chain(shorter).filter_map(|(name, value)| {
        let runbook = embedded().choose(&mut luck)?;
        Some((runbook, name, value))
    });
    in_parallel(played([with_a_runbook.collect()], SETTINGS_THE_OTHER_WAY, SEED), |(runbook, name, value)| {
        paused(comes_through(runbook, &[(name.as_str(), value.clone())]));
        Ok(())
    });
}

fn everybody_comes_through(settings: &[(&str, Value)]) {
    in_parallel(played([embedded().collect()], RUNBOOKS_AT_ONCE, SEED), |runbook| {
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
