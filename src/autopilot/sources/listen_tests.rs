//! The address that events are sent to, with clients that write every byte themselves.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{Door, ListenError, listen};
use crate::autopilot::{Health, Metrics, Parcel, SharedSecret, Taken};
use crate::base::Clock;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &[u8] = br#"{"detail":{"id":"e1"}}"#;

fn secret() -> SharedSecret {
    SharedSecret::of_text(SECRET).expect("a secret")
}

fn start() -> Timestamp {
    "2026-11-22T03:00:00Z".parse().expect("a time")
}

/// An address on this machine, and what lies behind it.
struct Server {
    address: std::net::SocketAddr,
    parcels: mpsc::Receiver<Parcel>,
    health: Arc<Health>,
    clock: Clock,
    end: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

async fn server(secret: Option<SharedSecret>) -> Server {
    let (to, parcels) = mpsc::channel(1);
    let clock = Clock::starting_at(start());
    let (health, metrics) = (Arc::new(Health::new(start())), Arc::new(Metrics::default()));
    let door = Door { secret, to, clock: clock.clone(), health: Arc::clone(&health), metrics };
    let listening = listen("127.0.0.1:0".parse().expect("an address"), door).await.expect("an address that is free");
    let address = listening.address();
    assert_ne!(address.port(), 0);
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(listening.serve(async move {
        let _ = ended.await;
    }));
    Server { address, parcels, health, clock, end, serving }
}

/// What comes back when these bytes are sent.
async fn sent(to: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).await.expect("a connection");
    stream.write_all(bytes).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// A request as bytes.
fn request(first: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let head = format!("{first} HTTP/1.1\r\nhost: quell\r\ncontent-length: {length}\r\n{headers}\r\n");
    [head.into_bytes(), body.to_vec()].concat()
}

fn signed(id: &str, body: &[u8]) -> Vec<u8> {
    let headers = secret().sign(id, start(), body);
    request("POST /events", &headers.each_ref().map(|(name, value)| (*name, value.as_str())), body)
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or(answer)
}

/// Sends something, and answers what is delivered of it; nothing where nothing is.
async fn delivered(server: &mut Server, bytes: &[u8], taken: Option<Taken>) -> String {
    let mut parcels = std::mem::replace(&mut server.parcels, mpsc::channel(1).1);
    let answering = async {
        let Some(taken) = taken else { return };
        let parcel = parcels.recv().await.expect("a parcel");
        assert_eq!(parcel.body, BODY);
        assert!(parcel.origin.starts_with("127.0.0.1:"), "{}", parcel.origin);
        parcel.taken.send(taken).expect("somebody waits");
    };
    let (answer, ()) = tokio::join!(sent(server.address, bytes), answering);
    assert!(parcels.try_recv().is_err(), "nothing else is delivered");
    server.parcels = parcels;
    answer
}

#[tokio::test]
async fn what_is_recorded_is_acknowledged_and_nothing_else_is() {
    let mut server = server(Some(secret())).await;
    let answer =
        delivered(&mut server, &signed("m1", BODY), Some(Taken::NotNow("the disk\u{1b} is full".to_owned()))).await;
    assert_eq!(status(&answer), "503");
    assert!(answer.contains("\r\nretry-after: 30\r\n") && answer.ends_with("the disk\\u{1b} is full"), "{answer}");
    let answer = delivered(&mut server, &signed("m1", BODY), Some(Taken::Unread("it is no event".to_owned()))).await;
    assert_eq!(status(&answer), "422");
    assert!(answer.ends_with("\r\n\r\nit is no event"), "{answer}");
    // Neither of the two was recorded, so the same message is delivered again, and then no more.
    let answer = delivered(&mut server, &signed("m1", BODY), Some(Taken::Recorded)).await;
    assert_eq!(status(&answer), "202");
    assert_eq!(status(&delivered(&mut server, &signed("m1", BODY), None).await), "200");
    assert_eq!(status(&delivered(&mut server, &signed("m2", BODY), Some(Taken::Recorded)).await), "202");
    let metrics = sent(server.address, &request("GET /metrics", &[], b"")).await;
    assert!(metrics.contains("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{metrics}");
    for (status, times) in [("200", 1), ("202", 2), ("422", 1), ("503", 1), ("401", 0)] {
        assert!(metrics.contains(&format!("quell_event_requests_total{{status=\"{status}\"}} {times}\n")), "{metrics}");
    }
    // The autopilot takes nothing in any more.
    drop(std::mem::replace(&mut server.parcels, mpsc::channel(1).1));
    let answer = sent(server.address, &signed("m3", BODY)).await;
    assert_eq!(status(&answer), "503");
    assert!(answer.contains("\r\nretry-after: "), "{answer}");
}

#[tokio::test]
async fn whoever_cannot_sign_learns_nothing() {
    let mut server = server(Some(secret())).await;
    let good = signed("m1", BODY);
    let other = SharedSecret::of_text("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a secret");
    let early = start() - jiff::SignedDuration::from_secs(301);
    let of = |secret: &SharedSecret, at| {
        let headers = secret.sign("m1", at, BODY);
        request("POST /events", &headers.each_ref().map(|(name, value)| (*name, value.as_str())), BODY)
    };
    let mut altered = good.clone();
    *altered.last_mut().expect("a body") ^= 1;
    let unsigned = request("POST /events", &[], BODY);
    let mut answers = Vec::new();
    for bytes in [unsigned, altered, of(&other, start()), of(&secret(), early)] {
        let answer = delivered(&mut server, &bytes, None).await;
        assert_eq!(status(&answer), "401");
        let dated = |line: &&str| !line.starts_with("date: ");
        answers.push(answer.lines().filter(dated).collect::<Vec<_>>().join("\n"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(status(&delivered(&mut server, &good, Some(Taken::Recorded)).await), "202");
}

#[tokio::test]
async fn other_requests_and_pages_are_refused() {
    let mut server = server(None).await;
    for (first, wanted) in [
        ("GET /events", "405"),
        ("DELETE /events", "405"),
        ("POST /metrics", "405"),
        ("GET /", "404"),
        ("POST /events/", "404"),
    ] {
        assert_eq!(status(&delivered(&mut server, &request(first, &[], BODY), None).await), wanted, "{first}");
    }
    let page = request("POST /events", &[("origin", "https://example.com")], BODY);
    assert_eq!(status(&delivered(&mut server, &page, None).await), "403");
    let plain = request("POST /events", &[], BODY);
    assert_eq!(status(&delivered(&mut server, &plain, Some(Taken::Recorded)).await), "202");
    // Without an id everything is delivered, and the ledger knows what it knows.
    assert_eq!(status(&delivered(&mut server, &plain, Some(Taken::Recorded)).await), "202");
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_taken_and_one_byte_more_is_not() {
    let mut server = server(None).await;
    let most = vec![b' '; 1024 * 1024];
    let bytes = request("POST /events", &[], &most);
    let (answer, parcel) = tokio::join!(sent(server.address, &bytes), async {
        let parcel = server.parcels.recv().await.expect("a parcel");
        parcel.taken.send(Taken::Recorded).expect("somebody waits");
        parcel.body
    });
    assert_eq!((status(&answer), parcel.len()), ("202", most.len()));
    // Its length is said beforehand, or comes out while it is read.
    let head = b"POST /events HTTP/1.1\r\nhost: quell\r\ncontent-length: 1048577\r\n\r\n";
    assert_eq!(status(&sent(server.address, head).await), "413");
    let mut chunked = b"POST /events HTTP/1.1\r\nhost: quell\r\ntransfer-encoding: chunked\r\n\r\n100001\r\n".to_vec();
    chunked.extend(vec![b' '; 1024 * 1024 + 1]);
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(&chunked).await.expect("sent");
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first[9..], b"413");
    assert!(server.parcels.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn whoever_is_slow_is_cut_off() {
    let server = server(None).await;
    let begun = server.clock.now();
    let answer = sent(server.address, b"POST /events HTTP/1.1\r\nhost: quell\r\ncontent-length: 10\r\n\r\nhalf").await;
    assert_eq!(status(&answer), "408");
    let after_the_body = server.clock.now();
    assert_eq!(after_the_body.duration_since(begun).as_secs(), 10);
    let answer = sent(server.address, b"POST /events HTTP/1.1\r\nhost: ").await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert_eq!(server.clock.now().duration_since(after_the_body).as_secs(), 10);
}

#[tokio::test]
async fn no_more_than_so_many_are_taken_in_at_once_and_health_is_told_all_the_while() {
    let mut server = server(None).await;
    let bytes = request("POST /events", &[], BODY);
    let address = server.address;
    let connect = || async {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(&bytes).await.expect("sent");
        stream
    };
    // The first is delivered and the second waits in the channel; the others wait behind them.
    let mut waiting = Vec::new();
    for _ in 0..64 {
        waiting.push(connect().await);
    }
    let mut refused = connect().await;
    let mut answer = String::new();
    refused.read_to_string(&mut answer).await.expect("an answer");
    assert_eq!(status(&answer), "503");
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    assert!(sent(server.address, &request("GET /healthz", &[], b"")).await.ends_with("\r\n\r\nok\n"));
    for stream in &mut waiting {
        let parcel = server.parcels.recv().await.expect("a parcel");
        parcel.taken.send(Taken::Recorded).expect("somebody waits");
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.expect("an answer");
        assert_eq!(&first[9..], b"202");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_well_until_it_stops() {
    let server = server(None).await;
    let asked = request("GET /healthz", &[], b"");
    assert_eq!(status(&sent(server.address, &asked).await), "200");
    tokio::time::advance(Duration::from_secs(61)).await;
    let answer = sent(server.address, &asked).await;
    assert_eq!(status(&answer), "503");
    assert!(answer.ends_with("\r\n\r\nits loop has not turned for 61 seconds\n"), "{answer}");
    server.health.turned(server.clock.now());
    assert_eq!(status(&sent(server.address, &asked).await), "200");
    server.health.stopped("the ledger\ncannot be written");
    let answer = sent(server.address, &asked).await;
    assert_eq!(status(&answer), "503");
    assert!(answer.ends_with("\r\n\r\nit has stopped: the ledger\\u{a}cannot be written\n"), "{answer}");
}

#[tokio::test]
async fn those_who_are_being_answered_are_answered_before_it_ends() {
    let mut server = server(None).await;
    let bytes = request("POST /events", &[], BODY);
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(&bytes).await.expect("sent");
    let parcel = server.parcels.recv().await.expect("a parcel");
    server.end.send(()).expect("it is being served");
    tokio::task::yield_now().await;
    parcel.taken.send(Taken::Recorded).expect("somebody waits");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert_eq!(status(&answer), "202");
    server.serving.await.expect("an end");
    assert!(TcpStream::connect(server.address).await.is_err());
    assert!(server.parcels.recv().await.is_none(), "nobody delivers any more");
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_finish_does_not_hold_up_the_end() {
    let mut server = server(None).await;
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(&request("POST /events", &[], BODY)).await.expect("sent");
    let _never_answered = server.parcels.recv().await.expect("a parcel");
    let begun = server.clock.now();
    server.end.send(()).expect("it is being served");
    server.serving.await.expect("an end");
    assert_eq!(server.clock.now().duration_since(begun).as_secs(), 10);
}

#[tokio::test]
async fn an_address_that_others_reach_needs_a_secret() {
    for (address, with_secret, may) in [
        ("0.0.0.0:0", false, false),
        ("[::]:0", false, false),
        ("192.0.2.1:0", false, false),
        ("0.0.0.0:0", true, true),
        ("127.0.0.2:0", false, true),
    ] {
        let (to, _parcels) = mpsc::channel(1);
        let health = Arc::new(Health::new(start()));
        let secret = with_secret.then(secret);
        let door = Door { secret, to, clock: Clock::starting_at(start()), health, metrics: Arc::default() };
        let listening = listen(address.parse().expect("an address"), door).await;
        match listening.err() {
            None => assert!(may, "{address}"),
            Some(error) => {
                assert!(!may && matches!(error, ListenError::Open(_)), "{address}: {error}");
                assert!(error.to_string().contains("signed"), "{error}");
            }
        }
    }
}
