//! For tests: every operation of the table goes through the endpoint and back, written and read by code that shares
//! nothing with the wire but the table.

use bytes::Bytes;
use http::{Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value, json};

use super::fixtures::{endpoint, form, maximal, output, signed};
use super::table::{Kind, Location, Operation, Protocol, Service, Shape, services};
use super::{Answer, MAX_BODY, ServiceName};

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn flatten(service: &Service, shape: &Shape, value: &Value, at: &str, fields: &mut Vec<String>) {
    match shape.kind {
        Kind::Structure => {
            for member in &shape.members {
                if let Some(value) = value.get(&member.name) {
                    let name = member.wire_name();
                    let at = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
                    flatten(service, service.shape_of(member), value, &at, fields);
                }
            }
        }
        Kind::List => {
            for (index, item) in value.as_array().expect("a list").iter().enumerate() {
                flatten(service, service.item_of(shape), item, &format!("{at}.member.{}", index + 1), fields);
            }
        }
        _ => fields.push(format!("{at}={}", encoded(&text_of(value)))),
    }
}

/// Spells the members of a JSON body as they travel.
fn as_sent(service: &Service, shape: &Shape, value: &Value) -> Value {
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(members)) => {
            let sent = |(name, value): (&String, &Value)| {
                let member = shape.members.iter().find(|member| member.name == *name).expect("a member");
                (member.wire_name().to_owned(), as_sent(service, service.shape_of(member), value))
            };
            members.iter().map(sent).collect()
        }
        (Kind::List, Value::Array(items)) => {
            items.iter().map(|item| as_sent(service, service.item_of(shape), item)).collect()
        }
        _ => value.clone(),
    }
}

fn request(service: &Service, operation: &Operation, input: &Value) -> Request<Bytes> {
    let shape = operation.input.as_deref().map(|name| service.shape(name));
    let mut path = operation.path.clone();
    let mut query = Vec::new();
    let mut body = input.clone();
    let mut headers = Vec::new();
    for member in shape.iter().flat_map(|shape| &shape.members).filter(|member| member.location != Location::Body) {
        let value = body.as_object_mut().expect("an object").remove(&member.name).expect("it is maximal");
        let name = member.wire_name();
        if let Value::Array(items) = &value {
            query.extend(items.iter().map(|item| format!("{name}={}", encoded(&text_of(item)))));
            continue;
        }
        let text = text_of(&value);
        match member.location {
            Location::Uri => path = path.replace(&format!("{{{name}}}"), &encoded(&text)),
            Location::Query => query.push(format!("{name}={}", encoded(&text))),
            Location::Header => headers.push((name.to_owned(), text)),
            Location::Body => unreachable!("it was filtered"),
        }
    }
    let uri = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    let mut request = signed(&service.signing_name, &operation.method, &uri);
    for (name, text) in headers {
        request = request.header(name, text);
    }
    let body = match service.protocol {
        Protocol::Query => {
            let mut fields = vec![format!("Action={}", operation.name), format!("Version={}", service.version)];
            if let Some(shape) = shape {
                flatten(service, shape, input, "", &mut fields);
            }
            fields.join("&")
        }
        Protocol::RestJson => shape.map_or(body.clone(), |shape| as_sent(service, shape, &body)).to_string(),
        Protocol::Json => {
            let prefix = service.target_prefix.as_deref().expect("a prefix");
            request = request.header("x-amz-target", format!("{prefix}.{}", operation.name));
            body.to_string()
        }
    };
    request.body(Bytes::from(body)).expect("a request")
}

/// An XML element.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn parse(text: &[u8]) -> Self {
        let mut reader = Reader::from_str(std::str::from_utf8(text).expect("UTF-8"));
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().expect("well-formed XML") {
                Event::Start(start) => {
                    let name = start.name().as_ref().to_owned();
                    open.push(Self { name, ..Self::default() });
                }
                Event::End(_) => {
                    let done = open.pop().expect("an open element");
                    open.last_mut().expect("an open element").children.push(done);
                }
                Event::Text(text) => {
                    open.last_mut().expect("an open element").text.push_str(&text);
                }
                Event::GeneralRef(reference) => {
                    let c = match &*reference {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        other => panic!("an unknown reference `{other}`"),
                    };
                    open.last_mut().expect("an open element").text.push(c);
                }
                Event::Eof => return open.pop().and_then(|mut root| root.children.pop()).expect("a root"),
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn value(&self, service: &Service, shape: &Shape) -> Value {
        match shape.kind {
            Kind::Structure => {
                let named = |member: &super::table::Member| {
                    let child = self.child(member.wire_name())?;
                    Some((member.name.clone(), child.value(service, service.shape_of(member))))
                };
                Value::Object(shape.members.iter().filter_map(named).collect())
            }
            Kind::List => self.children.iter().map(|child| child.value(service, service.item_of(shape))).collect(),
            Kind::Map => {
                let entry = |entry: &Self| {
                    let value = entry.child("value").expect("a value").value(service, service.value_of(shape));
                    (entry.child("key").expect("a key").text.clone(), value)
                };
                Value::Object(self.children.iter().map(entry).collect())
            }
            Kind::String if shape.uri_encoded => {
                percent_decode_str(&self.text).decode_utf8().expect("UTF-8").into_owned().into()
            }
            Kind::String | Kind::Timestamp | Kind::Blob => self.text.clone().into(),
            _ => serde_json::from_str(&self.text).expect("a number or a boolean"),
        }
    }
}

