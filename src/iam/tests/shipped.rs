//! Every containment policy that quell ships or recommends: what it denies, and what it leaves alone.

use super::*;
use crate::iam::{Denial, Locked, TRUST_LOCK_SID, cutoff_of, lock_trust, revoke_older_sessions, trust_lock};

macro_rules! shipped {
    ($file:literal) => {
        include_str!(concat!("policies/", $file, ".json"))
    };
}

const ROLE: &str = "arn:aws:iam::111122223333:role/COMPROMISED";
const RESPONDER: &str = "arn:aws:iam::111122223333:role/QuellResponder";

fn old() -> Principal {
    role_session(ROLE, before_cutoff())
}

fn new() -> Principal {
    role_session(ROLE, after_cutoff())
}

fn responder() -> Principal {
    role_session(RESPONDER, before_cutoff())
}

/// Each row: who, what, and the id of the statement that denies it, or nothing if it goes through.
fn check(text: &str, rows: &[(Principal, &str, Option<&str>)]) {
    let document = PolicyDocument::parse(text).expect("a policy");
    assert_eq!(PolicyDocument::parse(&document.to_json()), Ok(document.clone()));
    assert!(document.size() <= 6_144, "fits a managed policy");
    for (principal, action, by) in rows {
        let decision = under(text, principal, action, &context(principal));
        let found = match &decision {
            Decision::Denied { by: Denial::Explicit(statement) } => statement.sid.as_deref(),
            Decision::Allowed { .. } => None,
            other => panic!("{principal:?} {action}: {other:?}"),
        };
        assert_eq!(found, *by, "{principal:?} {action}");
    }
}

#[test]
fn role_revoke_older_sessions() {
    let text = shipped!("01-role-revoke-older-sessions");
    let sid = Some("QuellRevokeOlderSessions");
    check(text, &[(old(), "iam:ListUsers", sid), (new(), "iam:ListUsers", None), (user(), "iam:ListUsers", None)]);
    let cutoff = time("2026-11-22T03:00:30Z");
    assert_eq!(PolicyDocument::parse(text), Ok(revoke_older_sessions(cutoff)));
    assert_eq!(cutoff_of(&revoke_older_sessions(cutoff)), Some(cutoff));
}

#[test]
fn user_derived_sessions() {
    let sid = Some("QuellRevokeOlderSessions");
    check(
        shipped!("02a-user-derived-sessions"),
        &[
            (user_session(before_cutoff()), "s3:GetObject", sid),
            (user_session(after_cutoff()), "s3:GetObject", None),
            (federated_user(before_cutoff()), "s3:GetObject", sid),
            (federated_user(after_cutoff()), "s3:GetObject", None),
            (user(), "s3:GetObject", None),
        ],
    );
}

#[test]
fn user_freeze_keys_and_old_sessions() {
    let sid = Some("QuellDenyLongTermAndOlder");
    check(
        shipped!("02b-user-freeze-keys-and-old-sessions"),
        &[
            (user(), "s3:GetObject", sid),
            (user_session(before_cutoff()), "s3:GetObject", sid),
            (user_session(after_cutoff()), "s3:GetObject", None),
        ],
    );
}

#[test]
fn one_session_only() {
    let text = shipped!("02c-one-session-only").replace("AROAEXAMPLEID:session-name", "AROAEXAMPLE:s1");
    let mut other = old();
    if let Principal::RoleSession { session, .. } = &mut other {
        *session = "s2".to_owned();
    }
    check(&text, &[(old(), "s3:GetObject", Some("QuellDenyOneSession")), (other, "s3:GetObject", None)]);
}

#[test]
fn bedrock_older_sessions() {
    let sid = Some("QuellDenyBedrockOlder");
    check(
        shipped!("03a-bedrock-older-sessions"),
        &[
            (old(), "bedrock:InvokeAgent", sid),
            (old(), "bedrock-mantle:CreateInference", sid),
            (old(), "bedrock-agentcore:InvokeAgentRuntime", sid),
            (old(), "s3:GetObject", None),
            (new(), "bedrock:InvokeAgent", None),
        ],
    );
}

#[test]
fn bedrock_freeze() {
    let sid = Some("QuellDenyBedrock");
    check(
        shipped!("03b-bedrock-freeze"),
        &[
            (new(), "bedrock:GetAgent", sid),
            (user(), "bedrock-mantle:CallWithBearerToken", sid),
            (new(), "q:Chat", None),
        ],
    );
}

#[test]
fn bedrock_invoke_only() {
    let sid = Some("QuellDenyInvoke");
    check(
        shipped!("03c-bedrock-invoke-only"),
        &[
            (new(), "bedrock:InvokeModelWithResponseStream", sid),
            (new(), "bedrock:RetrieveAndGenerate", sid),
            (new(), "bedrock:InvokeAgent", sid),
            (new(), "bedrock:GetAgent", None),
        ],
    );
}

