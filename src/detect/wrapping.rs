//! What events come wrapped in.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;

use super::node::Node;
use super::shape::Shape;

/// What a JSON value is to whoever looks for events.
pub(super) enum Peeled {
    /// An event, a finding or a record.
    Event(Shape, Node),
    /// A list of things, and the member that it stands in.
    List(&'static str, Vec<Node>),
    /// One wrapping, where what it holds stands, and that.
    Wrapped(&'static str, &'static str, Inner),
    /// None of these, and why.
    Nothing(&'static str),
}

/// What a wrapping holds.
pub(super) enum Inner {
    Text(String),
    Base64(String),
}

/// The members in which lists of events come: logs of CloudTrail and what Lambda gets, GetFindings, ReceiveMessage, LookupEvents,
/// subscriptions of CloudWatch Logs.
const LISTS: [&str; 6] = ["Records", "Findings", "findings", "Messages", "Events", "logEvents"];

/// A subscription or a log that says something about itself.
const NO_EVENT: &str = "it is a message of the service that carries events, and holds none";

/// Tells what a value is, and takes the outermost wrapping off.
pub(super) fn peel(node: Node) -> Peeled {
    if let Node::Array(items) = node {
        return Peeled::List("", items);
    }
    if let Node::Text(text) = node {
        return Peeled::Wrapped("text", "", Inner::Text(text));
    }
    if !node.is_object() {
        return Peeled::Nothing("it is no object");
    }
    if let Some(shape) = Shape::of(&node) {
        return Peeled::Event(shape, node);
    }
    if let Some(peeled) = message(&node) {
        return peeled;
    }
    let list = LISTS.into_iter().find(|list| matches!(node.get(list), Some(Node::Array(_))));
    match list.and_then(|list| Some((list, node.take(list)?))) {
        Some((list, Node::Array(items))) => Peeled::List(list, items),
        _ => Peeled::Nothing("it is no event, and nothing that events are known to come in"),
    }
}

fn message(node: &Node) -> Option<Peeled> {
    let text = |names: &[&str]| names.iter().try_fold(node, |node, name| node.get(name))?.text().map(str::to_owned);
    let plain = |wrapping, at, text| Some(Peeled::Wrapped(wrapping, at, Inner::Text(text)));
    let coded = |wrapping, at, text| Some(Peeled::Wrapped(wrapping, at, Inner::Base64(text)));
    if let Some(message) = text(&["Sns", "Message"]) {
        return plain("SNS", "Sns.Message", message);
    }
    if let (Some(message), Some(kind)) = (text(&["Message"]), node.text_of("Type")) {
        return match kind {
            "Notification" => plain("SNS", "Message", message),
            _ => Some(Peeled::Nothing(NO_EVENT)),
        };
    }
    if let Some(data) = text(&["awslogs", "data"]) {
        return coded("Lambda", "awslogs.data", data);
    }
    if node.text_of("messageType") == Some("CONTROL_MESSAGE") {
        return Some(Peeled::Nothing(NO_EVENT));
    }
    if let Some(data) = text(&["kinesis", "data"]) {
        return coded("Kinesis", "kinesis.data", data);
    }
    if let (Some(data), Some("aws:kinesis")) = (text(&["data"]), node.text_of("eventSource")) {
        return coded("Kinesis", "data", data);
    }
    if let Some(record) = text(&["CloudTrailEvent"]) {
        return plain("LookupEvents", "CloudTrailEvent", record);
    }
    if let (Some(message), Some(_)) = (text(&["message"]), node.get("timestamp")) {
        return plain("CloudWatch Logs", "message", message);
    }
    let is_http = node.get("requestContext").is_some() || node.get("isBase64Encoded").is_some();
    match (text(&["body"]), node.get("isBase64Encoded"), text(&["Body"])) {
        (Some(body), Some(Node::Bool(true)), _) => coded("HTTP", "body", body),
        (Some(body), ..) => plain(if is_http { "HTTP" } else { "SQS" }, "body", body),
        (None, _, Some(body)) => plain("SQS", "Body", body),
        (None, ..) => None,
    }
}

/// The bytes behind base64.
pub(super) fn decoded(text: &str) -> Result<Vec<u8>, String> {
    // What is encoded by hand has lines.
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| "it is no base64".to_owned())
}

/// What base64 of gzip holds, where a text is that: its first bytes are always the same.
pub(super) fn packed(text: &str) -> Option<Vec<u8>> {
    text.starts_with("H4sI").then(|| decoded(text).ok()).flatten()
}

/// What gzip holds, where it is at most so many bytes.
pub(super) fn inflated(bytes: &[u8], most: usize) -> Result<Vec<u8>, String> {
    let mut inner = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(bytes)
        .take(limit)
        .read_to_end(&mut inner)
        .map_err(|error| format!("it is no gzip: {error}"))?;
    match inner.len() > most {
        true => Err("it is larger than may be read, once it is inflated".to_owned()),
        false => Ok(inner),
    }
}
