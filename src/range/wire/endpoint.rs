//! One endpoint for every service: from an HTTP request to a call, and from an answer to a response.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use serde_json::{Map, Value};

use super::read::{self, Misfit};
use super::reply::Reply;
use super::route::{self, Credential, NoRoute, Route};
use super::table::{Kind, Location, Protocol, Service, Shape};
use super::{Answer, ApiCall, ApiError, World, check, form, moment};
use crate::base::{Clock, Digest};

/// The longest body that is read: a support case may carry 5 MiB of attachments, in base64.
pub const MAX_BODY: usize = 8 * 1024 * 1024;

/// A world behind the wire.
pub struct Endpoint {
    world: Arc<dyn World>,
    clock: Clock,
    seed: u64,
    requests: AtomicU64,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Endpoint").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// An endpoint for a world. The clock dates refusals that never reach the world; request ids follow from the seed.
    pub fn new(world: Arc<dyn World>, clock: Clock, seed: u64) -> Self {
        Self { world, clock, seed, requests: AtomicU64::new(0) }
    }

    /// Answers one request; nothing when the connection dies instead.
    pub async fn answer(&self, request: Request<Bytes>, source_ip: &str) -> Option<Response<Bytes>> {
        let request_id = self.next_request_id();
        let (reply, date) = match receive(&request, source_ip, &request_id) {
            Err(refusal) => (*refusal, self.clock.now()),
            Ok((route, call)) => {
                let answered = self.world.answer(call).await;
                (send(&route, answered.answer, &request_id)?, answered.date)
            }
        };
        Some(reply.into_response(&moment::http_date(date), &request_id))
    }

    /// Refuses a request whose body is longer than [`MAX_BODY`], and was therefore not read.
    pub(super) fn refuse_body(&self, headers: &HeaderMap) -> Response<Bytes> {
        let request_id = self.next_request_id();
        let reply = Reply::error(route::guess(headers), None, &too_large(), &request_id);
        reply.into_response(&moment::http_date(self.clock.now()), &request_id)
    }

    /// A version 4 UUID, as AWS's request ids are, that follows from the seed.
    fn next_request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let digits = Digest::of_bytes(format!("request {} {number}", self.seed).as_bytes()).to_string();
        format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[12..15], &digits[15..18], &digits[18..30])
    }
}

fn receive(request: &Request<Bytes>, source_ip: &str, request_id: &str) -> Result<(Route, ApiCall), Box<Reply>> {
    let headers = request.headers();
    let refuse = |service: Option<&Service>, error: &ApiError| {
        let protocol = service.map_or_else(|| route::guess(headers), |service| service.protocol);
        Box::new(Reply::error(protocol, service, error, request_id))
    };
    if request.body().len() > MAX_BODY {
        return Err(refuse(None, &too_large()));
    }
    let credential = Credential::read(headers).ok_or_else(|| refuse(None, &unsigned(route::guess(headers))))?;
    let route =
        route::find(&credential.signing_name, request).map_err(|NoRoute { service, error }| refuse(service, &error))?;
    let input = input(&route, request).map_err(|error| refuse(Some(route.service), &error))?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let call = ApiCall {
        service: route.service.name,
        operation: &route.operation.name,
        region: credential.region,
        input,
        access_key: Some(credential.access_key),
        session_token: text("x-amz-security-token"),
        request_id: request_id.to_owned(),
        user_agent: text(header::USER_AGENT.as_str()).unwrap_or_default(),
        source_ip: source_ip.to_owned(),
    };
    Ok((route, call))
}

fn send(route: &Route, answer: Answer, request_id: &str) -> Option<Reply> {
    let service = route.service;
    let error = |error: &ApiError| Reply::error(service.protocol, Some(service), error, request_id);
    match answer {
        Answer::NoReply => None,
        Answer::Garbage(bytes, status) => Some(Reply::garbage(service, status, bytes)),
        Answer::Error(refused) => Some(error(&refused)),
        Answer::Reply(output) => {
            Some(Reply::output(service, route.operation, &output, request_id).unwrap_or_else(|fault| {
                let message = format!("the range's own reply to `{}` does not fit: {fault}", route.operation.name);
                error(&ApiError::new("InternalFailure", 500, message))
            }))
        }
    }
}

fn too_large() -> ApiError {
    ApiError::new("RequestEntityTooLarge", 413, format!("the body is longer than {MAX_BODY} bytes"))
}

fn unsigned(protocol: Protocol) -> ApiError {
    let code = match protocol {
        Protocol::Query => "MissingAuthenticationToken",
        Protocol::RestJson | Protocol::Json => "MissingAuthenticationTokenException",
    };
    ApiError::new(code, 403, "Request is missing Authentication Token")
}

/// Reads and validates the input of an operation.
fn input(route: &Route, request: &Request<Bytes>) -> Result<Value, ApiError> {
    let service = route.service;
    let malformed = |message: String| match service.protocol {
        Protocol::Query => ApiError::new("MalformedInput", 400, message),
        Protocol::RestJson | Protocol::Json => ApiError::new("SerializationException", 400, message),
    };
    let Some(shape) = route.operation.input.as_deref().map(|name| service.shape(name)) else {
        return Ok(Value::Object(Map::new()));
    };
    let read = match service.protocol {
        Protocol::Query => route.form.read(service, shape),
        Protocol::RestJson | Protocol::Json => {
            let body = body(request.body()).map_err(malformed)?;
            read::from_json(service, shape, body).and_then(|input| bound(route, shape, request, input))
        }
    };
    let input = read.map_err(|misfit| malformed(misfit.to_string()))?;
    match check::violations(service, shape, &input) {
        None => Ok(input),
        Some(message) if service.protocol == Protocol::Query => Err(ApiError::new("ValidationError", 400, message)),
        Some(message) => Err(ApiError::new("ValidationException", 400, message)),
    }
}

/// A JSON body; none at all is an empty object.
fn body(bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(bytes).map_err(|error| format!("the body is not JSON: {error}"))
}

/// Adds the members that travel in the path, the query string and the headers.
fn bound(route: &Route, shape: &Shape, request: &Request<Bytes>, mut input: Value) -> Result<Value, Misfit> {
    let query = form::fields(request.uri().query().unwrap_or("")).unwrap_or_default();
    let headers: &HeaderMap = request.headers();
    for member in &shape.members {
        let name = member.wire_name();
        let named = |fields: &[(String, String)]| fields.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone());
        let of = route.service.shape_of(member);
        if member.location == Location::Query && of.kind == Kind::List {
            // A list in a query string is its name once for each item.
            let sent = query.iter().filter(|(key, _)| key == name);
            let items: Result<Vec<Value>, Misfit> =
                sent.map(|(_, text)| read::from_text(route.service.item_of(of), text)).collect();
            let items = items?;
            if !items.is_empty() {
                input[&member.name] = items.into();
            }
            continue;
        }
        let text = match member.location {
            Location::Body => None,
            Location::Uri => named(&route.labels),
            Location::Query => named(&query),
            Location::Header => headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned),
        };
        if let Some(text) = text {
            input[&member.name] = read::from_text(of, &text)?;
        }
    }
    Ok(input)
}
