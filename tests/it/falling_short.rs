//! What is said where less comes about than was asked for.

use quell::base::{IncidentId, Phase};
use quell::journal::World;
use quell::plan::{PlanError, Planner, Setting};
use quell::report::residuals;
use serde_json::{Value, json};

use crate::stage::{RUNBOOK, SCENARIO, Stage};

/// The shipped scenario with something that goes wrong from the first time on.
fn with_fault(operation: &str, kind: &str) -> Stage {
    let mut scenario: Value = serde_yaml::from_str(SCENARIO).expect("YAML");
    scenario["faults"] = json!([{ "operation": operation, "kind": kind, "repeat": "persistent" }]);
    Stage::open(RUNBOOK, &scenario.to_string(), 1)
}

/// What is still possible after the containment, as its end screen says.
async fn still_possible(stage: &Stage) -> Vec<String> {
    let plan = stage.plan(Phase::Contain).await;
    let approved = stage.approve(plan.clone()).await;
    let state = crate::drill::scratch();
    let end = stage.execute(&approved, "0000000000aa", state.path(), |_| {}).await;
    residuals([(&plan, &end.fold)]).into_iter().map(|one| one.what).collect()
}

/// An alias that could not be shut is still open, and that is what the intruder can still do.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_a_failed_step_was_to_end_is_told() {
    let told = still_possible(&with_fault("UpdateAgentAlias", "access_denied")).await;
    let failed = told.iter().filter(|what| what.ends_with("is failed") && what.contains("alias")).count();
    assert_eq!(failed, 3, "three agents, of which no alias was shut: {told:#?}");
}

/// A principal that nobody let us look at is not contained, and the list says so.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_could_not_be_looked_at_is_told() {
    let told = still_possible(&with_fault("GetRole", "access_denied")).await;
    for step in ["freeze", "lock_trust"] {
        let begins = format!("what {step} was to end: it could not be looked at");
        assert!(told.iter().any(|what| what.starts_with(&begins)), "{told:#?}");
    }
}

/// Half a plan, made while the credentials ran out, is no plan.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn no_plan_is_made_with_credentials_that_end() {
    for operation in ["GetRole", "ListAgents"] {
        let stage = with_fault(operation, "expired_token");
        let reader = stage.planning();
        let setting = Setting {
            incident: IncidentId::new("INC-4711").expect("an incident"),
            world: World::Range,
            around: stage.around().await,
            now: stage.clock.now(),
            nonce: "0".to_owned(),
        };
        let (runbook, graph, parameters) = (&stage.runbook, &stage.graph, &stage.parameters);
        let made = Planner { runbook, graph, parameters, reader: &reader }.plan(Phase::Contain, &setting).await;
        assert!(matches!(made, Err(PlanError::Credentials(_))), "{operation}: {made:?}");
    }
}
