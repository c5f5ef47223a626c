//! The ladder of denies: what each rung takes, and what it leaves alone.

use super::*;
use crate::iam::{
    Denial, as_boundary, deny_ai_services, deny_everything, deny_from_outside, deny_missed_by_quarantine, deny_session,
    deny_session_started_at,
};

const ROLE: &str = "arn:aws:iam::111122223333:role/service/ml-pipeline";

/// The id of the statement that denies, or nothing where the request goes through.
fn denied(by: &PolicyDocument, principal: &Principal, action: &str, context: &Context) -> Option<String> {
    match under(&by.to_json(), principal, action, context) {
        Decision::Denied { by: Denial::Explicit(statement) } => statement.sid,
        Decision::Allowed { .. } => None,
        other => panic!("{action}: {other:?}"),
    }
}

fn everyday(by: &PolicyDocument, principal: &Principal, action: &str) -> bool {
    denied(by, principal, action, &context(principal)).is_some()
}

#[test]
fn every_prefix_of_the_ai_services_is_denied_and_nothing_else() {
    let deny = deny_ai_services();
    for principal in [user(), user_session(after_cutoff()), role_session(ROLE, after_cutoff())] {
        for action in [
            "bedrock:InvokeModel",
            "bedrock:InvokeAgent",
            "bedrock:CallWithBearerToken",
            "bedrock-mantle:CallWithBearerToken",
            "bedrock-agentcore:InvokeAgentRuntime",
            "q:SendMessage",
            "qdeveloper:StartAgentSession",
            "codewhisperer:GenerateRecommendations",
            "qbusiness:ChatSync",
            "iam:UpdateServiceSpecificCredential",
        ] {
            assert!(everyday(&deny, &principal, action), "{action}");
        }
        for action in ["s3:GetObject", "iam:ListUsers", "sts:AssumeRole"] {
            assert!(!everyday(&deny, &principal, action), "{action}");
        }
    }
    let making = |service: &str| context(&user()).with("iam:ServiceSpecificCredentialServiceName", service);
    let make = "iam:CreateServiceSpecificCredential";
    assert!(denied(&deny, &user(), make, &making("bedrock.amazonaws.com")).is_some());
    assert!(denied(&deny, &user(), make, &making("codecommit.amazonaws.com")).is_none(), "Git goes on");
}

#[test]
fn outside_is_what_is_neither_in_a_range_nor_in_a_vpc() {
    let deny = deny_from_outside(["203.0.113.0/24"], ["vpc-0a1b2c3d4e5f60718"]);
    let from = |address: &str| user().context(now(), Some(address.parse().expect("an address")));
    let through = |vpc: &str| user().context(now(), None).with("aws:SourceVpc", vpc);
    let is_denied = |context: &Context| denied(&deny, &user(), "s3:GetObject", context).is_some();
    assert!(!is_denied(&from("203.0.113.7")));
    assert!(is_denied(&from("198.51.100.7")));
    assert!(!is_denied(&through("vpc-0a1b2c3d4e5f60718")));
    assert!(is_denied(&through("vpc-00000000000000000")));
    let for_us = from("198.51.100.7").with("aws:ViaAWSService", "true");
    assert!(!is_denied(&for_us), "a service that works on behalf of the principal");
    let ranges_alone = deny_from_outside(["203.0.113.0/24"], []);
    assert!(denied(&ranges_alone, &user(), "s3:GetObject", &through("vpc-0a1b2c3d4e5f60718")).is_some());
}

#[test]
fn one_session_is_denied_and_its_neighbours_are_not() {
    let deny = deny_session("AROAEXAMPLE", "s1");
    assert!(everyday(&deny, &role_session(ROLE, after_cutoff()), "s3:GetObject"));
    assert!(!everyday(&deny_session("AROAEXAMPLE", "s2"), &role_session(ROLE, after_cutoff()), "s3:GetObject"));
    assert!(!everyday(&deny_session("AROAOTHER", "s1"), &role_session(ROLE, after_cutoff()), "s3:GetObject"));
}

#[test]
fn sessions_of_one_second_are_denied_and_keys_are_not() {
    let deny = deny_session_started_at(before_cutoff());
    for session in [user_session(before_cutoff()), role_session(ROLE, before_cutoff())] {
        assert!(everyday(&deny, &session, "s3:GetObject"));
    }
    for other in [user(), user_session(after_cutoff()), role_session(ROLE, after_cutoff())] {
        assert!(!everyday(&deny, &other, "s3:GetObject"));
    }
}

#[test]
fn everything_is_everything() {
    for principal in [user(), user_session(before_cutoff()), role_session(ROLE, after_cutoff())] {
        assert!(everyday(&deny_everything(), &principal, "s3:GetObject"));
    }
}

#[test]
fn the_quarantine_has_no_way_out() {
    let deny = deny_missed_by_quarantine();
    for action in ["sts:AssumeRole", "iam:CreateServiceSpecificCredential", "qbusiness:ChatSync"] {
        assert!(everyday(&deny, &user(), action), "{action}");
    }
    // Wherever the deny stands, inline, attached or as the boundary, it can be neither taken off nor written over.
    for of in ["User", "Role"] {
        for change in ["PutX", "DeleteX", "DetachX"].map(|change| change.replace('X', of)) {
            assert!(everyday(&deny, &user(), &format!("iam:{change}Policy")), "{change}");
        }
        for change in ["Put", "Delete"] {
            assert!(everyday(&deny, &user(), &format!("iam:{change}{of}PermissionsBoundary")), "{change} {of}");
        }
    }
    for change in ["CreatePolicyVersion", "SetDefaultPolicyVersion"] {
        assert!(everyday(&deny, &user(), &format!("iam:{change}")), "{change}");
    }
}

#[test]
fn a_boundary_takes_no_more_than_the_deny() {
    let policies = PolicySet {
        identity: vec![policy(ALLOW_ALL)],
        boundary: Some(policy(&as_boundary(&deny_ai_services()).to_json())),
        ..PolicySet::default()
    };
    let principal = user();
    let context = context(&principal);
    let asked =
        |action| evaluate(&policies, &Request { principal: &principal, action, resource: "*", context: &context });
    assert!(matches!(asked("s3:GetObject"), Decision::Allowed { .. }));
    assert!(matches!(asked("bedrock:InvokeModel"), Decision::Denied { by: Denial::Explicit(_) }));
}
