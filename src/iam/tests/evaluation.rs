//! How policies of different kinds work together.

use super::*;
use crate::base::AccountId;
use crate::iam::{Denial, PolicyKind, ResourcePolicy, ResourcePolicyKind};

const ROLE: &str = "arn:aws:iam::111122223333:role/agents";
const OBJECT: &str = "arn:aws:s3:::b/k";

fn allow(action: &str) -> NamedPolicy {
    policy(&ALLOW_ALL.replacen("\"*\"", &format!("\"{action}\""), 1))
}

fn deny(action: &str) -> NamedPolicy {
    policy(&ALLOW_ALL.replacen("\"*\"", &format!("\"{action}\""), 1).replace("Allow", "Deny"))
}

fn bucket(principal: &str, account: &str, kind: ResourcePolicyKind) -> Option<ResourcePolicy> {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"*","Resource":"*"}}}}"#
    );
    Some(ResourcePolicy { policy: policy(&text), account: AccountId::new(account).expect("an account"), kind })
}

fn judge(policies: &PolicySet, principal: &Principal) -> Decision {
    let context = context(principal);
    evaluate(policies, &Request { principal, action: "s3:GetObject", resource: OBJECT, context: &context })
}

fn missing(decision: &Decision) -> Option<PolicyKind> {
    match decision {
        Decision::Denied { by: Denial::Implicit(kind) } => Some(*kind),
        _ => None,
    }
}

