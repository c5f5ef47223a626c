//! An address that events are sent to over HTTP, and where others ask how the autopilot is.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, ORIGIN, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::autopilot::Health;
use crate::autopilot::metrics::{self, Metrics};
use crate::autopilot::parcel::{Parcel, Taken, deliver};
use crate::autopilot::signed::{Remembered, SharedSecret};
use crate::base::{Clock, on_screen_within};

/// The most bytes of a body: EventBridge and SNS send a quarter of it.
const LARGEST: usize = 1024 * 1024;
/// How long the head of a request may take, and its body.
const SLOWEST: Duration = Duration::from_secs(10);
/// How long it may take until something is on disk.
const RECORDING: Duration = Duration::from_secs(30);
/// How long a connection lasts at most; it is for one request.
const CONNECTION: Duration = Duration::from_secs(60);
/// How many deliveries are read and recorded at once.
const AT_ONCE: usize = 64;
/// How many connections there are at once. They are more than deliveries, so that a flood of these does not keep others from asking whether
/// the autopilot is well.
const CONNECTIONS: usize = 256;
/// How long those that are under way have to finish when the autopilot stops.
const FINISHING: Duration = Duration::from_secs(10);
/// The pause after a connection could not be accepted: there are too many open files, which time alone mends.
const PAUSE: Duration = Duration::from_secs(1);
/// How wide a reason is told.
const REASON: usize = 500;
/// What whoever cannot sign is told, whatever is wrong.
const UNSIGNED: &str = "the signature is missing, wrong or old";

/// What stands behind the address.
pub struct Door {
    /// What the senders of events sign with.
    pub secret: Option<SharedSecret>,
    /// Where events go.
    pub to: mpsc::Sender<Parcel>,
    /// The time that signatures go by.
    pub clock: Clock,
    /// Whether the autopilot is well.
    pub health: Arc<Health>,
    /// What it counts.
    pub metrics: Arc<Metrics>,
}

/// Why nothing can be sent to an address.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Others reach it, and anybody could send anything.
    #[error(
        "`{0}` is reached from other machines, so events that come in there have to be signed, and there is no secret to sign with"
    )]
    Open(SocketAddr),
    /// It could not be taken.
    #[error("failed to listen on `{address}`")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// An address that is taken. Connections wait until it is served.
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    routes: Router,
}

/// Where a request comes from.
#[derive(Clone, Copy)]
struct Peer(SocketAddr);

/// What the requests share.
struct Shared {
    door: Door,
    remembered: Mutex<Remembered>,
    at_once: Semaphore,
}

/// An answer: its status, what it says, and after how many seconds to come again.
struct Answer(StatusCode, String, Option<u32>);

/// Takes an address. Events are sent to `/events` with `POST`; they are signed where there is a secret, and there is one where others than
/// this machine reach the address. Whoever reaches it may read `/healthz` and `/metrics`, which tell numbers alone.
///
/// # Errors
/// Where the address cannot be taken, or others reach it and there is no secret.
pub async fn listen(address: SocketAddr, door: Door) -> Result<Listening, ListenError> {
    if door.secret.is_none() && !address.ip().is_loopback() {
        return Err(ListenError::Open(address));
    }
    let failed = |source| ListenError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let (remembered, at_once) = (Mutex::default(), Semaphore::new(AT_ONCE));
    let routes = Router::new()
        .route("/events", post(events))
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics_text))
        .with_state(Arc::new(Shared { door, remembered, at_once }));
    Ok(Listening { listener, address, routes })
}

impl Listening {
    /// The address, with the port that the system chose where it was told 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers those who come, until the end; then those who are being answered have a while to finish.
    pub async fn serve(self, end: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let graceful = GracefulShutdown::new();
        let mut connections = JoinSet::new();
        let mut end = pin!(end);
        loop {
            let (place, stream, peer) = tokio::select! {
                () = &mut end => break,
                next = next(&self.listener, &places) => next,
            };
            let routes = TowerToHyperService::new(self.routes.clone());
            let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(Peer(peer));
                routes.call(request)
            });
            let mut http = http1::Builder::new();
            // One request for each connection, so that how long one lasts is known.
            http.timer(TokioTimer::new()).header_read_timeout(SLOWEST).keep_alive(false);
            let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
            connections.spawn(async move {
                // Whoever goes away half way, or is too slow, is told nothing more.
                let _ = timeout(CONNECTION, connection).await;
                drop(place);
            });
            while connections.try_join_next().is_some() {}
        }
        drop(self.listener);
        // Those that are not finished by then are cut off: what they have sent was not acknowledged, and comes again.
        let _ = timeout(FINISHING, graceful.shutdown()).await;
        connections.shutdown().await;
    }
}

