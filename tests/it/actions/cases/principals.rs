//! Cases of what is taken from roles and users by denies, and of what they sign in with.

use serde_json::{Value, json};

use super::account::{ROLE, USER, allow};
use super::case::{Case, Undone, case};

pub(super) fn cases() -> Vec<Case> {
    let of = |action, more: Value| {
        move |principal: &str| {
            let mut with = more.clone();
            with["principal"] = json!(principal);
            case("", action, with, Undone::Exactly)
        }
    };
    let network = json!({ "ip_ranges": ["192.0.2.0/24"], "vpcs": ["vpc-0a1b2c3d4e5f60718"] });
    [
        seats(of("iam.deny-ai-services", json!({})), &["deny AI services"]),
        seats(of("iam.deny-from-outside", network), &["deny from outside"]),
        seats(of("iam.deny-everything", json!({})), &["deny everything"]),
        seats(
            of("iam.deny-session-started-at", json!({ "started_at": "2026-11-22T02:20:05Z" })),
            &["deny what was started at a moment"],
        ),
        seats(of("iam.quarantine", json!({})), &["quarantine"]),
        one_session(),
        long_trust(),
        over_a_boundary(),
        altered(),
        switching(),
    ]
    .concat()
}

/// A document beside which not even the shortest deny fits.
pub(crate) fn full(owner: &str) -> Value {
    let document = |padding: usize| {
        let action = format!("s3:{}*", "x".repeat(padding));
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
    };
    let (most, there) = match owner {
        "roles/0" => (10_240, allow("bedrock:*").to_string().len()),
        _ => (2_048, 0),
    };
    document(most - there - document(0).to_string().len() - 50)
}

/// The same where the inline policies leave no room.
pub(super) fn without_inline(case: Case, owner: &str) -> Case {
    case.with(&format!("/account/{owner}/inline/full"), full(owner))
}

/// The same where no policy can be attached either.
pub(crate) fn without_attached(case: Case, owner: &str) -> Case {
    let attached: Vec<String> = (0..10).map(|n| format!("arn:aws:iam::111122223333:policy/held-{n}")).collect();
    let policies: Vec<Value> =
        (0..10).map(|n| json!({ "name": format!("held-{n}"), "document": allow("s3:ListAllMyBuckets") })).collect();
    case.with(&format!("/account/{owner}/attached"), json!(attached)).with("/account/policies", json!(policies))
}

/// Each place at which a deny can stand, on a role and on a user.
fn seats(of: impl Fn(&str) -> Case, what: &[&'static str; 1]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (principal, owner) in [(ROLE, "roles/0"), (USER, "users/1")] {
        let named = |case: Case| case.named(what[0]);
        cases.push(named(of(principal)));
        cases.push(named(without_inline(of(principal), owner)));
        cases.push(named(without_attached(without_inline(of(principal), owner), owner)));
    }
    cases
}

fn one_session() -> Vec<Case> {
    let of = |_: &str| {
        let with = json!({ "role": ROLE, "session": "task-1" });
        case("deny one session", "iam.deny-session", with, Undone::Exactly)
    };
    seats(of, &["deny one session"]).into_iter().take(3).collect()
}

/// Trust policies without room for the lock beside all that they say.
fn long_trust() -> Vec<Case> {
    let padded = json!({ "StringEquals": { "sts:ExternalId": "x".repeat(1_600) } });
    let of = |name, with: Value| {
        case(name, "iam.lock-trust", with, Undone::Exactly)
            .with("/account/roles/0/trust/Statement/1/Condition", padded.clone())
    };
    let people = |case: Case| {
        let statement = json!({
            "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::444455556666:root" }, "Action": "sts:AssumeRole", "Condition": padded,
        });
        case.with("/account/roles/0/trust/Statement", json!([statement]))
    };
    vec![
        of("lock trust, and what has no room beside it goes", json!({ "role": ROLE })),
        of("lock trust of services, and what has no room goes", json!({ "role": ROLE, "lock_aws_services": true })),
        people(of("lock trust where nothing else has room", json!({ "role": ROLE }))),
    ]
}

fn over_a_boundary() -> Vec<Case> {
    let case =
        case("deny everything over a boundary", "iam.deny-everything", json!({ "principal": ROLE }), Undone::Exactly);
    let case = without_attached(without_inline(case, "roles/0"), "roles/0");
    vec![case.with("/account/roles/0/boundary", json!("arn:aws:iam::aws:policy/ReadOnlyAccess"))]
}

fn altered() -> Vec<Case> {
    let case = case(
        "deny where the policy was altered",
        "iam.deny-ai-services",
        json!({ "principal": USER }),
        Undone::Exactly,
    );
    vec![case.with("/account/users/1/inline/QuellDenyAiServices-INC-4711", allow("s3:ListAllMyBuckets"))]
}

fn switching() -> Vec<Case> {
    let two = |ids: [&str; 2]| json!([{ "id": ids[0] }, { "id": ids[1], "active": false }]);
    let credentials = json!({
        "ssh_keys": two(["APKAEXAMPLESSHKEY001", "APKAEXAMPLESSHKEY002"]),
        "certificates": two(["TA7SMP42TDN5Z26OBPJE7EXAMPLE", "TA7SMP42TDN5Z26OBPJE8EXAMPLE"]),
        "service_credentials": [
            { "id": "ACCAEXAMPLEBEDROCK01", "alias": "BedrockAPIKey-x1-at-111122223333" },
            { "id": "ACCAEXAMPLECOMMIT001", "alias": "ci-deploy-at-111122223333", "service": "codecommit.amazonaws.com" },
        ],
    });
    let of = |name, action, with| {
        case(name, action, with, Undone::Exactly).with("/account/users/1/credentials", credentials.clone())
    };
    let user = json!({ "user": "ci-deploy" });
    let bedrock = json!({ "user": "ci-deploy", "service": "bedrock.amazonaws.com" });
    vec![
        of("deactivate SSH keys", "iam.deactivate-ssh-keys", user.clone()),
        of("deactivate certificates", "iam.deactivate-signing-certificates", user.clone()),
        of("deactivate service-specific credentials", "iam.deactivate-service-credentials", user),
        of("deactivate Bedrock API keys", "iam.deactivate-service-credentials", bedrock),
    ]
}
