//! The service clients, one for each service and Region.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::guard::{Guard, Passes};
use super::{Fault, FaultKind, Operation, Place, RoleSession};
use crate::base::{Clock, Region};
use crate::secrets::Vault;

/// How long one attempt of one request may take.
const ATTEMPT: Duration = Duration::from_secs(20);
/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(5);

/// How AWS, or a range, is reached: credentials, endpoint, HTTP client, clock.
#[derive(Debug, Clone)]
pub struct Connection {
    config: SdkConfig,
}

/// Why a connection cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// Nobody said which Region to start from.
    #[error("no Region is configured")]
    NoRegion,
    /// An endpoint that is not AWS.
    #[error("`{endpoint}` is not an endpoint of AWS")]
    NotAws {
        /// The endpoint.
        endpoint: String,
    },
}

/// The program's clock, as the SDK wants it: signatures then carry the time that the records carry.
#[derive(Debug)]
struct SdkTime(Clock);

impl TimeSource for SdkTime {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

impl Connection {
    /// The connection that the AWS CLI would use: profile, SSO, environment, `AWS_ENDPOINT_URL`. With `to_range` nothing is
    /// asked anywhere but on this machine, also for credentials.
    pub async fn from_environment(
        clock: &Clock,
        profile: Option<&str>,
        region: Option<&Region>,
        endpoint: Option<&str>,
        to_range: bool,
    ) -> Result<Self, ConnectionError> {
        let time = SharedTimeSource::new(SdkTime(clock.clone()));
        let mut loader = aws_config::from_env()
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(ATTEMPT))
            .time_source(time.clone());
        let range = endpoint.map(str::to_owned).or_else(|| std::env::var("AWS_ENDPOINT_URL").ok());
        let range_client = to_range.then(|| super::loopback::to_range(range.as_deref()));
        if let Some(client) = &range_client {
            loader = loader.http_client(client.clone());
        }
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = region {
            loader = loader.region(aws_config::Region::new(region.to_string()));
        }
        if let Some(endpoint) = endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let config = loader.load().await;
        if config.region().is_none() {
            return Err(ConnectionError::NoRegion);
        }
        let Some(profile) = profile else { return Ok(Self { config }) };
        // As with the AWS CLI, a profile that is named outweighs credentials in the environment. What it assumes roles with
        // goes the way of everything else.
        let mut way = ProviderConfig::without_region().with_region(config.region().cloned()).with_time_source(time);
        if let Some(client) = range_client {
            way = way.with_http_client(client);
        }
        let named = ProfileFileCredentialsProvider::builder().configure(&way).profile_name(profile).build();
        let config = config.into_builder().credentials_provider(SharedCredentialsProvider::new(named)).build();
        Ok(Self { config })
    }

    /// A connection over an HTTP client of our own, such as the range's, with fixed credentials. It has no way to the
    /// network: what the client does not answer stays unanswered.
    pub fn in_process(clock: &Clock, http: SharedHttpClient, credentials: Credentials) -> Self {
        let config = SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts(ATTEMPT))
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
            .time_source(SharedTimeSource::new(SdkTime(clock.clone())))
            .build();
        Self { config }
    }

    /// The same way, with requests signed by a session of a role. It keeps what it has until that has to be renewed, so the clients
    /// keep nothing of their own.
    pub(super) fn signing_with(&self, session: RoleSession) -> Self {
        let config = self.config.to_builder();
        let config = config.credentials_provider(SharedCredentialsProvider::new(session));
        Self { config: config.identity_cache(IdentityCache::no_cache()).build() }
    }

    /// The client of a queue in a Region, which handles messages and does nothing else. The service may hold a request for `held`.
    pub(super) fn of_queue(&self, region: &Region, held: Duration) -> aws_sdk_sqs::Client {
        let config = self.config.to_builder().region(aws_config::Region::new(region.to_string()));
        let config = config.timeout_config(timeouts(ATTEMPT + held)).build();
        let config = aws_sdk_sqs::config::Builder::from(&config).interceptor(Guard { passes: Passes::Deliveries });
        aws_sdk_sqs::Client::from_conf(config.build())
    }

    /// The Region to start from.
    pub(super) fn region(&self) -> Option<Region> {
        self.config.region().and_then(|region| Region::new(region.as_ref()).ok())
    }

    /// The endpoint that stands in for AWS's own, if one was given for all services.
    pub fn endpoint(&self) -> Option<&str> {
        self.config.endpoint_url()
    }
}

fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().operation_attempt_timeout(attempt).connect_timeout(CONNECT).build()
}

/// A client of whichever service.
type AnyClient = Box<dyn Any + Send + Sync>;

/// The service clients of one account: they send what the guard lets pass, once, and know which account they are for.
#[derive(Debug)]
pub struct Clients {
    connection: Connection,
    guard: Guard,
    made: Mutex<HashMap<(TypeId, Option<Region>), AnyClient>>,
    place: Option<Place>,
    vault: Vault,
}

macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $module:ident) => {
        $(#[$doc])*
        pub(super) fn $name(&self, region: Option<&Region>) -> $module::Client {
            self.made(region, |config| {
                $module::Client::from_conf($module::config::Builder::from(config).interceptor(self.guard).build())
            })
        }
    };
}

impl Clients {
    /// Clients that refuse everything but reads.
    pub fn read_only(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            guard: Guard { passes: Passes::Reads },
            made: Mutex::default(),
            place: None,
            vault: Vault::default(),
        }
    }

    /// Clients for a run, which may change the account.
    pub fn acting(connection: &Connection) -> Self {
        Self { guard: Guard { passes: Passes::Changes }, ..Self::read_only(connection) }
    }

    /// The same clients, knowing their account: global services are then asked where its partition answers.
    pub fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Refuses what would change something where only reads may leave. The guard does so for every request; this is for what has to
    /// be put together before there is one.
    pub(super) fn may_change(&self, operation: &Operation) -> Result<(), Fault> {
        match self.guard.passes {
            Passes::Changes => Ok(()),
            Passes::Reads | Passes::Deliveries => {
                let why = "only a run may change the account".to_owned();
                Err(Fault::of(operation, FaultKind::Guarded, "Guarded", why))
            }
        }
    }

    /// Where secrets wait between the call that made them and the one that stores them.
    pub(super) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The client of a service for a Region. It is made once: the credentials that it has fetched live in it.
    fn made<C: Clone + Send + Sync + 'static>(&self, region: Option<&Region>, make: impl FnOnce(&SdkConfig) -> C) -> C {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let client = made
            .entry((TypeId::of::<C>(), region.cloned()))
            .or_insert_with(|| Box::new(make(&self.config(region))))
            .downcast_ref::<C>();
        client.expect("what stands under a type is of that type").clone()
    }

    /// The configuration for a Region; for a global service that of the partition's global Region.
    fn config(&self, region: Option<&Region>) -> SdkConfig {
        let name = match (region, &self.place) {
            (Some(region), _) => region.to_string(),
            (None, Some(place)) => place.partition.global_region().to_owned(),
            (None, None) => self.connection.config.region().map_or("us-east-1", |r| r.as_ref()).to_owned(),
        };
        self.connection.config.to_builder().region(aws_config::Region::new(name)).build()
    }

    client!(iam, aws_sdk_iam);
    client!(sts, aws_sdk_sts);
    client!(bedrock, aws_sdk_bedrock);
    client!(bedrock_agent, aws_sdk_bedrockagent);
    client!(q_business, aws_sdk_qbusiness);
    client!(secrets_manager, aws_sdk_secretsmanager);
    client!(support, aws_sdk_support);
    client!(account, aws_sdk_account);
    client!(cloudtrail, aws_sdk_cloudtrail);
    client!(guardduty, aws_sdk_guardduty);
}
