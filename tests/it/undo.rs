//! Taking a run back: not too early, not where somebody else has been at work, and nothing but what the run did.

use std::time::Duration;

use quell::actions::Refusal;
use quell::journal::StepState;
use quell::plan::Plan;
use quell::report::{PlannedPhase, plan_text};
use serde_json::{Value, json};

use crate::actions::{
    AGENT, Bench, ROLE, STEP, Undone, action, assert_same, case, finds_nothing_to_do, refusal, scenario, set,
};

const POLICY: &str = "QuellRevokeOlderSessions-INC-4711";

fn revoking() -> Bench {
    case("revoke", "iam.revoke-sessions", json!({ "principal": ROLE }), Undone::ExactlyButLater).open(1)
}

fn locking() -> Bench {
    Bench::of_action("iam.lock-trust", &json!({ "role": ROLE }), &scenario(), 1)
}

/// The three states of a refusal: before, left, now.
fn states(plan: &Plan) -> [&str; 3] {
    match refusal(plan) {
        Some(Refusal::Changed { before, left, now }) => [before, left, now],
        other => panic!("{other:?}"),
    }
}

fn denying_before(time: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "QuellRevokeOlderSessions", "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": time } },
    }]})
    .to_string()
}

async fn put_policy(bench: &Bench, document: &str) {
    let input = json!({ "RoleName": "ml-pipeline", "PolicyName": POLICY, "PolicyDocument": document });
    bench.other().iam("PutRolePolicy", input).await;
    bench.rest().await;
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_deny_is_not_lifted_while_old_sessions_live() {
    let bench = revoking();
    let before = bench.stage.range.state();
    let ran = bench.go().await;
    let early = bench.plan_undo(&ran, false).await;
    let Some(Refusal::TooEarly { until, .. }) = refusal(&early) else { panic!("{:?}", action(&early).outlook) };
    let wait = until.duration_since(bench.stage.clock.now());
    assert!(wait > jiff::SignedDuration::from_hours(12), "the longest session of the role, and the margin");
    bench.stage.clock.sleep(Duration::try_from(wait).expect("a time to come")).await;
    let undone = bench.run(bench.plan_undo(&ran, false).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    assert_same("undone", &bench.stage.range.state(), &before);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_policy_that_somebody_has_changed_stays() {
    let bench = revoking();
    let ran = bench.go().await;
    put_policy(&bench, &denying_before("2027-01-01T00:00:00Z")).await;
    let plan = bench.plan_undo(&ran, true).await;
    let [before, left, now] = states(&plan);
    assert_eq!(before, "no deny");
    assert!(left.starts_with("deny before 2026-11-22T"), "{left}");
    assert_eq!(now, "deny before 2027-01-01T00:00:00Z");
    let picture = bench.stage.range.state();
    assert_eq!(bench.run(plan).await.state(), StepState::Refused);
    assert_same("refused", &bench.stage.range.state(), &picture);
    put_policy(&bench, r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#).await;
    assert_eq!(states(&bench.plan_undo(&ran, true).await)[2], "a policy that is not ours");
}

/// What changes between the plan of an undo and its run is found as well.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_change_after_the_plan_of_the_undo_is_found() {
    let bench = revoking();
    let ran = bench.go().await;
    let plan = bench.plan_undo(&ran, true).await;
    put_policy(&bench, &denying_before("2027-01-01T00:00:00Z")).await;
    let picture = bench.stage.range.state();
    let undone = bench.run(plan).await;
    assert_eq!(undone.state(), StepState::Refused, "{}", undone.told());
    assert_same("refused", &bench.stage.range.state(), &picture);
}

/// A call that took effect long after it was given up is taken back like any other.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_took_effect_late_is_taken_back() {
    let other = locking();
    other.go().await;
    let mut account = scenario();
    let silent = json!([{ "operation": "UpdateAssumeRolePolicy", "kind": "timeout_before", "repeat": "persistent" }]);
    set(&mut account, "/faults", silent);
    let bench = Bench::of_action("iam.lock-trust", &json!({ "role": ROLE }), &account, 1);
    let ran = bench.go().await;
    assert!(![StepState::Done, StepState::Verified].contains(&ran.state()), "{}", ran.told());
    assert_eq!(action(&bench.plan_undo(&ran, false).await).calls().count(), 0, "it has not happened");
    // As AWS would leave it when it gets round to it.
    set_trust(&bench, &trust(&other)).await;
    let plan = bench.plan_undo(&ran, false).await;
    assert_eq!(action(&plan).calls().count(), 1, "{:?}", action(&plan).outlook);
}

async fn set_trust(bench: &Bench, trust: &Value) {
    let input = json!({ "RoleName": "ml-pipeline", "PolicyDocument": trust.to_string() });
    bench.other().iam("UpdateAssumeRolePolicy", input).await;
    bench.rest().await;
}

fn trust(bench: &Bench) -> Value {
    bench.stage.range.state()["roles"]["ml-pipeline"]["trust"].clone()
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_others_wrote_into_a_trust_policy_stays() {
    let bench = locking();
    let before = trust(&bench);
    let ran = bench.go().await;
    let third =
        json!({ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" });
    let mut now = trust(&bench);
    now["Statement"].as_array_mut().expect("a list").push(third.clone());
    set_trust(&bench, &now).await;
    let undone = bench.run(bench.plan_undo(&ran, false).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    let mut wanted = before;
    wanted["Statement"].as_array_mut().expect("a list").push(third);
    assert_same("unlocked", &trust(&bench), &wanted);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_lock_that_stands_alone_is_not_taken_out() {
    let bench = locking();
    let ran = bench.go().await;
    let mut now = trust(&bench);
    now["Statement"].as_array_mut().expect("a list").truncate(1);
    set_trust(&bench, &now).await;
    let plan = bench.plan_undo(&ran, false).await;
    assert!(states(&plan)[2].contains("the lock alone"));
    assert_eq!(bench.run(plan).await.state(), StepState::Refused);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_namesake_is_left_alone() {
    for bench in [revoking(), locking()] {
        let ran = bench.go().await;
        let picture = bench.stage.range.state()["roles"]["ml-pipeline"].clone();
        let other = bench.other();
        for (name, document) in picture["permissions"]["inline"].as_object().expect("policies") {
            assert!(document.is_object());
            other.iam("DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": name })).await;
        }
        other.iam("DeleteRole", json!({ "RoleName": "ml-pipeline" })).await;
        let trust = picture["trust"].to_string();
        let again = json!({ "RoleName": "ml-pipeline", "Path": "/service/", "AssumeRolePolicyDocument": trust });
        other.iam("CreateRole", again).await;
        put_policy(&bench, &denying_before("2026-11-22T05:00:00Z")).await;
        let picture = bench.stage.range.state();
        let plan = bench.plan_undo(&ran, true).await;
        states(&plan);
        bench.run(plan).await;
        assert_same("left alone", &bench.stage.range.state(), &picture);
    }
}

/// A key that is gone cannot be brought back; the other one can.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_left_of_it_is_given_back() {
    let mut account = scenario();
    account["account"]["users"][1]["keys"][1]["active"] = json!(true);
    let bench = Bench::of_action("iam.deactivate-access-keys", &json!({ "user": "ci-deploy" }), &account, 1);
    let ran = bench.go().await;
    let gone = json!({ "UserName": "ci-deploy", "AccessKeyId": "AKIARTX3GSDSQCIDEPLO" });
    bench.other().iam("DeleteAccessKey", gone).await;
    bench.rest().await;
    let plan = bench.plan_undo(&ran, false).await;
    let lost = "AKIARTX3GSDSQCIDEPLO was active, and somebody has deleted it: AWS brings no key back";
    assert!(action(&plan).story.notes.iter().any(|note| note == lost), "{:?}", action(&plan).story.notes);
    let undone = bench.run(plan).await;
    assert_eq!((undone.state(), undone.end.fold.calls().len()), (StepState::Verified, 1));
    assert_eq!(undone.step().drift, [lost]);
    let keys = bench.stage.range.state()["users"]["ci-deploy"]["keys"].clone();
    assert_eq!(keys["AKIARTX3GSDSXR4W2QZ6"]["active"], true);
}

/// What one incident finds done already is undone with the other one, and whoever does that is told. What each does of its own stays.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn another_incident_that_relies_on_it_is_named() {
    let user = json!({ "user": "ci-deploy" });
    let keys = Bench::of_action("iam.deactivate-access-keys", &user, &scenario(), 1);
    for (bench, told) in [(keys, true), (revoking(), false)] {
        let first = bench.go().await;
        let second = bench.run(bench.plan_for(bench.stage.around().await, "INC-8").await).await;
        assert_eq!((second.state(), second.end.fold.calls().is_empty()), (StepState::Verified, told));
        let plan = bench.plan_undo_beside(&first, true, &[&second]).await;
        let notes = &action(&plan).story.notes;
        assert!(!finds_nothing_to_do(&plan));
        let by =
            format!("INC-8 relies on it: run {} holds it by its step `{STEP}`, and no longer after this", second.run);
        assert_eq!(notes.contains(&by), told, "{notes:?}");
        let screen = plan_text(&[PlannedPhase { plan, made: None }], "nothing sent yet");
        assert_eq!(screen.contains("INC-8 relies on it"), told, "{screen}");
    }
}

/// Each incident has a lock of its own, and each its own keys to rotate: none relies on the other, whichever came first.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_two_incidents_do_of_their_own_is_nobody_else_s() {
    let bench = locking();
    let earlier = bench.run(bench.plan_for(bench.stage.around().await, "INC-8").await).await;
    bench.rest().await;
    let ran = bench.go().await;
    assert_eq!((earlier.state(), ran.state()), (StepState::Verified, StepState::Verified));
    let plan = bench.plan_undo_beside(&ran, false, &[&earlier]).await;
    assert!(!finds_nothing_to_do(&plan) && action(&plan).story.notes.is_empty(), "{:?}", action(&plan).story.notes);

    let only = |key: &str| json!({ "user": "ci-deploy", "only": [key] });
    let mut account = scenario();
    account["account"]["users"][1]["keys"][1]["active"] = json!(true);
    let of = |key: &str| Bench::of_action("iam.deactivate-access-keys", &only(key), &account, 1);
    let one = of("AKIARTX3GSDSQCIDEPLO");
    let other = of("AKIARTX3GSDSXR4W2QZ6").in_range_of(&one);
    let (rotated, ran) = (other.go().await, one.go().await);
    let plan = one.plan_undo_beside(&ran, false, &[&rotated]).await;
    assert!(!finds_nothing_to_do(&plan) && action(&plan).story.notes.is_empty(), "{:?}", action(&plan).story.notes);
}

/// A key that one incident shut, somebody opened and another incident shut again is open once the latter is taken back.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_earlier_incident_whose_work_was_done_again_is_named() {
    let bench = Bench::of_action("iam.deactivate-access-keys", &json!({ "user": "ci-deploy" }), &scenario(), 1);
    let earlier = bench.run(bench.plan_for(bench.stage.around().await, "INC-8").await).await;
    assert!(!earlier.end.fold.calls().is_empty());
    bench.rest().await;
    let open = json!({ "UserName": "ci-deploy", "AccessKeyId": "AKIARTX3GSDSXR4W2QZ6", "Status": "Active" });
    bench.other().iam("UpdateAccessKey", open).await;
    bench.rest().await;
    let again = bench.go().await;
    assert_eq!(again.end.fold.calls().len(), 1, "{}", again.told());
    for (undone, beside, named) in [(&again, &earlier, "INC-8"), (&earlier, &again, "INC-4711")] {
        let notes = action(&bench.plan_undo_beside(undone, false, &[beside]).await).story.notes.clone();
        assert!(notes.iter().any(|note| note.starts_with(&format!("{named} relies on it"))), "{notes:?}");
    }
}

/// An alias that the run did not shut, since it was shut before, stays shut; a new one is none of its business.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn only_what_the_run_shut_is_opened() {
    let agent = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    let bench = Bench::of_action("bedrock.pause-agent", &agent, &scenario(), 1);
    let shut_before = {
        let picture = bench.stage.range.state();
        let aliases = picture["agents"][0]["aliases"].as_object().expect("aliases").clone();
        aliases.into_iter().find(|(_, alias)| alias["name"] == "spare").expect("an alias").1
    };
    let other = bench.other();
    let shut = json!({
        "agentId": AGENT, "agentAliasId": shut_before["id"], "agentAliasName": "spare",
        "routingConfiguration": shut_before["routing"], "aliasInvocationState": "REJECT_INVOCATIONS",
    });
    other.agents("UpdateAgentAlias", shut).await;
    bench.rest().await;
    let before = bench.stage.range.state();
    let ran = bench.go().await;
    assert_eq!((ran.state(), ran.end.fold.calls().len()), (StepState::Verified, 1));
    let undone = bench.run(bench.plan_undo(&ran, false).await).await;
    assert_eq!(undone.state(), StepState::Verified);
    assert_same("opened", &bench.stage.range.state(), &before);
    assert!(finds_nothing_to_do(&bench.plan_undo(&ran, false).await));
}

/// What somebody else has led elsewhere since the run stays shut: to open it would let everybody in where he wants them.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_somebody_has_led_elsewhere_stays_shut() {
    let agent = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    let bench = Bench::of_action("bedrock.pause-agent", &agent, &scenario(), 1);
    let alias = |name: &str| {
        let picture = bench.stage.range.state();
        let aliases = picture["agents"][0]["aliases"].as_object().expect("aliases").clone();
        aliases.into_iter().find(|(_, alias)| alias["name"] == name).expect("an alias").1
    };
    let ran = bench.go().await;
    for name in ["live", "spare"] {
        let id = alias(name)["id"].as_str().expect("an id").to_owned();
        let elsewhere = json!({
            "agentId": AGENT, "agentAliasId": id, "agentAliasName": name,
            "routingConfiguration": [{ "agentVersion": if name == "live" { "1" } else { "2" } }],
            "aliasInvocationState": "REJECT_INVOCATIONS",
        });
        bench.other().agents("UpdateAgentAlias", elsewhere).await;
        bench.rest().await;
        let plan = bench.plan_undo(&ran, false).await;
        if name == "spare" {
            // Nothing of it is as it was left.
            let [before, left, now] = states(&plan);
            assert!(before.contains(&format!("alias {id} open and leading to 1")), "{before}");
            assert!(
                left.contains("shut and leading to 1") && now.contains("led by somebody else to 2"),
                "{left}; {now}"
            );
            continue;
        }
        let lost = format!("alias {id} stays shut: it led to 2, and somebody has led it to 1");
        assert!(action(&plan).story.notes.contains(&lost), "{:?}", action(&plan).story.notes);
        let undone = bench.run(plan).await;
        assert_eq!((undone.state(), &undone.step().drift), (StepState::Verified, &vec![lost]), "{}", undone.told());
        let open = |name: &str| alias(name)["invocations"] == "ACCEPT_INVOCATIONS";
        assert_eq!((open("live"), open("spare")), (false, true));
        bench.run(bench.plan().await).await;
    }
}
