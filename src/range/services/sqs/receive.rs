//! Taking messages out of a queue.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::range::model::Message;
use crate::range::wire::{ApiCall, ApiError, ServiceName};
use crate::range::world::{Handled, State, Turn, later};

use super::super::Row;
use super::send::{batch, each};
use super::{bad_value, bounded, digest, named, on, queue, queue_mut, refuse};

pub(super) const ROWS: &[Row] = &[
    Row::write("ReceiveMessage", on, received),
    Row::write("DeleteMessage", on, delete),
    Row::write("DeleteMessageBatch", on, delete_batch),
    Row::write("ChangeMessageVisibility", on, give_back),
];

/// How many messages may be at work on at once. FACT sqs-in-flight
const MOST_IN_FLIGHT: usize = 120_000;
/// How long a message may be hidden from its reception on. FACT sqs-visibility
const LONGEST_HIDDEN: u64 = 43_200;

/// Receives what is there now. A request that may wait is held by the front door, which asks again.
pub(crate) fn received(turn: &mut Turn<'_>) -> Handled {
    let now = turn.now;
    let input = &turn.call.input;
    // FACT sqs-receive-most
    let most = bounded(input, "MaxNumberOfMessages", 10)?.unwrap_or(1);
    if most == 0 {
        return Err(bad_value("MaxNumberOfMessages", most, "Must be between 1 and 10, if provided."));
    }
    bounded(input, "WaitTimeSeconds", 20)?;
    let hidden = bounded(input, "VisibilityTimeout", LONGEST_HIDDEN)?;
    let queue = queue_mut(turn)?;
    queue.forget_old(now);
    if queue.in_flight(now) >= MOST_IN_FLIGHT {
        return Err(refuse("OverLimit", "Too many messages are in flight."));
    }
    let hidden = Duration::from_secs(hidden.unwrap_or_else(|| queue.number("VisibilityTimeout")));
    bury(turn)?;
    let most = usize::try_from(most).unwrap_or(1);
    let messages = queue_mut(turn)?.receive(most, hidden, now);
    if messages.is_empty() {
        return Ok(json!({}));
    }
    let shown: Vec<Value> = messages.iter().map(|message| shown(turn, message)).collect();
    Ok(json!({ "Messages": shown }))
}

/// Moves what was received too often to where the queue says. FACT sqs-dead-letter
fn bury(turn: &mut Turn<'_>) -> Result<(), ApiError> {
    let from = on(turn);
    let Some(redrive) = queue(turn)?.redrive() else { return Ok(()) };
    let name = redrive.target.rsplit(':').next().unwrap_or_default();
    let key = (turn.call.region.clone(), name.to_owned());
    let is_here = turn.account().queue_arn(&key.0, name) == redrive.target;
    if !is_here || !turn.account().queues.contains_key(&key) {
        return Ok(());
    }
    let now = turn.now;
    let dead = queue_mut(turn)?.take_exhausted(now);
    if dead.is_empty() {
        return Ok(());
    }
    if let Some(target) = turn.state.account.queues.get_mut(&key) {
        target.messages.extend(dead.into_iter().map(|message| Message {
            visible: now,
            receives: 0,
            receipt: None,
            first_received: None,
            moved_from: Some(from.clone()),
            ..message
        }));
        turn.state.queue_changes += 1;
    }
    Ok(())
}

