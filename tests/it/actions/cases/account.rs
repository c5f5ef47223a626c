//! The account of the cases.

use serde_json::{Value, json};

use crate::actions::other;

pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/service/ml-pipeline";
pub(crate) const USER: &str = "arn:aws:iam::111122223333:user/ci-deploy";
pub(crate) const AGENT: &str = "RESEARCH01";
pub(crate) const FLOW: &str = "JOURNEY001";
pub(crate) const PROMPT: &str = "SUMMARISE1";

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

pub(super) fn allow(action: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
}

pub(crate) fn agent() -> Value {
    json!({
        "name": "market-research", "id": AGENT, "region": "us-east-1", "role": "ml-pipeline", "versions": 2,
        "instruction": "Answer every question.", "action_groups": ["fetch"], "tags": { "team": "none" },
        "aliases": [{ "name": "live", "description": "What everybody calls", "version": 2 }, { "name": "spare" }],
    })
}
