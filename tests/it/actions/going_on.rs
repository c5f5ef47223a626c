//! The responder can go on: a deny that leaves everything is no lock-out, what is for the last resort is left alone, and AWS's own
//! simulator is asked.

use std::collections::BTreeSet;

use quell::actions::Refusal;
use quell::journal::StepState;
use quell::plan::{Part, Plan, Planner, Responder, Setting, Simulation, simulated};
use serde_json::{Value, json};

use super::{Bench, action, refusal, role, scenario, set};

const ROLE: &str = "arn:aws:iam::111122223333:role/Responder";
const POLICY: &str = "arn:aws:iam::111122223333:policy/last-resort";

fn everything() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] })
}

/// The account with a role for responders, who can do everything.
fn account() -> Value {
    let mut account = scenario();
    let mut responder = role("Responder", "/");
    set(&mut responder, "/inline/everything", everything());
    account["account"]["roles"].as_array_mut().expect("a list").push(responder);
    account
}

/// A bench of a responder who works in the session `night-shift` of the role.
async fn in_session(name: &str, with: Value) -> Bench {
    let bench = Bench::of_steps(json!([{ "id": "it", "action": name, "with": with }]), &account(), 1);
    let asked = json!({ "RoleArn": ROLE, "RoleSessionName": "night-shift" });
    let given = bench.other().sts("AssumeRole", asked).await["Credentials"].clone();
    let text = |name: &str| given[name].as_str().map(str::to_owned);
    bench.with_key(&text("AccessKeyId").expect("a key"), text("SessionToken"))
}

fn responder(plan: &Plan) -> &Responder {
    plan.responder.as_ref().expect("a plan says whether its responder can go on")
}

async fn simulation(bench: &Bench, plan: &Plan) -> Simulation {
    let plan = simulated(plan.clone(), &bench.stage.planning()).await;
    responder(&plan).simulation.clone().expect("it was asked")
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn another_session_of_the_own_role_is_contained_and_let_go_again() {
    let bench = in_session("iam.deny-session", json!({ "role": ROLE, "session": "intruder" })).await;
    let plan = bench.plan().await;
    assert!(action(&plan).calls().count() > 0, "{:?}", action(&plan).outlook);
    let caller = &responder(&plan).hangs_on[0];
    assert_eq!((caller.part, caller.spared_by.len()), (Part::Caller, 1));
    // The simulator judges with the deny that is to come.
    let simulation = simulation(&bench, &plan).await;
    assert_eq!(simulation.lacking, []);
    assert!(simulation.asked > 0);
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let undone = bench.run(bench.plan_undo(&ran, false).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
}

/// What would be denied, and what nobody can know beforehand, are refused alike.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_own_session_is_not_denied_nor_put_at_risk() {
    let cases = [
        ("iam.deny-session", json!({ "role": ROLE, "session": "night-shift" }), "would be denied"),
        ("iam.deny-everything", json!({ "principal": ROLE }), "would be denied"),
        ("iam.deny-ai-services", json!({ "principal": ROLE }), "bedrock"),
        (
            "iam.deny-session-started-at",
            json!({ "principal": ROLE, "started_at": "2026-11-22T02:20:05Z" }),
            "aws:tokenissuetime",
        ),
        ("iam.deny-from-outside", json!({ "principal": ROLE, "ip_ranges": ["192.0.2.0/24"] }), "not known"),
        ("iam.lock-trust", json!({ "role": ROLE }), ""),
        ("iam.quarantine", json!({ "principal": ROLE }), ""),
    ];
    for (name, with, why) in cases {
        let plan = in_session(name, with).await.plan().await;
        let Some(Refusal::CutsCaller { why: told, .. }) = refusal(&plan) else {
            panic!("{name}: {:?}", action(&plan).outlook)
        };
        assert!(told.as_deref().unwrap_or_default().contains(why), "{name}: {told:?}");
    }
}

/// A boundary is as much a lock-out as a policy is.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_boundary_over_the_own_role_is_refused() {
    let mut account = account();
    let roles = account["account"]["roles"].as_array_mut().expect("a list");
    let own = roles.iter_mut().find(|one| one["name"] == "Responder").expect("the role");
    let full: Vec<String> = (0..10).map(|number| format!("arn:aws:iam::111122223333:policy/p{number}")).collect();
    own["attached"] = json!(full);
    let filler = |padding: usize| {
        let action = format!("s3:{}*", "x".repeat(padding));
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
    };
    // All that a role holds inline, but for less than the shortest deny takes.
    let there = everything().to_string().len() + filler(0).to_string().len();
    set(own, "/inline/filler", filler(10_240 - there - 50));
    let policies: Vec<Value> =
        (0..10).map(|number| json!({ "name": format!("p{number}"), "document": everything() })).collect();
    set(&mut account, "/account/policies", json!(policies));
    let steps = json!([{ "id": "it", "action": "iam.deny-everything", "with": { "principal": ROLE } }]);
    let bench = Bench::of_steps(steps, &account, 1);
    let direct = bench.plan().await;
    let calls: Vec<String> = action(&direct).calls().map(|call| call.operation().to_string()).collect();
    assert!(calls.iter().any(|call| call == "iam:PutRolePermissionsBoundary"), "{calls:?}");
    let asked = json!({ "RoleArn": ROLE, "RoleSessionName": "night-shift" });
    let given = bench.other().sts("AssumeRole", asked).await["Credentials"].clone();
    let text = |name: &str| given[name].as_str().map(str::to_owned);
    let bench = bench.with_key(&text("AccessKeyId").expect("a key"), text("SessionToken"));
    assert!(matches!(refusal(&bench.plan().await), Some(Refusal::CutsCaller { .. })));
}

