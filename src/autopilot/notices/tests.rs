//! Notices on their way to an HTTP server of the test.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpListener;

use super::notice::tests::notice;
use super::webhook::Webhook;
use super::{Notifier, NotifyError, NotifySetting};
use crate::autopilot::signed::SharedSecret;
use crate::base::Clock;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn clock() -> Clock {
    Clock::starting_at("2026-11-22T03:00:00Z".parse::<Timestamp>().expect("a time"))
}

type Requests = Arc<Mutex<Vec<(Method, HeaderMap, Vec<u8>)>>>;

/// A server that gives these answers, each with a place to go to instead, and then 204.
async fn server(answers: &[u16]) -> (SocketAddr, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (requests, answers) = (Requests::default(), Arc::new(Mutex::new(VecDeque::from(answers.to_vec()))));
    let heard = Arc::clone(&requests);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (heard, answers) = (Arc::clone(&heard), Arc::clone(&answers));
            let service = service_fn(move |request: Request<Incoming>| {
                let (heard, answers) = (Arc::clone(&heard), Arc::clone(&answers));
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await.expect("a body").to_bytes().to_vec();
                    heard.lock().expect("a lock").push((head.method, head.headers, body));
                    let status = answers.lock().expect("a lock").pop_front().unwrap_or(204);
                    let elsewhere = format!("http://{address}/elsewhere");
                    let answer = Response::builder().status(status).header("location", elsewhere);
                    Ok::<_, Infallible>(answer.body(Full::<Bytes>::default()).expect("an answer"))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (address, requests)
}

fn webhook(address: SocketAddr, secret: Option<SharedSecret>) -> Webhook {
    let url = format!("http://{address}/token-of-the-hook").parse().expect("a URL");
    Webhook::new(url, secret, clock()).expect("a webhook")
}

#[tokio::test]
async fn it_is_signed_and_sent_until_it_is_taken() {
    let (address, requests) = server(&[500, 429]).await;
    let secret = || SharedSecret::of_text(SECRET).expect("a secret");
    let json = notice("x").json();
    webhook(address, Some(secret())).without_pauses().post(&json).await.expect("taken");
    let requests = requests.lock().expect("a lock");
    assert_eq!(requests.len(), 3);
    let mut ids = Vec::new();
    for (method, headers, body) in requests.iter() {
        assert_eq!((method, body.as_slice()), (&Method::POST, json.as_bytes()));
        assert_eq!(headers["content-type"], "application/json");
        ids.push(secret().verify(headers, body, clock().now()).expect("a signature"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "however often it is sent, it is one message");
}

#[tokio::test]
async fn what_is_not_taken_is_told() {
    for (answers, tries, why) in [
        (&[503; 6][..], 5, "in 5 tries it was not taken: it answers 503 Service Unavailable"),
        (&[302], 1, "in 1 try it was not taken: it answers 302 Found, and redirects are not followed"),
        (&[308], 1, "in 1 try it was not taken: it answers 308 Permanent Redirect, and redirects are not followed"),
        (&[500, 410], 2, "in 2 tries it was not taken: it answers 410 Gone"),
    ] {
        let (address, requests) = server(answers).await;
        let error = webhook(address, None).without_pauses().post("{}").await.expect_err("not taken");
        assert_eq!(error.to_string(), why);
        let requests = requests.lock().expect("a lock");
        assert_eq!(requests.len(), tries);
        assert!(requests.iter().all(|(_, headers, _)| !headers.contains_key("webhook-signature")));
    }
    // Nobody listens there any more.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let error = webhook(address, None).without_pauses().post("{}").await.expect_err("not taken").to_string();
    assert!(error.starts_with("in 5 tries") && error.contains("refused"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn it_waits_longer_each_time_and_not_for_ever() {
    // Connections are made, and nobody answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let begun = tokio::time::Instant::now();
    let error = webhook(address, None).post("{}").await.expect_err("not taken").to_string();
    assert_eq!(error, "in 5 tries it was not taken: it did not answer within 10 seconds");
    assert_eq!(begun.elapsed(), Duration::from_secs(5 * 10 + 2 + 10 + 30 + 60));
}

#[tokio::test]
async fn https_is_spoken_where_it_is_asked_for() {
    let (address, requests) = server(&[]).await;
    let url = format!("https://{address}/").parse().expect("a URL");
    let webhook = Webhook::new(url, None, clock()).expect("a webhook").without_pauses();
    assert!(webhook.post("{}").await.is_err(), "this server has no TLS");
    assert!(requests.lock().expect("a lock").is_empty(), "and nothing was sent in the clear");
}

#[tokio::test]
async fn each_way_is_tried_and_each_failure_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("secret"), SECRET).expect("written");
    let copy = |code: u8| {
        ["sh", "-c", "cat > \"$1\"; exit \"$2\"", "sh", &path("told").display().to_string(), &code.to_string()]
            .map(str::to_owned)
            .to_vec()
    };
    let (address, requests) = server(&[404]).await;
    let setting = |code| NotifySetting {
        webhook: Some(format!("http://{address}/token-of-the-hook")),
        secret_file: Some(path("secret")),
        command: copy(code),
    };
    let told = notice("x");
    let unsent = Notifier::new(&setting(7), &clock()).expect("a notifier").send(&told).await.expect_err("neither");
    assert_eq!(unsent.0.len(), 2);
    let text = unsent.to_string();
    assert!(
        text.contains("404 Not Found") && text.contains("`127.0.0.1`") && text.contains("exit status: 7"),
        "{text}"
    );
    assert!(!text.contains("token-of-the-hook"), "{text}");
    assert_eq!(Notifier::new(&setting(0), &clock()).expect("a notifier").send(&told).await, Ok(()));
    assert_eq!(std::fs::read_to_string(path("told")).expect("a file"), told.json() + "\n");
    let signed = |(_, headers, _): &(Method, HeaderMap, Vec<u8>)| headers.contains_key("webhook-signature");
    assert_eq!(requests.lock().expect("a lock").iter().filter(|request| signed(request)).count(), 2);

    let nobody = Notifier::new(&NotifySetting::default(), &clock()).expect("a notifier");
    assert_eq!(nobody.send(&told).await, Ok(()));
    let wrong = NotifySetting { webhook: Some("http://example.com".to_owned()), ..NotifySetting::default() };
    assert!(matches!(Notifier::new(&wrong, &clock()).err(), Some(NotifyError::Setting(_))));
    let missing = NotifySetting { secret_file: Some(path("nothing")), ..setting(0) };
    assert!(matches!(Notifier::new(&missing, &clock()).err(), Some(NotifyError::Secret(_))));
}
