//! Credentials of a role that is assumed for one run, and renewed for as long as it goes on.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::{AssumeRole, AssumedRole, Clients, Connection, Fault, FaultKind, Reader, Request as _};
use crate::base::Clock;

/// How long before its end a session is renewed. A request that is signed with it has to arrive while it lasts.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// How long after a renewal that failed the next one is tried, while what there is still lasts.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
/// How long a request waits for a renewal while what there is still lasts: AWS's answer to the request itself has to come in time as well.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A session of a role, made with the caller's own credentials and made again, in the same bounds, before it ends.
#[derive(Debug, Clone)]
pub struct RoleSession(Arc<Held>);

#[derive(Debug)]
struct Held {
    /// Reads with the caller's own credentials.
    caller: Reader,
    request: AssumeRole,
    clock: Clock,
    now: Mutex<Now>,
}

/// What there is at the moment.
#[derive(Debug)]
struct Now {
    assumed: AssumedRole,
    /// Before which it is not renewed.
    renewed_from: Timestamp,
}

impl RoleSession {
    /// Assumes the role, with the credentials of a connection.
    pub async fn begin(connection: &Connection, clock: &Clock, seed: u64, request: AssumeRole) -> Result<Self, Fault> {
        let caller = Reader::new(Clients::read_only(connection), clock.clone(), seed);
        let assumed = caller.ask(request.clone()).await?;
        let now = Mutex::new(Now::of(assumed, clock));
        Ok(Self(Arc::new(Held { caller, request, clock: clock.clone(), now })))
    }

    /// The unique id of the session, `AROA…:name`.
    pub async fn user_id(&self) -> String {
        self.0.now.lock().await.assumed.user_id.clone()
    }

    /// The connection over which requests are signed with this session instead.
    pub fn over(&self, connection: &Connection) -> Connection {
        connection.signing_with(self.clone())
    }

    /// What to sign with. Where it cannot be renewed, what there is has to do until it ends: that a sign-in has ended meanwhile stops nothing
    /// before it has to.
    async fn credentials(&self) -> Result<Credentials, Fault> {
        let held = &*self.0;
        let mut now = held.now.lock().await;
        let has_ended = now.has_ended(&held.clock);
        if has_ended || held.clock.now() >= now.renewed_from {
            // Before it is asked: whoever waits for the answer may be cut off, and the next one is not to wait as well.
            now.renewed_from = held.clock.now() + PATIENCE;
            let renewed = self.renewed(&now.assumed.user_id);
            let renewed = match has_ended {
                true => Ok(renewed.await),
                false => tokio::time::timeout(LONGEST_WAIT, renewed).await,
            };
            match renewed {
                Ok(Ok(assumed)) => *now = Now::of(assumed, &held.clock),
                Ok(Err(fault)) if has_ended => return Err(fault),
                Ok(Err(_)) | Err(_) => {}
            }
        }
        Ok(now.assumed.credentials.clone())
    }

    /// Another session of the same role. One that was made anew under its name is another role.
    async fn renewed(&self, user_id: &str) -> Result<AssumedRole, Fault> {
        let request = &self.0.request;
        let assumed = self.0.caller.ask(request.clone()).await?;
        if assumed.user_id == user_id {
            return Ok(assumed);
        }
        let why = format!("{} is another role than the run began as", request.role);
        Err(Fault::of(AssumeRole::OPERATION, FaultKind::Forbidden, "AnotherRole", why))
    }
}

impl Now {
    fn of(assumed: AssumedRole, clock: &Clock) -> Self {
        let renewed_from = ends(&assumed).map_or_else(|| clock.now(), |end| end - AHEAD);
        Self { assumed, renewed_from }
    }

    fn has_ended(&self, clock: &Clock) -> bool {
        ends(&self.assumed).is_none_or(|end| end <= clock.now())
    }
}

fn ends(assumed: &AssumedRole) -> Option<Timestamp> {
    assumed.credentials.expiry().and_then(|end| Timestamp::try_from(end).ok())
}

impl ProvideCredentials for RoleSession {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let given = self.credentials().await;
            given.map_err(|fault| {
                let role = &self.0.request.role;
                CredentialsError::provider_error(format!("no session of {role}: {}: {}", fault.code, fault.message))
            })
        })
    }
}
