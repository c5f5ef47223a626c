//! Reading, changing and writing documents.

use super::*;
use crate::iam::{PolicyError, Statement, StatementEffect};

#[test]
fn the_forms_that_iam_takes() {
    let one = PolicyDocument::parse(ALLOW_ALL).expect("a policy");
    assert_eq!(one.statements().len(), 1);
    assert_eq!(one.statements()[0].effect(), StatementEffect::Allow);
    assert_eq!(one.to_json(), ALLOW_ALL, "a single statement stays an object");
    assert_eq!(serde_json::to_string(&one).expect("JSON"), ALLOW_ALL);
    assert_eq!(serde_json::from_str::<PolicyDocument>(ALLOW_ALL).expect("a policy"), one);
    let spaced = PolicyDocument::parse(
        "{\n \"Statement\" : [ { \"Effect\":\"Allow\", \"NotAction\":[\"s3:*\"],\"Sid\":\"\",
        \"NotResource\":\"a b\" } ] }",
    );
    assert_eq!(
        spaced.expect("a policy").size(),
        r#"{"Statement":[{"Effect":"Allow","NotAction":["s3:*"],"Sid":"","NotResource":"ab"}]}"#.len()
    );
}

#[test]
fn what_iam_refuses() {
    let statement = |text: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#);
    for text in [
        "",
        "[]",
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        r#"{"Version":"2013-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        &statement(r#"{"Effect":"allow","Action":"*","Resource":"*"}"#),
        &statement(r#"{"effect":"Allow","Action":"*","Resource":"*"}"#),
        &statement(r#"{"Effect":"Allow","Resource":"*"}"#),
        &statement(r#"{"Effect":"Allow","Action":[],"Resource":"*"}"#),
        &statement(r#"{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}"#),
        &statement(r#"{"Effect":"Allow","Action":"GetObject","Resource":"*"}"#),
        &statement(r#"{"Effect":"Allow","Action":"*","Resource":"*","Resource":"x"}"#),
        &statement(r#"{"Effect":"Allow","Action":"*","Resource":7}"#),
        &statement(r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":[]}"#),
        &statement(r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":{}}}}"#),
        &statement(r#"{"Effect":"Allow","Action":"*","Principal":"arn:aws:iam::111122223333:root"}"#),
        &statement(r#"{"Effect":"Allow","Action":"*","Resource":"*","Sid":"not allowed"}"#),
        &statement(
            r#"{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}"#,
        ),
    ] {
        assert!(matches!(PolicyDocument::parse(text), Err(PolicyError::Malformed { .. })), "{text}");
    }
    let japanese = ALLOW_ALL.replace("*", "事故");
    assert_eq!(PolicyDocument::parse(&japanese), Err(PolicyError::Character { character: '事' }));
    assert!(PolicyDocument::parse(&ALLOW_ALL.replace(r#""Resource":"*""#, r#""Resource":"Ü""#)).is_ok());
}

#[test]
fn what_we_do_not_know_survives_and_is_not_decided() {
    let text = r#"{"Version":"2012-10-17","Id":"x","Later":{"a":[1,null]},"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole","Budget":7,"Condition":{"StringResembles":{"a":{"deep":1.50}}}}]}"#;
    let document = PolicyDocument::parse(text).expect("a policy");
    assert_eq!(document.to_json(), text.replace("1.50", "1.5"));
    let lock = crate::iam::trust_lock(crate::iam::TRUST_LOCK_SID, crate::iam::Locked::Everybody);
    let locked = document.with_statement_first(lock.clone());
    assert_eq!(locked.find_statement("QuellTrustLock"), Some(&lock));
    assert_eq!(locked.statements().len(), 2);
    assert_eq!(locked.without_statement("QuellTrustLock"), Some(document.clone()));
    assert_eq!(PolicyDocument::parse(&locked.to_json()), Ok(locked));
    let strange = ALLOW_ALL.replace(r#""Action""#, r#""Limit":1,"Action""#);
    let policies = PolicySet { identity: vec![policy(&strange)], ..PolicySet::default() };
    let context = context(&user());
    let request =
        Request { principal: &user(), action: "s3:GetObject", resource: "arn:aws:s3:::b/k", context: &context };
    assert!(matches!(evaluate(&policies, &request), Decision::Unknown { .. }));
}

#[test]
fn a_document_never_becomes_empty() {
    let document = PolicyDocument::parse(ALLOW_ALL).expect("a policy");
    assert_eq!(document.without_statement("All"), None);
    assert_eq!(document.without_statement("Other").map(|left| left.statements().len()), Some(1));
}

#[test]
fn each_use_has_its_elements() {
    let identity = PolicyDocument::parse(ALLOW_ALL).expect("a policy");
    assert_eq!((identity.check_identity().is_ok(), identity.check_trust().is_ok()), (true, false));
    let trust = PolicyDocument::of(crate::iam::trust_lock(crate::iam::TRUST_LOCK_SID, crate::iam::Locked::Everybody));
    assert_eq!((trust.check_identity().is_ok(), trust.check_trust().is_ok()), (false, true));
    assert!(Statement::try_from(serde_json::json!({ "Effect": "Deny" })).is_err());
}
