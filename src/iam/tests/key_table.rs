//! Principal kind × condition key: one test for each cell, by value and by what policies make of it.

use super::*;
use crate::iam::KeyValue;

enum Cell {
    Is(&'static str),
    Absent,
    Unknown,
}
use Cell::{Absent, Is, Unknown};

fn key_name(column: &str) -> &'static str {
    match column {
        "principal_arn" => "aws:PrincipalArn",
        "userid" => "aws:userid",
        "username" => "aws:username",
        "principal_type" => "aws:PrincipalType",
        "principal_account" => "aws:PrincipalAccount",
        "token_issue_time" => "aws:TokenIssueTime",
        "mfa" => "aws:MultiFactorAuthPresent",
        "is_aws_service" => "aws:PrincipalIsAWSService",
        "source_ip" => "aws:SourceIp",
        "current_time" => "aws:CurrentTime",
        "identity_store_user" => "identitystore:UserId",
        other => panic!("no key for the column `{other}`"),
    }
}

fn check(row: &str, column: &str, principal: &Principal, cell: Cell) {
    let key = key_name(column);
    let context = context(principal);
    // An identity policy's Deny works for IAM principals only; a resource policy's for everybody.
    let deny_if = |operator: &str, value: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}},
                {{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
                  "Condition":{{"{operator}":{{"{}":"{value}"}}}}}}]}}"#,
            key.to_uppercase()
        );
        let resource = crate::iam::ResourcePolicy {
            policy: policy(&text),
            account: crate::base::AccountId::new(ACCOUNT).expect("an account"),
            kind: crate::iam::ResourcePolicyKind::Grants,
        };
        let policies = PolicySet { resource: Some(resource), ..PolicySet::default() };
        evaluate(
            &policies,
            &Request { principal, action: "s3:GetObject", resource: "arn:aws:s3:::b/k", context: &context },
        )
    };
    let absent = deny_if("Null", "true");
    match cell {
        Is(value) => {
            let found = KeyValue::Present(vec![value.to_owned()]);
            assert_eq!(*context.get(key), found, "{row}: `{key}` has another value");
            assert!(absent.is_allowed(), "{row}: `{key}` counts as absent: {absent:?}");
            let equal = deny_if("StringEquals", value);
            assert!(equal.is_denied(), "{row}: a Deny on `{key}` = `{value}` does not match: {equal:?}");
            let other = deny_if("StringEquals", "something else");
            assert!(other.is_allowed(), "{row}: a Deny on another `{key}` matches: {other:?}");
        }
        Absent => {
            assert_eq!(*context.get(key), KeyValue::Absent, "{row}: `{key}` should be absent");
            assert!(absent.is_denied(), "{row}: `{key}` does not count as absent: {absent:?}");
            let equal = deny_if("StringEquals", "x");
            assert!(equal.is_allowed(), "{row}: a Deny on the absent `{key}` matches: {equal:?}");
            let if_exists = deny_if("StringEqualsIfExists", "x");
            assert!(if_exists.is_denied(), "{row}: `IfExists` on the absent `{key}` does not match: {if_exists:?}");
        }
        Unknown => {
            assert_eq!(*context.get(key), KeyValue::Unknown, "{row}: `{key}` should be unknown");
            let doubts = [crate::iam::Doubt::Key(key.to_lowercase())].into();
            assert_eq!(absent, Decision::Unknown { doubts }, "{row}: the unknown `{key}` was decided");
        }
    }
}

macro_rules! cells {
    ($($row:ident = $principal:expr => { $($column:ident: $cell:expr,)* })*) => {
        $(mod $row {
            use super::*;
            $(#[test]
            fn $column() {
                check(stringify!($row), stringify!($column), &$principal, $cell);
            })*
        })*
    };
}

