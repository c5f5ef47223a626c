//! Amazon SQS: the queue that brings quell its events. It is transport, and no plan or run is about it.

use std::fmt;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use jiff::Timestamp;

use super::ear::hear;
use super::pace::Pace;
use super::queue_url::QueueUrl;
use super::{Accepted, Attempt, Connection, Fault, Operation, QueueError, Retry, Service, is_loopback};
use crate::base::{Digest, Region};

/// How long SQS holds a request for messages at most.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// How long a message may be hidden at most.
const LONGEST_HIDDEN: Duration = Duration::from_secs(12 * 60 * 60);
/// How many messages come at once at most.
const MOST_MESSAGES: u8 = 10;

const QUEUE: &str = "arn:{partition}:sqs:{region}:{account}:{id}";

/// Whether it took effect or not, a message comes again: what was received and got lost on its way is hidden for a while only. A
/// queue that is encrypted with a customer's key needs `kms:Decrypt` on that key as well.
const RECEIVE: &Operation = &Operation::delivery(Service::Sqs, "ReceiveMessage").needs(&["sqs:ReceiveMessage"], QUEUE);

/// What is deleted already is accepted again.
const DELETE: &Operation = &Operation::delivery(Service::Sqs, "DeleteMessage").needs(&["sqs:DeleteMessage"], QUEUE);

/// Sent twice it hides the message a little longer. A message that is not hidden any more has come back by itself.
const GIVE_BACK: &Operation = &Operation::delivery(Service::Sqs, "ChangeMessageVisibility")
    .needs(&["sqs:ChangeMessageVisibility"], QUEUE)
    .already(&["MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"]);

/// The rows of all that a queue is asked.
pub(super) const OPERATIONS: &[&Operation] = &[RECEIVE, DELETE, GIVE_BACK];

/// By what SQS knows one reception of a message. Each reception has another, and it is worth something to nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receipt(String);

/// A message that was received. It is hidden from others until it is deleted, given back, or the queue's time for it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// SQS's id of the message, the same each time that it is received.
    pub id: String,
    /// By what it is deleted or given back.
    pub receipt: Receipt,
    /// The text.
    pub body: String,
    /// How often it has been received, this time included; about that, as SQS counts.
    pub receives: u32,
    /// When it was put into the queue.
    pub sent: Option<Timestamp>,
}

/// A queue of Amazon SQS. A message may come more than once, and in whichever order.
pub struct Queue {
    client: aws_sdk_sqs::Client,
    url: QueueUrl,
    region: Region,
    pace: Pace,
    retry: Retry,
}

impl fmt::Debug for Queue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Queue").field("url", &self.url.url).field("region", &self.region).finish_non_exhaustive()
    }
}

impl Queue {
    /// Opens a queue by its URL, in the Region that stands in it; nothing is sent. One on this machine is of a range, and in the
    /// Region that the connection starts from.
    pub fn open(connection: &Connection, url: &str) -> Result<Self, QueueError> {
        let read = QueueUrl::read(url)?;
        let region = match read.region.clone() {
            Some(region) => region,
            None if connection.endpoint().is_some_and(is_loopback) => {
                let why = "no Region is configured";
                connection.region().ok_or_else(|| QueueError::NoQueue { url: url.to_owned(), why })?
            }
            None => return Err(QueueError::NoRange { url: url.to_owned() }),
        };
        // The pauses need only differ from queue to queue: one is taken from by one program.
        let seed = Digest::of_bytes(url.as_bytes()).to_string();
        let seed = seed.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default();
        let client = connection.of_queue(&region, LONGEST_WAIT);
        Ok(Self { client, url: read, region, pace: Pace::default(), retry: Retry::new(seed) })
    }

    /// The URL.
    pub fn url(&self) -> &str {
        &self.url.url
    }

    /// The ARN.
    pub fn arn(&self) -> String {
        self.url.arn(&self.region)
    }

    /// Receives messages: one to ten, and after a wait of at most 20 seconds none (`sqs:ReceiveMessage`). Whoever stops waiting may
    /// have received some all the same; they come again when the queue's time for them is over.
    pub async fn receive(&self, at_most: u8, wait: Duration) -> Result<Vec<Delivered>, Fault> {
        let wait = i32::try_from(wait.min(LONGEST_WAIT).as_secs()).unwrap_or_default();
        let accepted = self.sent(RECEIVE, async || {
            let request = self
                .client
                .receive_message()
                .queue_url(&self.url.url)
                .max_number_of_messages(at_most.clamp(1, MOST_MESSAGES).into())
                .wait_time_seconds(wait)
                .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
                .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
            hear!(RECEIVE, request, |out| out.messages.unwrap_or_default())
        });
        let read = |messages: Vec<Message>| messages.into_iter().map(read).collect();
        Ok(accepted.await?.read(RECEIVE, read)?.reply)
    }

