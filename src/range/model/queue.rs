//! Queues of Amazon SQS.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// A message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    /// What the sender gave beside the text.
    pub(crate) attributes: Map<String, Value>,
    /// The unique id of who sent it.
    pub(crate) sender: String,
    pub(crate) sent: Timestamp,
    /// From when it can be received.
    pub(crate) visible: Timestamp,
    pub(crate) receives: u32,
    pub(crate) first_received: Option<Timestamp>,
    pub(crate) last_received: Option<Timestamp>,
    /// The handle of the latest reception.
    pub(crate) receipt: Option<String>,
    /// The ARN of the queue that it was moved from.
    pub(crate) moved_from: Option<String>,
}

/// Where a queue moves what nobody could do anything with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redrive {
    /// The ARN of the queue.
    pub(crate) target: String,
    /// How often a message is received before.
    pub(crate) most: u32,
}

/// A standard queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    /// By the service's names; what was not given is not in it.
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) messages: Vec<Message>,
    pub(crate) purged: Option<Timestamp>,
    /// How many handles were given out.
    handles: u64,
}

/// A handle that is none of the queue's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoHandle;

impl Queue {
    /// A queue without messages.
    pub(crate) fn new(name: &str, created: Timestamp, attributes: BTreeMap<String, String>) -> Self {
        let (name, messages) = (name.to_owned(), Vec::new());
        Self { name, created, attributes, messages, purged: None, handles: 0 }
    }

    /// An attribute that is a number. FACT sqs-defaults
    pub(crate) fn number(&self, attribute: &str) -> u64 {
        let given = self.attributes.get(attribute).and_then(|text| text.parse().ok());
        given.unwrap_or(match attribute {
            "VisibilityTimeout" => 30,
            "MaximumMessageSize" => 1_048_576,
            "MessageRetentionPeriod" => 345_600,
            _ => 0,
        })
    }

    /// Where messages go that are received too often.
    pub(crate) fn redrive(&self) -> Option<Redrive> {
        let policy: Value = serde_json::from_str(self.attributes.get("RedrivePolicy")?).ok()?;
        let most = &policy["maxReceiveCount"];
        // AWS takes and gives the number as a number and as a text.
        let most = most.as_u64().or_else(|| most.as_str()?.parse().ok())?;
        Some(Redrive { target: policy["deadLetterTargetArn"].as_str()?.to_owned(), most: u32::try_from(most).ok()? })
    }

    /// Lets go of what is older than the queue keeps. FACT sqs-retention
    pub(crate) fn forget_old(&mut self, now: Timestamp) {
        let kept = SignedDuration::from_secs(i64::try_from(self.number("MessageRetentionPeriod")).unwrap_or(i64::MAX));
        self.messages.retain(|message| now.duration_since(message.sent) <= kept);
    }

    /// The messages that were received, and neither deleted nor back yet.
    pub(crate) fn in_flight(&self, now: Timestamp) -> usize {
        self.messages.iter().filter(|message| message.is_in_flight(now)).count()
    }

    /// The next moment at which a message can be received that cannot be now.
    pub(crate) fn next_visible(&self, now: Timestamp) -> Option<Timestamp> {
        self.messages.iter().map(|message| message.visible).filter(|visible| *visible > now).min()
    }

    /// Takes out what has been received as often as the queue allows. FACT sqs-dead-letter
    pub(crate) fn take_exhausted(&mut self, now: Timestamp) -> Vec<Message> {
        let Some(redrive) = self.redrive() else { return Vec::new() };
        let is_exhausted = |message: &Message| message.visible <= now && message.receives >= redrive.most;
        let (exhausted, kept) = std::mem::take(&mut self.messages).into_iter().partition(is_exhausted);
        self.messages = kept;
        exhausted
    }

    /// Receives messages, and hides them. FACT sqs-visibility
    pub(crate) fn receive(&mut self, most: usize, hidden: Duration, now: Timestamp) -> Vec<Message> {
        let mut received = Vec::new();
        for message in self.messages.iter_mut().filter(|message| message.visible <= now).take(most) {
            self.handles += 1;
            message.receives += 1;
            message.first_received.get_or_insert(now);
            message.last_received = Some(now);
            message.hide(hidden, now);
            // FACT sqs-receipt
            let handle = format!("{} {} {}", self.name, message.id, self.handles);
            message.receipt = Some(BASE64.encode(handle));
            received.push(message.clone());
        }
        received
    }

    /// Where the message stands whose latest reception a handle is of; nothing when it is gone or was received again.
    pub(crate) fn place_of(&self, receipt: &str) -> Result<Option<usize>, NoHandle> {
        let text = BASE64.decode(receipt).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(NoHandle)?;
        // FACT sqs-receipt
        let of_queue = text.strip_prefix(self.name.as_str()).and_then(|rest| rest.strip_prefix(' '));
        of_queue.filter(|rest| rest.split(' ').count() == 2).ok_or(NoHandle)?;
        Ok(self.messages.iter().position(|message| message.receipt.as_deref() == Some(receipt)))
    }
}

impl Message {
    /// A message that can be received at once.
    pub(crate) fn new(id: String, body: &str, sent: Timestamp) -> Self {
        Self {
            id,
            body: body.to_owned(),
            attributes: Map::new(),
            sender: String::new(),
            sent,
            visible: sent,
            receives: 0,
            first_received: None,
            last_received: None,
            receipt: None,
            moved_from: None,
        }
    }

    /// Whether somebody has received it and may still be at work on it.
    pub(crate) fn is_in_flight(&self, now: Timestamp) -> bool {
        self.receipt.is_some() && self.visible > now
    }

    /// Hides it from now on for a time.
    pub(crate) fn hide(&mut self, time: Duration, now: Timestamp) {
        let until = SignedDuration::try_from(time).ok().and_then(|time| now.checked_add(time).ok());
        self.visible = until.unwrap_or(now);
    }
}
