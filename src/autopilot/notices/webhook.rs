//! Notices that are posted to a URL.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use crate::autopilot::signed::SharedSecret;
use crate::base::{Clock, Digest, on_screen_within};

/// How long an answer may take, the connection included.
const LONGEST: Duration = Duration::from_secs(10);
/// The pauses before the second try and those after it.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(30), Duration::from_secs(60)];
/// How wide a reason is told.
const REASON: usize = 500;

/// A URL that notices are posted to, as the Standard Webhooks specification says. Redirects are not followed: where notices go is what was
/// configured.
pub(super) struct Webhook {
    url: Uri,
    secret: Option<SharedSecret>,
    clock: Clock,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    pauses: [Duration; 4],
}

/// Why a notice was not taken.
#[derive(Debug, thiserror::Error)]
#[error("in {tries} {} it was not taken: {why}", if *.tries == 1 { "try" } else { "tries" })]
pub(super) struct WebhookError {
    /// How often it was tried.
    tries: usize,
    /// What was wrong the last time.
    why: String,
}

/// What became of one try.
enum Tried {
    Taken,
    /// It may be taken another time.
    NotNow(String),
    /// It will not be.
    Never(String),
}

impl Webhook {
    /// One whose URL has no mistakes.
    pub(super) fn new(url: Uri, secret: Option<SharedSecret>, clock: Clock) -> std::io::Result<Self> {
        let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1().build();
        // A notice is rare: no connection is kept for the next.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(https);
        Ok(Self { url, secret, clock, client, pauses: PAUSES })
    }

    /// The same without pauses: where real sockets answer, no clock that stands still can tell when to go on.
    #[cfg(test)]
    pub(super) fn without_pauses(mut self) -> Self {
        self.pauses = [Duration::ZERO; 4];
        self
    }

    /// The host, for messages: the rest of the URL may be what makes it secret.
    pub(super) fn host(&self) -> &str {
        self.url.host().unwrap_or_default()
    }

    /// Posts a notice, again and again where it may be taken later.
    pub(super) async fn post(&self, notice: &str) -> Result<(), WebhookError> {
        // The same text has the same id, also after a restart, so that whoever receives it twice knows.
        let id = format!("notice-{}", Digest::of_bytes(notice.as_bytes()));
        let mut pauses = self.pauses.iter();
        for tries in 1.. {
            let why = match self.attempt(&id, notice).await {
                Tried::Taken => return Ok(()),
                Tried::Never(why) => return Err(WebhookError { tries, why }),
                Tried::NotNow(why) => why,
            };
            match pauses.next() {
                Some(pause) => self.clock.sleep(*pause).await,
                None => return Err(WebhookError { tries, why }),
            }
        }
        Ok(())
    }

    async fn attempt(&self, id: &str, notice: &str) -> Tried {
        let mut request = Request::post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("quell/", env!("CARGO_PKG_VERSION")));
        if let Some(secret) = &self.secret {
            for (name, value) in secret.sign(id, self.clock.now(), notice.as_bytes()) {
                request = request.header(name, value);
            }
        }
        let request = match request.body(Full::new(Bytes::copy_from_slice(notice.as_bytes()))) {
            Ok(request) => request,
            Err(error) => return Tried::Never(told(&error)),
        };
        match timeout(LONGEST, self.client.request(request)).await {
            Err(_) => Tried::NotNow(format!("it did not answer within {} seconds", LONGEST.as_secs())),
            Ok(Err(error)) => Tried::NotNow(told(&error)),
            Ok(Ok(answer)) => of_status(answer.status()),
        }
    }
}

fn of_status(status: StatusCode) -> Tried {
    let why = format!("it answers {status}");
    let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    match status {
        _ if status.is_success() => Tried::Taken,
        _ if status.is_redirection() => Tried::Never(format!("{why}, and redirects are not followed")),
        _ if status.is_server_error() || later.contains(&status) => Tried::NotNow(why),
        _ => Tried::Never(why),
    }
}

/// An error with what is behind it: `client error (Connect)` alone says nothing.
fn told(error: &(dyn Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string);
    on_screen_within(&all.collect::<Vec<_>>().join(": "), REASON)
}
