//! `iam.lift-denies` and `iam.denies`: what an incident refuses is found, and taken off when it may be.

use quell::actions::Refusal;
use quell::base::Phase;
use quell::journal::{RunOutcome, StepState};
use quell::runbook::shipped;
use serde_json::{Value, json};

use super::trail::ask;
use super::{Bench, ROLE, USER, assert_same, full, refusal, scenario, set};
use crate::stage::Stage;

const LIFT: &str = "iam.lift-denies";

fn lift(of: &Bench, with: &Value) -> Bench {
    Bench::of_action(LIFT, with, &scenario(), 1).in_range_of(of)
}

/// What other actions have put there is found, held back until the last old session has ended, and taken off.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_an_incident_refuses_is_lifted_when_old_sessions_have_ended() {
    let bench = Bench::of_steps(
        json!([
            { "id": "deny", "action": "iam.deny-ai-services", "with": { "principal": ROLE } },
            { "id": "lock", "action": "iam.lock-trust", "with": { "role": ROLE } },
            { "id": "revoke", "action": "iam.revoke-sessions", "with": { "principal": ROLE } },
            { "id": "session", "action": "iam.deny-session", "with": { "role": ROLE, "session": "task-1" } },
            { "id": "user", "action": "iam.quarantine", "with": { "principal": USER } },
        ]),
        &scenario(),
        1,
    );
    let before = bench.stage.range.state();
    let ran = bench.go().await;
    assert_eq!(ran.end.outcome, Some(quell::journal::RunOutcome::Complete));
    let found = ask(&bench, "iam.denies", None, json!({})).await;
    let denies = |at: usize| found.items[at]["denies"].as_array().expect("a list").len();
    assert_eq!((found.items.len(), denies(0), denies(1)), (2, 4, 1), "{:?}", found.items);
    assert!(found.items[0]["cut_off"].is_string());

    let role = lift(&bench, &json!({ "principal": ROLE, "contained_at": "2026-11-22T02:00:00Z" }));
    let early = role.plan().await;
    let Some(Refusal::TooEarly { until, .. }) = refusal(&early) else { panic!("{:?}", refusal(&early)) };
    assert!(until.to_string().starts_with("2026-11-22T15:0"), "twelve hours after the cut-off: {until}");
    // A deny without a cut-off is held back by the time that is given.
    let user = lift(&bench, &json!({ "principal": USER, "contained_at": "2026-11-22T03:05:00Z" }));
    assert!(matches!(refusal(&user.plan().await), Some(Refusal::TooEarly { .. })));

    bench.stage.clock.sleep(std::time::Duration::from_secs(37 * 3_600)).await;
    for one in [&role, &user] {
        let lifted = one.go().await;
        assert_eq!(lifted.state(), StepState::Verified, "{}", lifted.told());
    }
    let left = ask(&bench, "iam.denies", None, json!({})).await;
    assert_eq!((left.items.len(), &left.items[0]["denies"]), (1, &json!([])), "{:?}", left.items);
    assert_eq!(left.items[0]["of_no_incident"][0]["kind"], "aws");
    // What goes with the quarantine names no incident: it stays, and the plan says so.
    let mut after = bench.stage.range.state();
    let attached = &mut after["users"]["ci-deploy"]["permissions"]["attached"];
    assert_eq!(*attached, json!(["arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"]));
    *attached = json!([]);
    super::assert_same("lifted", &after, &before);
    let told = serde_json::to_string(&user.plan().await).expect("JSON");
    assert!(told.contains("names no incident"), "{told}");
}

/// Whoever was deleted after the lock is named by an id that AWS takes from nobody: the lock comes off all the same.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_lock_comes_off_whoever_was_deleted_since() {
    let mut account = scenario();
    let user = |name: &str| format!("arn:aws:iam::111122223333:user/{name}");
    account["account"]["users"].as_array_mut().expect("users").push(json!({ "name": "leaver" }));
    let admitted = json!({ "AWS": [user("leaver"), user("ci-deploy")] });
    set(&mut account, "/account/roles/0/trust/Statement/1/Principal", admitted);
    let bench = Bench::of_action("iam.lock-trust", &json!({ "role": ROLE }), &account, 1);
    let trust = || bench.stage.range.state()["roles"]["ml-pipeline"]["trust"].clone();
    let mut alive = trust();
    assert_eq!(bench.go().await.state(), StepState::Verified);
    bench.other().iam("DeleteUser", json!({ "UserName": "leaver" })).await;
    assert!(trust().to_string().contains("AIDA"), "{}", trust());
    let role = lift(&bench, &json!({ "principal": ROLE, "contained_at": "2026-11-22T02:00:00Z" }));
    bench.stage.clock.sleep(std::time::Duration::from_secs(13 * 3_600)).await;
    let lifted = role.go().await;
    assert_eq!(lifted.state(), StepState::Verified, "{}", lifted.told());
    alive["Statement"][1]["Principal"]["AWS"] = json!([user("ci-deploy")]);
    assert_eq!(trust(), alive);
}

