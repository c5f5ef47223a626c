//! `iam.revoke-sessions`: the cut-off, other incidents, what AWS protects, and whoever takes it off again.

use std::time::Duration;

use jiff::Timestamp;
use quell::actions::{Access, Refusal};
use quell::journal::{Record, StepState};
use quell::report::residuals;
use quell::run::MOST_REAPPLIES;
use serde_json::{Value, json};

use super::{Bench, ROLE, action, finds_nothing_to_do, full, refusal, role, scenario, set};

fn bench(with: Value) -> Bench {
    Bench::of_action("iam.revoke-sessions", &with, &scenario(), 1)
}

/// The cut-off in the policy of an incident on the role.
fn cut_off(bench: &Bench, incident: &str) -> Option<Timestamp> {
    let put = |event: &quell::range::TrailEvent| event.event_name == "PutRolePolicy" && event.error_code.is_none();
    let name = format!("QuellRevokeOlderSessions-{incident}");
    let ours = bench.stage.range.trail().into_iter().rev().filter(put);
    let document = ours
        .map(|event| event.request_parameters)
        .find(|parameters| parameters["policyName"] == name.as_str())
        .and_then(|parameters| serde_json::from_str::<Value>(parameters["policyDocument"].as_str()?).ok())?;
    document["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"].as_str()?.parse().ok()
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_cut_off_is_never_moved_backwards() {
    let late = "2026-11-25T00:00:00Z";
    let first = bench(json!({ "principal": ROLE, "issued_before": late }));
    assert_eq!(first.go().await.state(), StepState::Verified);
    // Whoever asks for less, or for `now`, in the same incident finds it done already.
    for with in [json!({ "principal": ROLE }), json!({ "principal": ROLE, "issued_before": "2026-11-22T02:00:00Z" })] {
        let second = Bench::of_action("iam.revoke-sessions", &with, &scenario(), 1).in_range_of(&first);
        let plan = second.plan().await;
        assert!(finds_nothing_to_do(&plan), "{:?}", action(&plan).outlook);
        second.run(plan).await;
        assert_eq!(cut_off(&second, "INC-4711"), Some(late.parse().expect("a time")));
    }
    let later = json!({ "principal": ROLE, "issued_before": "2026-11-26T00:00:00Z" });
    let third = bench(later).in_range_of(&first);
    assert_eq!(third.go().await.state(), StepState::Verified);
    assert_eq!(cut_off(&third, "INC-4711"), Some("2026-11-26T00:00:00Z".parse().expect("a time")));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn another_incident_has_a_policy_of_its_own() {
    let bench = bench(json!({ "principal": ROLE }));
    assert_eq!(bench.go().await.state(), StepState::Verified);
    let first = cut_off(&bench, "INC-4711").expect("a cut-off");
    bench.rest().await;
    let plan = bench.plan_for(bench.stage.around().await, "INC-4712").await;
    let second = bench.run(plan).await;
    assert_eq!(second.state(), StepState::Verified);
    assert!(cut_off(&bench, "INC-4712").expect("a cut-off") > first);
    let picture = bench.stage.range.state();
    let inline = picture["roles"]["ml-pipeline"]["permissions"]["inline"].as_object().expect("policies");
    let ours: Vec<&str> = inline.keys().map(String::as_str).filter(|name| name.starts_with("Quell")).collect();
    assert_eq!(ours, ["QuellRevokeOlderSessions-INC-4711", "QuellRevokeOlderSessions-INC-4712"]);
    // Each is taken back on its own.
    let undone = bench.run(bench.plan_undo(&second, true).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    let picture = bench.stage.range.state();
    let inline = picture["roles"]["ml-pipeline"]["permissions"]["inline"].as_object().expect("policies");
    assert!(inline.contains_key("QuellRevokeOlderSessions-INC-4711") && inline.len() == 2);
}

/// AWS lets nobody change these roles: the plan says so, and what to do instead, and a run touches nothing.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_aws_protects_is_refused_with_what_to_do_instead() {
    let service_linked = ("/aws-service-role/bedrock.amazonaws.com/", "the resource of the service");
    let identity_center = ("/aws-reserved/sso.amazonaws.com/", "Identity Center");
    for (path, instead_of_that) in [service_linked, identity_center] {
        let mut account = scenario();
        account["account"]["roles"].as_array_mut().expect("a list").push(role("Theirs", path));
        let arn = format!("arn:aws:iam::111122223333:role{path}Theirs");
        for (name, with) in
            [("iam.revoke-sessions", json!({ "principal": arn })), ("iam.lock-trust", json!({ "role": arn }))]
        {
            let bench = Bench::of_action(name, &with, &account, 1);
            let plan = bench.plan().await;
            let Some(Refusal::Protected { instead, .. }) = refusal(&plan) else { panic!("{name} on {path}") };
            assert!(instead.contains(instead_of_that), "{instead}");
            let ran = bench.run(plan).await;
            assert_eq!(ran.state(), StepState::Refused);
            // Of the people of Identity Center it is told how they are ended there.
            let left = residuals([(&ran.plan, &ran.end.fold)]);
            let people = left.iter().any(|one| one.residual.kind == Access::IdentityCenter);
            assert_eq!(people, path == identity_center.0, "{left:?}");
            assert!(left.iter().any(|one| one.residual.kind == Access::NotEnded), "{left:?}");
            assert!(bench.trail().iter().all(|event| event.read_only));
        }
    }
}

/// Whoever takes the deny off as often as it is put back ends the contest, not the program.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_deny_that_is_always_taken_off_is_contested() {
    let bench = bench(json!({ "principal": ROLE }));
    let other = bench.other();
    let adversary = tokio::spawn(async move {
        loop {
            let name = "QuellRevokeOlderSessions-INC-4711";
            let input = json!({ "RoleName": "ml-pipeline", "PolicyName": name });
            let iam = quell::range::wire::ServiceName::Iam;
            let _ = other.call(iam, "DeleteRolePolicy", "us-east-1", input).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    });
    let ran = bench.go().await;
    adversary.abort();
    assert_eq!(ran.state(), StepState::Contested, "{}", ran.told());
    let undone =
        ran.records.iter().filter(|record| matches!(record, Record::UndoneByOther { suspected: false, .. })).count();
    assert_eq!(undone, MOST_REAPPLIES + 1);
    let puts = bench.trail().iter().filter(|event| event.event_name == "PutRolePolicy").count();
    assert!(puts <= 3 * MOST_REAPPLIES, "{puts} times");
}

/// Whoever is gone is missing, and nothing is made in its place.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_principal_that_does_not_exist_is_missing() {
    let bench = bench(json!({ "principal": "arn:aws:iam::111122223333:role/service/nobody" }));
    let plan = bench.plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::Missing { .. })));
    assert_eq!(bench.run(plan).await.state(), StepState::Refused);
}

