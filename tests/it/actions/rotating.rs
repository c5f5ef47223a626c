//! The runbooks that change keys: nothing stops, nobody is meant who was not named, and a second plan never takes a new key for
//! an old one.

use std::collections::BTreeMap;

use quell::base::Phase;
use quell::journal::RunOutcome;
use quell::plan::{Plan, PlannedWork};
use quell::range::{Actors, Scenario};
use quell::runbook::{ParameterError, Parameters, find};
use serde_json::json;

use crate::drill::{scenario_of, scratch};
use crate::stage::Stage;

fn stage(runbook: &str, change: impl FnOnce(&mut Scenario)) -> Stage {
    let text = find(runbook).expect("a shipped runbook").text().to_owned();
    let mut scenario = Scenario::parse(&scenario_of(&text)).expect("a scenario");
    change(&mut scenario);
    Stage::with(&text, scenario, 7)
}

/// What is planned of a step, one for each execution: the calls, or why not.
fn planned(plan: &Plan, step: &str) -> Vec<String> {
    let of_it = plan.steps.iter().filter(|one| one.key.step.as_str() == step);
    of_it
        .map(|one| match &one.work {
            PlannedWork::Action(action) => {
                action.calls().map(|call| call.operation().name).collect::<Vec<_>>().join(" ")
            }
            PlannedWork::Refused { why } => format!("refused: {why}"),
            _ => "other".to_owned(),
        })
        .collect()
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_key_that_was_made_here_is_not_taken_for_an_old_one() {
    let stage = stage("rotate-user-keys", |_| ());
    let state = scratch();
    let plan = stage.plan(Phase::Eradicate).await;
    assert_eq!(planned(&plan, "retire"), ["UpdateAccessKey"]);
    let approved = stage.approve(plan).await;
    let end = stage.execute(&approved, "00000001", state.path(), |_| ()).await;
    assert_eq!(end.outcome, Some(RunOutcome::Complete));
    // Planned once more, as after an interruption: nothing is made, and the new key stays.
    let again = stage.plan(Phase::Eradicate).await;
    assert_eq!((planned(&again, "create"), planned(&again, "retire")), (vec![String::new()], vec![]));
    let recover = stage.plan(Phase::Recover).await;
    assert_eq!(planned(&recover, "delete"), ["DeleteAccessKey"], "the old one alone");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn every_key_takes_a_word_and_is_capped() {
    let stage_of = |most: u32| {
        stage("rotate-account-keys", |scenario| drop(scenario.parameters.insert("at_most".to_owned(), json!(most))))
    };
    let plan = stage_of(2).plan(Phase::Eradicate).await;
    assert_eq!(planned(&plan, "create").len(), 2);
    let plan = stage_of(1).plan(Phase::Eradicate).await;
    for step in ["create", "retire", "end_sessions"] {
        let why = planned(&plan, step).concat();
        assert!(why.contains("active keys are with 2 users, and `at_most` says 1"), "{step}: {why}");
    }
    let stage = stage_of(2);
    let mut given: BTreeMap<_, _> = stage.scenario.parameters.clone();
    let complete = |given| Parameters::complete(stage.runbook.parameters(), given, stage.clock.now());
    given.insert("every_key".to_owned(), json!(false));
    let errors = complete(given.clone()).expect_err("not what is meant");
    assert!(matches!(&errors[..], [ParameterError::NotAllowed { name, .. }] if name == "every_key"), "{errors:?}");
    given.remove("every_key");
    let errors = complete(given).expect_err("there is no default");
    assert!(matches!(&errors[..], [ParameterError::Missing { name, .. }] if name == "every_key"), "{errors:?}");
}

/// The workload is given the new key in time, and is never refused: a rotation with an overlap stops nothing.
#[test]
fn a_rotation_with_an_overlap_stops_nothing() {
    let quell = crate::cli_quell::Quell::new();
    for runbook in ["rotate-user-keys", "rotate-account-keys"] {
        let said = quell.say(&["rehearse", runbook, "--output", "json"]);
        let told: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
        assert_eq!(told["workload"]["expected_interruptions"], 0, "{runbook}: {}", told["workload"]);
    }
}

/// The range's own actors do not matter to the plans above, and are not started there.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_workload_with_the_newest_key_is_told_from_who_else_holds_it() {
    let stage = stage("rotate-user-keys", |_| ());
    let actors = Actors::start(&stage.range, &stage.scenario);
    stage.clock.sleep(std::time::Duration::from_secs(60)).await;
    let judgement = stage.range.judgement();
    actors.stop().await;
    assert!(judgement.workload_calls > 0 && judgement.adversary_calls > 0, "{judgement:?}");
    assert_eq!(judgement.workload_refused, []);
}