/// The account of the cases, in which no inline policy of the role or user has room, and the user has room for two attached ones.
fn without_room() -> Value {
    let mut scenario = scenario();
    let held: Vec<String> = (0..8).map(|n| format!("arn:aws:iam::111122223333:policy/held-{n}")).collect();
    let allow = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }] });
    let policies: Vec<Value> = (0..8).map(|n| json!({ "name": format!("held-{n}"), "document": allow })).collect();
    set(&mut scenario, "/account/policies", json!(policies));
    set(&mut scenario, "/account/users/1/attached", json!(held));
    for owner in ["roles/0", "users/1"] {
        set(&mut scenario, &format!("/account/{owner}/inline/full"), full(owner));
    }
    scenario
}

fn denies(scenario: &Value, steps: Value) -> Bench {
    Bench::of_steps(steps, scenario, 1)
}

/// An incident whose denies stand at every place but inline, and the runbook that ends it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn standing_down_frees_the_account_wherever_the_denies_stand() {
    let mut scenario = without_room();
    let bench = denies(
        &scenario,
        json!([
            { "id": "ai", "action": "iam.deny-ai-services", "with": { "principal": ROLE } },
            { "id": "session", "action": "iam.deny-session", "with": { "role": ROLE, "session": "task-1" } },
            { "id": "quarantine", "action": "iam.quarantine", "with": { "principal": ROLE } },
            { "id": "everything", "action": "iam.deny-everything", "with": { "principal": ROLE } },
            { "id": "lock", "action": "iam.lock-trust", "with": { "role": ROLE } },
            { "id": "revoke", "action": "iam.revoke-sessions", "with": { "principal": ROLE }, "after": ["lock"] },
            { "id": "user", "action": "iam.quarantine", "with": { "principal": USER } },
            { "id": "user_ai", "action": "iam.revoke-sessions", "with": { "principal": USER }, "after": ["user"] },
        ]),
    );
    let before = bench.stage.range.state();
    assert_eq!(bench.go().await.end.outcome, Some(RunOutcome::Complete));
    let contained = bench.stage.range.state();
    assert_eq!(contained["roles"]["ml-pipeline"]["permissions"]["attached"].as_array().map(Vec::len), Some(6));
    let boundary = contained["users"]["ci-deploy"]["permissions"]["boundary"].as_str().expect("a boundary");
    assert!(boundary.contains("/quell/INC-4711/AIDA"), "{boundary}");

    let found = ask(&bench, "iam.denies", None, json!({})).await;
    let kinds = |at: usize, of: &str| -> Vec<&str> {
        found.items[at][of].as_array().into_iter().flatten().filter_map(|deny| deny["kind"].as_str()).collect()
    };
    assert_eq!(found.items.len(), 2, "{:?}", found.items);
    assert_eq!(kinds(0, "denies"), ["managed", "managed", "managed", "managed", "trust-lock"]);
    assert!(found.items.iter().all(|item| item["cut_off"].is_string()), "{:?}", found.items);
    assert_eq!(kinds(0, "of_no_incident"), ["aws", "aws"]);
    assert_eq!((kinds(1, "denies"), kinds(1, "of_no_incident")), (vec!["managed", "boundary"], vec!["aws"]));

    scenario["parameters"] = json!({ "contained_at": "2026-11-22T03:05:00Z", "unmarked": [ROLE, USER] });
    let stand_down = || {
        let text = shipped("stand-down").expect("it is shipped").text;
        Bench::of(Stage::open(text, &scenario.to_string(), 1), Phase::Recover).in_range_of(&bench)
    };
    let early = stand_down().go().await;
    let lifted = |ran: &super::Ran| -> Vec<StepState> {
        let steps = ran.end.fold.steps().iter().filter(|(key, _)| key.step.as_str() == "lift_denies");
        steps.map(|(_, step)| step.state).collect()
    };
    assert_eq!(lifted(&early), [StepState::Refused; 2]);
    assert_same("too early", &bench.stage.range.state(), &contained);

    bench.stage.clock.sleep(std::time::Duration::from_secs(37 * 3_600)).await;
    let ended = stand_down().go().await;
    assert_eq!(lifted(&ended), [StepState::Verified; 2]);
    bench.rest().await;
    let after = bench.stage.range.state();
    for part in ["roles", "users", "policies"] {
        assert_same(part, &after[part], &before[part]);
    }
    assert!(ask(&bench, "iam.denies", None, json!({})).await.items.is_empty());
}

