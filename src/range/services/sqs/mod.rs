//! Amazon SQS: standard queues.

mod digest;
mod queues;
mod receive;
mod send;

use serde_json::Value;

use crate::range::model::Queue;
use crate::range::wire::{ApiError, ServiceName};
use crate::range::world::Turn;

use super::Row;

pub(crate) use receive::{held_until, next_change, received};

pub(super) const TABLES: &[&[Row]] = &[queues::ROWS, send::ROWS, receive::ROWS];

/// The Region and the name of the queue that a call is about. FACT sqs-url
fn named(turn: &Turn<'_>) -> Option<(String, String)> {
    let mut parts = turn.text("QueueUrl").rsplit('/');
    let (name, account) = (parts.next()?, parts.next()?);
    (account == turn.account().id).then(|| (turn.call.region.clone(), name.to_owned()))
}

/// The ARN of the queue that a call names by its name or its URL.
fn on(turn: &Turn<'_>) -> String {
    let by_name = turn.maybe("QueueName").map(str::to_owned);
    let name = by_name.or_else(|| named(turn).map(|(_, name)| name)).unwrap_or_default();
    turn.account().queue_arn(&turn.call.region, &name)
}

fn not_there() -> ApiError {
    refuse("QueueDoesNotExist", "The specified queue does not exist.")
}

fn queue<'t>(turn: &'t Turn<'_>) -> Result<&'t Queue, ApiError> {
    named(turn).and_then(|key| turn.account().queues.get(&key)).ok_or_else(not_there)
}

fn queue_mut<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut Queue, ApiError> {
    named(turn).and_then(|key| turn.state.account.queues.get_mut(&key)).ok_or_else(not_there)
}

/// An error in the service's words.
fn refuse(code: &str, message: impl Into<String>) -> ApiError {
    ApiError::of(ServiceName::Sqs, code, message)
}

/// What the service says of a value out of its range. FACT sqs-parameters
fn bad_value(parameter: &str, value: impl std::fmt::Display, why: &str) -> ApiError {
    refuse("InvalidParameterValue", format!("Value {value} for parameter {parameter} is invalid. Reason: {why}"))
}

/// A member of the input that is a whole number within bounds.
fn bounded(input: &Value, member: &str, most: u64) -> Result<Option<u64>, ApiError> {
    let Some(value) = input.get(member) else { return Ok(None) };
    match value.as_u64().filter(|number| *number <= most) {
        Some(number) => Ok(Some(number)),
        None => Err(bad_value(member, value, &format!("Must be between 0 and {most}, if provided."))),
    }
}
