//! Tests that need more than one file of this room.

mod conditions;
mod documents;
mod evaluation;
mod key_table;
mod ladder;
mod properties;
mod shipped;
mod trust;

use std::sync::Arc;

use jiff::Timestamp;

use super::{Context, Decision, NamedPolicy, PolicyDocument, PolicySet, Principal, Request, evaluate};

const ACCOUNT: &str = "111122223333";
const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":{"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// The time of the incident; sessions are issued a second before or after the cut-off.
fn now() -> Timestamp {
    time("2026-11-22T04:00:00Z")
}

fn before_cutoff() -> Timestamp {
    time("2026-11-22T03:00:29Z")
}

fn after_cutoff() -> Timestamp {
    time("2026-11-22T03:00:31Z")
}

fn policy(text: &str) -> NamedPolicy {
    NamedPolicy { name: "p".to_owned(), document: Arc::new(PolicyDocument::parse(text).expect("a policy")) }
}

fn user() -> Principal {
    Principal::User {
        arn: "arn:aws:iam::111122223333:user/team/mallory".parse().expect("an ARN"),
        id: "AIDAEXAMPLE".to_owned(),
    }
}

fn user_session(issued: Timestamp) -> Principal {
    let arn = "arn:aws:iam::111122223333:user/team/mallory".parse().expect("an ARN");
    Principal::UserSession { arn, id: "AIDAEXAMPLE".to_owned(), issued, mfa: true }
}

fn federated_user(issued: Timestamp) -> Principal {
    let issuer = "arn:aws:iam::111122223333:user/team/mallory".parse().expect("an ARN");
    Principal::FederatedUser { issuer, name: "guest".to_owned(), issued }
}

fn role_session(role: &str, issued: Timestamp) -> Principal {
    Principal::RoleSession {
        role: role.parse().expect("an ARN"),
        id: "AROAEXAMPLE".to_owned(),
        session: "s1".to_owned(),
        issued,
        mfa: false,
        identity_store_user: None,
    }
}

fn identity_center_session(issued: Timestamp) -> Principal {
    Principal::RoleSession {
        role: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"
            .parse()
            .expect("an ARN"),
        id: "AROAEXAMPLE".to_owned(),
        session: "mallory@example.com".to_owned(),
        issued,
        mfa: false,
        identity_store_user: Some("90679e1085-EXAMPLE".to_owned()),
    }
}

fn root() -> Principal {
    Principal::Root {
        partition: crate::base::Partition::Aws,
        account: crate::base::AccountId::new(ACCOUNT).expect("an account"),
    }
}

fn service(name: &str) -> Principal {
    Principal::Service { name: name.to_owned() }
}

fn saml() -> Principal {
    Principal::Saml { provider: "arn:aws:iam::111122223333:saml-provider/corp".parse().expect("an ARN") }
}

fn web_identity() -> Principal {
    Principal::WebIdentity { provider: "cognito-identity.amazonaws.com".to_owned() }
}

fn context(principal: &Principal) -> Context {
    principal.context(now(), Some("203.0.113.7".parse().expect("an address")))
}

/// Judges a request under everything allowed and one more identity policy.
fn under(text: &str, principal: &Principal, action: &str, context: &Context) -> Decision {
    let policies = PolicySet {
        identity: vec![policy(ALLOW_ALL), policy(text)],
        session: vec![policy(ALLOW_ALL)],
        ..PolicySet::default()
    };
    evaluate(&policies, &Request { principal, action, resource: "*", context })
}