/// What another incident refuses stays, and with it what nobody can say the incident of.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_denies_of_another_incident_stay_wherever_they_stand() {
    let scenario = without_room();
    let steps = || json!([{ "id": "it", "action": "iam.quarantine", "with": { "principal": ROLE } }]);
    let other = denies(&scenario, steps());
    let plan = other.plan_for(other.stage.around().await, "INC-47").await;
    assert_eq!(other.run(plan).await.state(), StepState::Verified);
    let before = other.stage.range.state();
    let bench = denies(&scenario, steps()).in_range_of(&other);
    assert_eq!(bench.go().await.state(), StepState::Verified);
    assert_ne!(bench.stage.range.state()["policies"], before["policies"], "each incident has a policy of its own");

    bench.stage.clock.sleep(std::time::Duration::from_secs(37 * 3_600)).await;
    let with = json!({ "principal": ROLE, "contained_at": "2026-11-22T03:05:00Z", "unmarked": true });
    let role = lift(&bench, &with);
    let plan = role.plan().await;
    let told = serde_json::to_string(&plan).expect("JSON");
    assert!(told.contains("another incident refuses something here too"), "{told}");
    let lifted = role.run(plan).await;
    assert_eq!(lifted.state(), StepState::Verified, "{}", lifted.told());
    role.rest().await;
    assert_same("the other incident's", &bench.stage.range.state(), &before);
}

/// A managed policy that was deleted is made again when the lifting is taken back, and says the same.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn lifted_managed_denies_are_put_back() {
    let scenario = without_room();
    let bench =
        denies(&scenario, json!([{ "id": "it", "action": "iam.deny-ai-services", "with": { "principal": ROLE } }]));
    assert_eq!(bench.go().await.state(), StepState::Verified);
    bench.rest().await;
    let before = bench.stage.range.state();
    bench.stage.clock.sleep(std::time::Duration::from_secs(13 * 3_600)).await;
    let role = lift(&bench, &json!({ "principal": ROLE, "contained_at": "2026-11-22T03:05:00Z" }));
    let lifted = role.go().await;
    assert_eq!(lifted.state(), StepState::Verified, "{}", lifted.told());
    let undone = role.run(role.plan_undo(&lifted, false).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    role.rest().await;
    let after = bench.stage.range.state();
    assert_same("the role", &after["roles"], &before["roles"]);
    let says = |state: &Value| -> Vec<(String, Value)> {
        let policies = state["policies"].as_object().into_iter().flatten();
        policies.map(|(arn, policy)| (arn.clone(), policy["versions"].clone())).collect()
    };
    assert_eq!(says(&after), says(&before));
}

/// What the undo of a deny leaves, attached to nobody, is found and deleted at the end.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_an_undo_has_left_is_deleted_at_the_end() {
    let scenario = without_room();
    let bench =
        denies(&scenario, json!([{ "id": "it", "action": "iam.deny-ai-services", "with": { "principal": ROLE } }]));
    let before = bench.stage.range.state();
    let denied = bench.go().await;
    let undone = bench.run(bench.plan_undo(&denied, false).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    bench.stage.clock.sleep(std::time::Duration::from_secs(13 * 3_600)).await;
    let left = ask(&bench, "iam.denies", None, json!({})).await;
    assert_eq!((left.items.len(), &left.items[0]["denies"][0]["kind"]), (1, &json!("unused")), "{:?}", left.items);
    let role = lift(&bench, &json!({ "principal": ROLE, "contained_at": "2026-11-22T03:05:00Z" }));
    let lifted = role.go().await;
    assert_eq!(lifted.state(), StepState::Verified, "{}", lifted.told());
    role.rest().await;
    assert_same("nothing is left", &bench.stage.range.state(), &before);
}