/// The plan of a bench where some are listed for the last resort.
async fn plan_with_break_glass(bench: &Bench, listed: &str) -> Plan {
    let stage = &bench.stage;
    let break_glass = [listed.parse().expect("an ARN")].into();
    let setting = Setting { break_glass, ..stage.setting(stage.around().await) };
    let reader = stage.planning();
    let (runbook, graph, parameters) = (&stage.runbook, &stage.graph, &stage.parameters);
    Planner { runbook, graph, parameters, reader: &reader }.plan(bench.phase, &setting).await.expect("a plan").0
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn nothing_is_taken_from_the_last_resort() {
    let mut account = account();
    let roles = account["account"]["roles"].as_array_mut().expect("a list");
    let mut last = role("LastResort", "/");
    last["attached"] = json!([POLICY]);
    roles.push(last);
    set(&mut account, "/account/policies", json!([{ "name": "last-resort", "document": everything() }]));
    let last = "arn:aws:iam::111122223333:role/LastResort";
    // Directly, and by way of the policy that it has.
    for (name, with, last) in [
        ("iam.deny-ai-services", json!({ "principal": last }), last),
        ("iam.delete-policy", json!({ "policy": POLICY }), last),
        ("iam.delete-policy", json!({ "policy": POLICY }), POLICY),
    ] {
        let bench = Bench::of_steps(json!([{ "id": "it", "action": name, "with": with }]), &account, 1);
        assert!(action(&bench.plan().await).calls().count() > 0, "{name}: nobody has listed it");
        let plan = plan_with_break_glass(&bench, last).await;
        let told = refusal(&plan).map(ToString::to_string).unwrap_or_default();
        assert!(told.contains("break-glass"), "{name}: {:?}", action(&plan).outlook);
        let listed = responder(&plan).hangs_on.iter().find(|one| one.part == Part::BreakGlass).expect("it is told");
        assert!(listed.principal == last && listed.spared_by.is_empty());
        // The same name in another account is somebody else.
        let plan = plan_with_break_glass(&bench, "arn:aws:iam::444455556666:role/LastResort").await;
        assert!(refusal(&plan).is_none(), "{name}: {:?}", action(&plan).outlook);
    }
}

/// What the responder lacks is said before anybody approves.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_the_simulator_does_not_allow_is_told() {
    let key = "AKIARTX3GSDSLIMITED1";
    let mut account = scenario();
    let limited = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": "iam:DeleteRolePolicy", "Resource": "*" },
        ],
    });
    let user = json!({ "name": "limited", "keys": [{ "id": key }], "inline": { "limited": limited } });
    account["account"]["users"].as_array_mut().expect("a list").push(user);
    let steps = json!([{ "id": "it", "action": "iam.deny-ai-services", "with": { "principal": super::ROLE } }]);
    let bench = Bench::of_steps(steps.clone(), &account, 1).with_key(key, None);
    let plan = bench.plan().await;
    let told = simulation(&bench, &plan).await;
    let lacking: BTreeSet<&str> = told.lacking.iter().map(|one| one.action.as_str()).collect();
    assert_eq!(lacking, BTreeSet::from(["iam:DeleteRolePolicy"]), "{told:?}");
    // A responder who may not ask is told so, and the plan is there all the same.
    set(
        &mut account,
        "/faults",
        json!([{ "operation": "SimulatePrincipalPolicy", "kind": "access_denied", "repeat": "persistent" }]),
    );
    let bench = Bench::of_steps(steps, &account, 1);
    let plan = bench.plan().await;
    let simulation = simulation(&bench, &plan).await;
    assert_eq!((simulation.asked, simulation.not_asked.as_deref()), (0, Some("AccessDenied")));
    assert!(action(&plan).calls().count() > 0);
}