/// A role by which AWS writes the account's logs is left alone, and a service's name is nothing to hide behind.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_roles_of_the_logs_are_not_cut_off() {
    let network = json!({ "principal": ROLE, "ip_ranges": ["192.0.2.0/24"] });
    let cutting = [
        ("iam.deny-everything", json!({ "principal": ROLE })),
        ("iam.deny-ai-services", json!({ "principal": ROLE })),
        ("iam.deny-from-outside", network),
        ("iam.quarantine", json!({ "principal": ROLE })),
        ("iam.lock-trust", json!({ "role": ROLE, "lock_aws_services": true })),
        ("iam.delete-role", json!({ "role": ROLE })),
    ];
    let trust = |who: Value| json!([{ "Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole" }]);
    let cloudtrail = json!({ "Service": "cloudtrail.amazonaws.com" });
    let with_people = json!({ "Service": "cloudtrail.amazonaws.com", "AWS": "arn:aws:iam::444455556666:root" });
    for (name, with) in cutting {
        for (who, is_refused) in [(&cloudtrail, true), (&with_people, false)] {
            let mut account = scenario();
            set(&mut account, "/account/roles/0/trust/Statement", trust(who.clone()));
            let plan = Bench::of_action(name, &with, &account, 1).plan().await;
            let refused = matches!(refusal(&plan), Some(Refusal::Protected { .. } | Refusal::InUse { .. }));
            assert_eq!(refused, is_refused, "{name}: {:?}", action(&plan).outlook);
        }
    }
    // The lock that leaves AWS services in harms no log.
    let mut account = scenario();
    set(&mut account, "/account/roles/0/trust/Statement", trust(cloudtrail));
    let plan = Bench::of_action("iam.lock-trust", &json!({ "role": ROLE }), &account, 1).plan().await;
    assert_eq!(refusal(&plan), None);
}

/// The account in which no inline policy of the role has room.
fn full_account() -> Value {
    let mut account = scenario();
    set(&mut account, "/account/roles/0/inline/full", full("roles/0"));
    account
}

fn revoke(account: &Value, with: Value) -> Bench {
    Bench::of_action("iam.revoke-sessions", &with, account, 1)
}

