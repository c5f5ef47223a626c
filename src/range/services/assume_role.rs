//! `sts:AssumeRole`.

use serde_json::{Value, json};

use crate::range::model::{Principal, Role};
use crate::range::wire::ApiError;
use crate::range::world::{AskedFor, Handled, Refuse, Turn, Verdict, describe, refuse};

use super::iam::well_formed;
use super::sts::issue;

/// The most characters that the session policies of a request have together.
const POLICIES: usize = 2_048;
/// The most managed policies that a session is given.
const ARNS: usize = 10;

pub(super) fn assume_role(turn: &mut Turn<'_>) -> Handled {
    let arn = turn.text("RoleArn");
    let session = turn.text("RoleSessionName").to_owned();
    let source_identity = turn.maybe("SourceIdentity").or(turn.caller.source_identity.as_deref()).map(str::to_owned);
    let role = role_of_arn(turn, arn).ok_or_else(|| denied(turn, "sts:AssumeRole", arn))?;
    for action in ["sts:AssumeRole", "sts:SetSourceIdentity"] {
        // FACT sts-source-identity
        let is_asked = action == "sts:AssumeRole" || source_identity.is_some();
        if is_asked && !may(turn, &role, action, source_identity.as_deref()) {
            return Err(denied(turn, action, arn));
        }
    }
    if source_identity != turn.caller.source_identity && turn.caller.source_identity.is_some() {
        return Err(denied(turn, "sts:SetSourceIdentity", arn));
    }
    let chained = matches!(turn.caller.principal, Principal::Role { .. });
    // FACT sts-chaining-hour
    let longest = if chained { 3_600 } else { role.max_session_seconds };
    let wanted = turn.number("DurationSeconds").unwrap_or(3_600);
    if wanted > longest {
        let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(refuse("ValidationError", text));
    }
    let policies = session_policies(turn)?;
    let principal = Principal::Role { role: role.name.clone(), id: role.id.clone(), session: session.clone() };
    let who = describe(turn.account(), &principal);
    let credentials = issue(turn, principal, &format!("{}/{session}", role.name), policies, wanted);
    let key = credentials["AccessKeyId"].as_str().unwrap_or_default().to_owned();
    if let Some(issued) = turn.state.account.sessions.get_mut(&key) {
        issued.caller.source_identity.clone_from(&source_identity);
    }
    let mut reply =
        json!({ "Credentials": credentials, "AssumedRoleUser": { "AssumedRoleId": who.user_id, "Arn": who.arn } });
    if let Some(source_identity) = source_identity {
        reply["SourceIdentity"] = json!(source_identity);
    }
    Ok(reply)
}

/// The role of an ARN in this account, as requests are authorised now.
fn role_of_arn(turn: &Turn<'_>, arn: &str) -> Option<Role> {
    let account = turn.account();
    let mut roles = account.roles.all_enforced(turn.now);
    roles.find(|(_, role)| account.role_arn(role) == arn).map(|(_, role)| role.clone())
}

fn may(turn: &mut Turn<'_>, role: &Role, action: &str, source_identity: Option<&str>) -> bool {
    let asked = AskedFor { action, external_id: turn.maybe("ExternalId"), source_identity };
    let state = &mut *turn.state;
    state.authorizer.may_take_on(&state.account, turn.caller, role, asked, turn.now) == Verdict::Allowed
}

fn denied(turn: &Turn<'_>, action: &str, arn: &str) -> ApiError {
    // FACT sts-assume-denied
    let who = describe(turn.account(), &turn.caller.principal).arn;
    let text = format!("User: {who} is not authorized to perform: {action} on resource: {arn}");
    Refuse::AccessDenied.by(turn.call.service, Some(text))
}

/// The documents that bound the session: the one that was sent, and those of the managed policies that were named.
fn session_policies(turn: &Turn<'_>) -> Result<Vec<String>, ApiError> {
    let arns: Vec<&str> = match turn.call.input.get("PolicyArns").and_then(Value::as_array) {
        Some(named) => named.iter().filter_map(|one| one["arn"].as_str()).collect(),
        None => Vec::new(),
    };
    let inline = turn.maybe("Policy");
    // FACT sts-session-policy-size
    let size: usize = inline.into_iter().chain(arns.iter().copied()).map(|text| text.chars().count()).sum();
    if size > POLICIES {
        let text = format!(
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to {POLICIES}"
        );
        return Err(refuse("ValidationError", text));
    }
    if arns.len() > ARNS {
        return Err(refuse("ValidationError", format!("at most {ARNS} managed policies bound a session")));
    }
    let mut documents = Vec::new();
    if let Some(inline) = inline {
        well_formed(inline)?;
        documents.push(inline.to_owned());
    }
    for arn in arns {
        // FACT sts-session-policy-missing
        let policy = turn.account().policies.enforced(arn, turn.now);
        let policy = policy.ok_or_else(|| refuse("MalformedPolicyDocument", format!("{arn} does not exist")))?;
        documents.push(policy.document().to_owned());
    }
    Ok(documents)
}
