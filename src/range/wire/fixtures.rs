//! For tests: values made of shapes, and a world that answers with them.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Request;
use http::request::Builder;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::table::{Kind, Location, Service, Shape, service};
use super::{Answer, Answered, ApiCall, ApiError, Endpoint, ServiceName, World};
use crate::base::Clock;

/// Deeper than any shape that does not contain itself.
const DEEPEST: usize = 12;

/// Texts of which one fits every pattern of the table.
const TEXTS: &[&str] = &[
    "a < b & \"Ü\"",
    "DRAFT",
    "1",
    "AGENT00001",
    "/",
    "/a/",
    "a",
    "v1",
    "a-b-c",
    "123456",
    "111122223333",
    "AKIAIOSFODNN7EXAMPLE",
    "s3://bucket/key",
    "arn:aws:kendra:us-east-1:111122223333:index/12345678-1234-1234-1234-123456789012",
    "arn:aws:neptune-graph:us-east-1:111122223333:graph/g-abcdefghij",
    "arn:aws:es:us-east-1:111122223333:domain/search",
    "arn:aws:aoss:us-east-1:111122223333:collection/vectors",
    "database.schema.table",
    "arn:aws:rds:us-east-1:111122223333:cluster:vectors",
    "arn:aws:s3:::bucket",
    "arn:aws:secretsmanager:us-east-1:111122223333:secret:store",
    "arn:aws:redshift-serverless:us-east-1:111122223333:workgroup/12345678-1234-1234-1234-123456789012",
    "TA7SMP42TDN5Z26OBPJE7EXAMPLE",
    "arn:aws:iam::111122223333:role/web-task",
    "arn:aws:bedrock:us-east-1:111122223333:agent/AGENT00001",
    "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc",
    "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
    "arn:aws:lambda:us-east-1:111122223333:function:f",
    "11111111-2222-3333-4444-555555555555",
    "a text that is longer than forty characters, to be an instruction",
    "arn:aws:bedrock:us-east-1:111122223333:agent-alias/AGENT00001/ALIAS00001",
    "arn:aws:bedrock:us-east-1:111122223333:prompt/PROMPT0001",
    "arn:aws:bedrock:us-east-1::foundation-model/m",
    "arn:aws:bedrock:us-east-1::foundation-model/maker.model:0",
    "arn:aws:bedrock:us-east-1:111122223333:custom-model/maker.model:0/abcdefghij01",
    "arn:aws:bedrock:us-east-1:111122223333:automated-reasoning-policy/abcdefghij01",
    "maker.guardrail.v1:0",
    "arn:aws:lex:us-east-1:111122223333:bot-alias/A/B",
    "arn:aws:iam::111122223333:saml-provider/staff",
    "arn:aws:sso:::instance/ssoins-0123456789abcdef",
    "arn:aws:sso::111122223333:application/ssoins-0123456789abcdef/apl-0123456789abcdef",
    "arn:aws:sso::111122223333:trustedTokenIssuer/ssoins-0123456789abcdef/tti-01234567-0123-0123-0123-0123456789ab",
    "qbusiness:SearchRelevantContent",
    "https://example.com",
    "eu-west-1",
    // A text that is an address of a certain file, or nothing.
    "",
];

/// A value that has every member of its shape, in the form in which worlds see and say it.
pub(super) fn maximal(service: &Service, shape: &Shape) -> Value {
    value(service, shape, 0).expect("operations do not contain themselves")
}

fn value(service: &Service, shape: &Shape, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let below = |shape: &Shape| value(service, shape, depth + 1);
    Some(match shape.kind {
        Kind::Structure => {
            let mut members = Map::new();
            for member in &shape.members {
                let made = match member.location {
                    Location::Body => below(service.shape_of(member)),
                    Location::Query if service.shape_of(member).kind == Kind::List => below(service.shape_of(member)),
                    // Headers carry ASCII.
                    _ => plain(service.shape_of(member))
                        .map(|made| if made.to_string().is_ascii() { made } else { "a".into() }),
                };
                match made {
                    Some(made) => drop(members.insert(member.name.clone(), made)),
                    None if member.required => return None,
                    None => {}
                }
                if shape.union && !members.is_empty() {
                    break;
                }
            }
            // Too deep down for any of its alternatives.
            if shape.union && members.is_empty() {
                return None;
            }
            Value::Object(members)
        }
        Kind::List => {
            let count = shape.min.unwrap_or(0.0).max(shape.max.unwrap_or(2.0).min(2.0)) as usize;
            below(service.item_of(shape)).map_or_else(|| json!([]), |item| vec![item; count].into())
        }
        Kind::Map => {
            let Value::String(key) = below(service.key_of(shape))? else { return None };
            json!({ key: below(service.value_of(shape))? })
        }
        _ => plain(shape)?,
    })
}

