//! The statement that keeps everybody from assuming a role.

use serde_json::json;

use super::document::PolicyDocument;
use super::statement::Statement;

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
pub fn trust_lock(locked: Locked) -> Statement {
    let mut statement = json!({
        "Sid": TRUST_LOCK_SID,
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
    let lock = trust_lock(locked);
    match trust.without_statement(TRUST_LOCK_SID) {
        Some(unlocked) => unlocked.with_statement_first(lock),
        None => PolicyDocument::of(lock),
    }
}