#[test]
fn q_older_sessions() {
    let sid = Some("QuellDenyQOlder");
    let rows =
        [(old(), "qbusiness:ChatSync", sid), (new(), "qbusiness:ChatSync", None), (old(), "qldb:GetBlock", None)];
    check(shipped!("04a-q-older-sessions"), &rows);
}

#[test]
fn q_freeze() {
    let sid = Some("QuellDenyQ");
    check(
        shipped!("04b-q-freeze"),
        &[(new(), "q:SendMessage", sid), (user(), "codewhisperer:GenerateRecommendations", sid)],
    );
}

#[test]
fn bearer_token_deny() {
    let text = shipped!("05-bearer-token-deny");
    check(
        text,
        &[
            (user(), "bedrock:CallWithBearerToken", Some("QuellDenyBearer")),
            (user(), "iam:UpdateServiceSpecificCredential", Some("QuellDenyReviveKeys")),
            (user(), "iam:CreateServiceSpecificCredential", None),
        ],
    );
    let minting = context(&user()).with("iam:ServiceSpecificCredentialServiceName", "bedrock.amazonaws.com");
    assert!(under(text, &user(), "iam:CreateServiceSpecificCredential", &minting).is_denied());
}

#[test]
fn bearer_long_term_only() {
    let text = shipped!("05b-bearer-long-term-only");
    check(text, &[(user(), "bedrock:CallWithBearerToken", None)]);
    let token = |kind: &str| context(&user()).with("bedrock:bearerTokenType", kind);
    assert!(under(text, &user(), "bedrock:CallWithBearerToken", &token("LONG_TERM")).is_denied());
    assert!(under(text, &user(), "bedrock:CallWithBearerToken", &token("SHORT_TERM")).is_allowed());
    assert!(under(text, &user(), "bedrock-mantle:CallWithBearerToken", &token("LONG_TERM")).is_allowed());
}

#[test]
fn scp_deny_principals() {
    let sid = Some("QuellDenyPrincipals");
    let compromised = Principal::User {
        arn: "arn:aws:iam::111122223333:user/COMPROMISED".parse().expect("an ARN"),
        id: "AIDAEXAMPLE".to_owned(),
    };
    check(
        shipped!("06-scp-deny-principals"),
        &[
            (new(), "s3:GetObject", sid),
            (compromised, "s3:GetObject", sid),
            (federated_user(after_cutoff()), "s3:GetObject", sid),
            (user(), "s3:GetObject", None),
            (responder(), "s3:GetObject", None),
        ],
    );
}

#[test]
fn scp_older_sessions() {
    let sid = Some("QuellScpRevokeOlder");
    check(
        shipped!("06b-scp-older-sessions"),
        &[
            (old(), "s3:GetObject", sid),
            (new(), "s3:GetObject", None),
            (responder(), "s3:GetObject", None),
            (user(), "s3:GetObject", None),
        ],
    );
}

#[test]
fn scp_ai_freeze() {
    let sid = Some("QuellScpFreezeAI");
    let text = shipped!("07-scp-ai-freeze");
    check(text, &[(user(), "q:Chat", sid), (new(), "bedrock:GetAgent", sid), (responder(), "bedrock:GetAgent", None)]);
    let key = "iam:ServiceSpecificCredentialServiceName";
    let minting = |principal: &Principal| context(principal).with(key, "bedrock.amazonaws.com");
    assert!(under(text, &user(), "iam:CreateServiceSpecificCredential", &minting(&user())).is_denied());
    assert!(under(text, &responder(), "iam:CreateServiceSpecificCredential", &minting(&responder())).is_allowed());
}

#[test]
fn scp_identity_center_user() {
    let sid = Some("QuellDenyIdcUser");
    let person = identity_center_session(after_cutoff());
    check(shipped!("08-scp-identity-center-user"), &[(person, "s3:GetObject", sid), (new(), "s3:GetObject", None)]);
}

#[test]
fn permission_set_identity_center_user_older() {
    let sid = Some("QuellDenyIdcUserOlder");
    check(
        shipped!("08b-permission-set-idc-user-older"),
        &[
            (identity_center_session(before_cutoff()), "s3:GetObject", sid),
            (identity_center_session(after_cutoff()), "s3:GetObject", None),
            (old(), "s3:GetObject", None),
        ],
    );
}

#[test]
fn trust_lock_statement() {
    let shipped = PolicyDocument::parse(shipped!("09-trust-lock-statement")).expect("a policy");
    assert_eq!(shipped, PolicyDocument::of(trust_lock(TRUST_LOCK_SID, Locked::Everybody)));
    assert_eq!(shipped, lock_trust(&shipped, Locked::Everybody));
    assert_eq!(shipped.check_trust(), Ok(()));
}

#[test]
fn protect_logging() {
    let sid = Some("QuellKeepLights");
    check(
        shipped!("10-protect-logging-scp"),
        &[
            (user(), "cloudtrail:StopLogging", sid),
            (new(), "bedrock:DeleteModelInvocationLoggingConfiguration", sid),
            (responder(), "cloudtrail:StopLogging", None),
            (user(), "cloudtrail:LookupEvents", None),
        ],
    );
}