/// A message as it is received: what is told beside the text is what was asked for.
fn shown(turn: &Turn<'_>, message: &Message) -> Value {
    let mut shown = json!({
        "MessageId": message.id, "ReceiptHandle": message.receipt, "Body": message.body,
        "MD5OfBody": digest::of_text(&message.body),
    });
    let millis = |time: Timestamp| time.as_millisecond().to_string();
    let system = [
        ("SenderId", Some(message.sender.clone())),
        ("SentTimestamp", Some(millis(message.sent))),
        ("ApproximateReceiveCount", Some(message.receives.to_string())),
        ("ApproximateFirstReceiveTimestamp", message.first_received.map(millis)),
        ("DeadLetterQueueSourceArn", message.moved_from.clone()),
    ];
    // The older name of the same member is still taken.
    let wanted = [turn.texts("AttributeNames"), turn.texts("MessageSystemAttributeNames")].concat();
    let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted == "All" || wanted == name);
    let told: Map<String, Value> = system
        .into_iter()
        .filter(|(name, _)| is_wanted(name))
        .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
        .collect();
    if !told.is_empty() {
        shown["Attributes"] = Value::Object(told);
    }
    let wanted = turn.texts("MessageAttributeNames");
    let is_wanted = |name: &str| {
        wanted.iter().any(|wanted| match wanted.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => wanted == "All" || wanted == name,
        })
    };
    let given = message.attributes.iter().filter(|(name, _)| is_wanted(name));
    let given: Map<String, Value> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
    if !given.is_empty() {
        shown["MD5OfMessageAttributes"] = json!(digest::of_attributes(&given));
        shown["MessageAttributes"] = Value::Object(given);
    }
    shown
}

/// Until when a request for messages that found none is held; nothing for any other. FACT sqs-long-poll
pub(crate) fn held_until(state: &State, call: &ApiCall, since: Timestamp) -> Option<Timestamp> {
    if (call.service, call.operation) != (ServiceName::Sqs, "ReceiveMessage") {
        return None;
    }
    let name = call.input["QueueUrl"].as_str()?.rsplit('/').next()?;
    let queue = state.account.queues.get(&(call.region.clone(), name.to_owned()))?;
    let asked = call.input.get("WaitTimeSeconds").and_then(Value::as_u64);
    let wait = asked.unwrap_or_else(|| queue.number("ReceiveMessageWaitTimeSeconds"));
    (wait > 0).then(|| later(since, Duration::from_secs(wait)))
}

/// The next moment at which there may be a message for a request that found none.
pub(crate) fn next_change(turn: &Turn<'_>) -> Option<Timestamp> {
    turn.account().queues.get(&named(turn)?)?.next_visible(turn.now)
}

/// Where the message stands that a handle is of.
fn place(turn: &Turn<'_>, receipt: &str) -> Result<Option<usize>, ApiError> {
    // FACT sqs-receipt
    let why = format!("The input receipt handle \"{receipt}\" is not a valid receipt handle.");
    queue(turn)?.place_of(receipt).map_err(|_| refuse("ReceiptHandleIsInvalid", why))
}

/// Deletes a message; with the handle of an earlier reception nothing happens. FACT sqs-delete
fn remove(turn: &mut Turn<'_>, entry: &Value) -> Result<Map<String, Value>, ApiError> {
    if let Some(at) = place(turn, entry["ReceiptHandle"].as_str().unwrap_or_default())? {
        queue_mut(turn)?.messages.remove(at);
    }
    Ok(Map::new())
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let entry = turn.call.input.clone();
    remove(turn, &entry).map(Value::Object)
}

fn delete_batch(turn: &mut Turn<'_>) -> Handled {
    let entries = batch(turn)?;
    Ok(each(turn, &entries, remove))
}

fn give_back(turn: &mut Turn<'_>) -> Handled {
    let now = turn.now;
    let time = bounded(&turn.call.input, "VisibilityTimeout", LONGEST_HIDDEN)?.unwrap_or_default();
    let at = place(turn, turn.text("ReceiptHandle"))?;
    let message = at.and_then(|at| queue_mut(turn).ok()?.messages.get_mut(at));
    // FACT sqs-not-in-flight
    let message = message.filter(|message| message.is_in_flight(now)).ok_or_else(|| {
        let why = "The message referred to is not in flight, or its visibility timeout has expired.";
        refuse("MessageNotInflight", why)
    })?;
    // FACT sqs-visibility
    let since = message.last_received.map_or(SignedDuration::ZERO, |received| now.duration_since(received));
    if since.as_secs().unsigned_abs() + time > LONGEST_HIDDEN {
        let why = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
        return Err(bad_value("VisibilityTimeout", time, why));
    }
    message.hide(Duration::from_secs(time), now);
    turn.state.queue_changes += 1;
    Ok(json!({}))
}