    /// Deletes a message: it was taken in, and does not come again (`sqs:DeleteMessage`). SQS may deliver it once more in rare cases.
    pub async fn delete(&self, receipt: &Receipt) -> Result<(), Fault> {
        let accepted = self.sent(DELETE, async || {
            let request = self.client.delete_message().queue_url(&self.url.url).receipt_handle(&receipt.0);
            hear!(DELETE, request, |_| ())
        });
        accepted.await.map(|accepted| accepted.reply)
    }

    /// Gives a message back, to come again after a time of at most 12 hours from now (`sqs:ChangeMessageVisibility`).
    pub async fn give_back(&self, receipt: &Receipt, after: Duration) -> Result<(), Fault> {
        let hidden = i32::try_from(after.min(LONGEST_HIDDEN).as_secs()).unwrap_or_default();
        let accepted = self.sent(GIVE_BACK, async || {
            let request = self.client.change_message_visibility().queue_url(&self.url.url);
            let request = request.receipt_handle(&receipt.0).visibility_timeout(hidden);
            hear!(GIVE_BACK, request, |_| ())
        });
        match accepted.await {
            Err(fault) if GIVE_BACK.already_so.contains(&fault.code.as_str()) => Ok(()),
            Err(fault) => Err(fault),
            Ok(_) => Ok(()),
        }
    }

    /// Sends a request until it is answered, refused, or was sent often enough.
    async fn sent<R>(
        &self,
        operation: &'static Operation,
        send: impl AsyncFn() -> Result<Accepted<R>, Fault>,
    ) -> Result<Accepted<R>, Fault> {
        let mut attempt = 1;
        loop {
            self.pace.turn(operation, Some(&self.region)).await;
            match send().await {
                Ok(accepted) => return Ok(accepted),
                Err(fault) => match self.retry.after(operation, &fault, attempt) {
                    Attempt::Again(pause) => tokio::time::sleep(pause).await,
                    Attempt::GiveUp | Attempt::InDoubt => return Err(fault),
                },
            }
            attempt += 1;
        }
    }
}

/// Reads a message; the error says what makes no sense.
fn read(message: Message) -> Result<Delivered, String> {
    let id = message.message_id.ok_or("a message has no id")?;
    let attributes = message.attributes.unwrap_or_default();
    let number = |name| attributes.get(&name).map(|text: &String| text.parse::<i64>());
    let receives = number(MessageSystemAttributeName::ApproximateReceiveCount)
        .and_then(|count| count.ok().and_then(|count| u32::try_from(count).ok()))
        .ok_or_else(|| format!("message `{id}` does not say how often it was received"))?;
    let sent = match number(MessageSystemAttributeName::SentTimestamp) {
        None => None,
        Some(millis) => {
            let time = millis.ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
            Some(time.ok_or_else(|| format!("message `{id}` was sent at no time"))?)
        }
    };
    Ok(Delivered {
        receipt: Receipt(message.receipt_handle.ok_or_else(|| format!("message `{id}` has no receipt"))?),
        body: message.body.ok_or_else(|| format!("message `{id}` has no body"))?,
        receives,
        sent,
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> aws_sdk_sqs::types::builders::MessageBuilder {
        Message::builder()
            .message_id("m")
            .receipt_handle("r")
            .body("{}")
            .attributes(MessageSystemAttributeName::ApproximateReceiveCount, "2")
    }

    #[test]
    fn a_message_is_read_whole_or_is_an_error() {
        let sent = MessageSystemAttributeName::SentTimestamp;
        let read_one = read(message().attributes(sent.clone(), "1795316400123").build()).expect("a message");
        assert_eq!((read_one.receives, read_one.body.as_str()), (2, "{}"));
        assert_eq!(read_one.sent, Some("2026-11-22T03:00:00.123Z".parse().expect("a time")));
        assert_eq!(read(message().build()).expect("a message").sent, None);
        let uncounted = Message::builder().message_id("m").receipt_handle("r").body("{}");
        for broken in
            [message().attributes(sent, "soon"), uncounted, Message::builder(), Message::builder().message_id("m")]
        {
            assert!(read(broken.build()).is_err());
        }
    }
}