/// Turns the timestamps of a parsed JSON body into texts.
fn with_texts(service: &Service, shape: &Shape, value: &Value) -> Value {
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(members)) => {
            let mut read = Map::new();
            for (name, value) in members {
                let member = shape.members.iter().find(|member| member.wire_name() == name).expect("a member");
                read.insert(member.name.clone(), with_texts(service, service.shape_of(member), value));
            }
            Value::Object(read)
        }
        (Kind::List, Value::Array(items)) => {
            items.iter().map(|item| with_texts(service, service.item_of(shape), item)).collect()
        }
        (Kind::Timestamp, Value::Number(seconds)) => {
            assert_eq!(seconds.as_i64(), Some(1_795_316_400));
            "2026-11-22T03:00:00Z".into()
        }
        _ => value.clone(),
    }
}

fn parsed(service: &Service, operation: &Operation, response: &Response<Bytes>) -> Value {
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("ASCII"));
    let Some(shape) = operation.output.as_deref().map(|name| service.shape(name)) else {
        return json!({});
    };
    let mut value = match service.protocol {
        Protocol::Query => {
            let root = Element::parse(response.body());
            assert_eq!(root.name, format!("{}Response", operation.name));
            let request_id = root.child("ResponseMetadata").and_then(|meta| meta.child("RequestId")).expect("an id");
            assert_eq!(Some(request_id.text.as_str()), header("x-amzn-requestid"));
            root.child(&format!("{}Result", operation.name)).expect("a result").value(service, shape)
        }
        _ if shape.payload.is_some() => {
            let frame = aws_smithy_eventstream::frame::read_message_from(&response.body()[..]).expect("a frame");
            let event = serde_json::from_slice::<Value>(frame.payload()).expect("JSON");
            json!({ "completion": [{ "chunk": event }] })
        }
        _ => with_texts(service, shape, &serde_json::from_slice(response.body()).expect("JSON")),
    };
    for member in shape.members.iter().filter(|member| member.location == Location::Header) {
        value[&member.name] = header(member.wire_name()).expect("a header").into();
    }
    value
}

#[tokio::test]
async fn every_operation_goes_there_and_back() {
    let (world, endpoint) = endpoint();
    for service in services() {
        for operation in &service.operations {
            let input = operation.input.as_deref().map_or_else(|| json!({}), |n| maximal(service, service.shape(n)));
            let response = endpoint.answer(request(service, operation, &input), "192.0.2.1").await.expect("a reply");
            let text = String::from_utf8_lossy(response.body()).into_owned();
            assert_eq!(response.status().as_u16(), operation.status, "{}: {text}", operation.name);
            let call = world.last();
            assert_eq!((call.service, call.operation), (service.name, operation.name.as_str()));
            assert_eq!(call.input, input, "{}", operation.name);
            assert_eq!((call.region.as_str(), call.source_ip.as_str()), ("eu-west-1", "192.0.2.1"));
            let wanted = output(service.name, &operation.name);
            assert_eq!(parsed(service, operation, &response), wanted, "{}: {text}", operation.name);
            assert_eq!(response.headers()["date"], "Sun, 22 Nov 2026 00:00:00 GMT");
            assert_eq!(response.headers()["x-amzn-requestid"], call.request_id.as_str());
        }
    }
}

#[tokio::test]
async fn whatever_is_demanded_and_missing_is_refused() {
    let (world, endpoint) = endpoint();
    for service in services() {
        for operation in &service.operations {
            let Some(shape) = operation.input.as_deref().map(|name| service.shape(name)) else { continue };
            let input = maximal(service, shape);
            for member in shape.members.iter().filter(|m| m.required && m.location == Location::Body) {
                let mut without = input.clone();
                without.as_object_mut().expect("an object").remove(&member.name);
                let response = endpoint.answer(request(service, operation, &without), "").await.expect("a reply");
                let text = String::from_utf8_lossy(response.body()).into_owned();
                assert_eq!(response.status(), 400, "{}: {text}", operation.name);
                assert!(
                    text.contains("ValidationE") || response.headers()["x-amzn-errortype"] == "ValidationException"
                );
                assert!(text.contains("Member must not be null"), "{text}");
            }
        }
    }
    assert!(world.calls.lock().expect("a lock").is_empty());
}

