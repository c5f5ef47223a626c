//! What is said where less comes about than was asked for.

use quell::base::{Impact, Phase};
use quell::plan::{PlanError, Planner};
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
    residuals([(&plan, &end.fold)]).into_iter().map(|one| one.residual.what).collect()
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

/// What nobody could read of a user's credentials is not taken for there being none.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_not_known_of_credentials_is_told() {
    let whether =
        |told: &[String], what: &str| told.iter().any(|one| one.starts_with("not known whether") && one.contains(what));
    for (operation, what) in [("GetLoginProfile", "a console password"), ("ListServiceSpecificCredentials", "API keys")]
    {
        let told = still_possible(&with_fault(operation, "access_denied")).await;
        assert!(whether(&told, what), "{told:#?}");
    }
    let told = still_possible(&Stage::open(RUNBOOK, SCENARIO, 1)).await;
    assert!(!whether(&told, ""), "{told:#?}");
    assert!(!told.iter().any(|one| one.contains("password") || one.contains("API key ")), "it has neither: {told:#?}");
    assert!(!told.iter().any(|one| one.starts_with("access key")), "another step switches them off: {told:#?}");
}

/// Half a plan, made while the credentials ran out, is no plan.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn no_plan_is_made_with_credentials_that_end() {
    for operation in ["GetRole", "ListAgents"] {
        let stage = with_fault(operation, "expired_token");
        let reader = stage.planning();
        let setting = stage.setting(stage.around().await);
        let (runbook, graph, parameters) = (&stage.runbook, &stage.graph, &stage.parameters);
        let made = Planner { runbook, graph, parameters, reader: &reader }.plan(Phase::Contain, &setting).await;
        assert!(matches!(made, Err(PlanError::Credentials(_))), "{operation}: {made:?}");
    }
}

fn outlooks(plan: &quell::plan::Plan, step: &str) -> Vec<String> {
    let of_step = plan.steps.iter().filter(|one| one.key.step.as_str() == step);
    of_step.map(|one| serde_json::to_string(&one.work).expect("JSON")).collect()
}

/// Where nobody says which Regions there are, what needs none is planned all the same, and what needs them is refused.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn without_the_list_of_regions_the_rest_is_planned() {
    let plan = with_fault("ListRegions", "access_denied").plan(Phase::Contain).await;
    let missed = plan.not_read.iter().find(|missed| missed.what == "bedrock.agents").expect("not read");
    assert_eq!((missed.region.as_ref(), missed.why.as_str()), (None, "AccessDeniedException"));
    for step in ["freeze", "lock_trust"] {
        assert!(outlooks(&plan, step)[0].contains("\"moves\":[{"), "{step}: {:?}", outlooks(&plan, step));
    }
    let pause = outlooks(&plan, "pause");
    assert!(pause.iter().all(|work| work.contains("which Regions are enabled could not be read")), "{pause:?}");
}

/// A list of which only the first page was read is no list: nothing is done on it, and what was found is not passed over in silence.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_list_that_breaks_off_is_not_taken_for_whole() {
    let mut scenario: Value = serde_yaml::from_str(SCENARIO).expect("YAML");
    scenario["knobs"]["page_size"] = json!(1);
    scenario["faults"] = json!([{ "operation": "ListAgents", "region": "us-east-1", "nth": 2, "kind": "access_denied",
        "repeat": "persistent" }]);
    let plan = Stage::open(RUNBOOK, &scenario.to_string(), 1).plan(Phase::Contain).await;
    let pause = outlooks(&plan, "pause");
    assert!(!pause.is_empty() && pause.iter().all(|work| work.contains("page 2 could not be read")), "{pause:?}");
}

/// What was not read is not known. It is not taken for a key that nobody uses.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_impact_of_what_was_not_read_is_not_known() {
    let impact = |plan: &quell::plan::Plan| {
        let keys = plan.actions().find(|(_, action)| action.action == "iam.deactivate-access-keys").expect("planned").1;
        (keys.story.impact, keys.story.because.clone())
    };
    let (read, _) = impact(&Stage::open(RUNBOOK, SCENARIO, 1).plan(Phase::Contain).await);
    assert_eq!(read, Impact::Outage);
    // AWS has no word about the sessions of a user, whoever may read what.
    let plan = Stage::open(RUNBOOK, SCENARIO, 1).plan(Phase::Contain).await;
    let (_, of_user) = plan.actions().find(|(step, _)| step.key.step.as_str() == "freeze_user").expect("planned");
    assert_eq!(of_user.story.impact, Impact::Unknown, "{}", of_user.story.because);
    let unread = with_fault("GetAccessKeyLastUsed", "access_denied").plan(Phase::Contain).await;
    let (impact, because) = impact(&unread);
    assert_eq!((impact, because.as_str()), (Impact::Unknown, "when the keys were last used could not be read"));
    assert!(unread.not_read.iter().any(|missed| missed.what.starts_with("last use of AKIA")), "{:?}", unread.not_read);
}
