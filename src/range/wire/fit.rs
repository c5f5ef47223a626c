//! For tests: whether a world's calls and answers have the shapes of the service models.

use serde_json::Value;

use super::check::violations;
use super::reply::Reply;
use super::table::service;
use super::{Answer, ApiCall, models_error};

/// Errors that services send without listing them for an operation.
const EVERYWHERE: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalFailure",
    "InvalidClientTokenId",
    "InvalidParameterValue",
    "MissingAuthenticationToken",
    "MissingParameter",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "SubscriptionRequiredException",
    "Throttling",
    "ThrottlingException",
    "UnrecognizedClientException",
    "ValidationError",
    "ValidationException",
];

/// What is wrong with a call, or with the answer to it.
pub(crate) fn misfit(call: &ApiCall, answer: &Answer) -> Option<String> {
    let service = service(call.service);
    let Some(operation) = service.operation(call.operation) else { return Some("no such operation".to_owned()) };
    if let Some(broken) =
        operation.input.as_deref().and_then(|shape| violations(service, service.shape(shape), &call.input))
    {
        return Some(format!("the call: {broken}"));
    }
    match answer {
        Answer::Reply(value) => {
            let shape = operation.output.as_deref().map(|shape| service.shape(shape));
            let written =
                Reply::output(service, operation, value, "r").err().map(|error| format!("the reply: {error}"));
            let breaks = |value: &Value| shape.and_then(|shape| violations(service, shape, value));
            written.or_else(|| breaks(value).map(|broken| format!("the reply: {broken}")))
        }
        Answer::Error(error) => {
            let known =
                EVERYWHERE.contains(&error.code.as_str()) || models_error(call.service, call.operation, &error.code);
            (!known).then(|| format!("the error `{}` is not one of its errors", error.code))
        }
        Answer::NoReply | Answer::Garbage(..) => None,
    }
}
