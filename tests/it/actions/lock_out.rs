//! No plan cuts the principal through which its caller works, and no doctored plan is approved.

use quell::actions::Refusal;
use quell::aws::Chain;
use quell::guard::{Clearance, Consent, Denied, approve};
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

fn cleared(plan: &Plan) -> Clearance {
    Clearance::in_range(plan).expect("a plan for a range")
}

/// The plan is refused; and where somebody writes the moves of another caller's plan into it, it is not approved.
async fn is_refused(bench: &Bench, around: Surroundings, moves_of: &Plan) {
    let mut plan = bench.plan_for(around.clone(), "INC-4711").await;
    assert!(matches!(refusal(&plan), Some(Refusal::CutsCaller { .. })), "{:?}", action(&plan).outlook);
    let now = bench.stage.clock.now();
    assert!(
        approve(plan.clone(), &around, World::Range, now, &Consent::Scenario, &cleared(&plan)).is_ok(),
        "it does nothing"
    );
    let PlannedWork::Action(planned) = &mut plan.steps[0].work else { panic!("an action") };
    planned.outlook = action(moves_of).outlook.clone();
    let clearance = cleared(&plan);
    let denied = approve(plan, &around, World::Range, now, &Consent::Scenario, &clearance);
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

/// The actions that take something from a role or user, whatever they are about.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn no_deny_and_no_deletion_cuts_its_caller() {
    let user = "incident-responder";
    let policy = "arn:aws:iam::111122223333:policy/responders";
    let key = "AKIAIOSFODNN7EXAMPLE";
    let about_user = vec![
        ("iam.deny-ai-services", json!({ "principal": RESPONDER })),
        ("iam.deny-from-outside", json!({ "principal": RESPONDER, "ip_ranges": ["192.0.2.0/24"] })),
        ("iam.deny-everything", json!({ "principal": RESPONDER })),
        ("iam.quarantine", json!({ "principal": RESPONDER })),
        ("iam.deny-session-started-at", json!({ "principal": RESPONDER, "started_at": "2026-11-22T02:20:05Z" })),
        ("iam.deactivate-ssh-keys", json!({ "user": user })),
        ("iam.deactivate-signing-certificates", json!({ "user": user })),
        ("iam.deactivate-service-credentials", json!({ "user": user })),
        ("iam.delete-user", json!({ "user": user })),
        ("iam.delete-access-key", json!({ "user": user, "key": key })),
        ("iam.delete-console-password", json!({ "user": user })),
        ("iam.delete-mfa-device", json!({ "user": user, "serial": "GAHT12345678" })),
        // The policy is attached to the responder's role, by which the responder comes.
        ("iam.delete-policy", json!({ "policy": policy })),
        ("iam.restore-policy-version", json!({ "policy": policy, "version": "v1" })),
    ];
    let role_arn = "arn:aws:iam::111122223333:role/Responder";
    let about_role = vec![
        ("iam.deny-session", json!({ "role": role_arn, "session": "night-shift" })),
        ("iam.delete-role", json!({ "role": role_arn, "even_if_used": true })),
    ];
    let mut account = scenario();
    let mut responder = role("Responder", "/");
    responder["attached"] = json!([policy]);
    account["account"]["roles"].as_array_mut().expect("a list").push(responder);
    set(&mut account, "/account/policies", json!([{ "name": "responders", "document": everything() }]));
    let chain = Chain { roles: vec![role_arn.parse().expect("an ARN")], keys: vec![] };
    for (name, with) in about_user.into_iter().chain(about_role) {
        let bench = Bench::of_steps(json!([{ "id": "it", "action": name, "with": with }]), &account, 1);
        let around = look_around(&bench.stage.planning(), &chain).await.expect("who is calling");
        let plan = bench.plan_for(around, "INC-4711").await;
        assert!(matches!(refusal(&plan), Some(Refusal::CutsCaller { .. })), "{name}: {:?}", action(&plan).outlook);
    }
}

/// A policy that the caller has through a group is the caller's as well.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn no_deletion_of_a_policy_cuts_the_members_of_a_group() {
    let policy = "arn:aws:iam::111122223333:policy/responders";
    let mut account = scenario();
    set(&mut account, "/account/policies", json!([{ "name": "responders", "document": everything() }]));
    set(&mut account, "/account/groups", json!([{ "name": "staff", "attached": [policy] }]));
    set(&mut account, "/account/users/1/groups", json!(["staff"]));
    let bench = Bench::of_action("iam.delete-policy", &json!({ "policy": policy }), &account, 1);
    let direct = bench.plan().await;
    assert!(action(&direct).calls().count() > 0, "it cuts others only: {:?}", action(&direct).outlook);
    let chain = Chain { roles: vec![], keys: vec!["AKIARTX3GSDSQCIDEPLO".parse().expect("a key id")] };
    let around = look_around(&bench.stage.planning(), &chain).await.expect("who is calling");
    let plan = bench.plan_for(around, "INC-4711").await;
    assert!(matches!(refusal(&plan), Some(Refusal::CutsCaller { .. })), "{:?}", action(&plan).outlook);
}

fn everything() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] })
}

/// AWS does not say whose the key is with which the caller's credentials were made: the user who has it is not cut, and
/// others are.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_key_of_unknown_owner_protects_whoever_has_it() {
    let chain = Chain { roles: vec![], keys: vec![OTHERS_KEY.parse().expect("a key id")] };
    let silent = json!([{ "operation": "GetAccessKeyLastUsed", "kind": "access_denied", "repeat": "persistent" }]);
    for (faults, user, cut) in
        [(&json!([]), "mallory", true), (&silent, "mallory", true), (&silent, "ci-deploy", false)]
    {
        let mut account = scenario();
        set(&mut account, "/faults", faults.clone());
        let with = json!({ "user": user });
        let bench = Bench::of_action("iam.deactivate-access-keys", &with, &account, 1);
        let around = look_around(&bench.stage.planning(), &chain).await.expect("who is calling");
        let plan = bench.plan_for(around, "INC-4711").await;
        let refused = matches!(refusal(&plan), Some(Refusal::CutsCaller { .. }));
        assert_eq!(refused, cut, "{user} {faults}: {:?}", action(&plan).outlook);
        let unsaid = plan.not_read.iter().any(|one| one.what.contains(OTHERS_KEY));
        assert_eq!(unsaid, *faults == silent, "{:?}", plan.not_read);
    }
}

/// What is nice to know of the account holds nobody up.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn who_is_calling_is_known_at_once() {
    let mut account = scenario();
    let slow = |operation: &str| json!({ "operation": operation, "kind": "timeout_before", "repeat": "persistent" });
    set(&mut account, "/faults", json!([slow("ListAccountAliases"), slow("GetAccessKeyLastUsed")]));
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": RESPONDER }), &account, 1);
    let chain = Chain { roles: vec![], keys: vec![OTHERS_KEY.parse().expect("a key id")] };
    let began = bench.stage.clock.now();
    let around = look_around(&bench.stage.planning(), &chain).await.expect("who is calling");
    let took = bench.stage.clock.now().duration_since(began);
    assert!(took < jiff::SignedDuration::from_secs(5), "{took}");
    assert_eq!((around.alias, around.caller.keys_of_unknown_owner.len()), (None, 1));
}
