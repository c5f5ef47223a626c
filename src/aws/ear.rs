//! Listens to one request: whether it left, and what AWS said around its reply.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextRef,
    BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use serde_json::Value;

use super::guard::Guarded;
use super::{Accepted, Fault, FaultKind, Operation};

/// What was heard of one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    left: bool,
    pub(super) request_id: Option<String>,
    pub(super) aws_time: Option<Timestamp>,
    /// The reply in AWS's own words.
    said: Option<Value>,
}

/// An interceptor that listens to one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Ear {
    heard: Arc<Mutex<Heard>>,
    keeps_words: bool,
}

impl Ear {
    pub(super) fn heard(&self) -> Heard {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// An ear that also keeps the reply as AWS wrote it: the SDK's own types neither serialise nor know every member.
    pub(super) fn keeping_words() -> Self {
        Self { keeps_words: true, ..Self::default() }
    }

    /// The reply as AWS wrote it; null for an ear that does not keep it.
    pub(super) fn words(&self) -> Value {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).said.take().unwrap_or_default()
    }
}

impl Intercept for Ear {
    fn name(&self) -> &'static str {
        "quell::ear"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).left = true;
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.response().headers();
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.aws_time = headers.get("date").and_then(http_date);
        heard.request_id = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"]
            .iter()
            .find_map(|name| headers.get(*name))
            .map(str::to_owned);
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.keeps_words {
            let said = context.response().body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).said = said;
        }
        Ok(())
    }
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

/// Turns what the SDK gave back and what the ear heard into our own words.
pub(super) fn conclude<O, R, E>(
    operation: &'static Operation,
    ear: &Ear,
    result: Result<O, SdkError<E, HttpResponse>>,
    reply: impl FnOnce(O) -> R,
) -> Result<Accepted<R>, Fault>
where
    E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
{
    let heard = ear.heard();
    match result {
        Ok(output) => Ok(Accepted { reply: reply(output), request_id: heard.request_id, aws_time: heard.aws_time }),
        Err(error) => Err(fault(operation, heard, error)),
    }
}

fn fault<E>(operation: &'static Operation, heard: Heard, error: SdkError<E, HttpResponse>) -> Fault
where
    E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
{
    let failure = Failure::of(&error);
    let cause = error.into_source().unwrap_or_else(|_| failure.words().into());
    failure.told(operation, heard, &*cause)
}

/// How the SDK says that a request failed, whatever the operation: each has a type of its own for its errors, and what is
/// written for all of them here is compiled once.
enum Failure {
    /// The SDK calls it a refusal when it cannot read what AWS says to a request that it accepted.
    Unread,
    Refused {
        kind: FaultKind,
        code: String,
        message: String,
    },
    NotBuilt,
    TimedOut,
    NotDispatched,
    NotUnderstood,
    Unknown,
}

impl Failure {
    fn of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        match error {
            SdkError::ServiceError(unread) if unread.raw().status().is_success() => Self::Unread,
            SdkError::ServiceError(refused) => {
                let code = refused.err().code().unwrap_or("Unknown");
                let message = refused.err().message().unwrap_or("");
                let kind = FaultKind::of(code, message, refused.raw().status().as_u16());
                Self::Refused { kind, code: code.to_owned(), message: message.to_owned() }
            }
            SdkError::ConstructionFailure(_) => Self::NotBuilt,
            SdkError::TimeoutError(_) => Self::TimedOut,
            SdkError::DispatchFailure(_) => Self::NotDispatched,
            SdkError::ResponseError(_) => Self::NotUnderstood,
            _ => Self::Unknown,
        }
    }

    /// The SDK's own words.
    fn words(&self) -> &'static str {
        match self {
            Self::Unread | Self::Refused { .. } => "service error",
            Self::NotBuilt => "failed to construct request",
            Self::TimedOut => "request has timed out",
            Self::NotDispatched => "dispatch failure",
            Self::NotUnderstood => "response error",
            Self::Unknown => "unknown failure",
        }
    }

    fn told(self, operation: &'static Operation, heard: Heard, cause: &(dyn StdError + 'static)) -> Fault {
        let words = self.words();
        let (kind, code) = match self {
            Self::Refused { kind, code, message } => {
                return Fault { request_id: heard.request_id, ..Fault::of(operation, kind, &code, message) };
            }
            Self::Unread => (FaultKind::InDoubt, "UnreadableReply"),
            _ if is_caused_by::<Guarded>(cause) => (FaultKind::Guarded, "Guarded"),
            _ if is_refused_connection(cause) => (FaultKind::NotSent, "ConnectionRefused"),
            Self::TimedOut if heard.left => (FaultKind::InDoubt, "Timeout"),
            Self::NotUnderstood => (FaultKind::InDoubt, "UnreadableReply"),
            _ if heard.left => (FaultKind::InDoubt, "NoReply"),
            _ if speaks_of_credentials(cause) => (FaultKind::Expired, "NoCredentials"),
            Self::NotBuilt => (FaultKind::BadRequest, "NotBuilt"),
            _ => (FaultKind::NotSent, "NotSent"),
        };
        Fault { request_id: heard.request_id, ..Fault::of(operation, kind, code, chain(words, cause)) }
    }
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}

fn is_caused_by<C: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<C>())
}

/// Nothing was listening, so nothing can have happened.
fn is_refused_connection(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
    })
}

/// The SDK could not find or renew credentials: its errors for this have no common type, only a common word.
fn speaks_of_credentials(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        let text = cause.to_string().to_lowercase();
        text.contains("credential") || text.contains("sso session") || text.contains("identity")
    })
}

/// The whole chain of causes on one line.
fn chain(words: &str, error: &(dyn StdError + 'static)) -> String {
    let mut texts = vec![words.to_owned()];
    for cause in causes(error) {
        let text = cause.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

/// Sends one SDK request with an ear on it.
macro_rules! hear {
    ($operation:expr, $builder:expr, $reply:expr) => {{
        let ear = $crate::aws::ear::Ear::default();
        let result = $builder.customize().interceptor(ear.clone()).send().await;
        $crate::aws::ear::conclude($operation, &ear, result, $reply)
    }};
}
pub(super) use hear;

/// Sends one SDK request with an ear on it that keeps the reply as AWS wrote it.
macro_rules! hear_words {
    ($operation:expr, $builder:expr, |$output:pat_param, $words:ident| $reply:expr) => {{
        let ear = $crate::aws::ear::Ear::keeping_words();
        let result = $builder.customize().interceptor(ear.clone()).send().await;
        $crate::aws::ear::conclude($operation, &ear, result, |$output| {
            let $words = ear.words();
            $reply
        })
    }};
}
pub(super) use hear_words;