/// A value that is no structure, list or map.
fn plain(shape: &Shape) -> Option<Value> {
    let (min, max) = (shape.min.unwrap_or(0.0), shape.max.unwrap_or(f64::MAX));
    Some(match shape.kind {
        Kind::String => {
            let fits = |text: &&&str| {
                let length = text.chars().count() as f64;
                length >= min && length <= max && shape.pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
            };
            match shape.allowed.first() {
                Some(allowed) => allowed.as_str().into(),
                None => (**TEXTS.iter().find(fits).unwrap_or_else(|| panic!("no text fits {shape:?}"))).into(),
            }
        }
        Kind::Integer | Kind::Long => (min.max(max.min(7.0)) as i64).into(),
        Kind::Float | Kind::Double => min.max(max.min(0.5)).into(),
        Kind::Boolean => true.into(),
        Kind::Timestamp => "2026-11-22T03:00:00Z".into(),
        Kind::Blob => "aGVsbG8=".into(),
        Kind::Document => json!({"a": [1, "b"]}),
        Kind::Structure | Kind::List | Kind::Map => return None,
    })
}

/// The output that the world of these tests gives.
pub(super) fn output(service_name: ServiceName, operation: &str) -> Value {
    let service = service(service_name);
    let operation = service.operation(operation).expect("an operation of the table");
    let Some(output) = &operation.output else { return json!({}) };
    let shape = service.shape(output);
    let mut made = maximal(service, shape);
    if let Some(payload) = &shape.payload {
        made[payload] = json!([made[payload]]);
    }
    made
}

/// A world that remembers what it was asked, and answers with maximal outputs unless told otherwise.
#[derive(Default)]
pub(super) struct Fixtures {
    pub(super) calls: Mutex<Vec<ApiCall>>,
    pub(super) next: Mutex<Option<Answer>>,
}

impl Fixtures {
    /// The last call.
    pub(super) fn last(&self) -> ApiCall {
        self.calls.lock().expect("a lock").last().cloned().expect("a call")
    }

    /// Says what the next call is answered.
    pub(super) fn answer_next(&self, answer: Answer) {
        *self.next.lock().expect("a lock") = Some(answer);
    }

    /// An error for the next call.
    pub(super) fn refuse_next(&self, error: ApiError) {
        self.answer_next(Answer::Error(error));
    }
}

impl World for Fixtures {
    fn answer(&self, call: ApiCall) -> BoxFuture<'_, Answered> {
        async move {
            tokio::task::yield_now().await;
            let told = self.next.lock().expect("a lock").take();
            let answer = told.unwrap_or_else(|| Answer::Reply(output(call.service, call.operation)));
            self.calls.lock().expect("a lock").push(call);
            Answered { answer, date: midnight() }
        }
        .boxed()
    }
}

/// The time in the world of these tests.
pub(super) fn midnight() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().expect("a timestamp")
}

/// A world of fixtures and the endpoint before it.
pub(super) fn endpoint() -> (Arc<Fixtures>, Arc<Endpoint>) {
    let world = Arc::new(Fixtures::default());
    (Arc::clone(&world), Arc::new(Endpoint::new(world, Clock::starting_at(midnight()), 1)))
}

/// A request that says it is signed for a service.
pub(super) fn signed(signing_name: &str, method: &str, path: &str) -> Builder {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261122/eu-west-1/{signing_name}/aws4_request, \
         SignedHeaders=host, Signature=00"
    );
    Request::builder().method(method).uri(path).header("authorization", scope)
}

/// A form for IAM.
pub(super) fn form(text: &str) -> Request<Bytes> {
    let request = signed("iam", "POST", "/").header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    request.body(Bytes::copy_from_slice(text.as_bytes())).expect("a request")
}
