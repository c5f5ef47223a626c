//! The log of model invocations.

use serde_json::{Value, json};

use crate::range::model::{Caller, Principal};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, Verdict, refuse};

pub(super) const ROWS: &[Row] = &[
    Row::read("GetModelInvocationLoggingConfiguration", anything, get),
    Row::write("PutModelInvocationLoggingConfiguration", anything, put),
    Row::write("DeleteModelInvocationLoggingConfiguration", anything, delete),
];

fn get(turn: &mut Turn<'_>) -> Handled {
    // FACT logging-off
    Ok(match turn.account().invocation_logging.get(&turn.call.region) {
        Some(config) => json!({ "loggingConfig": config }),
        None => json!({}),
    })
}

fn put(turn: &mut Turn<'_>) -> Handled {
    let config = turn.call.input.get("loggingConfig").cloned().unwrap_or_default();
    lets_bedrock_write(turn, &config)?;
    // FACT logging-one-per-region
    let region = turn.call.region.clone();
    turn.state.account.invocation_logging.insert(region, config);
    Ok(json!({}))
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    // FACT logging-delete-again
    turn.state.account.invocation_logging.remove(&turn.call.region);
    Ok(json!({}))
}

/// Refuses a log group that Bedrock cannot get into. FACT logging-role-checked
fn lets_bedrock_write(turn: &mut Turn<'_>, config: &Value) -> Result<(), ApiError> {
    let Some(arn) = config.pointer("/cloudWatchConfig/roleArn").and_then(Value::as_str) else { return Ok(()) };
    let name = arn.rsplit('/').next().unwrap_or_default();
    let principal = Principal::Service { name: "bedrock.amazonaws.com".to_owned() };
    let caller = Caller::without_key(principal);
    let role = turn.state.account.roles.enforced(name, turn.now).cloned();
    let account = &turn.state.account;
    let works = role.is_some_and(|role| {
        turn.state.authorizer.may_assume(account, &caller, &role, None, turn.now) == Verdict::Allowed
    });
    match works {
        true => Ok(()),
        false => {
            let group = config.pointer("/cloudWatchConfig/logGroupName").and_then(Value::as_str).unwrap_or_default();
            let text = format!("Failed to validate permissions for log group: {group}, with role: {arn}.");
            Err(refuse("ValidationException", text))
        }
    }
}
