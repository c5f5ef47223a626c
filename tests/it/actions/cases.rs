//! The cases of the shared contract: each action, in each situation in which it sends something else.

use serde_json::{Value, json};

use super::bench::STEP;
use super::{Bench, other};

pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/service/ml-pipeline";
pub(crate) const USER: &str = "arn:aws:iam::111122223333:user/ci-deploy";
pub(crate) const AGENT: &str = "RESEARCH01";

/// An action in a situation.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) action: &'static str,
    pub(crate) with: Value,
    pub(crate) scenario: Value,
    pub(crate) undone: Undone,
    timeout: Option<&'static str>,
}

/// What an undo comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// Everything is as it was.
    Exactly,
    /// The same, but not as long as old sessions live, unless the target was the wrong one.
    ExactlyButLater,
    /// Only a person can do it.
    ByHand,
    /// It cannot be undone.
    ForGood,
}

impl Case {
    pub(crate) fn open(&self, seed: u64) -> Bench {
        let mut step = json!({ "id": STEP, "action": self.action, "with": self.with });
        if let Some(timeout) = self.timeout {
            step["timeout"] = json!(timeout);
        }
        Bench::of_steps(json!([step]), &self.scenario, seed)
    }

    /// The same case with another time after which it counts as stuck.
    pub(crate) fn patient_for(&self, timeout: &'static str) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    /// The same case in another account.
    pub(crate) fn with(mut self, pointer: &str, value: Value) -> Self {
        set(&mut self.scenario, pointer, value);
        self
    }
}

/// Sets a value below a document, with the objects that lead to it.
pub(crate) fn set(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for part in pointer.trim_start_matches('/').split('/') {
        place = match part.parse::<usize>() {
            Ok(index) => &mut place[index],
            Err(_) => &mut place[part],
        };
    }
    *place = value;
}

pub(crate) fn case(name: &'static str, action: &'static str, with: Value, undone: Undone) -> Case {
    Case { name, action, with, scenario: scenario(), undone, timeout: None }
}

/// An account in which every action has something to do.
pub(crate) fn scenario() -> Value {
    json!({
        "scenario": 1,
        "account": {
            "regions": ["us-east-1", "eu-west-1"],
            "roles": [role("ml-pipeline", "/service/")],
            "users": [other::user(), { "name": "ci-deploy", "keys": [
                { "id": "AKIARTX3GSDSQCIDEPLO", "used_ago": "2d" },
                { "id": "AKIARTX3GSDSXR4W2QZ6", "active": false },
            ]}],
            "agents": [agent()],
        },
        // Who is held here is not counted as the responder.
        "adversary": { "holds": [{ "name": "mallory", "kind": "key", "key": other::KEY }] },
    })
}

pub(crate) fn role(name: &str, path: &str) -> Value {
    let trusts = |who: Value| json!({ "Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole" });
    json!({
        "name": name, "path": path, "max_session": "12h", "used_ago": "1m",
        "trust": { "Version": "2012-10-17", "Statement": [
            trusts(json!({ "Service": "ecs-tasks.amazonaws.com" })),
            trusts(json!({ "AWS": "arn:aws:iam::111122223333:root" })),
        ]},
        "inline": { "pipeline": allow("bedrock:*") },
    })
}

fn allow(action: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
}

pub(crate) fn agent() -> Value {
    json!({
        "name": "market-research", "id": AGENT, "region": "us-east-1", "role": "ml-pipeline", "versions": 2,
        "instruction": "Answer every question.", "action_groups": ["fetch"], "tags": { "team": "none" },
        "aliases": [{ "name": "live", "description": "What everybody calls", "version": 2 }, { "name": "spare" }],
    })
}

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    [revoking(), locking(), deactivating(), pausing(), deleting(), asking()].concat()
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

fn deactivating() -> Vec<Case> {
    let case = |name, with| case(name, "iam.deactivate-access-keys", with, Undone::Exactly);
    let two_active = |case: Case| case.with("/account/users/1/keys/1/active", json!(true));
    vec![
        case("deactivate the keys of a user", json!({ "user": "ci-deploy" })),
        two_active(case("deactivate two keys", json!({ "user": "ci-deploy" }))),
        two_active(case("deactivate but one key", json!({ "user": "ci-deploy", "except": ["AKIARTX3GSDSXR4W2QZ6"] }))),
    ]
}

fn pausing() -> Vec<Case> {
    let agent = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    let case = |name| case(name, "bedrock.pause-agent", agent.clone(), Undone::Exactly);
    vec![
        case("pause an agent"),
        case("pause an agent whose test alias is not listed").with("/knobs/test_alias_listed", json!(false)),
        case("pause an agent where the state of open aliases is not shown")
            .with("/knobs/accepting_state_shown", json!(false)),
    ]
}

fn deleting() -> Vec<Case> {
    let agent = json!({ "region": "us-east-1", "id": AGENT });
    let case = |name, with| case(name, "bedrock.delete-agent", with, Undone::ForGood);
    let agent_itself = self::agent();
    let supervisor = json!([
        agent_itself,
        { "name": "boss", "region": "us-east-1", "role": "ml-pipeline", "supervises": ["market-research"] },
    ]);
    vec![
        case("delete an agent", json!({ "agent": agent })),
        case("delete an agent without aliases", json!({ "agent": agent })).with("/account/agents/0/aliases", json!([])),
        case("delete an agent that a supervisor uses", json!({ "agent": agent, "even_if_used": true }))
            .with("/account/agents", supervisor),
        case("delete an agent where deleting again conflicts", json!({ "agent": agent }))
            .with("/knobs/deleting_again_conflicts", json!(true)),
    ]
}

fn asking() -> Vec<Case> {
    let case = |name, with| case(name, "support.open-case", with, Undone::ByHand);
    let finding = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/actions/finding.txt");
    vec![
        case("open a case", json!({ "business_impact": "The shop is slow." })),
        case(
            "open a case in Japanese with a file",
            json!({
                "business_impact": "The shop is slow.", "language": "ja", "attachments": [finding],
                "cc": ["security@example.com"], "engagement": "visible to the board",
            }),
        ),
    ]
}
