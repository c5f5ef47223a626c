//! `iam.persistence`: what somebody has left to come back by is found, whoever tells it.

use quell::actions::Answer;
use serde_json::{Value, json};

use super::trail::ask;
use super::{Bench, OTHERS_KEY, ROLE, scenario, set};

const MALLORY: &str = "arn:aws:iam::111122223333:user/mallory";
const SINCE: &str = "2026-11-22T02:00:00Z";

fn document() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] })
}

/// An account in which something of everything was made half an hour ago, beside what is older.
fn bench(past: Value) -> Bench {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!("0s"));
    set(&mut account, "/knobs/page_size", json!(2));
    set(&mut account, "/account/users/1/console_password", json!(true));
    set(&mut account, "/account/users/1/keys/1/created_ago", json!("30m"));
    set(
        &mut account,
        "/account/users/1/credentials",
        json!({
            "password_ago": "30m",
            "mfa_devices": [{ "serial": "arn:aws:iam::111122223333:mfa/phone", "enabled_ago": "30m" }],
            "ssh_keys": [{ "id": "APKAEXAMPLESSHKEY001", "created_ago": "30m" }, { "id": "APKAEXAMPLESSHKEY002" }],
            "certificates": [{ "id": "TA7SMP42TDN5Z26OBPJE7EXAMPLE", "created_ago": "30m" }],
            "service_credentials": [{ "id": "ACCAEXAMPLEBEDROCK01", "alias": "BedrockAPIKey-x1-at-111122223333", "created_ago": "30m" }],
        }),
    );
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::999988887777:root" }, "Action": "sts:AssumeRole" },
    ]});
    let roles = account["account"]["roles"].as_array_mut().expect("roles");
    roles.push(json!({ "name": "backdoor", "trust": trust, "created_ago": "30m" }));
    account["account"]["users"].as_array_mut().expect("users").push(json!({ "name": "helper", "created_ago": "30m" }));
    account["account"]["policies"] = json!([
        { "name": "new", "document": document(), "created_ago": "30m" },
        { "name": "changed", "document": document(), "later_versions": [{ "document": document(), "created_ago": "30m" }] },
        { "name": "old", "document": document() },
    ]);
    account["account"]["identity_providers"] = json!([
        { "arn": "arn:aws:iam::111122223333:saml-provider/theirs", "created_ago": "30m" },
        { "arn": "arn:aws:iam::111122223333:saml-provider/ours" },
        { "arn": "arn:aws:iam::111122223333:oidc-provider/ci.example.com", "created_ago": "30m" },
    ]);
    account["account"]["past"] = past;
    Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1)
}

