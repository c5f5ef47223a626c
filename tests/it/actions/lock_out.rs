//! No plan cuts the principal through which its caller works, and no doctored plan is approved.

use quell::actions::Refusal;
use quell::aws::Chain;
use quell::guard::{Consent, Denied, approve};
use quell::journal::World;
use quell::plan::{Plan, PlannedWork, Surroundings, look_around};
use serde_json::{Value, json};

use super::{Bench, OTHERS_KEY, action, refusal, role, scenario, set};

const RESPONDER: &str = "arn:aws:iam::111122223333:user/incident-responder";

fn bench(target: &str) -> Bench {
    let mut account = scenario();
    let mut responder = role("Responder", "/");
    set(
        &mut responder,
        "/inline/everything",
        json!({
            "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }],
        }),
    );
    account["account"]["roles"].as_array_mut().expect("a list").push(responder);
    Bench::of_steps(
        json!([{ "id": "it", "action": "iam.revoke-sessions", "with": { "principal": target } }]),
        &account,
        1,
    )
}

/// The plan is refused; and where somebody writes the moves of another caller's plan into it, it is not approved.
async fn is_refused(bench: &Bench, around: Surroundings, moves_of: &Plan) {
    let mut plan = bench.plan_for(around.clone(), "INC-4711").await;
    assert!(matches!(refusal(&plan), Some(Refusal::CutsCaller { .. })), "{:?}", action(&plan).outlook);
    let now = bench.stage.clock.now();
    assert!(approve(plan.clone(), &around, World::Range, now, &Consent::Scenario).is_ok(), "it does nothing");
    let PlannedWork::Action(planned) = &mut plan.steps[0].work else { panic!("an action") };
    planned.outlook = action(moves_of).outlook.clone();
    let denied = approve(plan, &around, World::Range, now, &Consent::Scenario);
    assert_eq!(denied, Err(Denied::CutsCaller { step: "it".to_owned() }));
}

/// The moves that a caller who may would make against the same target.
async fn moves_of_another(target: &str) -> Plan {
    let plan = bench(target).with_key(OTHERS_KEY, None).plan().await;
    assert!(action(&plan).calls().count() > 0);
    plan
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn nobody_cuts_the_user_that_they_are() {
    let bench = bench(RESPONDER);
    is_refused(&bench, bench.stage.around().await, &moves_of_another(RESPONDER).await).await;
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn nobody_cuts_the_role_that_they_work_as() {
    let target = "arn:aws:iam::111122223333:role/Responder";
    let bench = bench(target);
    let asked = json!({ "RoleArn": target, "RoleSessionName": "night-shift" });
    let given = bench.other().sts("AssumeRole", asked).await["Credentials"].clone();
    let text = |name: &str| given[name].as_str().map(str::to_owned);
    let bench = bench.with_key(&text("AccessKeyId").expect("a key"), text("SessionToken"));
    let around = bench.stage.around().await;
    assert!(around.caller.arn.to_string().contains("assumed-role/Responder/night-shift"));
    is_refused(&bench, around, &moves_of_another(target).await).await;
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn nobody_cuts_what_they_came_through() {
    let role = "arn:aws:iam::111122223333:role/Responder";
    let user = "arn:aws:iam::111122223333:user/mallory";
    let through_role = Chain { roles: vec![role.parse().expect("an ARN")], keys: vec![] };
    let through_key = Chain { roles: vec![], keys: vec![OTHERS_KEY.parse().expect("a key id")] };
    for (target, chain) in [(role, through_role), (user, through_key)] {
        let bench = bench(target);
        let direct = bench.plan().await;
        assert!(action(&direct).calls().count() > 0, "without the chain nothing is in the way");
        let around = look_around(&bench.stage.planning(), &chain).await.expect("who is calling");
        is_refused(&bench, around, &direct).await;
    }
}

/// Each action on principals looks at it, whatever the runbook calls the target.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn no_action_cuts_its_caller() {
    let target = "arn:aws:iam::111122223333:role/Responder";
    let user: Vec<(&str, Value)> = vec![("iam.deactivate-access-keys", json!({ "user": "incident-responder" }))];
    for (name, with) in user {
        let bench = Bench::of_steps(json!([{ "id": "it", "action": name, "with": with }]), &scenario(), 1);
        assert!(matches!(refusal(&bench.plan().await), Some(Refusal::CutsCaller { .. })), "{name}");
    }
    let mut account = scenario();
    account["account"]["roles"].as_array_mut().expect("a list").push(role("Responder", "/"));
    let steps = json!([{ "id": "it", "action": "iam.lock-trust", "with": { "role": target } }]);
    let bench = Bench::of_steps(steps, &account, 1);
    let chain = Chain { roles: vec![target.parse().expect("an ARN")], keys: vec![] };
    let around = look_around(&bench.stage.planning(), &chain).await.expect("who is calling");
    let plan = bench.plan_for(around, "INC-4711").await;
    assert!(matches!(refusal(&plan), Some(Refusal::CutsCaller { .. })));
}
