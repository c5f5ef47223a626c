//! Cases of IAM.

use serde_json::json;

use super::account::{ROLE, USER, allow, role};
use super::case::{Case, ROLE_ID, ROLE_MARK, USER_ID, Undone, case};
use super::principals::{without_attached, without_inline};

pub(super) fn cases() -> Vec<Case> {
    [revoking(), revoking_elsewhere(), locking(), lifting(), making(), deactivating()].concat()
}

fn revoking() -> Vec<Case> {
    let case = |name, with| case(name, "iam.revoke-sessions", with, Undone::ExactlyButLater);
    let policy = "QuellRevokeOlderSessions-INC-4711";
    let altered = |owner: &str| {
        let pointer = format!("/account/{owner}/inline/{policy}");
        move |case: Case| case.with(&pointer, allow("s3:ListAllMyBuckets"))
    };
    vec![
        case("revoke the sessions of a role", json!({ "principal": ROLE })),
        case(
            "revoke the sessions of a role by one of them",
            json!({
                "principal": "arn:aws:sts::111122223333:assumed-role/ml-pipeline/task-1",
            }),
        ),
        case("revoke the sessions of a user", json!({ "principal": USER })),
        case("revoke with a time", json!({ "principal": ROLE, "issued_before": "2026-11-22T03:00:00Z" })),
        altered("roles/0")(case("revoke where the policy of a role was altered", json!({ "principal": ROLE }))),
        altered("users/1")(case("revoke where the policy of a user was altered", json!({ "principal": USER }))),
    ]
}

/// A deny of older sessions that has no room inline: attached, as the boundary, and where a policy of the incident is there already,
/// with a cut-off that is not late enough.
fn revoking_elsewhere() -> Vec<Case> {
    let of = |name, principal: &str| {
        case(name, "iam.revoke-sessions", json!({ "principal": principal }), Undone::ExactlyButLater)
    };
    let mut cases = Vec::new();
    for (principal, owner) in [(ROLE, "roles/0"), (USER, "users/1")] {
        cases.push(without_inline(of("revoke by a managed policy", principal), owner));
        cases.push(without_attached(without_inline(of("revoke by a boundary", principal), owner), owner));
    }
    let statement = |at: &str| {
        json!({ "Sid": "QuellRevokeOlderSessions", "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": { "DateLessThan": { "aws:TokenIssueTime": at } } })
    };
    let leaves = json!({ "Sid": "QuellLeavesTheRest", "Effect": "Allow", "Action": "*", "Resource": "*" });
    let deny = |at: &str| json!({ "Version": "2012-10-17", "Statement": [statement(at)] });
    let bound = |at: &str| json!({ "Version": "2012-10-17", "Statement": [leaves, statement(at)] });
    let policy = |kind: &str, document: serde_json::Value, later: &[serde_json::Value]| {
        let later: Vec<_> = later.iter().map(|document| json!({ "document": document })).collect();
        json!({ "name": format!("{kind}-INC-4711-{ROLE_MARK}"), "path": format!("/quell/INC-4711/{ROLE_ID}/"),
            "document": document, "later_versions": later })
    };
    let arn =
        |kind: &str| format!("arn:aws:iam::111122223333:policy/quell/INC-4711/{ROLE_ID}/{kind}-INC-4711-{ROLE_MARK}");
    let (managed, boundary) = ("QuellRevokeOlderSessions", "QuellRevokeOlderSessionsBoundary");
    let old = "2026-11-20T03:00:00Z";
    let until = |name| {
        let with = json!({ "principal": ROLE, "issued_before": "2026-11-22T03:00:00Z" });
        without_inline(case(name, "iam.revoke-sessions", with, Undone::ExactlyButLater), "roles/0")
    };
    let versions = ["2026-11-20T04:00:00Z", "2026-11-20T05:00:00Z", "2026-11-20T06:00:00Z"].map(deny);
    let foreign = [allow("s3:ListAllMyBuckets"), versions[0].clone(), versions[1].clone(), versions[2].clone()];
    cases.extend([
        until("revoke where an older cut-off is attached")
            .with("/account/policies", json!([policy(managed, deny(old), &[])]))
            .with("/account/roles/0/attached", json!([arn(managed)])),
        until("revoke where an older cut-off bounds")
            .with("/account/policies", json!([policy(boundary, bound(old), &[])]))
            .with("/account/roles/0/boundary", json!(arn(boundary))),
        until("revoke where there are five versions")
            .with("/account/policies", json!([policy(managed, allow("s3:GetObject"), &foreign)]))
            .with("/account/roles/0/attached", json!([arn(managed)])),
        without_inline(of("revoke where a policy is left that nobody has", ROLE), "roles/0")
            .with("/account/policies", json!([policy(managed, deny(old), &[])])),
    ]);
    cases
}

