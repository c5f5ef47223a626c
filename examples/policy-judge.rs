//! Judges requests under IAM policies, one JSON object a line, so that other evaluators can be compared with ours.
//!
//! In: `{"principal": {"kind": "user", …}, "action", "resource", "now", "context": {key: [values]}, "identity": [policies],
//! "boundary", "session": [policies], "resource_policy": {"document", "account", "trust"}}`, of which the policies are
//! optional. Out: `{"decision": "allowed" | "denied" | "unknown", "explicit", "why"}`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::sync::Arc;

use jiff::Timestamp;
use quell::base::{AccountId, Arn, Partition};
use quell::iam::{
    Decision, Denial, NamedPolicy, PolicyDocument, PolicySet, Principal, Request, ResourcePolicy, ResourcePolicyKind,
    evaluate,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    principal: Caller,
    action: String,
    resource: String,
    now: Timestamp,
    #[serde(default)]
    context: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    identity: Vec<PolicyDocument>,
    boundary: Option<PolicyDocument>,
    #[serde(default)]
    session: Vec<PolicyDocument>,
    resource_policy: Option<OfResource>,
}

#[derive(Deserialize)]
struct OfResource {
    document: PolicyDocument,
    account: AccountId,
    trust: bool,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Caller {
    User { arn: Arn, id: String },
    UserSession { arn: Arn, id: String, issued: Timestamp, mfa: bool },
    FederatedUser { issuer: Arn, name: String, issued: Timestamp },
    RoleSession { role: Arn, id: String, session: String, issued: Timestamp, mfa: bool },
    Root { account: AccountId },
    Service { name: String },
}

impl From<Caller> for Principal {
    fn from(caller: Caller) -> Self {
        match caller {
            Caller::User { arn, id } => Self::User { arn, id },
            Caller::UserSession { arn, id, issued, mfa } => Self::UserSession { arn, id, issued, mfa },
            Caller::FederatedUser { issuer, name, issued } => Self::FederatedUser { issuer, name, issued },
            Caller::RoleSession { role, id, session, issued, mfa } => {
                Self::RoleSession { role, id, session, issued, mfa, identity_store_user: None }
            }
            Caller::Root { account } => Self::Root { partition: Partition::Aws, account },
            Caller::Service { name } => Self::Service { name },
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        writeln!(out, "{}", judge(case))?;
    }
    Ok(())
}

fn judge(case: Case) -> Value {
    let named = |(index, document)| NamedPolicy { name: format!("{index}"), document: Arc::new(document) };
    let policies = PolicySet {
        identity: case.identity.into_iter().enumerate().map(named).collect(),
        boundary: case.boundary.map(|document| named((0, document))),
        session: case.session.into_iter().enumerate().map(named).collect(),
        resource: case.resource_policy.map(|of| ResourcePolicy {
            policy: named((0, of.document)),
            account: of.account,
            kind: if of.trust { ResourcePolicyKind::Trust } else { ResourcePolicyKind::Grants },
        }),
    };
    let principal = Principal::from(case.principal);
    let context = case
        .context
        .into_iter()
        .fold(principal.context(case.now, None), |context, (key, values)| context.with_values(&key, values));
    let request = Request { principal: &principal, action: &case.action, resource: &case.resource, context: &context };
    match evaluate(&policies, &request) {
        Decision::Allowed { by } => {
            json!({ "decision": "allowed", "explicit": false, "why": by.map(|by| by.to_string()) })
        }
        Decision::Denied { by } => {
            let explicit = matches!(by, Denial::Explicit(_));
            json!({ "decision": "denied", "explicit": explicit, "why": by.to_string() })
        }
        Decision::Unknown { doubts } => {
            let why: Vec<String> = doubts.iter().map(ToString::to_string).collect();
            json!({ "decision": "unknown", "explicit": false, "why": why.join("; ") })
        }
    }
}