cells! {
    user_with_long_term_key = user() => {
        principal_arn: Is("arn:aws:iam::111122223333:user/team/mallory"),
        userid: Is("AIDAEXAMPLE"),
        username: Is("mallory"),
        principal_type: Is("User"),
        principal_account: Is("111122223333"),
        token_issue_time: Absent,
        mfa: Absent,
        is_aws_service: Is("false"),
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
    user_session = user_session(before_cutoff()) => {
        principal_arn: Is("arn:aws:iam::111122223333:user/team/mallory"),
        userid: Is("AIDAEXAMPLE"),
        username: Is("mallory"),
        principal_type: Is("User"),
        principal_account: Is("111122223333"),
        token_issue_time: Is("2026-11-22T03:00:29Z"),
        mfa: Is("true"),
        is_aws_service: Is("false"),
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
    role_session = role_session("arn:aws:iam::111122223333:role/service/web-task", before_cutoff()) => {
        principal_arn: Is("arn:aws:iam::111122223333:role/service/web-task"),
        userid: Is("AROAEXAMPLE:s1"),
        username: Absent,
        principal_type: Is("AssumedRole"),
        principal_account: Is("111122223333"),
        token_issue_time: Is("2026-11-22T03:00:29Z"),
        mfa: Is("false"),
        is_aws_service: Is("false"),
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
    service_linked_role_session = role_session(
        "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", before_cutoff()) => {
        principal_arn: Is("arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
        userid: Is("AROAEXAMPLE:s1"),
        username: Absent,
        principal_type: Is("AssumedRole"),
        principal_account: Is("111122223333"),
        token_issue_time: Is("2026-11-22T03:00:29Z"),
        mfa: Is("false"),
        is_aws_service: Is("false"),
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
    identity_center_session = identity_center_session(before_cutoff()) => {
        principal_arn: Is(concat!("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/",
            "AWSReservedSSO_Admin_0123456789abcdef")),
        userid: Is("AROAEXAMPLE:mallory@example.com"),
        username: Absent,
        principal_type: Is("AssumedRole"),
        principal_account: Is("111122223333"),
        token_issue_time: Is("2026-11-22T03:00:29Z"),
        mfa: Is("false"),
        is_aws_service: Is("false"),
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Is("90679e1085-EXAMPLE"),
    }
    federated_user = federated_user(before_cutoff()) => {
        principal_arn: Is("arn:aws:sts::111122223333:federated-user/guest"),
        userid: Is("111122223333:guest"),
        username: Absent,
        principal_type: Is("FederatedUser"),
        principal_account: Is("111122223333"),
        token_issue_time: Is("2026-11-22T03:00:29Z"),
        mfa: Unknown,
        is_aws_service: Is("false"),
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
    root_user = root() => {
        principal_arn: Is("arn:aws:iam::111122223333:root"),
        userid: Is("111122223333"),
        username: Absent,
        principal_type: Is("Account"),
        principal_account: Is("111122223333"),
        token_issue_time: Absent,
        mfa: Absent,
        is_aws_service: Is("false"),
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
    aws_service = service("lambda.amazonaws.com") => {
        principal_arn: Unknown,
        userid: Unknown,
        username: Absent,
        principal_type: Unknown,
        principal_account: Unknown,
        token_issue_time: Unknown,
        mfa: Unknown,
        is_aws_service: Is("true"),
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
    saml_federation = saml() => {
        principal_arn: Absent,
        userid: Absent,
        username: Absent,
        principal_type: Absent,
        principal_account: Absent,
        token_issue_time: Absent,
        mfa: Absent,
        is_aws_service: Absent,
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
    web_identity_federation = web_identity() => {
        principal_arn: Absent,
        userid: Absent,
        username: Absent,
        principal_type: Absent,
        principal_account: Absent,
        token_issue_time: Absent,
        mfa: Absent,
        is_aws_service: Absent,
        source_ip: Is("203.0.113.7"),
        current_time: Is("2026-11-22T04:00:00Z"),
        identity_store_user: Absent,
    }
}
