//! Putting messages into a queue.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::range::model::Message;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, describe};

use super::super::Row;
use super::{bounded, digest, on, queue, queue_mut, refuse};

pub(super) const ROWS: &[Row] = &[Row::write("SendMessage", on, send), Row::write("SendMessageBatch", on, send_batch)];

/// The longest that all messages of a batch may be together. FACT sqs-size
const LONGEST_BATCH: u64 = 1_048_576;

/// The characters that may stand in a message. FACT sqs-characters
fn is_allowed(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn attributes(entry: &Value) -> Map<String, Value> {
    entry.get("MessageAttributes").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// How long a message is, attributes included.
fn length(entry: &Value) -> u64 {
    let text = |value: &Value| value.as_str().map_or(0, str::len);
    let of = |(name, one): (&String, &Value)| {
        name.len() + text(&one["DataType"]) + text(&one["StringValue"]) + digest::bytes(one).len()
    };
    let all = text(&entry["MessageBody"]) + attributes(entry).iter().map(of).sum::<usize>();
    u64::try_from(all).unwrap_or(u64::MAX)
}

/// Puts one message into the queue; gives the members of the reply.
fn put(turn: &mut Turn<'_>, entry: &Value) -> Result<Map<String, Value>, ApiError> {
    let body = entry["MessageBody"].as_str().unwrap_or_default();
    let (most, usual) = (queue(turn)?.number("MaximumMessageSize"), queue(turn)?.number("DelaySeconds"));
    // FACT sqs-parameters
    if body.is_empty() {
        return Err(refuse("MissingParameter", "The request must contain the parameter MessageBody."));
    }
    // FACT sqs-size
    if length(entry) > most {
        let why = format!("One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.");
        return Err(refuse("InvalidParameterValue", why));
    }
    // FACT sqs-characters
    if !body.chars().all(is_allowed) {
        let why = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.";
        return Err(refuse("InvalidMessageContents", why));
    }
    // FACT sqs-delay
    let delay = bounded(entry, "DelaySeconds", 900)?.unwrap_or(usual);
    let id = turn.state.dice.uuid(&format!("message to {}", queue(turn)?.name));
    let sender = describe(turn.account(), &turn.caller.principal).user_id;
    let (now, attributes) = (turn.now, attributes(entry));
    let mut reply = Map::new();
    reply.insert("MessageId".to_owned(), json!(id));
    reply.insert("MD5OfMessageBody".to_owned(), json!(digest::of_text(body)));
    if !attributes.is_empty() {
        reply.insert("MD5OfMessageAttributes".to_owned(), json!(digest::of_attributes(&attributes)));
    }
    let mut message = Message { attributes, sender, ..Message::new(id, body, now) };
    message.hide(Duration::from_secs(delay), now);
    queue_mut(turn)?.messages.push(message);
    turn.state.queue_changes += 1;
    Ok(reply)
}

fn send(turn: &mut Turn<'_>) -> Handled {
    let entry = turn.call.input.clone();
    put(turn, &entry).map(Value::Object)
}

fn send_batch(turn: &mut Turn<'_>) -> Handled {
    let entries = batch(turn)?;
    // FACT sqs-size
    if entries.iter().map(length).sum::<u64>() > LONGEST_BATCH {
        let why = format!("Batch requests cannot be longer than {LONGEST_BATCH} bytes.");
        return Err(refuse("BatchRequestTooLong", why));
    }
    Ok(each(turn, &entries, put))
}

/// The entries of a batch, if it is one. FACT sqs-batch
pub(super) fn batch(turn: &Turn<'_>) -> Result<Vec<Value>, ApiError> {
    queue(turn)?;
    let entries = turn.call.input.get("Entries").and_then(Value::as_array).cloned().unwrap_or_default();
    let ids: Vec<&str> = entries.iter().filter_map(|entry| entry["Id"].as_str()).collect();
    if entries.is_empty() {
        return Err(refuse("EmptyBatchRequest", "There should be at least one entry in the request."));
    }
    if entries.len() > 10 {
        let why = format!("Maximum number of entries per request are 10. You have sent {}.", entries.len());
        return Err(refuse("TooManyEntriesInBatchRequest", why));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if ids.iter().any(|id| !(1..=80).contains(&id.len()) || !id.bytes().all(is_plain)) {
        let why = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
        return Err(refuse("InvalidBatchEntryId", why));
    }
    if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
        return Err(refuse("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."));
    }
    Ok(entries)
}

/// Does something with each entry of a batch: what one is refused does not hinder the others. FACT sqs-batch
pub(super) fn each(
    turn: &mut Turn<'_>,
    entries: &[Value],
    act: impl Fn(&mut Turn<'_>, &Value) -> Result<Map<String, Value>, ApiError>,
) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match act(turn, entry) {
            Ok(mut reply) => {
                reply.insert("Id".to_owned(), entry["Id"].clone());
                successful.push(Value::Object(reply));
            }
            Err(error) => failed.push(json!({
                "Id": entry["Id"], "SenderFault": true, "Code": error.code, "Message": error.message,
            })),
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}
