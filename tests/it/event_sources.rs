//! Where events come from and what confirms them, by the clients that quell has for it, against a range.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use quell::aws::{
    Clients, Connection, EventBy, FaultKind, GetFindings, ListDetectors, LookedUp, LookupEvents, Queue, Reader,
};
use quell::base::{Clock, FindingId, Region};
use quell::range::wire::{Endpoint, in_process};
use quell::range::{Range, Scenario};

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/111122223333/events";

const SCENARIO: &str = r#"
scenario: 1
knobs: { trail_delay: 0s }
account:
  queues:
    - { name: events, region: eu-west-1, visibility_timeout: 30s, messages: [one, { id: two }] }
  guardduty:
    - detector: 12abc34d567e8fa901bc2d34e56789f0
      findings:
        - { Id: f1, AccountId: "111122223333", Arn: a, CreatedAt: "2026-11-22T02:00:00Z", UpdatedAt: "2026-11-22T02:10:00Z",
            Region: us-east-1, SchemaVersion: "2.0", Severity: 2, Type: "Impact:IAMUser/AnomalousModelInvocation",
            Resource: { AccessKeyDetails: { AccessKeyId: ASIAX, PrincipalId: "AROAX:s", UserName: r, UserType: AssumedRole } } }
"#;

/// A range, and a connection to it.
struct Place {
    clock: Clock,
    range: Range,
    endpoint: Arc<Endpoint>,
    connection: Connection,
}

impl Place {
    fn open() -> Self {
        let scenario = Scenario::parse(SCENARIO).expect("a scenario");
        let clock = Clock::starting_at(scenario.start);
        let range = Range::open(&scenario, 1, clock.clone());
        let endpoint = Arc::new(Endpoint::new(Arc::new(range.clone()), clock.clone(), 1));
        let connection =
            Connection::in_process(&clock, in_process(Arc::clone(&endpoint), "192.0.2.1"), credentials(&range));
        Self { clock, range, endpoint, connection }
    }

    fn reader(&self) -> Reader {
        Reader::new(Clients::read_only(&self.connection), self.clock.clone(), 1)
    }

    /// Puts a message into the queue, as EventBridge would.
    async fn put(&self, body: &str) {
        let config = aws_sdk_sqs::config::Builder::new()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
            .region(aws_sdk_sqs::config::Region::new("eu-west-1"))
            .credentials_provider(credentials(&self.range))
            .http_client(in_process(Arc::clone(&self.endpoint), "192.0.2.1"));
        let client = aws_sdk_sqs::Client::from_conf(config.build());
        client.send_message().queue_url(URL).message_body(body).send().await.expect("it is taken");
    }
}

fn credentials(range: &Range) -> Credentials {
    let responder = range.responder();
    Credentials::new(responder.access_key, responder.secret_key, responder.session_token, None, "range")
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn messages_are_taken_given_back_and_deleted() {
    let place = Place::open();
    let queue = Queue::open(&place.connection, URL).expect("a queue");
    assert_eq!(queue.arn(), "arn:aws:sqs:eu-west-1:111122223333:events");
    let first = queue.receive(10, Duration::ZERO).await.expect("messages");
    let bodies: Vec<&str> = first.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, ["one", r#"{"id":"two"}"#]);
    assert!(first.iter().all(|message| message.receives == 1 && message.sent.is_some()));
    queue.delete(&first[0].receipt).await.expect("deleted");
    queue.delete(&first[0].receipt).await.expect("twice is as good as once");
    queue.give_back(&first[1].receipt, Duration::from_secs(5)).await.expect("given back");
    assert_eq!(queue.receive(10, Duration::ZERO).await, Ok(vec![]));
    let again = queue.receive(10, Duration::from_secs(20)).await.expect("messages");
    assert_eq!((again.len(), again[0].receives, &again[0].id), (1, 2, &first[1].id));
    assert_ne!(again[0].receipt, first[1].receipt);
    place.clock.sleep(Duration::from_secs(31)).await;
    queue.give_back(&again[0].receipt, Duration::ZERO).await.expect("it is back already");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn waiting_ends_with_the_first_message() {
    let place = Place::open();
    let queue = Queue::open(&place.connection, URL).expect("a queue");
    for message in queue.receive(10, Duration::ZERO).await.expect("messages") {
        queue.delete(&message.receipt).await.expect("deleted");
    }
    let began = place.clock.now();
    let put = async {
        place.clock.sleep(Duration::from_secs(12)).await;
        place.put("late").await;
    };
    let (received, ()) = tokio::join!(queue.receive(10, Duration::from_secs(60)), put);
    assert_eq!(received.expect("messages")[0].body, "late");
    assert_eq!(place.clock.now().duration_since(began).as_secs(), 12);
    let began = place.clock.now();
    assert_eq!(queue.receive(10, Duration::from_secs(60)).await, Ok(vec![]));
    assert_eq!(place.clock.now().duration_since(began).as_secs(), 20, "nobody waits longer, and it is no fault");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_queue_that_is_not_there_or_not_of_this_world_is_told() {
    let place = Place::open();
    let elsewhere = URL.replace("eu-west-1", "us-east-1");
    let queue = Queue::open(&place.connection, &elsewhere).expect("a URL");
    let fault = queue.receive(1, Duration::ZERO).await.expect_err("there is none");
    assert_eq!((fault.kind, fault.code.as_str()), (FaultKind::NotFound, "AWS.SimpleQueueService.NonExistentQueue"));
    let error = Queue::open(&place.connection, "http://127.0.0.1:4566/111122223333/events").expect_err("no range");
    assert!(error.to_string().contains("`http://127.0.0.1:4566/111122223333/events`"), "{error}");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn findings_and_events_are_confirmed() {
    let place = Place::open();
    let reader = place.reader();
    let region: Region = "us-east-1".parse().expect("a Region");
    let detectors = reader.ask_all(ListDetectors { region: region.clone(), next: None }).await.expect("detectors");
    let [detector] = &detectors[..] else { panic!("one detector: {detectors:?}") };
    let findings = ["f1", "f2"].map(|id| FindingId::new(id).expect("an id")).to_vec();
    let found = reader.ask(GetFindings { region: region.clone(), detector: detector.clone(), findings }).await;
    let [found] = &found.expect("findings")[..] else { panic!("one finding") };
    assert_eq!((found.id.as_str(), found.severity, found.archived), ("f1", 2.0, false));
    let key = found.access_key.as_ref().expect("credentials");
    assert_eq!((key.principal.as_deref(), key.user.as_deref()), (Some("AROAX:s"), Some("r")));
    let elsewhere = ListDetectors { region: "eu-west-1".parse().expect("a Region"), next: None };
    assert_eq!(reader.ask_all(elsewhere).await, Ok(vec![]));

    let event = place.range.trail().into_iter().find(|event| event.event_name == "GetFindings").expect("an event");
    let by = Some(EventBy::Id(event.event_id.clone()));
    let lookup = LookupEvents { region, by, from: None, to: None, next: None };
    let looked_up = reader.ask_all(lookup).await.expect("events");
    let [LookedUp::Event(told)] = &looked_up[..] else { panic!("one event: {looked_up:?}") };
    assert_eq!((&told.id, told.source.as_str()), (&event.event_id, "guardduty.amazonaws.com"));
    assert_eq!(told.user_name.as_deref(), Some("incident-responder"));
    let record: serde_json::Value = serde_json::from_str(told.record.as_deref().expect("the record")).expect("JSON");
    assert_eq!(record["eventID"], event.event_id.as_str());
}