/// The next connection, as soon as there is a place for it.
async fn next(listener: &TcpListener, places: &Arc<Semaphore>) -> (OwnedSemaphorePermit, TcpStream, SocketAddr) {
    loop {
        let place = Arc::clone(places).acquire_owned().await.expect("a semaphore that nobody closes");
        match listener.accept().await {
            Ok((stream, peer)) => return (place, stream, peer),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn events(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let Answer(status, text, again) = shared.answer(request).await;
    shared.door.metrics.answered(status.as_u16());
    match again {
        Some(seconds) => (status, [(RETRY_AFTER, seconds.to_string())], text).into_response(),
        None => (status, text).into_response(),
    }
}

async fn healthz(State(shared): State<Arc<Shared>>) -> Response {
    match shared.door.health.well(shared.door.clock.now()) {
        Ok(()) => "ok\n".into_response(),
        Err(unwell) => {
            let why = format!("{}\n", on_screen_within(&unwell.to_string(), REASON));
            (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
        }
    }
}

async fn metrics_text(State(shared): State<Arc<Shared>>) -> Response {
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], shared.door.metrics.text()).into_response()
}

impl Shared {
    async fn answer(&self, request: Request) -> Answer {
        let Ok(_turn) = self.at_once.try_acquire() else {
            return not_now("too much comes at once", 1);
        };
        let (head, body) = request.into_parts();
        // A page that somebody looks at on this machine may send to its own addresses too, and a browser says then where the page is from.
        if self.door.secret.is_none() && head.headers.contains_key(ORIGIN) {
            return Answer(StatusCode::FORBIDDEN, "pages may not send events".to_owned(), None);
        }
        let body = match read(body).await {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let Ok(id) = self.signed(&head.headers, &body) else {
            return Answer(StatusCode::UNAUTHORIZED, UNSIGNED.to_owned(), None);
        };
        let now = self.door.clock.now();
        if id.is_some_and(|id| self.remembered().knows(id, &body, now)) {
            return Answer(StatusCode::OK, "recorded before".to_owned(), None);
        }
        let origin = head.extensions.get().map_or_else(|| "HTTP".to_owned(), |Peer(peer)| peer.to_string());
        match timeout(RECORDING, deliver(&self.door.to, &origin, body.clone())).await {
            Ok(Some(Taken::Recorded)) => {
                id.into_iter().for_each(|id| self.remembered().remember(id, &body, now));
                Answer(StatusCode::ACCEPTED, "recorded".to_owned(), None)
            }
            Ok(Some(Taken::Unread(why))) => {
                Answer(StatusCode::UNPROCESSABLE_ENTITY, on_screen_within(&why, REASON), None)
            }
            Ok(Some(Taken::NotNow(why))) => not_now(&why, 30),
            Ok(None) => not_now("the autopilot stops", 30),
            Err(_) => not_now("it takes too long to record it", 30),
        }
    }

    /// The id of what was signed; nothing where nobody has to sign.
    fn signed<'h>(&self, headers: &'h HeaderMap, body: &[u8]) -> Result<Option<&'h str>, ()> {
        let Some(secret) = &self.door.secret else { return Ok(None) };
        secret.verify(headers, body, self.door.clock.now()).map(Some).map_err(|_| ())
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a body, as far as it is not too large and comes in time.
async fn read(body: Body) -> Result<Vec<u8>, Answer> {
    let refused = |status, why: &str| Err(Answer(status, why.to_owned(), None));
    let too_large = || refused(StatusCode::PAYLOAD_TOO_LARGE, "a delivery has 1 MiB at most");
    if body.size_hint().lower() > LARGEST as u64 {
        return too_large();
    }
    match timeout(SLOWEST, Limited::new(body, LARGEST).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => too_large(),
        Ok(Err(_)) => refused(StatusCode::BAD_REQUEST, "the body does not come to its end"),
        Err(_) => refused(StatusCode::REQUEST_TIMEOUT, "the body takes too long"),
    }
}

fn not_now(why: &str, again: u32) -> Answer {
    Answer(StatusCode::SERVICE_UNAVAILABLE, on_screen_within(why, REASON), Some(again))
}
