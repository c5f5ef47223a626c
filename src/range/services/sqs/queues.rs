//! Queues themselves.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::range::model::Queue;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn};

use super::super::Row;
use super::{not_there, on, queue, queue_mut, refuse};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateQueue", on, create),
    Row::read("GetQueueUrl", on, url_of),
    Row::read("GetQueueAttributes", on, attributes),
    Row::write("PurgeQueue", on, purge),
];

/// The bounds of the attributes that are numbers. FACT sqs-defaults
const BOUNDS: [(&str, u64, u64); 5] = [
    ("DelaySeconds", 0, 900),
    ("MaximumMessageSize", 1_024, 1_048_576),
    ("MessageRetentionPeriod", 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 20),
    ("VisibilityTimeout", 0, 43_200),
];

fn url(turn: &Turn<'_>, name: &str) -> Value {
    json!({ "QueueUrl": format!("https://sqs.{}.amazonaws.com/{}/{name}", turn.call.region, turn.account().id) })
}

/// Whether a name can be that of a queue. FACT sqs-name
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=80).contains(&name.len()) && name.bytes().all(is_plain)
}

fn check(attributes: &BTreeMap<String, String>) -> Result<(), ApiError> {
    // FACT sqs-standard
    if attributes.contains_key("FifoQueue") {
        return Err(refuse("UnsupportedOperation", "the range has standard queues only"));
    }
    let bad = |name: &str| refuse("InvalidAttributeValue", format!("Invalid value for the parameter {name}."));
    for (name, least, most) in BOUNDS {
        if let Some(text) = attributes.get(name)
            && !text.parse::<u64>().is_ok_and(|number| (least..=most).contains(&number))
        {
            return Err(bad(name));
        }
    }
    let redriven = Queue::new("", Timestamp::UNIX_EPOCH, attributes.clone()).redrive();
    if attributes.contains_key("RedrivePolicy") && redriven.is_none_or(|redrive| !(1..=1_000).contains(&redrive.most)) {
        return Err(bad("RedrivePolicy"));
    }
    Ok(())
}

fn create(turn: &mut Turn<'_>) -> Handled {
    let name = turn.text("QueueName").to_owned();
    if !is_name(&name) {
        let why = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
        return Err(refuse("InvalidParameterValue", why));
    }
    let sent = turn.call.input.get("Attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    let given: BTreeMap<String, String> =
        sent.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect();
    check(&given)?;
    let key = (turn.call.region.clone(), name.clone());
    match turn.account().queues.get(&key) {
        // FACT sqs-create-again
        Some(queue) if given.iter().any(|(name, value)| queue.attributes.get(name) != Some(value)) => {
            let why = "A queue already exists with the same name and a different value for an attribute.";
            return Err(refuse("QueueNameExists", why));
        }
        Some(_) => {}
        None => {
            let queue = Queue::new(&name, turn.now, given);
            turn.state.account.queues.insert(key, queue);
        }
    }
    Ok(url(turn, &name))
}

fn url_of(turn: &mut Turn<'_>) -> Handled {
    let name = turn.text("QueueName");
    let is_own = turn.maybe("QueueOwnerAWSAccountId").is_none_or(|account| account == turn.account().id);
    let known = turn.account().queues.contains_key(&(turn.call.region.clone(), name.to_owned()));
    if is_own && known { Ok(url(turn, name)) } else { Err(not_there()) }
}

fn attributes(turn: &mut Turn<'_>) -> Handled {
    let now = turn.now;
    queue_mut(turn)?.forget_old(now);
    let queue = queue(turn)?;
    let in_flight = queue.in_flight(now);
    let visible = queue.messages.iter().filter(|message| message.visible <= now).count();
    let mut all: BTreeMap<String, String> = queue.attributes.clone();
    for (name, _, _) in BOUNDS {
        all.insert(name.to_owned(), queue.number(name).to_string());
    }
    let told = [
        ("QueueArn", turn.account().queue_arn(&turn.call.region, &queue.name)),
        ("ApproximateNumberOfMessages", visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", (queue.messages.len() - visible - in_flight).to_string()),
        ("CreatedTimestamp", queue.created.as_second().to_string()),
        ("LastModifiedTimestamp", queue.created.as_second().to_string()),
    ];
    all.extend(told.map(|(name, value)| (name.to_owned(), value)));
    let wanted = turn.texts("AttributeNames");
    let is_wanted = |name: &String| wanted.iter().any(|wanted| wanted == "All" || wanted == name);
    let shown: Map<String, Value> =
        all.into_iter().filter(|(name, _)| is_wanted(name)).map(|(name, value)| (name, value.into())).collect();
    Ok(if shown.is_empty() { json!({}) } else { json!({ "Attributes": shown }) })
}

fn purge(turn: &mut Turn<'_>) -> Handled {
    let now = turn.now;
    let queue = queue_mut(turn)?;
    // FACT sqs-purge
    if queue.purged.is_some_and(|last| now.duration_since(last) < SignedDuration::from_secs(60)) {
        let why = format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name);
        return Err(refuse("PurgeQueueInProgress", why));
    }
    queue.purged = Some(now);
    queue.messages.clear();
    Ok(json!({}))
}
