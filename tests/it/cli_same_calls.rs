//! The same runbook makes the same calls in a rehearsal and, through `--endpoint-url`, at a range on loopback.

use std::collections::BTreeMap;
use std::path::Path;

use quell::journal::{CallView, Journal, StepState, read};
use quell::range::Scenario;
use serde_json::{Value, json};

use crate::cli_quell::{Quell, RUNBOOK, Served, VALUES, calm};

const INCIDENT: &str = "INC-4711";

/// What the journals of the phases tell.
#[derive(Debug, Default, PartialEq)]
struct Told {
    /// The calls of each step, in their order.
    calls: BTreeMap<String, Vec<Value>>,
    /// What became of each step, gates as well.
    steps: BTreeMap<String, StepState>,
}

/// The shipped scenario without its adversary, which acts on a clock of its own: a deny that it takes away is sent once more.
/// What the runbook finds by itself is left to it.
fn without_adversary(scenario: &mut Scenario) {
    calm(scenario);
    scenario.parameters.retain(|name, _| ["principal", "user"].contains(&name.as_str()));
}

impl Told {
    /// Adds what a journal tells: everything that was intended, as it was sent. Which call comes too early for AWS's rates, and
    /// so is turned away and sent once more, is a matter of the clock.
    fn add(&mut self, journal: &Path) {
        let Journal { fold, .. } = read(&std::fs::read(journal).expect("a journal")).expect("a sound journal");
        let turned_away = |call: &&CallView| {
            let fault = call.ending.as_ref().and_then(|ending| ending.fault.as_ref());
            fault.is_some_and(|fault| fault.code == "ThrottlingException")
        };
        for call in fold.calls().values().filter(|call| !turned_away(call)) {
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
            self.calls.entry(intent.step.to_string()).or_default().push(told);
        }
        self.steps.extend(fold.steps().iter().map(|(key, step)| (key.to_string(), step.state)));
    }

    fn sent(&self) -> usize {
        self.calls.values().map(Vec::len).sum()
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

fn rehearsed(quell: &Quell, scenario: &str) -> Told {
    let said = quell.say(&["rehearse", RUNBOOK, "--scenario", scenario, "--incident", INCIDENT, "--output", "json"]);
    let told: Value = serde_json::from_str(&said.out).expect("JSON");
    let mut rehearsed = Told::default();
    for journal in told["journals"].as_array().expect("journals") {
        rehearsed.add(Path::new(journal.as_str().expect("a path")));
    }
    rehearsed
}

/// As a person does it: the command that stops at a gate, the answer, and the same command again, through the last phase.
fn served(quell: &Quell, scenario: &str) -> Told {
    let range = Served::with(quell, scenario);
    let through = |phase: &'static str| {
        let run = ["run", RUNBOOK, "--incident", INCIDENT, "--through", phase, "--yes", "--allow-irreversible=3"];
        [&run[..], &VALUES].concat()
    };
    let said = quell.at(&range, &through("eradicate"));
    assert_eq!(said.code, 23, "the gate waits: {}", said.talk);
    let (contain, eradicate) = (quell.run_of("contain"), quell.run_of("eradicate"));
    let said = quell.at(&range, &["resume", &eradicate, "--confirm", "sure"]);
    assert_eq!(said.code, 0, "{}", said.talk);

    let before = quell.runs();
    let said = quell.at(&range, &through("recover"));
    assert_eq!(said.code, 23, "a person has to do something: {}", said.talk);
    let recover = quell.run_of("recover");
    let said = quell.at(&range, &["resume", &recover, "--confirm", "handover"]);
    assert_eq!(said.code, 0, "{}", said.talk);

    let mut once_more = Told::default();
    let again = quell.runs().into_iter().filter(|run| !before.contains(run) && *run != recover);
    again.for_each(|run| once_more.add(&quell.journal_of(&run)));
    assert_eq!(once_more.sent(), 0, "what is done is not done again: {:?}", once_more.calls);
    let mut served = Told::default();
    [contain, eradicate, recover].iter().for_each(|run| served.add(&quell.journal_of(run)));
    served
}

#[test]
fn a_rehearsal_and_a_served_range_see_the_same_calls() {
    let quell = Quell::new();
    let scenario = quell.scenario(without_adversary);
    let expected = rehearsed(&quell, &scenario);
    assert_eq!(expected.sent(), 17, "{:?}", expected.steps);
    for step in ["lock_trust", "sure", "handover"] {
        assert!(expected.steps.contains_key(step), "each phase has left a journal: {:?}", expected.steps);
    }
    let found = served(&quell, &scenario);
    for (step, calls) in &expected.calls {
        assert_eq!(Some(calls), found.calls.get(step), "{step}");
    }
    assert_eq!(found, expected);

    let other = quell.scenario(|scenario| {
        without_adversary(scenario);
        scenario.account.agents[1].aliases.pop();
    });
    assert_ne!(rehearsed(&quell, &other), expected, "an alias less is told apart");
}