/// The managed policies of quell: how each is called, its default version, and how many it has.
fn made(bench: &Bench) -> Vec<(String, u64, usize)> {
    let picture = bench.stage.range.state();
    let policies = picture["policies"].as_object().expect("policies").values();
    let ours = policies.filter(|policy| policy["path"].as_str().is_some_and(|path| path.starts_with("/quell/")));
    let version = |policy: &Value| policy["default_version"].as_u64().unwrap_or_default();
    ours.map(|policy| {
        let versions = policy["versions"].as_object().map_or(0, |versions| versions.len());
        (policy["name"].as_str().unwrap_or_default().to_owned(), version(policy), versions)
    })
    .collect()
}

/// An intruder may have filled the role's inline policies. The plan says where the deny goes then, and that place is not looked for
/// where there is room.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_role_without_room_is_refused_its_sessions_all_the_same() {
    let told = async |account: &Value| {
        let bench = revoke(account, json!({ "principal": ROLE }));
        let plan = bench.plan().await;
        let notes = action(&plan).story.notes.join("\n");
        let ran = bench.run(plan).await;
        assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
        let reads: Vec<String> = bench.trail().into_iter().map(|event| event.event_name).collect();
        (notes, reads.iter().any(|read| read == "ListAttachedRolePolicies"), made(&bench).len())
    };
    let mut half = scenario();
    set(
        &mut half,
        "/account/roles/0/inline/half",
        json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "x".repeat(5_000), "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }] }),
    );
    let (notes, looked, made) = told(&half).await;
    assert_eq!((notes.contains("no room"), looked, made), (false, false, 0), "{notes}");
    let (notes, looked, made) = told(&full_account()).await;
    assert!(notes.contains("its inline policies leave no room: the deny goes into a managed policy"), "{notes}");
    assert_eq!((looked, made), (true, 1));
}

/// Room may come while the run is at work: what it has made elsewhere is not forgotten, and its undo takes it off.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_deny_that_stands_elsewhere_is_taken_off_although_there_is_room_since() {
    let bench = revoke(&full_account(), json!({ "principal": ROLE }));
    let other = bench.other();
    let plan = bench.plan().await;
    let intruder = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(4)).await;
        other.iam("DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": "full" })).await;
    });
    let ran = bench.run(plan).await;
    intruder.await.expect("the intruder");
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    assert!(ran.step().undone.is_empty(), "nobody has undone it: {:?}", ran.step().undone);
    assert_eq!(made(&bench).len(), 1);
    let undone = bench.run(bench.plan_undo(&ran, true).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    bench.rest().await;
    let role = bench.stage.range.state()["roles"]["ml-pipeline"]["permissions"].clone();
    assert_eq!((made(&bench).len(), role["attached"].as_array().map(Vec::len)), (0, Some(0)), "{role}");
}

/// Whoever fills the policy with versions of their own has not shut the other places.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_policy_that_somebody_has_filled_is_passed_over() {
    let bench = revoke(&full_account(), json!({ "principal": ROLE }));
    assert_eq!(bench.go().await.state(), StepState::Verified);
    bench.rest().await;
    let state = bench.stage.range.state();
    let policy = state["roles"]["ml-pipeline"]["permissions"]["attached"][0].clone();
    let theirs = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" }] });
    for number in 0..5 {
        let version = json!({ "PolicyArn": policy, "PolicyDocument": theirs.to_string(), "SetAsDefault": true });
        bench.other().iam("CreatePolicyVersion", version).await;
        bench.rest().await;
        if number == 0 {
            bench.other().iam("DeletePolicyVersion", json!({ "PolicyArn": policy, "VersionId": "v1" })).await;
            bench.rest().await;
        }
    }
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let calls: Vec<String> = ran.end.fold.calls().values().map(|call| call.intent.operation.to_string()).collect();
    assert_eq!(calls, ["iam:CreatePolicy", "iam:PutRolePermissionsBoundary"]);
}

