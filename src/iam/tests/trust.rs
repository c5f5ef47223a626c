//! Trust policies and the lock on them.

use super::*;
use crate::base::Arn;
use crate::iam::{Denial, Doubt, Locked, PolicyKind, Trust, evaluate_trust, lock_trust};

const ROLE: &str = "arn:aws:iam::111122223333:role/agents";

fn trust_of(principal: &str) -> PolicyDocument {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole*"}}]}}"#
    );
    PolicyDocument::parse(&text).expect("a policy")
}

fn ask(trust: &PolicyDocument, caller: &Principal) -> Trust {
    let role: Arn = ROLE.parse().expect("an ARN");
    let action = match caller {
        Principal::Saml { .. } => "sts:AssumeRoleWithSAML",
        Principal::WebIdentity { .. } => "sts:AssumeRoleWithWebIdentity",
        _ => "sts:AssumeRole",
    };
    evaluate_trust(trust, &role, caller, action, &context(caller))
}

fn word(trust: &Trust) -> &'static str {
    match trust {
        Trust::Granted { .. } => "granted",
        Trust::Delegated { .. } => "delegated",
        Trust::Refused { by: Denial::Explicit(_) } => "locked",
        Trust::Refused { by: Denial::Implicit(_) } => "refused",
        Trust::Unknown { .. } => "unknown",
    }
}

fn foreign_role() -> Principal {
    role_session("arn:aws:iam::444455556666:role/them", after_cutoff())
}

#[test]
fn who_is_let_in_by_which_name() {
    let task = || role_session("arn:aws:iam::111122223333:role/service/web-task", after_cutoff());
    for (principal, caller, expected) in [
        (r#"{"AWS":"arn:aws:iam::111122223333:user/team/mallory"}"#, user(), "granted"),
        (r#"{"AWS":"arn:aws:iam::111122223333:user/mallory"}"#, user(), "refused"),
        (r#"{"AWS":"AIDAEXAMPLE"}"#, user(), "granted"),
        (r#"{"AWS":"AIDAANOTHER"}"#, user(), "refused"),
        (r#"{"AWS":"111122223333"}"#, user(), "delegated"),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, task(), "delegated"),
        (r#"{"AWS":["111122223333","arn:aws:iam::111122223333:role/service/web-task"]}"#, task(), "granted"),
        (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/web-task/s1"}"#, task(), "granted"),
        (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/web-task/s2"}"#, task(), "refused"),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, root(), "refused"),
        (r#"{"AWS":"*"}"#, user(), "granted"),
        (r#""*""#, foreign_role(), "delegated"),
        (r#"{"AWS":"arn:aws:iam::444455556666:role/them"}"#, foreign_role(), "delegated"),
        (r#"{"AWS":"444455556666"}"#, foreign_role(), "delegated"),
        (r#"{"AWS":"444455556666"}"#, user(), "refused"),
        (r#"{"Service":"lambda.amazonaws.com"}"#, service("lambda.amazonaws.com"), "granted"),
        (r#"{"Service":["bedrock.amazonaws.com"]}"#, service("lambda.amazonaws.com"), "refused"),
        (r#"{"AWS":"*"}"#, service("lambda.amazonaws.com"), "refused"),
        (r#""*""#, service("lambda.amazonaws.com"), "granted"),
        (r#"{"Service":"*"}"#, service("lambda.amazonaws.com"), "unknown"),
        (r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/corp"}"#, saml(), "granted"),
        (r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/other"}"#, saml(), "refused"),
        (r#"{"Federated":"cognito-identity.amazonaws.com"}"#, web_identity(), "granted"),
        (r#"{"AWS":"*"}"#, web_identity(), "unknown"),
        (r#"{"Later":"x"}"#, user(), "unknown"),
    ] {
        let trust = ask(&trust_of(principal), &caller);
        assert_eq!(word(&trust), expected, "{principal} for {caller:?}: {trust:?}");
    }
}

#[test]
fn the_lock_keeps_out_whom_it_should() {
    let open = trust_of(
        r#"{"AWS":["*","111122223333"],"Service":"lambda.amazonaws.com","Federated":
            ["cognito-identity.amazonaws.com","arn:aws:iam::111122223333:saml-provider/corp"]}"#,
    );
    let callers = [
        user(),
        user_session(after_cutoff()),
        federated_user(after_cutoff()),
        role_session(ROLE, after_cutoff()),
        identity_center_session(after_cutoff()),
        foreign_role(),
        saml(),
        web_identity(),
    ];
    for caller in &callers {
        assert_ne!(word(&ask(&open, caller)), "refused", "{caller:?} can come in before the lock");
        for locked in [Locked::Everybody, Locked::EverybodyButServices] {
            let trust = ask(&lock_trust(&open, locked), caller);
            assert_eq!(word(&trust), "locked", "{locked:?} for {caller:?}: {trust:?}");
        }
    }
    let service = service("lambda.amazonaws.com");
    assert_eq!(word(&ask(&open, &service)), "granted");
    assert_eq!(word(&ask(&lock_trust(&open, Locked::Everybody), &service)), "locked");
    assert_eq!(word(&ask(&lock_trust(&open, Locked::EverybodyButServices), &service)), "granted");
}

#[test]
fn a_lock_replaces_a_lock_and_comes_off_again() {
    let trust = trust_of(r#"{"Service":"lambda.amazonaws.com"}"#);
    let soft = lock_trust(&trust, Locked::EverybodyButServices);
    let hard = lock_trust(&soft, Locked::Everybody);
    assert_eq!(hard.statements().len(), 2);
    assert_eq!(lock_trust(&hard, Locked::Everybody), hard);
    assert_eq!(hard.without_statement(crate::iam::TRUST_LOCK_SID), Some(trust));
    assert_eq!((soft.check_trust(), hard.check_trust()), (Ok(()), Ok(())));
}

#[test]
fn not_principal_exempts_only_who_is_listed_in_every_form() {
    let deny = |names: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}},
                {{"Effect":"Deny","NotPrincipal":{{"AWS":{names}}},"Action":"sts:AssumeRole"}}]}}"#
        );
        PolicyDocument::parse(&text).expect("a policy")
    };
    let all = r#"["111122223333","arn:aws:iam::111122223333:user/team/mallory"]"#;
    assert_eq!(word(&ask(&deny(all), &user())), "granted");
    assert_eq!(word(&ask(&deny(r#""444455556666""#), &user())), "locked");
    assert!(deny(all).check_trust().is_err(), "IAM takes it in resource policies only");
    let doubts = [Doubt::Principal(ACCOUNT.into())].into();
    let some = ask(&deny(r#""arn:aws:iam::111122223333:user/team/mallory""#), &user());
    assert_eq!(some, Trust::Unknown { doubts });
}

#[test]
fn conditions_of_a_trust_policy_count() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole",
        "Condition":{"StringEquals":{"sts:ExternalId":"secret"}}}}"#;
    let trust = PolicyDocument::parse(text).expect("a policy");
    let role: Arn = ROLE.parse().expect("an ARN");
    let with = |context: Context| evaluate_trust(&trust, &role, &user(), "sts:assumerole", &context);
    assert_eq!(word(&with(context(&user()))), "refused");
    assert_eq!(word(&with(context(&user()).with("sts:externalid", "secret"))), "granted");
    assert_eq!(word(&with(context(&user()).with_unknown("sts:ExternalId"))), "unknown");
    let implicit = Trust::Refused { by: Denial::Implicit(PolicyKind::Resource) };
    assert_eq!(evaluate_trust(&trust, &role, &user(), "sts:TagSession", &context(&user())), implicit);
}