fn locking() -> Vec<Case> {
    let case = |name, with| case(name, "iam.lock-trust", with, Undone::Exactly);
    let lock = json!({
        "Sid": "QuellTrustLockINC4711", "Effect": "Deny", "Principal": { "AWS": "*" }, "Action": "sts:TagSession",
    });
    let mut statements = role("x", "/")["trust"]["Statement"].as_array().expect("a list").clone();
    statements.insert(0, lock);
    vec![
        case("lock trust", json!({ "role": ROLE })),
        case("lock trust for services too", json!({ "role": ROLE, "lock_aws_services": true })),
        case("lock trust where the lock was altered", json!({ "role": ROLE }))
            .with("/account/roles/0/trust/Statement", json!(statements)),
    ]
}

/// Denies of the incident whose cut-off is so old that no session from before it lives.
fn lifting() -> Vec<Case> {
    let cut_off = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "QuellRevokeOlderSessions", "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": "2026-11-20T03:00:00Z" } },
    }]});
    let everything =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }] });
    let digest = quell::base::Digest::of(&quell::base::IncidentId::new("INC-4711").expect("an incident")).short();
    let lock = json!({
        "Sid": format!("QuellTrustLockINC4711{digest}"), "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
    });
    let mut statements = role("x", "/")["trust"]["Statement"].as_array().expect("a list").clone();
    statements.insert(0, lock);
    let with_both = |case: Case, owner: &str| {
        case.with(&format!("/account/{owner}/inline/QuellRevokeOlderSessions-INC-4711"), cut_off.clone())
            .with(&format!("/account/{owner}/inline/QuellDenyEverything-INC-4711"), everything.clone())
            // Of another incident, and so it stays.
            .with(&format!("/account/{owner}/inline/QuellDenyAiServices-INC-47"), everything.clone())
    };
    let of = |principal: &str| json!({ "principal": principal, "contained_at": "2026-11-20T04:00:00Z" });
    let case = |name, with| case(name, "iam.lift-denies", with, Undone::Exactly);
    let mut unmarked = of(ROLE);
    unmarked["unmarked"] = json!(true);
    let of_aws = ["AWSDenyAll", "AWSCompromisedKeyQuarantineV3"].map(|name| format!("arn:aws:iam::aws:policy/{name}"));
    vec![
        with_both(case("lift the denies of a role", of(ROLE)), "roles/0")
            .with("/account/roles/0/trust/Statement", json!(statements)),
        with_both(case("lift the denies of a user", of(USER)), "users/1"),
        with_managed(case("lift the managed denies of a role", of(ROLE)), "roles/0", ROLE_ID),
        with_managed(case("lift the managed denies of a user", of(USER)), "users/1", USER_ID),
        case("lift what is AWS's own", unmarked).with("/account/roles/0/attached", json!(of_aws)),
    ]
}

/// Denies of the incident that had no room inline: one attached, with a version beside the one that counts, one as the boundary, and one
/// that an undo has left. Another incident has one as well.
fn with_managed(case: Case, owner: &str, id: &str) -> Case {
    let deny = |action: &str| json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": action, "Resource": "*" }] });
    let policies = [
        ("INC-4711", "QuellQuarantine-INC-4711-0a1b2c3d4e5f"),
        ("INC-4711", "QuellDenyFromOutsideBoundary-INC-4711-0a1b2c3d4e5f"),
        ("INC-4711", "QuellDenyAiServices-INC-4711-0a1b2c3d4e5f"),
        ("INC-47", "QuellQuarantine-INC-47-0a1b2c3d4e5f"),
    ];
    let arns =
        policies.map(|(incident, name)| format!("arn:aws:iam::111122223333:policy/quell/{incident}/{id}/{name}"));
    let mut specs = policies.map(|(incident, name)| {
        json!({ "name": name, "path": format!("/quell/{incident}/{id}/"), "document": deny("bedrock:*") })
    });
    specs[0]["later_versions"] = json!([{ "document": deny("iam:*") }]);
    case.with("/account/policies", json!(specs))
        .with(&format!("/account/{owner}/attached"), json!([arns[0], arns[3]]))
        .with(&format!("/account/{owner}/boundary"), json!(arns[1]))
}

fn making() -> Vec<Case> {
    let statement = |more: serde_json::Value| {
        let mut statement = json!({ "Effect": "Allow" });
        statement.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    };
    let trust = statement(json!({ "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" }));
    let policy = statement(json!({ "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::reports/*" }));
    let with = json!({ "name": "reports-reader", "trust": trust, "policy": policy });
    let case = |name| case(name, "iam.create-role", with.clone(), Undone::Exactly);
    let half = json!([role("ml-pipeline", "/service/"), {
        "name": "reports-reader", "trust": trust, "tags": { "quell-incident": "INC-4711" },
    }]);
    vec![case("make a role"), case("give a role that was made the policy that is missing").with("/account/roles", half)]
}

fn deactivating() -> Vec<Case> {
    let case = |name, with| case(name, "iam.deactivate-access-keys", with, Undone::Exactly);
    let two_active = |case: Case| case.with("/account/users/1/keys/1/active", json!(true));
    vec![
        case("deactivate the keys of a user", json!({ "user": "ci-deploy" })),
        two_active(case("deactivate two keys", json!({ "user": "ci-deploy" }))),
        two_active(case("deactivate but one key", json!({ "user": "ci-deploy", "except": ["AKIARTX3GSDSXR4W2QZ6"] }))),
    ]
}