fn kinds(answer: &Answer<Value>) -> Vec<&str> {
    let mut kinds: Vec<&str> = answer.items.iter().filter_map(|item| item["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds
}

fn did(ago: &str, call: &str, request: Value) -> Value {
    json!({ "ago": ago, "source": "iam.amazonaws.com", "call": call, "by": MALLORY, "key": OTHERS_KEY, "request": request })
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn iam_tells_by_its_own_dates() {
    let answer = ask(&bench(json!([])), "iam.persistence", None, json!({ "since": SINCE })).await;
    assert_eq!(answer.truncated, None);
    assert_eq!(
        kinds(&answer),
        [
            "access-key",
            "identity-provider",
            "identity-provider",
            "mfa-device",
            "password",
            "policy",
            "policy-version",
            "role",
            "service-credential",
            "signing-certificate",
            "ssh-key",
            "user",
        ]
    );
    let key = answer.items.iter().find(|item| item["kind"] == "access-key").expect("a key");
    assert_eq!((key["id"].as_str(), key["user"].as_str()), (Some("AKIARTX3GSDSXR4W2QZ6"), Some("ci-deploy")));
    let version = answer.items.iter().find(|item| item["kind"] == "policy-version").expect("a version");
    assert_eq!(version["policy"], "arn:aws:iam::111122223333:policy/changed");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn cloudtrail_tells_what_iam_keeps_no_date_of() {
    let role = json!({ "roleName": "ml-pipeline" });
    let mut refused = did("20m", "UpdateAssumeRolePolicy", role.clone());
    refused["error"] = json!("AccessDenied");
    let bench = bench(json!([
        did("25m", "UpdateAssumeRolePolicy", role.clone()),
        refused,
        did("24m", "AddUserToGroup", json!({ "userName": "ci-deploy", "groupName": "admins" })),
        did("23m", "DeleteRolePermissionsBoundary", role),
        did(
            "22m",
            "AttachUserPolicy",
            json!({ "userName": "ci-deploy", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess" })
        ),
        did(
            "21m",
            "UpdateAccessKey",
            json!({ "userName": "ci-deploy", "accessKeyId": "AKIARTX3GSDSQCIDEPLO", "status": "Active" })
        ),
        did(
            "20m",
            "UpdateAccessKey",
            json!({ "userName": "ci-deploy", "accessKeyId": "AKIARTX3GSDSQCIDEPLO", "status": "Inactive" })
        ),
        did("5h", "UpdateAssumeRolePolicy", json!({ "roleName": "older" })),
    ]));
    let asked = json!(["trust", "group-member", "boundary", "grant", "activated-key"]);
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE, "kinds": asked })).await;
    assert_eq!(kinds(&answer), ["activated-key", "boundary", "grant", "group-member", "trust"]);
    let member = answer.items.iter().find(|item| item["kind"] == "group-member").expect("a member");
    assert_eq!((member["user"].as_str(), member["group"].as_str()), (Some("ci-deploy"), Some("admins")));
    assert_eq!(member["who"], MALLORY);
    // What the responder did is nobody's way back.
    let with = json!({ "since": SINCE, "kinds": asked, "but_by": [MALLORY] });
    assert_eq!(kinds(&ask(&bench, "iam.persistence", None, with).await), [""; 0]);
}

/// Items carry what an action needs, what belongs to something new is told apart, and what somebody names is left out.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_is_found_can_be_fanned_out_over() {
    let bench = bench(json!([did("20m", "UpdateAssumeRolePolicy", json!({ "roleName": "ml-pipeline" }))]));
    let of = |answer: &Answer<Value>, kind: &str| {
        answer.items.iter().find(|item| item["kind"] == kind).cloned().unwrap_or_default()
    };
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE })).await;
    assert_eq!(of(&answer, "access-key")["key"], "AKIARTX3GSDSXR4W2QZ6");
    assert_eq!(of(&answer, "ssh-key")["credential"], "APKAEXAMPLESSHKEY001");
    assert_eq!(of(&answer, "service-credential")["credential"], "ACCAEXAMPLEBEDROCK01");
    assert_eq!(of(&answer, "service-credential")["principal"], "arn:aws:iam::111122223333:user/ci-deploy");
    assert_eq!(of(&answer, "mfa-device")["serial"], "arn:aws:iam::111122223333:mfa/phone");
    assert_eq!(of(&answer, "trust")["principal"], "arn:aws:iam::111122223333:role/ml-pipeline");
    assert_eq!(of(&answer, "role")["told"], "role backdoor at 2026-11-22T02:30:00Z");
    assert_eq!(
        of(&answer, "trust")["told"],
        format!("trust UpdateAssumeRolePolicy of role ml-pipeline by {MALLORY} at 2026-11-22T02:40:00Z")
    );
    assert!(answer.items.iter().all(|item| item["of_new"] == false), "nothing belongs to what is new");

    let but = json!(["backdoor", "AKIARTX3GSDSXR4W2QZ6", "arn:aws:iam::111122223333:policy/changed", "ml-pipeline"]);
    let rest = ask(&bench, "iam.persistence", None, json!({ "since": SINCE, "but": but })).await;
    assert_eq!(rest.items.len(), answer.items.len() - 4);
    for kind in ["role", "access-key", "policy-version", "trust"] {
        assert_eq!(of(&rest, kind), Value::Null, "{kind}");
    }
}

/// A key of a user that is new itself goes with the user.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_belongs_to_something_new_is_told_apart() {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!("0s"));
    account["account"]["users"].as_array_mut().expect("users").push(json!({
        "name": "helper", "path": "/made/", "created_ago": "30m", "keys": [{ "id": "AKIARTX3GSDSHELPER01", "created_ago": "30m" }],
    }));
    account["account"]["past"] = json!([did(
        "20m",
        "AttachUserPolicy",
        json!({ "userName": "helper", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess" })
    )]);
    let bench = Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1);
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE })).await;
    let of_new: Vec<(&str, bool)> =
        answer.items.iter().map(|item| (item["kind"].as_str().unwrap_or_default(), item["of_new"] == true)).collect();
    assert_eq!(of_new, [("user", false), ("access-key", true), ("grant", true)]);
}

/// Containing the incident is no way back into the account: what quell has done itself is not told.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_quell_does_is_no_way_back() {
    for (name, with) in [
        ("iam.deny-everything", json!({ "principal": ROLE })),
        ("iam.quarantine", json!({ "principal": ROLE })),
        ("iam.revoke-sessions", json!({ "principal": ROLE })),
        ("iam.lock-trust", json!({ "role": ROLE })),
    ] {
        let mut account = scenario();
        set(&mut account, "/knobs/trail_delay", json!("0s"));
        let bench = Bench::of_action(name, &with, &account, 1);
        let ran = bench.go().await;
        assert_eq!(ran.state(), quell::journal::StepState::Verified, "{name}: {}", ran.told());
        let answer = ask(&bench, "iam.persistence", None, json!({ "since": SINCE })).await;
        assert_eq!(answer.items, Vec::<Value>::new(), "{name}");
    }
}

/// Longer ago than CloudTrail remembers, the list is not whole, and says so.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_cloudtrail_has_forgotten_is_said() {
    let bench = bench(json!([]));
    let long_ago = "2026-07-01T00:00:00Z";
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": long_ago })).await;
    assert!(answer.truncated.is_some_and(|why| why.contains("90 days")));
    let answer = ask(&bench, "iam.persistence", None, json!({ "since": long_ago, "kinds": ["role"] })).await;
    assert_eq!(answer.truncated, None, "IAM knows all roles");
}
