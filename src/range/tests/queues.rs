//! Queues, message by message, in virtual time.

use serde_json::{Value, json};

use crate::range::wire::{ApiError, ServiceName};

use super::bench::{Bench, code};

const EVENTS: &str = "https://sqs.us-east-1.amazonaws.com/111122223333/events";
const DEAD: &str = "https://sqs.us-east-1.amazonaws.com/111122223333/dead";

/// A queue that gives up on a message after two receptions, and one for those.
const TWO_QUEUES: &str = r#"
account:
  queues:
    - { name: events, visibility_timeout: 60s, dead_letter: { queue: dead, after: 2 } }
    - { name: dead }
  roles:
    - name: sender
      trust: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { AWS: "*" }, Action: sts:AssumeRole }] }
      inline: { send: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: sqs:SendMessage, Resource: "arn:aws:sqs:us-east-1:111122223333:events" }] } }
adversary: { holds: [{ name: s, kind: session, role: sender }] }
"#;

async fn send(bench: &Bench, body: &str) -> String {
    let sent = bench.sqs("SendMessage", json!({ "QueueUrl": EVENTS, "MessageBody": body })).await.expect("sent");
    sent["MessageId"].as_str().expect("an id").to_owned()
}

async fn receive_of(bench: &Bench, url: &str, wait: u64) -> Result<Vec<Value>, ApiError> {
    let input = json!({
        "QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": wait, "MessageSystemAttributeNames": ["All"],
    });
    let reply = bench.sqs("ReceiveMessage", input).await?;
    Ok(reply.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default())
}

async fn receive(bench: &Bench) -> Vec<Value> {
    receive_of(bench, EVENTS, 0).await.expect("an answer")
}

fn handle(message: &Value) -> Value {
    json!({ "QueueUrl": EVENTS, "ReceiptHandle": message["ReceiptHandle"] })
}

fn with(mut input: Value, member: &str, value: Value) -> Value {
    input[member] = value;
    input
}

#[tokio::test(start_paused = true)]
async fn a_message_is_hidden_comes_again_and_is_deleted_by_its_latest_handle() {
    let bench = Bench::open(TWO_QUEUES);
    let id = send(&bench, "hello").await;
    let first = receive(&bench).await;
    assert_eq!((&first[0]["MessageId"], &first[0]["Attributes"]["ApproximateReceiveCount"]), (&json!(id), &json!("1")));
    assert_eq!(first[0]["MD5OfBody"], "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(receive(&bench).await, Vec::<Value>::new(), "it is hidden");
    bench.wait(61).await;
    let second = receive(&bench).await;
    assert_eq!(second[0]["Attributes"]["ApproximateReceiveCount"], "2");
    assert_ne!(first[0]["ReceiptHandle"], second[0]["ReceiptHandle"]);
    bench.sqs("DeleteMessage", handle(&first[0])).await.expect("it succeeds, and deletes nothing");
    let counted = json!({ "QueueUrl": EVENTS, "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"] });
    let left = async || {
        bench.sqs("GetQueueAttributes", counted.clone()).await.expect("attributes")["Attributes"]
            ["ApproximateNumberOfMessagesNotVisible"]
            .clone()
    };
    assert_eq!(left().await, "1");
    bench.sqs("DeleteMessage", handle(&second[0])).await.expect("deleted");
    assert_eq!(left().await, "0");
    bench.sqs("DeleteMessage", handle(&second[0])).await.expect("what is deleted already is deleted");
    let nonsense = json!({ "QueueUrl": EVENTS, "ReceiptHandle": "nonsense" });
    assert_eq!(code(bench.sqs("DeleteMessage", nonsense).await), "ReceiptHandleIsInvalid");
}

