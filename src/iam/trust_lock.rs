//! The statement that keeps everybody from assuming a role.

use serde_json::json;

use super::document::PolicyDocument;
use super::statement::{Statement, StatementEffect};

/// The id of the statement that [`trust_lock`] makes.
pub const TRUST_LOCK_SID: &str = "QuellTrustLock";

/// Who is locked out of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// Everybody, AWS services included: Lambda functions, EC2 instances and agents lose the role at their next refresh.
    Everybody,
    /// Everybody but AWS services.
    EverybodyButServices,
}

/// Makes the Deny statement to be put in front of a role's trust policy. It ends no session that is already running.
///
/// Both variants name the principal `*`, which alone covers IAM principals, federated principals and AWS services. Where
/// services stay, `aws:PrincipalIsAWSService` takes them out again: the key is `true` in their requests, `false` in
/// requests that IAM principals sign, and missing where a SAML assertion or a web identity token comes instead of a
/// signature, for which `IfExists` keeps the Deny. A principal `{"AWS": "*"}` would leave federated principals in doubt.
pub fn trust_lock(sid: &str, locked: Locked) -> Statement {
    let mut statement = json!({
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": [
            "sts:AssumeRole",
            "sts:AssumeRoleWithSAML",
            "sts:AssumeRoleWithWebIdentity",
            "sts:TagSession",
            "sts:SetSourceIdentity",
            "sts:SetContext",
        ],
    });
    if locked == Locked::EverybodyButServices {
        statement["Condition"] = json!({ "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } });
    }
    Statement::try_from(statement).expect("the statement is written out above and valid")
}

/// Returns a trust policy with the lock in front, in the place of an earlier lock if there is one.
pub fn lock_trust(trust: &PolicyDocument, locked: Locked) -> PolicyDocument {
    let lock = trust_lock(TRUST_LOCK_SID, locked);
    match trust.without_statement(TRUST_LOCK_SID) {
        Some(unlocked) => unlocked.with_statement_first(lock),
        None => PolicyDocument::of(lock),
    }
}

/// What of a trust policy has room behind a lock.
#[derive(Debug, Clone, PartialEq)]
pub enum BehindLock {
    /// All of it.
    Whole,
    /// As many statements as fit: all that deny and all that admit AWS services, then the others.
    Part(PolicyDocument),
    /// None of it.
    Nothing,
    /// The lock has no room beside what must stay.
    NoRoom,
}

/// Says what of a trust policy has room behind a lock, where a document may have so many characters, white space aside.
///
/// What the lock takes from everybody need not stand behind it. While AWS services are to go on, whatever admits them and
/// whatever denies them something has to stay.
pub fn behind_lock(trust: &PolicyDocument, lock: &Statement, locked: Locked, most: usize) -> BehindLock {
    if trust.with_statement_first(lock.clone()).size() <= most {
        return BehindLock::Whole;
    }
    let must_stay = |statement: &Statement| {
        let names_services =
            statement.json().get("Principal").is_some_and(|principal| principal.get("Service").is_some());
        locked == Locked::EverybodyButServices && (statement.effect() == StatementEffect::Deny || names_services)
    };
    let statements = trust.statements();
    let mut stays: Vec<bool> = statements.iter().map(must_stay).collect();
    let part = |stays: &[bool]| {
        let kept: Vec<Statement> =
            statements.iter().zip(stays).filter(|(_, stays)| **stays).map(|(statement, _)| statement.clone()).collect();
        (!kept.is_empty()).then(|| trust.with_statements(kept))
    };
    let fits = |stays: &[bool]| {
        let document = match part(stays) {
            Some(kept) => kept.with_statement_first(lock.clone()),
            None => PolicyDocument::of(lock.clone()),
        };
        document.size() <= most
    };
    if !fits(&stays) {
        return BehindLock::NoRoom;
    }
    for at in 0..stays.len() {
        let before = std::mem::replace(&mut stays[at], true);
        if !fits(&stays) {
            stays[at] = before;
        }
    }
    part(&stays).map_or(BehindLock::Nothing, BehindLock::Part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(effect: &str, principal: &serde_json::Value, padding: usize) -> serde_json::Value {
        let condition = json!({ "StringEquals": { "sts:ExternalId": "x".repeat(padding) } });
        json!({ "Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition })
    }

    fn behind(statements: &[serde_json::Value], locked: Locked) -> Result<usize, BehindLock> {
        let trust = json!({ "Version": "2012-10-17", "Statement": statements });
        let trust = PolicyDocument::try_from(trust).expect("a policy");
        match behind_lock(&trust, &trust_lock(TRUST_LOCK_SID, locked), locked, 2_048) {
            BehindLock::Part(part) => Ok(part.statements().len()),
            other => Err(other),
        }
    }

    #[test]
    fn what_services_need_stays_and_the_rest_as_far_as_it_fits() {
        let service = json!({ "Service": "ecs-tasks.amazonaws.com" });
        let people = json!({ "AWS": "arn:aws:iam::444455556666:root" });
        let but_services = Locked::EverybodyButServices;
        let of = |effect: &str, principal, padding| statement(effect, principal, padding);
        assert_eq!(behind(&[of("Allow", &people, 10)], but_services), Err(BehindLock::Whole));
        assert_eq!(behind(&[of("Allow", &people, 1_700), of("Allow", &service, 10)], but_services), Ok(1));
        assert_eq!(behind(&[of("Allow", &people, 900), of("Allow", &people, 900)], but_services), Ok(1));
        assert_eq!(behind(&[of("Allow", &people, 1_800)], but_services), Err(BehindLock::Nothing));
        for needed in [of("Allow", &service, 1_800), of("Deny", &people, 1_800)] {
            assert_eq!(behind(&[needed.clone(), of("Allow", &people, 10)], but_services), Err(BehindLock::NoRoom));
            assert_eq!(behind(&[needed, of("Allow", &people, 10)], Locked::Everybody), Ok(1));
        }
    }
}
