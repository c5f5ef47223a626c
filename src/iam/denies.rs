//! The policies that take something away from a role or user without regard to when its sessions began: a ladder, narrowest
//! first.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::document::PolicyDocument;
use super::statement::Statement;

/// Everything of Amazon Bedrock and Amazon Q. Bedrock has three prefixes, and each authorises bearer tokens by itself
/// (`bedrock:CallWithBearerToken`, `bedrock-mantle:CallWithBearerToken`), which the wildcards cover.
const AI_SERVICES: [&str; 9] = [
    "bedrock:*",
    "bedrock-mantle:*",
    "bedrock-agentcore:*",
    "q:*",
    "qdeveloper:*",
    "codewhisperer:*",
    "qbusiness:*",
    "qapps:*",
    "user-subscriptions:*",
];

/// What AWSCompromisedKeyQuarantineV3 leaves open: new credentials, other roles, and letting oneself out again. The ways out are
/// all there, those too that it denies: it is left out where no further policy can be attached.
const MISSED_BY_QUARANTINE: [&str; 18] = [
    "sts:AssumeRole",
    "iam:CreateServiceSpecificCredential",
    "iam:ResetServiceSpecificCredential",
    "iam:UpdateServiceSpecificCredential",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:DeleteUserPolicy",
    "iam:DeleteRolePolicy",
    "iam:DetachUserPolicy",
    "iam:DetachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
];

/// What a boundary that takes away no more than a deny starts with.
const LEAVES_SID: &str = "QuellLeavesTheRest";

fn statement(json: Value) -> Statement {
    Statement::try_from(json).expect("the statement is written out here and valid")
}

/// Makes the policy that denies Amazon Bedrock and Amazon Q, and making or reviving long-term Bedrock API keys.
pub fn deny_ai_services() -> PolicyDocument {
    // Letting others' keys be reset or activated again would bring back what the deny of the services cannot reach: a key of
    // another user.
    PolicyDocument::of(statement(json!({
        "Sid": "QuellDenyReviveKeys",
        "Effect": "Deny",
        "Action": ["iam:ResetServiceSpecificCredential", "iam:UpdateServiceSpecificCredential"],
        "Resource": "*",
    })))
    .with_statement_first(statement(json!({
        "Sid": "QuellDenyMintBedrockKeys",
        "Effect": "Deny",
        "Action": "iam:CreateServiceSpecificCredential",
        "Resource": "*",
        "Condition": { "StringEquals": { "iam:ServiceSpecificCredentialServiceName": "bedrock.amazonaws.com" } },
    })))
    .with_statement_first(statement(json!({
        "Sid": "QuellDenyAiServices",
        "Effect": "Deny",
        "Action": AI_SERVICES,
        "Resource": "*",
    })))
}

/// Makes the policy that denies everything to requests that come neither from these address ranges nor through these VPCs,
/// unless an AWS service makes them.
///
/// A request from the internet has `aws:SourceIp` and no `aws:SourceVpc`, one through a VPC endpoint the other way round;
/// with `IfExists` the missing one counts as outside, so that the one that is there decides. A list that is empty is left
/// out: what it would admit is outside then.
pub fn deny_from_outside<'t>(
    addresses: impl IntoIterator<Item = &'t str>,
    vpcs: impl IntoIterator<Item = &'t str>,
) -> PolicyDocument {
    let (addresses, vpcs): (Vec<&str>, Vec<&str>) = (addresses.into_iter().collect(), vpcs.into_iter().collect());
    let mut condition = json!({
        "BoolIfExists": { "aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false" },
    });
    if !addresses.is_empty() {
        condition["NotIpAddressIfExists"] = json!({ "aws:SourceIp": addresses });
    }
    if !vpcs.is_empty() {
        condition["StringNotEqualsIfExists"] = json!({ "aws:SourceVpc": vpcs });
    }
    PolicyDocument::of(statement(json!({
        "Sid": "QuellDenyFromOutside",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": condition,
    })))
}

/// Makes the policy that denies everything to the sessions of one name. `role_id` is the immutable id of the role
/// (`AROA…`): a role that is made again under the same name is another role.
pub fn deny_session(role_id: &str, session: &str) -> PolicyDocument {
    PolicyDocument::of(statement(json!({
        "Sid": "QuellDenyOneSession",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": { "StringEquals": { "aws:userid": format!("{role_id}:{session}") } },
    })))
}

/// Makes the policy that denies everything to the sessions that were started in one second. `aws:TokenIssueTime` is missing where no temporary
/// credentials sign, so that long-term keys are not refused.
pub fn deny_session_started_at(second: Timestamp) -> PolicyDocument {
    PolicyDocument::of(statement(json!({
        "Sid": "QuellDenySessionStartedAt",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": { "DateEquals": { "aws:TokenIssueTime": second.to_string() } },
    })))
}

/// Makes the policy that denies everything.
pub fn deny_everything() -> PolicyDocument {
    PolicyDocument::of(statement(json!({
        "Sid": "QuellDenyEverything",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
    })))
}

/// Makes the policy that denies what AWS's own quarantine of compromised keys leaves open.
pub fn deny_missed_by_quarantine() -> PolicyDocument {
    let actions: Vec<&str> = AI_SERVICES.into_iter().chain(MISSED_BY_QUARANTINE).collect();
    PolicyDocument::of(statement(json!({
        "Sid": "QuellQuarantine",
        "Effect": "Deny",
        "Action": actions,
        "Resource": "*",
    })))
}

/// Makes the permissions boundary that takes away no more than a deny does: everything else stays as the policies allow it.
pub fn as_boundary(deny: &PolicyDocument) -> PolicyDocument {
    deny.with_statement_first(statement(json!({
        "Sid": LEAVES_SID,
        "Effect": "Allow",
        "Action": "*",
        "Resource": "*",
    })))
}

/// What a permissions boundary denies that [`as_boundary`] made; nothing for any other document.
pub fn denied_by_boundary(document: &PolicyDocument) -> Option<PolicyDocument> {
    document.without_statement(LEAVES_SID).filter(|rest| rest.only_denies() && as_boundary(rest) == *document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deny_is_an_identity_policy_that_fits_where_it_goes() {
        let addresses = ["203.0.113.0/24", "2001:db8::/32"];
        for (document, inline) in [
            (deny_ai_services(), true),
            (deny_from_outside(addresses, ["vpc-0123456789abcdef0"]), true),
            (deny_session("AROAEXAMPLEID", "i-0abc"), true),
            (deny_session_started_at(Timestamp::UNIX_EPOCH), true),
            (deny_everything(), true),
            (deny_missed_by_quarantine(), true),
        ] {
            assert!(document.check_identity().is_ok(), "{document}");
            assert!(!inline || document.size() < 1_024, "{}: half of a user's inline quota", document.size());
            assert!(as_boundary(&document).check_identity().is_ok());
        }
    }

    #[test]
    fn an_empty_list_is_left_out() {
        let condition = |document: PolicyDocument| document.statements()[0].json()["Condition"].clone();
        assert!(condition(deny_from_outside(["203.0.113.0/24"], [])).get("StringNotEqualsIfExists").is_none());
        assert!(condition(deny_from_outside([], ["vpc-1"])).get("NotIpAddressIfExists").is_none());
    }
}