#[test]
fn an_explicit_deny_wins_wherever_it_stands() {
    let open = || PolicySet { identity: vec![allow("*")], session: vec![allow("*")], ..PolicySet::default() };
    let session = role_session(ROLE, after_cutoff());
    assert!(judge(&open(), &session).is_allowed());
    let mut sets = [open(), open(), open(), open()];
    sets[0].identity.push(deny("s3:Get*"));
    sets[1].boundary = Some(deny("S3:getobject"));
    sets[2].session.push(deny("s3:G?tObject"));
    sets[3].resource = bucket(r#"{"AWS":"*"}"#, ACCOUNT, ResourcePolicyKind::Grants).map(|mut resource| {
        resource.policy = policy(&resource.policy.document.to_json().replace("Allow", "Deny"));
        resource
    });
    for (set, kind) in sets.iter().zip(["identity policy", "permissions boundary", "session policy", "resource policy"])
    {
        let Decision::Denied { by: by @ Denial::Explicit(_) } = judge(set, &session) else { panic!("{kind}") };
        assert!(by.to_string().contains(kind), "{by}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let session = role_session(ROLE, after_cutoff());
    let set = PolicySet::default();
    assert_eq!(missing(&judge(&set, &session)), Some(PolicyKind::Identity));
    let set = PolicySet { identity: vec![allow("*")], boundary: Some(allow("ec2:*")), ..PolicySet::default() };
    assert_eq!(missing(&judge(&set, &session)), Some(PolicyKind::Boundary));
    let set = PolicySet { identity: vec![allow("*")], session: vec![allow("ec2:*")], ..PolicySet::default() };
    assert_eq!(missing(&judge(&set, &session)), Some(PolicyKind::Session));
    let set = PolicySet {
        identity: vec![allow("*")],
        resource: bucket(r#"{"AWS":"444455556666"}"#, "444455556666", ResourcePolicyKind::Grants),
        ..PolicySet::default()
    };
    assert_eq!(missing(&judge(&set, &session)), Some(PolicyKind::Resource));
}

#[test]
fn a_resource_policy_grants_within_the_account() {
    use ResourcePolicyKind::Grants;
    let session = || role_session(ROLE, after_cutoff());
    let exact = r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/agents/s1"}"#;
    let role = r#"{"AWS":"arn:aws:iam::111122223333:role/agents"}"#;
    let account = r#"{"AWS":"111122223333"}"#;
    for (principal, limited, caller, allowed) in [
        (exact, true, session(), true),
        (role, false, session(), true),
        (role, true, session(), false),
        (account, false, session(), false),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/team/mallory"}"#, true, user(), true),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/team/mallory"}"#, false, federated_user(after_cutoff()), false),
        (r#"{"AWS":"arn:aws:sts::111122223333:federated-user/guest"}"#, true, federated_user(after_cutoff()), true),
        (r#"{"Service":"lambda.amazonaws.com"}"#, false, service("lambda.amazonaws.com"), true),
        (r#"{"Service":"lambda.amazonaws.com"}"#, false, service("ec2.amazonaws.com"), false),
    ] {
        let boundary = limited.then(|| allow("ec2:*"));
        let set = PolicySet { boundary, resource: bucket(principal, ACCOUNT, Grants), ..PolicySet::default() };
        let decision = judge(&set, &caller);
        assert_eq!(decision.is_allowed(), allowed, "{principal} boundary {limited} {caller:?}: {decision:?}");
    }
}

#[test]
fn between_accounts_both_sides_have_to_allow() {
    use ResourcePolicyKind::Grants;
    let session = role_session(ROLE, after_cutoff());
    for (identity, principal, allowed) in [
        (vec![allow("*")], r#"{"AWS":"111122223333"}"#, true),
        (vec![allow("*")], r#"{"AWS":"arn:aws:iam::111122223333:role/agents"}"#, true),
        (vec![], r#"{"AWS":"arn:aws:iam::111122223333:role/agents"}"#, false),
        (vec![allow("*")], r#"{"AWS":"444455556666"}"#, false),
    ] {
        let set = PolicySet { identity, resource: bucket(principal, "444455556666", Grants), ..PolicySet::default() };
        assert_eq!(judge(&set, &session).is_allowed(), allowed, "{principal}");
    }
}

#[test]
fn a_trust_policy_has_to_allow() {
    use ResourcePolicyKind::Trust;
    for (identity, principal, allowed) in [
        (vec![allow("*")], r#"{"AWS":"444455556666"}"#, false),
        (vec![allow("*")], r#"{"AWS":"111122223333"}"#, true),
        (vec![], r#"{"AWS":"111122223333"}"#, false),
        (vec![], r#"{"AWS":"arn:aws:iam::111122223333:user/team/mallory"}"#, true),
    ] {
        let set = PolicySet { identity, resource: bucket(principal, ACCOUNT, Trust), ..PolicySet::default() };
        assert_eq!(judge(&set, &user()).is_allowed(), allowed, "{principal}");
    }
}

#[test]
fn root_and_get_caller_identity_are_special() {
    assert_eq!(judge(&PolicySet::default(), &root()), Decision::Allowed { by: None });
    let set = PolicySet { identity: vec![deny("*")], ..PolicySet::default() };
    let context = context(&user());
    let request = Request { principal: &user(), action: "sts:GetCallerIdentity", resource: "*", context: &context };
    assert!(evaluate(&set, &request).is_allowed(), "AWS answers it even under an explicit deny");
}

#[test]
fn a_federated_user_has_only_what_its_session_policies_pass_on() {
    let guest = federated_user(after_cutoff());
    let set = PolicySet { identity: vec![allow("*")], ..PolicySet::default() };
    assert_eq!(missing(&judge(&set, &guest)), Some(PolicyKind::Session));
    let set = PolicySet { session: vec![allow("s3:*")], ..set };
    assert!(judge(&set, &guest).is_allowed());
    let issuer = "arn:aws:iam::111122223333:root".parse().expect("an ARN");
    let guest_of_root = Principal::FederatedUser { issuer, name: "guest".to_owned(), issued: after_cutoff() };
    assert!(judge(&PolicySet { identity: vec![], ..set }, &guest_of_root).is_allowed());
    assert_eq!(missing(&judge(&PolicySet::default(), &guest_of_root)), Some(PolicyKind::Session));
}

#[test]
fn actions_and_resources() {
    for (elements, allowed) in [
        (r#""Action":"S3:getObject","Resource":"arn:aws:s3:::b/*""#, true),
        (r#""Action":"s3:Get*","Resource":"arn:aws:s3:::B/*""#, false),
        (r#""Action":["ec2:*","s3:*"],"Resource":"arn:aws:s3:::?/k""#, true),
        (r#""NotAction":"s3:*","Resource":"*""#, false),
        (r#""NotAction":"ec2:*","Resource":"*""#, true),
        (r#""Action":"*","NotResource":"arn:aws:s3:::b/*""#, false),
        (r#""Action":"*","NotResource":"arn:aws:s3:::c/*""#, true),
        (r#""Action":"*","Resource":"arn:aws:s3:*:b/k""#, false),
        (r#""Action":"*","Resource":"arn:aws:s3*""#, true),
        (r#""Action":"*","Resource":"arn:aws:*:*:*:*""#, true),
        (r#""Action":"*","Resource":"arn:aws:s3:::b/${aws:username}""#, false),
    ] {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{elements}}}]}}"#);
        let set = PolicySet { identity: vec![policy(&text)], ..PolicySet::default() };
        assert_eq!(judge(&set, &user()).is_allowed(), allowed, "{elements}");
    }
}
