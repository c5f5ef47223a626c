//! `iam.lock-trust`: who stays in, what AWS would refuse, and who takes the lock off.

use std::time::Duration;

use quell::actions::Refusal;
use quell::journal::StepState;
use quell::range::Actors;
use quell::range::wire::ServiceName;
use serde_json::{Value, json};

use super::{Bench, ROLE, action, finds_nothing_to_do, refusal, scenario, set};

fn bench(with: Value, account: &Value) -> Bench {
    Bench::of_action("iam.lock-trust", &with, account, 1)
}

async fn may_assume(bench: &Bench) -> bool {
    let input = json!({ "RoleArn": ROLE, "RoleSessionName": "again" });
    bench.other().call(ServiceName::Sts, "AssumeRole", "us-east-1", input).await.is_ok()
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn people_are_locked_out_and_services_stay_unless_asked() {
    for lock_services in [false, true] {
        let mut account = scenario();
        account["workload"] = json!([{
            "name": "scoring", "calls": "list_agents", "region": "us-east-1", "every": "5s", "renews_every": "5s",
            "credentials": { "name": "task", "kind": "service", "role": "ml-pipeline", "service": "ecs-tasks.amazonaws.com" },
        }]);
        set(&mut account, "/account/roles/0/inline/pipeline/Statement/0/Action", json!("bedrock:*"));
        let bench = bench(json!({ "role": ROLE, "lock_aws_services": lock_services }), &account);
        let actors = Actors::start(&bench.stage.range, &bench.stage.scenario);
        assert!(may_assume(&bench).await);
        let ran = bench.go().await;
        assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
        bench.rest().await;
        assert!(!may_assume(&bench).await);
        let service_refused = bench.stage.range.trail().iter().any(|event| {
            event.event_name == "AssumeRole"
                && event.user_agent == "ecs-tasks.amazonaws.com"
                && event.error_code.is_some()
        });
        assert_eq!(service_refused, lock_services);
        actors.stop().await;
        bench.run(bench.plan_undo(&ran, false).await).await;
        bench.rest().await;
        assert!(may_assume(&bench).await);
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn dead_principals_do_not_stop_the_lock() {
    let mut account = scenario();
    let open = "arn:aws:iam::444455556666:root";
    set(
        &mut account,
        "/account/roles/0/trust/Statement/1/Principal",
        json!({ "AWS": ["AIDAEXAMPLEDEADUSER77", open] }),
    );
    let bench = bench(json!({ "role": ROLE }), &account);
    let trust = || bench.stage.range.state()["roles"]["ml-pipeline"]["trust"].clone();
    let mut alive = trust();
    alive["Statement"][1]["Principal"]["AWS"] = json!([open]);
    let plan = bench.plan().await;
    let notes = &action(&plan).story.notes;
    assert!(notes.iter().any(|note| note.starts_with("AIDAEXAMPLEDEADUSER77 goes out for good")), "{notes:?}");
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert!(trust().to_string().contains("QuellTrustLock") && !trust().to_string().contains("AIDA"), "{}", trust());
    let undone = bench.run(bench.plan_undo(&ran, false).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    assert_eq!(trust(), alive);
}

/// What AWS services need stays; where that alone leaves no room, a person decides.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_full_trust_policy_loses_what_the_lock_refuses_anyway() {
    let long = json!({ "StringEquals": { "sts:ExternalId": "x".repeat(1_700) } });
    let mut account = scenario();
    set(&mut account, "/account/roles/0/trust/Statement/1/Condition", long.clone());
    let first = bench(json!({ "role": ROLE }), &account);
    let before = first.stage.range.state()["roles"]["ml-pipeline"]["trust"].clone();
    let ran = first.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let locked = first.stage.range.state()["roles"]["ml-pipeline"]["trust"].to_string();
    assert!(locked.contains("ecs-tasks.amazonaws.com") && !locked.contains("ExternalId"), "{locked}");
    // Somebody else's change is not overwritten by what had no room.
    let opened = json!({ "RoleName": "ml-pipeline", "PolicyDocument": before.to_string().replace("xxx", "yyy") });
    let undone = first.run(first.plan_undo(&ran, false).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    assert_eq!(first.stage.range.state()["roles"]["ml-pipeline"]["trust"], before);
    let again = first.go().await;
    first.other().call(ServiceName::Iam, "UpdateAssumeRolePolicy", "us-east-1", opened).await.expect("it is changed");
    first.rest().await;
    let undone = first.plan_undo(&again, false).await;
    assert!(finds_nothing_to_do(&undone), "the lock is gone already: {:?}", action(&undone).outlook);

    set(&mut account, "/account/roles/0/trust/Statement/0/Condition", long);
    let plan = bench(json!({ "role": ROLE }), &account).plan().await;
    let Some(Refusal::ByHand { why, instructions }) = refusal(&plan) else { panic!("{:?}", action(&plan).outlook) };
    assert!(why.contains("2048 characters") && instructions.len() == 3, "{why}");
}

/// Somebody takes the intruder's account out of the policy while the run is at work, and another incident puts its own lock in: the
/// run's last look finds it so, and the way back takes out its own lock alone.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_others_change_before_the_last_look_stays_as_well() {
    let bench = bench(json!({ "role": ROLE }), &scenario());
    let trust = || bench.stage.range.state()["roles"]["ml-pipeline"]["trust"].clone();
    let theirs = json!({
        "Sid": "QuellTrustLockINC8", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithSAML",
    });
    let plan = bench.plan().await;
    let (ran, kept) = tokio::join!(bench.run(plan), async {
        while !trust().to_string().contains("QuellTrustLock") {
            bench.stage.clock.sleep(Duration::from_millis(200)).await;
        }
        let mut changed = trust();
        let statements = changed["Statement"].as_array_mut().expect("statements");
        statements.retain(|one| one["Principal"]["AWS"].is_null());
        statements.push(theirs.clone());
        let input = json!({ "RoleName": "ml-pipeline", "PolicyDocument": changed.to_string() });
        bench.other().iam("UpdateAssumeRolePolicy", input).await;
        changed
    });
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert_eq!(trust(), kept, "the lock stands beside it");
    let undone = bench.run(bench.plan_undo(&ran, false).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    let mut wanted = kept;
    let is_ours = |one: &Value| one["Sid"] != theirs["Sid"] && one["Sid"].to_string().contains("QuellTrustLock");
    wanted["Statement"].as_array_mut().expect("statements").retain(|one| !is_ours(one));
    assert_eq!(trust(), wanted);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_lock_that_is_always_taken_off_is_contested() {
    let bench = bench(json!({ "role": ROLE }), &scenario());
    let open = bench.stage.range.state()["roles"]["ml-pipeline"]["trust"].to_string();
    let other = bench.other();
    let adversary = tokio::spawn(async move {
        loop {
            let input = json!({ "RoleName": "ml-pipeline", "PolicyDocument": open });
            let _ = other.call(ServiceName::Iam, "UpdateAssumeRolePolicy", "us-east-1", input).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    });
    let ran = bench.go().await;
    adversary.abort();
    assert_eq!(ran.state(), StepState::Contested, "{}", ran.told());
}
