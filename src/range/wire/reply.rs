//! Puts answers into HTTP, each protocol with its own envelopes.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::table::{Location, Operation, Protocol, Service, Shape};
use super::write::{WriteError, scalar, to_json};
use super::{ApiError, event_stream, xml};

/// A reply before it has its date and its request id.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    content_type: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
}

impl Reply {
    fn new(status: u16, content_type: impl Into<String>, body: Vec<u8>) -> Self {
        Self { status, content_type: content_type.into(), headers: Vec::new(), body }
    }

    /// A reply that is none: bytes under the content type that the service has.
    pub(super) fn garbage(service: &Service, status: u16, body: Vec<u8>) -> Self {
        Self::new(status, content_type(service.protocol, &service.json_version), body)
    }

    /// The output of an operation.
    pub(super) fn output(
        service: &Service,
        operation: &Operation,
        value: &Value,
        request_id: &str,
    ) -> Result<Self, WriteError> {
        let content_type = content_type(service.protocol, &service.json_version);
        let output = operation.output.as_deref().map(|name| service.shape(name));
        let mut reply = Self::new(operation.status, content_type, Vec::new());
        match (service.protocol, output) {
            (Protocol::Query, _) => reply.body = xml::reply(service, operation, value, request_id)?,
            (_, None) => reply.body = b"{}".to_vec(),
            (_, Some(shape)) => {
                let body = to_json_body(service, shape, value)?;
                reply.headers = headers(service, shape, value)?;
                match body {
                    Body::Json(text) => reply.body = text.into_bytes(),
                    Body::Events(frames) => {
                        reply.body = frames;
                        reply.content_type = "application/vnd.amazon.eventstream".to_owned();
                    }
                }
            }
        }
        Ok(reply)
    }

    /// An error in the envelope of a protocol; the service is missing where no request of one was recognised.
    pub(super) fn error(protocol: Protocol, service: Option<&Service>, error: &ApiError, request_id: &str) -> Self {
        let json_version = service.map_or("1.1", |service| &service.json_version);
        let content_type = content_type(protocol, json_version);
        if protocol == Protocol::Query {
            let namespace = service.map_or("", |service| &service.namespace);
            return Self::new(error.status, content_type, xml::error(namespace, error, request_id));
        }
        let mut body = Map::new();
        if protocol == Protocol::Json {
            body.insert("__type".to_owned(), error.code.clone().into());
        }
        if !error.message.is_empty() {
            body.insert("message".to_owned(), error.message.clone().into());
        }
        body.extend(error.fields.iter().cloned());
        let mut reply = Self::new(error.status, content_type, Value::Object(body).to_string().into_bytes());
        if let Ok(code) = HeaderValue::from_str(&error.code) {
            reply.headers.push((HeaderName::from_static("x-amzn-errortype"), code));
        }
        // FACT sqs-query-error
        if let Some(code) = service.and_then(|service| service.query_code(&error.code)) {
            let whose = if error.status < 500 { "Sender" } else { "Receiver" };
            if let Ok(told) = HeaderValue::from_str(&format!("{code};{whose}")) {
                reply.headers.push((HeaderName::from_static("x-amzn-query-error"), told));
            }
        }
        reply
    }

    /// The whole response.
    pub(super) fn into_response(self, date: &str, request_id: &str) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.extend(self.headers);
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(CONTENT_TYPE, &self.content_type);
        set(DATE, date);
        set(HeaderName::from_static("x-amzn-requestid"), request_id);
        response
    }
}

fn content_type(protocol: Protocol, json_version: &str) -> String {
    match protocol {
        Protocol::Query => "text/xml".to_owned(),
        Protocol::RestJson => "application/json".to_owned(),
        Protocol::Json => format!("application/x-amz-json-{json_version}"),
    }
}

enum Body {
    Json(String),
    Events(Vec<u8>),
}

fn to_json_body(service: &Service, shape: &Shape, value: &Value) -> Result<Body, WriteError> {
    let Some(payload) = &shape.payload else {
        return Ok(Body::Json(to_json(service, shape, value, "")?.to_string()));
    };
    super::write::structure(shape, value, "")?;
    let member = shape.members.iter().find(|member| member.name == *payload);
    let stream = service.shape_of(member.expect("a payload is a member; a test proves it"));
    match stream.event_stream {
        true => event_stream::write(service, stream, &value[payload], payload).map(Body::Events),
        false => to_json(service, stream, &value[payload], payload).map(|value| Body::Json(value.to_string())),
    }
}

fn headers(service: &Service, shape: &Shape, value: &Value) -> Result<Vec<(HeaderName, HeaderValue)>, WriteError> {
    let mut headers = Vec::new();
    for member in shape.members.iter().filter(|member| member.location == Location::Header) {
        let Some(value) = value.get(&member.name).filter(|value| !value.is_null()) else { continue };
        let text = match scalar(service.shape_of(member), value, &member.name)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let travels = HeaderName::from_bytes(member.wire_name().as_bytes()).ok().zip(HeaderValue::from_str(&text).ok());
        headers.push(travels.ok_or_else(|| WriteError::Characters(member.name.clone()))?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::super::table::{Kind, services};
    use super::*;

    #[test]
    fn what_does_not_travel_in_the_body_is_simple() {
        for service in services() {
            for operation in &service.operations {
                for shape in operation.input.iter().chain(&operation.output).map(|name| service.shape(name)) {
                    for member in shape.members.iter().filter(|member| member.location != Location::Body) {
                        let kind = service.shape_of(member).kind;
                        let repeated = kind == Kind::List && member.location == Location::Query;
                        let simple = !matches!(kind, Kind::Structure | Kind::List | Kind::Map);
                        assert!(simple || repeated, "{}", member.name);
                    }
                    if let Some(payload) = &shape.payload {
                        assert!(shape.members.iter().any(|member| member.name == *payload));
                    }
                }
            }
        }
    }
}
