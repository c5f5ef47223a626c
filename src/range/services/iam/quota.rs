//! What IAM refuses about the size and form of policies.

use serde_json::Value;

use crate::iam::PolicyDocument;
use crate::range::model::{Account, Permissions};
use crate::range::wire::ApiError;
use crate::range::world::{Turn, refuse};

/// Most characters of all inline policies of a role, white space not counted.
pub(super) const ROLE_INLINE: usize = 10_240;
/// Most characters of all inline policies of a user.
pub(super) const USER_INLINE: usize = 2_048;
/// Most characters of a trust policy.
pub(super) const TRUST: usize = 2_048;
/// Most characters of a managed policy.
pub(super) const MANAGED: usize = 6_144;
/// Most managed policies on one role or user.
pub(super) const ATTACHED: usize = 10;
/// Most credentials of a user for one service.
pub(super) const SERVICE_CREDENTIALS: usize = 2;
/// Most versions of a managed policy.
pub(super) const VERSIONS: usize = 5;
/// Tags of a user.
pub(super) const TAGS: usize = 50;
/// Most access keys of a user.
pub(super) const KEYS: usize = 2;

/// The characters of a document that count.
pub(super) fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// Refuses what is not a policy document.
pub(in crate::range::services) fn well_formed(document: &str) -> Result<(), ApiError> {
    // FACT iam-policy-characters
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if !document.chars().all(allowed) {
        let text = "The policy document contains characters that are not allowed";
        return Err(refuse("ValidationError", text));
    }
    // FACT iam-malformed
    PolicyDocument::parse(document)
        .map(drop)
        .map_err(|error| refuse("MalformedPolicyDocument", format!("Syntax errors in policy: {error}")))
}

/// Refuses inline policies that are too large together.
pub(super) fn inline_fits(permissions: &Permissions, most: usize, kind: &str, name: &str) -> Result<(), ApiError> {
    // FACT iam-policy-size
    if permissions.inline.values().map(|document| size(document)).sum::<usize>() <= most {
        return Ok(());
    }
    let text = format!("Maximum policy size of {most} bytes exceeded for {kind} {name}");
    Err(refuse("LimitExceeded", text))
}

/// Refuses what is no trust policy that a role may have.
pub(super) fn trust_is_sound(turn: &Turn<'_>, document: &str) -> Result<(), ApiError> {
    well_formed(document)?;
    // FACT iam-trust-size
    if size(document) > TRUST {
        return Err(refuse("LimitExceeded", format!("Cannot exceed quota for ACLSizePerRole: {TRUST}")));
    }
    principals_live(turn.account(), document)?;
    // FACT iam-deny-only-trust
    if turn.state.knobs.deny_only_trust_refused && only_denies(document) {
        return Err(refuse("MalformedPolicyDocument", "The trust policy admits nobody"));
    }
    Ok(())
}

/// Refuses a trust policy that names a principal by its unique id, which is how AWS shows one that was deleted, or a user or role
/// of the account that is not there.
fn principals_live(account: &Account, document: &str) -> Result<(), ApiError> {
    // FACT iam-dead-principal
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let statements = document["Statement"].as_array().cloned().unwrap_or_else(|| vec![document["Statement"].clone()]);
    let named = statements.iter().flat_map(|statement| match &statement["Principal"]["AWS"] {
        Value::Array(names) => names.clone(),
        one => vec![one.clone()],
    });
    for name in named.filter_map(|name| name.as_str().map(str::to_owned)) {
        if !is_there(account, &name) {
            let text = format!("Invalid principal in policy: \"AWS\":\"{name}\"");
            return Err(refuse("MalformedPolicyDocument", text));
        }
    }
    Ok(())
}

/// Whether a principal exists, as far as the account can tell: it knows its own users and roles.
fn is_there(account: &Account, name: &str) -> bool {
    let own = format!("arn:aws:iam::{}:", account.id);
    match name.strip_prefix(&own) {
        Some(user) if user.starts_with("user/") => {
            account.users.all_latest().any(|(_, one)| account.user_arn(one) == name)
        }
        Some(role) if role.starts_with("role/") => {
            account.roles.all_latest().any(|(_, one)| account.role_arn(one) == name)
        }
        Some(_) => true,
        None => !(name.starts_with("AIDA") || name.starts_with("AROA")),
    }
}

/// Whether a document has no statement that allows anything.
fn only_denies(document: &str) -> bool {
    PolicyDocument::parse(document).is_ok_and(|document| document.only_denies())
}