/// The cut-off in a managed policy is moved by a version, forwards alone, and an undo lets the version before count again.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_cut_off_in_a_managed_policy_moves_forwards_and_back() {
    let account = full_account();
    let until = |at: &str| json!({ "principal": ROLE, "issued_before": at });
    let first = revoke(&account, until("2026-11-25T00:00:00Z"));
    assert_eq!(first.go().await.state(), StepState::Verified);
    for with in [json!({ "principal": ROLE }), until("2026-11-22T02:00:00Z")] {
        let plan = revoke(&account, with).in_range_of(&first).plan().await;
        assert!(finds_nothing_to_do(&plan), "{:?}", action(&plan).outlook);
    }
    let versions = |bench: &Bench| made(bench).into_iter().map(|(_, at, all)| (at, all)).collect::<Vec<_>>();
    let later = revoke(&account, until("2026-11-26T00:00:00Z")).in_range_of(&first);
    let ran = later.go().await;
    assert_eq!((ran.state(), versions(&later)), (StepState::Verified, vec![(2, 2)]), "{}", ran.told());
    let undone = later.run(later.plan_undo(&ran, true).await).await;
    assert_eq!((undone.state(), versions(&later)), (StepState::Verified, vec![(1, 1)]), "{}", undone.told());
    // Again and again, past the five versions that there may be.
    for day in 10..16 {
        let next = revoke(&account, until(&format!("2026-12-{day}T00:00:00Z"))).in_range_of(&first);
        let ran = next.go().await;
        assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
        next.rest().await;
    }
    assert_eq!(versions(&first), [(7, 5)]);
}

/// Each incident has a policy of its own, which goes with its undo; the other's stays. Room that has come since is no hindrance.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn an_undo_finds_the_managed_policy_of_its_own_incident() {
    let account = full_account();
    let bench = revoke(&account, json!({ "principal": ROLE }));
    let first = bench.go().await;
    bench.rest().await;
    let second = bench.run(bench.plan_for(bench.stage.around().await, "INC-4712").await).await;
    assert_eq!((first.state(), second.state()), (StepState::Verified, StepState::Verified), "{}", second.told());
    let names = |bench: &Bench| made(bench).into_iter().map(|(name, ..)| name[..33].to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&bench), ["QuellRevokeOlderSessions-INC-4711", "QuellRevokeOlderSessions-INC-4712"]);
    bench.other().iam("DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": "full" })).await;
    bench.rest().await;
    let undone = bench.run(bench.plan_undo(&first, true).await).await;
    assert_eq!(undone.state(), StepState::Verified, "{}", undone.told());
    bench.rest().await;
    assert_eq!(names(&bench), ["QuellRevokeOlderSessions-INC-4712"]);
    let attached = &bench.stage.range.state()["roles"]["ml-pipeline"]["permissions"]["attached"];
    assert_eq!(attached.as_array().map(Vec::len), Some(1), "{attached}");
    assert!(finds_nothing_to_do(&bench.plan_undo(&first, true).await));
}

/// Somebody else who has the incident's policy is hit when its cut-off moves: nobody does that to whom they work as. A policy that
/// somebody else has is not deleted either.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn moving_a_cut_off_cuts_nobody_else_who_is_calling() {
    let account = full_account();
    let bench = revoke(&account, json!({ "principal": ROLE }));
    let ran = bench.go().await;
    let attached = &bench.stage.range.state()["roles"]["ml-pipeline"]["permissions"]["attached"];
    let policy = attached[0].as_str().expect("a policy").to_owned();
    bench.other().iam("AttachUserPolicy", json!({ "UserName": "incident-responder", "PolicyArn": policy })).await;
    bench.rest().await;
    let later = json!({ "principal": ROLE, "issued_before": "2026-12-01T00:00:00Z" });
    let plan = revoke(&account, later).in_range_of(&bench).plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::CutsCaller { .. })), "{:?}", action(&plan).outlook);
    let undone = bench.run(bench.plan_undo(&ran, true).await).await;
    assert_eq!((undone.state(), made(&bench).len()), (StepState::Verified, 1), "{}", undone.told());
}

/// Where no place has room the plan says so, and nothing is changed.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn without_any_room_it_is_refused_while_planning() {
    let mut account = full_account();
    let held: Vec<String> = (0..10).map(|n| format!("arn:aws:iam::111122223333:policy/held-{n}")).collect();
    let document = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }] });
    let policies: Vec<Value> = (0..10).map(|n| json!({ "name": format!("held-{n}"), "document": document })).collect();
    set(&mut account, "/account/policies", json!(policies));
    set(&mut account, "/account/roles/0/attached", json!(held));
    set(&mut account, "/account/roles/0/boundary", json!("arn:aws:iam::aws:policy/ReadOnlyAccess"));
    let bench = revoke(&account, json!({ "principal": ROLE }));
    let plan = bench.plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::Quota { .. })), "{:?}", action(&plan).outlook);
    assert_eq!(bench.run(plan).await.state(), StepState::Refused);
    assert!(bench.trail().iter().all(|event| event.read_only));
}
