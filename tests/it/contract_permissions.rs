//! The permissions that a plan declares suffice, for planning, acting, verifying and undoing: nothing is refused to a
//! responder who has these and no others.

use std::collections::BTreeSet;

use quell::aws::operations;
use quell::base::{Effect, Phase};
use quell::journal::StepState;
use quell::plan::{Need, Plan, needs_of_actions, needs_of_plan, policy_of};
use serde_json::{Value, json};

use crate::actions::{Bench, Undone, action, cases_by_action};
use crate::extent::played;
use crate::stage::Stage;

const KEY: &str = "AKIARTX3GSDSLIMITED1";
const SEED: u64 = 7;
/// How many cases of each action are played where not all are.
const OF_EACH_ACTION: usize = 1;

/// Those of some permissions that a plan is made with.
fn reads(needs: &BTreeSet<Need>) -> BTreeSet<Need> {
    let changes =
        |action: &str| operations().any(|row| row.effect != Effect::Read && row.permissions.contains(&action));
    needs.iter().filter(|need| !changes(&need.action)).cloned().collect()
}

/// Adds a user with permissions to the account: the reads at once, all when they are attached.
fn add_responder(scenario: &mut Value, needs: &BTreeSet<Need>) {
    let arn = |name: &str| format!("arn:aws:iam::111122223333:policy/{name}");
    let user = json!({ "name": "limited", "keys": [{ "id": KEY }], "attached": [arn("reads")] });
    let account = &mut scenario["account"];
    account["users"].as_array_mut().expect("a list").push(user);
    if account["policies"].is_null() {
        account["policies"] = json!([]);
    }
    account["policies"].as_array_mut().expect("a list").extend([
        json!({ "name": "reads", "document": policy_of(&reads(needs)) }),
        json!({ "name": "all", "document": policy_of(needs) }),
    ]);
}

/// What the limited responder was refused.
fn refused(bench: &Bench) -> Vec<String> {
    bench
        .trail()
        .into_iter()
        .filter(|event| event.error_code.is_some())
        .map(|event| format!("{}: {}", event.event_name, event.error_code.unwrap_or_default()))
        .filter(|refused| refused.contains("AccessDenied"))
        .collect()
}

async fn planned(bench: &Bench) -> Plan {
    let plan = bench.plan().await;
    assert!(action(&plan).calls().count() > 0, "{:?}", action(&plan).outlook);
    plan
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_permissions_of_a_plan_suffice() {
    for mut case in played(cases_by_action().into_values(), OF_EACH_ACTION, SEED) {
        let plan = planned(&case.open(1)).await;
        add_responder(&mut case.scenario, &needs_of_plan(&plan).expect("known actions"));
        let bench = case.open(1).with_key(KEY, None);
        let plan = planned(&bench).await;
        let all = json!({ "UserName": "limited", "PolicyArn": "arn:aws:iam::111122223333:policy/all" });
        bench.other().iam("AttachUserPolicy", all).await;
        bench.rest().await;
        let ran = bench.run(plan).await;
        assert_eq!(ran.state(), StepState::Verified, "{}, seed {SEED}: {}", case.name, ran.told());
        if matches!(case.undone, Undone::Exactly | Undone::ExactlyButLater) {
            let undone = bench.run(bench.plan_undo(&ran, true).await).await;
            assert_eq!(undone.state(), StepState::Verified, "{}: {}", case.name, undone.told());
        }
        assert_eq!(refused(&bench), Vec::<String>::new(), "{}", case.name);
    }
}

/// The policy that the reference of a runbook shows is enough to plan all of it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_policy_of_a_runbook_suffices_to_plan_it() {
    let shipped = Stage::shipped(1);
    let names: Vec<&str> = shipped.runbook.steps().iter().filter_map(|step| step.action().or(step.query())).collect();
    let place = shipped.around().await.place;
    let mut scenario = serde_json::to_value(&shipped.scenario).expect("JSON");
    add_responder(&mut scenario, &needs_of_actions(names.into_iter(), &place));
    let runbook = include_str!("../../runbooks/rogue-bedrock-agent.yaml");
    let bench = Bench::of(Stage::open(runbook, &scenario.to_string(), 1), Phase::Contain).with_key(KEY, None);
    let plan = bench.plan().await;
    assert_eq!(plan.not_read, []);
    assert_eq!(plan.alias.as_deref(), Some("prod-web"));
    assert_eq!(refused(&bench), Vec::<String>::new());
    let mut with_everything = Bench::of(shipped, Phase::Contain).plan().await;
    with_everything.caller = plan.caller.clone();
    assert_eq!(plan.count(Effect::Reversible), with_everything.count(Effect::Reversible));
}
