//! How actors make calls.

use serde_json::Value;

use crate::range::Range;
use crate::range::wire::{Answer, ApiCall, ApiError, ServiceName, World as _};

/// Makes calls for an actor.
#[derive(Debug, Clone)]
pub(super) struct Hand {
    pub(super) range: Range,
    pub(super) user_agent: &'static str,
    pub(super) source_ip: &'static str,
}

/// What an actor calls.
pub(super) type What = (ServiceName, &'static str);

impl Hand {
    /// Makes one call with the credentials of a key id.
    pub(super) async fn call(&self, key: &str, what: What, region: &str, input: Value) -> Result<Value, ApiError> {
        let (service, operation) = what;
        let (session_token, request_id) = {
            let mut state = self.range.lock();
            let token = state.account.sessions.get(key).map(|session| session.token.clone());
            (token, state.dice.uuid(&format!("request {operation} {key}")))
        };
        let call = ApiCall {
            service,
            operation,
            region: region.to_owned(),
            input,
            access_key: Some(key.to_owned()),
            session_token,
            request_id,
            user_agent: self.user_agent.to_owned(),
            source_ip: self.source_ip.to_owned(),
        };
        match self.range.answer(call).await.answer {
            Answer::Reply(reply) => Ok(reply),
            Answer::Error(error) => Err(error),
            Answer::NoReply | Answer::Garbage(..) => Err(ApiError::new("NoReply", 0, "there was no reply")),
        }
    }
}

/// Whether an error says that these credentials will not do.
pub(super) fn is_denial(error: &ApiError) -> bool {
    const DENIALS: &[&str] = &["AccessDenied", "ExpiredToken", "InvalidClientTokenId", "UnrecognizedClient"];
    DENIALS.iter().any(|code| error.code.starts_with(code))
}
