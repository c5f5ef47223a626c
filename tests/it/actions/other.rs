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

/// What is called.
pub(crate) type What = (ServiceName, &'static str);

/// Makes a call of IAM as `mallory`, which has to succeed.
pub(crate) async fn iam(range: &Range, operation: &'static str, input: Value) -> Value {
    call(range, KEY, (ServiceName::Iam, operation), "us-east-1", input).await.expect("mallory may do everything")
}

/// Makes a call about agents as `mallory`, which has to succeed.
pub(crate) async fn agents(range: &Range, region: &str, operation: &'static str, input: Value) -> Value {
    call(range, KEY, (ServiceName::BedrockAgent, operation), region, input).await.expect("mallory may do everything")
}

/// Makes one call with a long-term key.
pub(crate) async fn call(
    range: &Range,
    key: &str,
    (service, operation): What,
    region: &str,
    input: Value,
) -> Result<Value, ApiError> {
    let call = ApiCall {
        service,
        operation,
        region: region.to_owned(),
        input,
        access_key: Some(key.to_owned()),
        session_token: None,
        request_id: format!("{operation} of {key}"),
        user_agent: "somebody else".to_owned(),
        source_ip: "198.51.100.7".to_owned(),
    };
    match range.answer(call).await.answer {
        Answer::Reply(reply) => Ok(reply),
        Answer::Error(error) => Err(error),
        Answer::NoReply | Answer::Garbage(..) => panic!("nothing goes wrong for mallory"),
    }
}
