//! Cases of what intruders leave behind in IAM.

use serde_json::{Value, json};

use super::account::{ROLE, allow};
use super::case::{Case, Undone, case};

const POLICY: &str = "arn:aws:iam::111122223333:policy/team/backdoor";
const DEVICE: &str = "arn:aws:iam::111122223333:mfa/intruder";
const USERS_DEVICE: &str = "arn:aws:iam::111122223333:mfa/ci-deploy";
const SECURITY_KEY: &str = "arn:aws:iam::111122223333:u2f/user/ci-deploy/main-QVWXYZ";

pub(super) fn cases() -> Vec<Case> {
    [users(), roles(), policies(), credentials()].concat()
}

fn deny() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*" }] })
}

fn policy() -> Value {
    json!([{
        "name": "backdoor", "path": "/team/", "document": allow("s3:GetObject"), "created_ago": "90d",
        "later_versions": [{ "document": allow("*"), "created_ago": "2h" }],
    }])
}

fn users() -> Vec<Case> {
    let case = |name| case(name, "iam.delete-user", json!({ "user": "ci-deploy" }), Undone::ForGood);
    let user = json!({
        "name": "ci-deploy", "path": "/team/", "keys": [{ "id": "AKIARTX3GSDSQCIDEPLO" }, { "id": "AKIARTX3GSDSXR4W2QZ6" }],
        "console_password": true, "groups": ["staff"],
        "inline": { "a-deny": deny(), "b-allow": allow("s3:*") }, "attached": ["arn:aws:iam::aws:policy/AWSDenyAll", POLICY],
        "boundary": "arn:aws:iam::aws:policy/ReadOnlyAccess", "tags": { "team": "none" },
        "credentials": {
            "mfa_devices": [{ "serial": "GAHT12345678" }, { "serial": USERS_DEVICE }, { "serial": SECURITY_KEY }],
            "ssh_keys": [{ "id": "APKAEXAMPLESSHKEY001" }], "certificates": [{ "id": "TA7SMP42TDN5Z26OBPJE7EXAMPLE" }],
            "service_credentials": [{ "id": "ACCAEXAMPLEBEDROCK01", "alias": "BedrockAPIKey-x1-at-111122223333" }],
        },
    });
    let full = case("delete a user with all that it has")
        .with("/account/groups", json!([{ "name": "staff", "inline": { "read": allow("s3:GetObject") } }]))
        .with("/account/policies", policy())
        .with("/account/users/1", user);
    vec![full, case("delete a user that has nothing").with("/account/users/1", json!({ "name": "ci-deploy" }))]
}

fn roles() -> Vec<Case> {
    let case = |name, more: bool| {
        case(name, "iam.delete-role", json!({ "role": ROLE, "even_if_used": more }), Undone::ForGood)
    };
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "bedrock.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ]});
    vec![
        case("delete a role with all that it has", false)
            .with("/account/policies", policy())
            .with("/account/roles/0/attached", json!(["arn:aws:iam::aws:policy/AWSDenyAll", POLICY]))
            .with("/account/roles/0/inline/a-deny", deny())
            .with("/account/roles/0/instance_profiles", json!(["web"])),
        case("delete a role that Bedrock may use", true).with("/account/roles/0/trust", trust),
    ]
}

fn policies() -> Vec<Case> {
    let held = |case: Case| {
        case.with("/account/policies", policy())
            .with("/account/groups", json!([{ "name": "staff", "attached": [POLICY] }]))
            .with("/account/roles/0/attached", json!([POLICY]))
            .with("/account/users/1/attached", json!([POLICY]))
            .with("/account/users/1/groups", json!(["staff"]))
    };
    let restore = |name, mut with: Value| {
        with["policy"] = json!(POLICY);
        held(case(name, "iam.restore-policy-version", with, Undone::Exactly))
    };
    vec![
        held(case(
            "delete a policy that somebody has",
            "iam.delete-policy",
            json!({ "policy": POLICY }),
            Undone::ForGood,
        )),
        case("delete a policy that nobody has", "iam.delete-policy", json!({ "policy": POLICY }), Undone::ForGood)
            .with("/account/policies", policy()),
        restore("put an earlier version back", json!({ "version": "v1" })),
        restore("put the version of a moment back", json!({ "before": "2026-11-20T00:00:00Z" })),
    ]
}

fn credentials() -> Vec<Case> {
    let case = |name, action, with| case(name, action, with, Undone::ForGood);
    let devices = json!([{ "serial": DEVICE, "enabled_ago": "2h" }, { "serial": "GAHT12345678" }]);
    let with_devices = |case: Case| case.with("/account/users/1/credentials/mfa_devices", devices.clone());
    let device = |serial: &str| json!({ "user": "ci-deploy", "serial": serial });
    vec![
        case("delete a key", "iam.delete-access-key", json!({ "user": "ci-deploy", "key": "AKIARTX3GSDSXR4W2QZ6" })),
        case("delete a console password", "iam.delete-console-password", json!({ "user": "ci-deploy" }))
            .with("/account/users/1/console_password", json!(true)),
        with_devices(case("delete a virtual MFA device", "iam.delete-mfa-device", device(DEVICE))),
        with_devices(case("take a hardware MFA device", "iam.delete-mfa-device", device("GAHT12345678"))),
    ]
}