#[tokio::test(start_paused = true)]
async fn a_message_is_given_back_while_it_is_hidden() {
    let bench = Bench::open(TWO_QUEUES);
    send(&bench, "hello").await;
    let first = receive(&bench).await;
    let back = |after: u64| with(handle(&first[0]), "VisibilityTimeout", json!(after));
    bench.sqs("ChangeMessageVisibility", back(5)).await.expect("given back");
    assert!(receive(&bench).await.is_empty());
    bench.wait(6).await;
    assert_eq!(code(bench.sqs("ChangeMessageVisibility", back(5)).await), "MessageNotInflight");
    assert_eq!(receive(&bench).await.len(), 1);
    assert_eq!(code(bench.sqs("ChangeMessageVisibility", back(5)).await), "MessageNotInflight", "it is another's now");
    assert_eq!(code(bench.sqs("ChangeMessageVisibility", back(43_201)).await), "InvalidParameterValue");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_is_answered_as_soon_as_there_is_something() {
    let bench = Bench::open(TWO_QUEUES);
    let clock = bench.range.clock().clone();
    let started = clock.now();
    let seconds = || clock.now().duration_since(started).as_secs();
    let waited = async {
        let messages = receive_of(&bench, EVENTS, 20).await.expect("an answer");
        (messages.len(), seconds())
    };
    let others = async {
        bench.wait(7).await;
        // Who waits holds up nobody.
        bench.iam("ListRoles", json!({})).await.expect("roles");
        send(&bench, "hello").await;
    };
    let (waited, ()) = tokio::join!(waited, others);
    assert_eq!(waited, (1, 7));
    // Hidden until 60 s after its reception: who begins to wait ten seconds before that has it then.
    bench.wait(50).await;
    assert_eq!(receive_of(&bench, EVENTS, 20).await.expect("an answer").len(), 1);
    assert_eq!(seconds(), 67);
    assert!(receive_of(&bench, DEAD, 20).await.expect("an answer").is_empty());
    assert_eq!(seconds(), 87, "the time was over");
}

#[tokio::test(start_paused = true)]
async fn of_two_who_wait_one_gets_the_message_and_the_other_goes_on_waiting() {
    let bench = Bench::open(TWO_QUEUES);
    let began = bench.range.clock().now();
    let waiting = async || {
        let messages = receive_of(&bench, EVENTS, 20).await.expect("an answer");
        (messages.len(), bench.range.clock().now().duration_since(began).as_secs())
    };
    let sending = async {
        bench.wait(3).await;
        send(&bench, "hello").await;
    };
    let (one, two, ()) = tokio::join!(waiting(), waiting(), sending);
    let mut both = [one, two];
    both.sort();
    assert_eq!(both, [(0, 20), (1, 3)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_received_too_often_goes_to_the_dead_letter_queue() {
    let bench = Bench::open(TWO_QUEUES);
    let id = send(&bench, "poison").await;
    for count in ["1", "2"] {
        assert_eq!(receive(&bench).await[0]["Attributes"]["ApproximateReceiveCount"], count);
        bench.wait(61).await;
    }
    let waiting = receive_of(&bench, DEAD, 20);
    let trying = async {
        bench.wait(1).await;
        receive(&bench).await
    };
    let (dead, tried) = tokio::join!(waiting, trying);
    assert!(tried.is_empty(), "a third time is too often");
    let dead = dead.expect("an answer");
    assert_eq!(dead[0]["MessageId"], json!(id));
    assert_eq!(dead[0]["Attributes"]["DeadLetterQueueSourceArn"], "arn:aws:sqs:us-east-1:111122223333:events");
}

#[tokio::test(start_paused = true)]
async fn what_queues_refuse() {
    let bench = Bench::open(TWO_QUEUES);
    let refused = async |operation, input: Value| code(bench.sqs(operation, input).await);
    let to = |url: &str| json!({ "QueueUrl": url, "MessageBody": "m" });
    assert_eq!(
        refused("SendMessage", to("https://sqs.us-east-1.amazonaws.com/111122223333/none")).await,
        "QueueDoesNotExist"
    );
    assert_eq!(
        refused("SendMessage", to("https://sqs.us-east-1.amazonaws.com/444455556666/events")).await,
        "QueueDoesNotExist"
    );
    let elsewhere = bench.in_region(ServiceName::Sqs, "SendMessage", "eu-west-1", to(EVENTS)).await;
    assert_eq!(code(elsewhere), "QueueDoesNotExist");
    assert_eq!(refused("SendMessage", with(to(EVENTS), "MessageBody", json!(""))).await, "MissingParameter");
    assert_eq!(refused("SendMessage", with(to(EVENTS), "MessageBody", json!("\u{1}"))).await, "InvalidMessageContents");
    assert_eq!(refused("SendMessage", with(to(EVENTS), "DelaySeconds", json!(901))).await, "InvalidParameterValue");
    let longest = "x".repeat(1_048_576);
    bench.sqs("SendMessage", with(to(EVENTS), "MessageBody", json!(longest))).await.expect("it is not too long");
    let attribute = json!({ "a": { "DataType": "String", "StringValue": "b" } });
    let longer = with(with(to(EVENTS), "MessageBody", json!(longest)), "MessageAttributes", attribute);
    assert_eq!(refused("SendMessage", longer).await, "InvalidParameterValue", "attributes count");
    assert_eq!(
        refused("ReceiveMessage", json!({ "QueueUrl": EVENTS, "MaxNumberOfMessages": 11 })).await,
        "InvalidParameterValue"
    );
    assert_eq!(
        refused("ReceiveMessage", json!({ "QueueUrl": EVENTS, "WaitTimeSeconds": 21 })).await,
        "InvalidParameterValue"
    );
    let batch = |entries: Value| json!({ "QueueUrl": EVENTS, "Entries": entries });
    let entry = |id: &str| json!({ "Id": id, "MessageBody": "m" });
    assert_eq!(refused("SendMessageBatch", batch(json!([]))).await, "EmptyBatchRequest");
    assert_eq!(refused("SendMessageBatch", batch(json!([entry("a"), entry("a")]))).await, "BatchEntryIdsNotDistinct");
    assert_eq!(refused("SendMessageBatch", batch(json!(vec![entry("a"); 11]))).await, "TooManyEntriesInBatchRequest");
    assert_eq!(refused("SendMessageBatch", batch(json!([entry("a b")]))).await, "InvalidBatchEntryId");
    bench.sqs("PurgeQueue", json!({ "QueueUrl": EVENTS })).await.expect("purged");
    assert_eq!(refused("PurgeQueue", json!({ "QueueUrl": EVENTS })).await, "PurgeQueueInProgress");
    let create = |attributes: Value| json!({ "QueueName": "events", "Attributes": attributes });
    assert_eq!(refused("CreateQueue", create(json!({ "VisibilityTimeout": "61" }))).await, "QueueNameExists");
    assert_eq!(refused("CreateQueue", create(json!({ "VisibilityTimeout": "43201" }))).await, "InvalidAttributeValue");
    bench.sqs("CreateQueue", create(json!({ "VisibilityTimeout": "60" }))).await.expect("it is the same queue");
}

#[tokio::test(start_paused = true)]
async fn who_may_send_may_not_receive() {
    let bench = Bench::open(TWO_QUEUES);
    let sender = bench.as_key(&bench.range.holding("s").expect("a session"));
    send(&sender, "hello").await;
    // A batch needs what its single call needs.
    let batch = json!({ "QueueUrl": EVENTS, "Entries": [{ "Id": "a", "MessageBody": "m" }] });
    sender.sqs("SendMessageBatch", batch).await.expect("sent");
    let before = sender.range.clock().now();
    assert_eq!(receive_of(&sender, EVENTS, 20).await.expect_err("refused").code, "AccessDeniedException");
    assert!(sender.range.clock().now().duration_since(before).as_secs() < 1, "and at once");
    assert_eq!(receive(&bench).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn delayed_and_old_messages_are_not_there() {
    let bench = Bench::open(TWO_QUEUES);
    let later = json!({ "QueueUrl": EVENTS, "MessageBody": "later", "DelaySeconds": 30 });
    bench.sqs("SendMessage", later).await.expect("sent");
    assert!(receive(&bench).await.is_empty());
    bench.wait(31).await;
    assert_eq!(receive(&bench).await.len(), 1);
    bench.wait(4 * 86_400).await;
    assert!(receive(&bench).await.is_empty(), "four days are over");
}