/// The status and the body of a reply.
async fn ask(request: Request<Bytes>) -> (u16, String) {
    let (_, endpoint) = endpoint();
    let response = endpoint.answer(request, "").await.expect("a reply");
    (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
}

fn bytes(builder: http::request::Builder, body: impl Into<Bytes>) -> Request<Bytes> {
    builder.body(body.into()).expect("a request")
}

#[tokio::test]
async fn malformed_requests_are_refused_in_their_protocol() {
    let support = || signed("support", "POST", "/").header("x-amz-target", "AWSSupport_20130415.CreateCase");
    let cases: Vec<(Request<Bytes>, u16, &str)> = vec![
        (form("Action=Fly&Version=2010-05-08"), 400, "<Code>InvalidAction</Code>"),
        (form("Action=GetRole&RoleName=a"), 400, "NO_VERSION_SPECIFIED"),
        (form("RoleName=a"), 400, "<Code>MissingAction</Code>"),
        (form("Action=GetRole&Version=2010-05-08&RoleName=%FF"), 400, "<Code>MalformedInput</Code>"),
        (form("Action=ListRoles&Version=2010-05-08&MaxItems=x"), 400, "<Code>MalformedInput</Code>"),
        (form("Action=ListRoles&Version=2010-05-08&MaxItems=0"), 400, "<Code>ValidationError</Code>"),
        (bytes(support(), "{"), 400, r#"{"__type":"SerializationException""#),
        (bytes(support(), "[]"), 400, "START_ARRAY can not be converted to Map"),
        (bytes(support(), r#"{"subject":1}"#), 400, "NUMBER_VALUE can not be converted to String"),
        (bytes(support(), [0x22, 0xFF, 0x22].as_slice()), 400, "SerializationException"),
        (bytes(support(), "[".repeat(100_000)), 400, "SerializationException"),
        (bytes(signed("support", "POST", "/"), "{}"), 400, "UnknownOperationException"),
        (bytes(signed("bedrock", "GET", "/nothing"), ""), 404, "{}"),
        (bytes(signed("bedrock", "GET", "/agents/short/"), ""), 400, "at 'agentId' failed to satisfy constraint"),
        (bytes(signed("bedrock", "DELETE", "/agents/AGENT00001?skipResourceInUseCheck=perhaps"), ""), 400, "Boolean"),
        (bytes(signed("s3", "GET", "/"), ""), 404, "no service that signs as `s3`"),
        (bytes(Request::builder().uri("/agents/"), ""), 403, "Request is missing Authentication Token"),
        (form(&"a.".repeat(MAX_BODY)), 413, "<Code>RequestEntityTooLarge</Code>"),
    ];
    for (request, status, text) in cases {
        let what = format!("{} {:.80}", request.uri(), String::from_utf8_lossy(request.body()));
        let (got, body) = ask(request).await;
        assert_eq!(got, status, "{what}: {body}");
        assert!(body.contains(text), "{what}: {body}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_makes_no_difference() {
    let (world, endpoint) = endpoint();
    for path in ["/agents", "/agents/"] {
        let request = bytes(signed("bedrock", "POST", path), r#"{"maxResults":5,"nextToken":null}"#);
        assert_eq!(endpoint.answer(request, "").await.expect("a reply").status(), 200);
        assert_eq!(world.last().input, json!({"maxResults": 5}));
    }
}

#[tokio::test]
async fn a_reply_that_does_not_fit_is_the_fault_of_the_range() {
    let (world, endpoint) = endpoint();
    world.answer_next(Answer::Reply(json!({"Role": {"Path": "/"}})));
    let response = endpoint.answer(form("Action=GetRole&Version=2010-05-08&RoleName=a"), "").await.expect("a reply");
    let text = String::from_utf8_lossy(response.body()).into_owned();
    assert_eq!(response.status(), 500);
    assert!(text.contains("reply to `GetRole` does not fit: `Role.RoleName` is missing"), "{text}");
    assert!(text.contains("<Type>Receiver</Type>"));
}

#[tokio::test]
async fn callers_are_known_by_key_and_token() {
    let (world, endpoint) = endpoint();
    let mut request = form("Action=GetCallerIdentity&Version=2011-06-15");
    let scope = request.headers()["authorization"].to_str().expect("ASCII").replace("/iam/", "/sts/");
    request.headers_mut().insert("authorization", scope.parse().expect("a header"));
    request.headers_mut().insert("x-amz-security-token", "token/1==".parse().expect("a header"));
    request.headers_mut().insert("user-agent", "Boto3/1.43".parse().expect("a header"));
    endpoint.answer(request, "").await.expect("a reply");
    let call = world.last();
    assert_eq!(call.service, ServiceName::Sts);
    assert_eq!(call.access_key.as_deref(), Some("AKIAIOSFODNN7EXAMPLE"));
    assert_eq!(call.session_token.as_deref(), Some("token/1=="));
    assert_eq!(call.user_agent, "Boto3/1.43");
}
