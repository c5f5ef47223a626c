//! The same runbook makes the same calls in a rehearsal and, through `--endpoint-url`, at a range on loopback.

use std::collections::BTreeMap;
use std::path::Path;

use quell::journal::{CallView, read};
use quell::range::Scenario;
use serde_json::{Value, json};

use crate::cli_quell::{Quell, RUNBOOK, Served, VALUES, calm};

const INCIDENT: &str = "INC-4711";

/// The calls of each step, in their order.
type Calls = BTreeMap<String, Vec<Value>>;

/// The shipped scenario without its adversary, which acts on a clock of its own: a deny that it takes away is sent once more.
/// What the runbook finds by itself is left to it.
fn without_adversary(scenario: &mut Scenario) {
    calm(scenario);
    scenario.parameters.retain(|name, _| ["principal", "user"].contains(&name.as_str()));
}

/// Adds the calls of a journal: everything that was intended, as it was sent. Which one comes too early for AWS's rates, and so
/// is turned away and sent once more, is a matter of the clock.
fn add_calls(calls: &mut Calls, journal: &Path) {
    let journal = read(&std::fs::read(journal).expect("a journal")).expect("a sound journal");
    let turned_away = |call: &&CallView| {
        let fault = call.ending.as_ref().and_then(|ending| ending.fault.as_ref());
        fault.is_some_and(|fault| fault.code == "ThrottlingException")
    };
    for call in journal.fold.calls().values().filter(|call| !turned_away(call)) {
        let intent = &call.intent;
        let told = json!({
            "operation": intent.operation,
            "effect": intent.effect,
            "target": intent.target,
            "approved": intent.planned,
            "request": without_times(&intent.request),
            "token": intent.token,
            "state": call.state,
        });
        calls.entry(intent.step.to_string()).or_default().push(told);
    }
}

/// A request without the moments in it: the two worlds have different clocks, and a cut-off is a time. What was done by steps
/// that run at once stands in the case in the order in which AWS answered.
fn without_times(request: &Value) -> Value {
    match request {
        Value::String(text) => {
            let moment = regex_lite::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z").expect("a pattern");
            let text = moment.replace_all(text, "<time>");
            let mut lines: Vec<&str> = text.lines().collect();
            lines.chunk_by_mut(|a, b| a.starts_with("- <time> ") && b.starts_with("- <time> ")).for_each(<[_]>::sort);
            Value::String(lines.join("\n"))
        }
        Value::Array(items) => items.iter().map(without_times).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), without_times(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn rehearsed(quell: &Quell, scenario: &str) -> Calls {
    let said = quell.say(&["rehearse", RUNBOOK, "--scenario", scenario, "--incident", INCIDENT, "--output", "json"]);
    let told: Value = serde_json::from_str(&said.out).expect("JSON");
    let mut calls = Calls::new();
    for journal in told["journals"].as_array().expect("journals") {
        add_calls(&mut calls, Path::new(journal.as_str().expect("a path")));
    }
    calls
}

fn served(quell: &Quell, scenario: &str) -> Calls {
    let range = Served::with(quell, scenario);
    let run = ["run", RUNBOOK, "--incident", INCIDENT, "--through", "eradicate", "--yes", "--allow-irreversible=3"];
    let said = quell.at(&range, &[&run[..], &VALUES].concat());
    assert_eq!(said.code, 23, "the gate waits: {}", said.talk);
    let eradicate = quell.run_of("eradicate");
    let said = quell.at(&range, &["resume", &eradicate, "--confirm", "sure"]);
    assert_eq!(said.code, 0, "{}", said.talk);
    let mut calls = Calls::new();
    for run in [quell.run_of("contain"), eradicate] {
        add_calls(&mut calls, &quell.state().join("runs").join(run).join("journal.jsonl"));
    }
    calls
}

#[test]
fn a_rehearsal_and_a_served_range_see_the_same_calls() {
    let quell = Quell::new();
    let scenario = quell.scenario(without_adversary);
    let expected = rehearsed(&quell, &scenario);
    let steps: Vec<&str> = expected.keys().map(String::as_str).collect();
    assert_eq!(expected.values().map(Vec::len).sum::<usize>(), 17, "{steps:?}");
    let found = served(&quell, &scenario);
    for (step, calls) in &expected {
        assert_eq!(Some(calls), found.get(step), "{step}");
    }
    assert_eq!(found.len(), expected.len());

    let other = quell.scenario(|scenario| {
        without_adversary(scenario);
        scenario.account.agents[1].aliases.pop();
    });
    assert_ne!(rehearsed(&quell, &other), expected, "an alias less is told apart");
}
