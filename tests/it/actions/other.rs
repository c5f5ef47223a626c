//! Somebody else in the account, with every right and in a hurry.

use quell::range::Range;
use quell::range::wire::{Answer, ApiCall, ApiError, ServiceName, World as _};
use serde_json::{Value, json};

/// The long-term key of the user `mallory`.
pub(crate) const KEY: &str = "AKIARTX3GSDSMALLORY1";

/// The user `mallory`, for scenarios.
pub(crate) fn user() -> Value {
    let everything = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    json!({
        "name": "mallory", "keys": [{ "id": KEY }],
        "inline": { "everything": { "Version": "2012-10-17", "Statement": [everything] } },
    })
}

/// The hand of `mallory` in a range.
#[derive(Clone)]
pub(crate) struct Hand(pub(crate) Range);

impl Hand {
    /// Makes a call of IAM, which has to succeed.
    pub(crate) async fn iam(&self, operation: &'static str, input: Value) -> Value {
        self.call(ServiceName::Iam, operation, "us-east-1", input).await.expect(operation)
    }

    /// Makes a call of STS, which has to succeed.
    pub(crate) async fn sts(&self, operation: &'static str, input: Value) -> Value {
        self.call(ServiceName::Sts, operation, "us-east-1", input).await.expect(operation)
    }

    /// Makes a call about agents, which has to succeed.
    pub(crate) async fn agents(&self, operation: &'static str, input: Value) -> Value {
        self.call(ServiceName::BedrockAgent, operation, "us-east-1", input).await.expect(operation)
    }

    /// Makes one call.
    pub(crate) async fn call(
        &self,
        service: ServiceName,
        operation: &'static str,
        region: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let call = ApiCall {
            service,
            operation,
            region: region.to_owned(),
            input,
            access_key: Some(KEY.to_owned()),
            session_token: None,
            request_id: format!("{operation} of mallory"),
            user_agent: "somebody else".to_owned(),
            source_ip: "198.51.100.7".to_owned(),
        };
        match self.0.answer(call).await.answer {
            Answer::Reply(reply) => Ok(reply),
            Answer::Error(error) => Err(error),
            Answer::NoReply | Answer::Garbage(..) => panic!("nothing goes wrong for mallory"),
        }
    }
}
