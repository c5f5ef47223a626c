//! The rehearsal: one command, no account, a story and a judgement.

use serde_json::Value;

use crate::cli_quell::{Quell, RUNBOOK};

#[test]
fn the_shipped_rehearsal_contains_the_adversary_the_same_way_each_time() {
    let quell = Quell::new();
    let told: Vec<Value> = (0..2)
        .map(|_| {
            let said = quell.say(&["rehearse", RUNBOOK, "--output", "json"]);
            assert_eq!(said.code, 0, "{}{}", said.out, said.talk);
            serde_json::from_str(&said.out).expect("JSON")
        })
        .collect();
    let one = &told[0];
    assert_eq!((one["format"].as_u64(), one["outcome"].as_str()), (Some(1), Some("contained")));
    assert_eq!(one["seed"], 7);
    for member in ["time_to_first_deny_seconds", "time_to_contain_seconds", "quell_claimed_seconds"] {
        assert!(one[member].as_f64().is_some_and(|time| time > 0.0), "{member}: {}", one[member]);
    }
    assert!(one["adversary"]["calls"].as_u64().is_some_and(|calls| calls > 0));
    assert_eq!(one["adversary"]["succeeded_after_containment"], serde_json::json!([]));
    assert_eq!(one["workload"]["refused"], 0);
    assert!(one["api_calls"]["read"].as_u64() > one["api_calls"]["mutating"].as_u64());
    for member in ["residual_access", "left_over", "steps"] {
        assert!(one[member].is_array(), "{member}");
    }
    let journal = one["journal"].as_str().expect("a path");
    assert_eq!(quell.say(&["audit", "verify", journal]).code, 0);
    let comparable = |told: &Value| {
        let mut told = told.clone();
        for path in ["journal", "journals"] {
            told[path] = Value::Null;
        }
        told
    };
    assert_eq!(comparable(&told[0]), comparable(&told[1]));
}

#[test]
fn the_story_tells_all_three() {
    let quell = Quell::new();
    let said = quell.say(&["rehearse", "rogue-bedrock-agent", "--seed", "11"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.talk);
    assert!(said.out.starts_with("RANGE (not AWS) 111122223333 prod-web"), "{}", said.out);
    for part in ["  adversary  ", "  workload   ", "  quell      ", "\nCONTAINED after ", "\nJOURNAL   "] {
        assert!(said.out.contains(part), "{part}\n{}", said.out);
    }
}

/// Whose adversary can do nothing from the start was contained at no moment.
#[test]
fn where_nothing_is_to_be_contained_the_story_says_so() {
    let quell = Quell::new();
    let said = quell.say(&["rehearse", "stand-down"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.talk);
    let verdict = "\nNOTHING TO CONTAIN, as the range judges: from the start nobody could do what must end\n";
    assert!(said.out.contains(verdict) && !said.out.contains("never"), "{}", said.out);
}

/// Every line of the transcript in the README is told, in that order.
#[test]
fn the_readme_shows_the_story_that_is_told() {
    let quell = Quell::new();
    let said = quell.say(&["rehearse", RUNBOOK, "--seed", "7"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.talk);
    let readme = include_str!("../../README.md");
    let transcript = readme.split("```text\n").find(|block| block.starts_with("RANGE")).expect("a transcript");
    let transcript = transcript.split("```").next().expect("its end");
    let shown = transcript.lines().filter(|line| !line.trim().is_empty() && line.trim() != "…");
    let mut told = said.out.lines();
    for line in shown {
        assert!(told.any(|one| one == line), "the README shows what is not told, or not then: {line}\n{}", said.out);
    }
}

#[test]
fn an_adversary_that_nobody_stops_is_not_contained() {
    let quell = Quell::new();
    let runbook = quell.file(
        "idle.yaml",
        "quell: 1\nname: idle\ntitle: Do nothing\nparameters:\n  principal: { type: iam_arn }\n  user: { type: iam_arn }\n  \
         since: { type: timestamp }\n  business_impact: { type: string }\nsteps:\n  - id: handover\n    phase: contain\n    \
         gate: instruction\n    message: Look away\n",
    );
    let said =
        quell.say(&["rehearse", &runbook, "--scenario", "examples/rogue-bedrock-agent.yaml", "--output", "json"]);
    assert_eq!(said.code, 29, "{}", said.talk);
    let told: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((told["outcome"].as_str(), &told["time_to_contain_seconds"]), (Some("not-contained"), &Value::Null));
    said.next();
}

/// Containment that stops somebody whom nobody expected to be stopped is not as it should be, and the command says so.
#[test]
fn a_rehearsal_that_harms_the_workload_fails() {
    let quell = Quell::new();
    let scenario = include_str!("../../examples/rogue-bedrock-agent.yaml");
    let calm = scenario.replace("    expects_outage: true\n", "");
    assert_ne!(calm, scenario);
    let calm = quell.file("calm.yaml", &calm);
    let said = quell.say(&["rehearse", RUNBOOK, "--scenario", &calm, "--output", "json"]);
    assert_eq!(said.code, 29, "{}", said.talk);
    let told: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(told["outcome"], "workload-harmed");
    assert!(told["workload"]["refused"].as_u64() > Some(0), "{}", told["workload"]);
    said.next();
    let text = quell.say(&["rehearse", RUNBOOK, "--scenario", &calm]).out;
    assert!(text.contains("\nWORKLOAD HARMED  ") && text.contains("WORKLOAD REFUSED   "), "{text}");
}

/// A rehearsal that stops at a gate has not played the runbook, and says what an answer would look like.
#[test]
fn a_gate_without_an_answer_is_no_success() {
    let quell = Quell::new();
    let scenario = include_str!("../../examples/rogue-bedrock-agent.yaml");
    let silent = scenario.replace("  sure: { answer: confirm, after: 90s }\n", "");
    assert_ne!(silent, scenario);
    let silent = quell.file("silent.yaml", &silent);
    let said = quell.say(&["rehearse", RUNBOOK, "--scenario", &silent, "--output", "json"]);
    assert_eq!(said.code, 29, "{}", said.talk);
    let told: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((&told["outcome"], &told["unanswered"][0]["gate"]["step"]), (&"contained".into(), &"sure".into()));
    let not_done = told["unanswered"][0]["not_done"].as_array().expect("steps");
    assert!(not_done.iter().any(|step| step.to_string().contains("delete")), "{not_done:?}");
    said.next();
    let text = quell.say(&["rehearse", RUNBOOK, "--scenario", &silent]).out;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "NOT PLAYED TO ITS END the scenario has no answer for gate sure, so eradicate stopped there; not done: delete",
        "write under `gates:` of the scenario: sure: { answer: confirm, after: 1m }",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
