//! AWS Security Token Service.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::range::model::{Caller, Principal};
use crate::range::world::{Handled, Refuse, Turn, describe};

use super::Row;
use super::assume_role::assume_role;
use super::row::anything;

pub(super) const ROWS: &[Row] = &[
    Row::read("GetCallerIdentity", anything, get_caller_identity),
    Row::read("AssumeRole", |turn| turn.text("RoleArn").to_owned(), assume_role),
    Row::read("GetSessionToken", anything, get_session_token),
    Row::read("GetFederationToken", federated_arn, get_federation_token),
    Row::read("GetAccessKeyInfo", anything, get_access_key_info),
];

fn get_caller_identity(turn: &mut Turn<'_>) -> Handled {
    let who = describe(turn.account(), &turn.caller.principal);
    Ok(json!({ "UserId": who.user_id, "Account": who.account, "Arn": who.arn }))
}

/// Issues credentials that belong to the same party as the caller's.
pub(super) fn issue(
    turn: &mut Turn<'_>,
    principal: Principal,
    name: &str,
    policies: Vec<String>,
    seconds: u64,
) -> Value {
    let key = turn.state.issue(principal, name, policies, turn.now, Duration::from_secs(seconds));
    turn.state.inherit_party(turn.caller.key.as_deref(), &key);
    let session = &turn.state.account.sessions[&key];
    json!({
        "AccessKeyId": key, "SecretAccessKey": session.secret, "SessionToken": session.token,
        "Expiration": session.caller.expires.map(whole_second),
    })
}

fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

fn calling_user(turn: &Turn<'_>) -> Result<String, crate::range::wire::ApiError> {
    match turn.caller {
        Caller { principal: Principal::User { name }, issued: None, .. } => Ok(name.clone()),
        // FACT sts-session-token-from-session
        _ => Err(Refuse::AccessDenied
            .by(turn.call.service, Some(format!("Cannot call {} with session credentials", turn.call.operation)))),
    }
}

fn get_session_token(turn: &mut Turn<'_>) -> Handled {
    let name = calling_user(turn)?;
    let seconds = turn.number("DurationSeconds").unwrap_or(43_200).min(129_600);
    let credentials =
        issue(turn, Principal::User { name: name.clone() }, &format!("{name}/token"), Vec::new(), seconds);
    Ok(json!({ "Credentials": credentials }))
}

fn federated_arn(turn: &Turn<'_>) -> String {
    format!("arn:aws:sts::{}:federated-user/{}", turn.account().id, turn.text("Name"))
}

fn get_federation_token(turn: &mut Turn<'_>) -> Handled {
    let user = calling_user(turn)?;
    let name = turn.text("Name").to_owned();
    // FACT sts-federation-needs-policy: without a session policy the session may do nothing.
    let policies = vec![turn.maybe("Policy").unwrap_or(r#"{"Version":"2012-10-17","Statement":[]}"#).to_owned()];
    let seconds = turn.number("DurationSeconds").unwrap_or(43_200).min(129_600);
    let principal = Principal::Federated { user, name: name.clone() };
    let who = describe(turn.account(), &principal);
    let credentials = issue(turn, principal, &format!("federated/{name}"), policies, seconds);
    Ok(json!({ "Credentials": credentials, "FederatedUser": { "FederatedUserId": who.user_id, "Arn": who.arn } }))
}

fn get_access_key_info(turn: &mut Turn<'_>) -> Handled {
    // FACT sts-key-account
    let account =
        match turn.state.account.sessions.get(turn.text("AccessKeyId")).map(|session| &session.caller.principal) {
            Some(Principal::Foreign { account, .. }) => account.clone(),
            _ => turn.account().id.clone(),
        };
    Ok(json!({ "Account": account }))
}
