//! From what a file, a stream or a queue holds to single events.

use serde_json::value::RawValue;

use super::detection::Detection;
use super::envelope::bad_envelope;
use super::node::{BadNode, Node};
use super::shape::{Shape, enveloped, small_letters};
use super::wrapping::{Inner, Peeled, decoded, inflated, packed, peel};

/// The most wrappings around an event.
pub(super) const DEEPEST: usize = 8;
/// The most steps on the way to one: wrappings, and lists in them.
const MOST_STEPS: usize = 2 * DEEPEST;
/// The most bytes that are read in all: what is given, and what of it is inflated.
pub(super) const MOST_READ: usize = 8 * 1024 * 1024;
/// The most bytes that are inflated in vain as well: one bomb must not lose the rest, and many must not keep anybody waiting.
const MOST_WORKED: usize = 8 * MOST_READ;
/// The most bytes that the events have in all, since an envelope is repeated for each of its findings.
const MOST_WRITTEN: usize = 32 * 1024 * 1024;
/// The most bytes of one event: AWS's own have 256 KiB at most.
pub(super) const LARGEST: usize = 1024 * 1024;
/// The most events, and things that are none, of one input.
pub(super) const MOST: usize = 10_000;

/// What an input holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Unwrapped {
    /// The events, in their order.
    pub events: Vec<Detection>,
    /// What could not be read, in its order.
    pub unread: Vec<Unread>,
}

/// Something that could not be read as an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where it stands, such as `Records[3].body`.
    pub place: String,
    /// Why, as a fragment for people.
    pub why: String,
}

/// Why nothing of an input can be read.
#[derive(Debug, thiserror::Error)]
pub enum BadInput {
    /// It is too large to be looked at.
    #[error("it has more than {MOST_READ} bytes")]
    TooLarge,
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It is no JSON, no lines of JSON, and nothing compressed that would be.
    #[error("{0}")]
    Unreadable(String),
}

/// Finds the events in what a file, stdin, the body of a request or a message holds.
///
/// Events of EventBridge and bare findings or records (GuardDuty as EventBridge or as the API writes them, ASFF, OCSF, CloudTrail) are
/// taken out of lists, lines of JSON, log files of CloudTrail, Amazon SNS, Amazon SQS, Kinesis, CloudWatch Logs, Lambda and Pipes, in
/// any order and compressed or not. What cannot be read stands beside the events and loses none of them.
///
/// # Errors
/// Where nothing can be read at all.
pub fn unwrap(bytes: &[u8]) -> Result<Unwrapped, BadInput> {
    if bytes.len() > MOST_READ {
        return Err(BadInput::TooLarge);
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(BadInput::Empty);
    }
    let mut unwrapper =
        Unwrapper { out: Unwrapped::default(), read: bytes.len(), worked: 0, written: 0, is_full: false };
    match unwrapper.bytes(bytes, At::default()) {
        Ok(()) => Ok(unwrapper.out),
        Err(why) => Err(BadInput::Unreadable(why)),
    }
}

/// Where the unwrapping is.
#[derive(Debug, Clone, Default)]
struct At {
    way: Vec<&'static str>,
    place: String,
    steps: usize,
}

impl At {
    /// A step into what stands at a path.
    fn below(&self, path: &str) -> Result<Self, String> {
        if self.steps == MOST_STEPS {
            return Err(format!("it is wrapped and listed in more than {MOST_STEPS} steps"));
        }
        let dot = if self.place.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
        Ok(Self { way: self.way.clone(), place: format!("{}{dot}{path}", self.place), steps: self.steps + 1 })
    }

    /// A step into a wrapping.
    fn through(&self, wrapping: &'static str, path: &str) -> Result<Self, String> {
        let mut at = self.below(path)?;
        if at.way.len() == DEEPEST {
            return Err(format!("it is wrapped more than {DEEPEST} times"));
        }
        at.way.push(wrapping);
        Ok(at)
    }

    fn unread(&self, why: String) -> Unread {
        Unread { place: if self.place.is_empty() { "the input".to_owned() } else { self.place.clone() }, why }
    }
}

struct Unwrapper {
    out: Unwrapped,
    read: usize,
    worked: usize,
    written: usize,
    is_full: bool,
}

impl Unwrapper {
    /// Reads what one thing holds: JSON, lines of it, or either compressed.
    fn bytes(&mut self, bytes: &[u8], at: At) -> Result<(), String> {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let inside = at.through("gzip", "")?;
            let room = MOST_READ - self.read;
            if self.worked > MOST_WORKED {
                return Err("too much of the input is compressed too well".to_owned());
            }
            self.worked += room;
            let inner = inflated(bytes, room)?;
            self.worked -= room - inner.len();
            self.read += inner.len();
            return self.bytes(&inner, inside);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "it is neither a text nor gzip".to_owned())?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if let Some(inner) = packed(text) {
            return self.bytes(&inner, at.through("base64", "")?);
        }
        match values(text) {
            Ok(values) => self.values(&values, at),
            Err(whole) if text.contains('\n') => self.lines(text, &whole, &at),
            Err(whole) => Err(not_json(&whole)),
        }
    }

    /// Reads lines of JSON one by one, since one that is broken must not lose the others.
    fn lines(&mut self, text: &str, whole: &serde_json::Error, at: &At) -> Result<(), String> {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let read: Vec<(usize, Result<Vec<&RawValue>, _>)> =
            lines.map(|(number, line)| (number, values(line))).collect();
        if read.iter().all(|(_, values)| values.is_err()) {
            return Err(not_json(whole));
        }
        for (number, values) in read {
            let line = at.below(&format!("line {number}"))?;
            let done = values.map_err(|error| not_json(&error)).and_then(|values| self.values(&values, line.clone()));
            if !self.goes_on(done, &line) {
                break;
            }
        }
        Ok(())
    }

    fn values(&mut self, values: &[&RawValue], at: At) -> Result<(), String> {
        let read = |raw: &RawValue| Node::of(raw).map_err(|bad| bad.to_string());
        match values {
            [] => Err("it is empty".to_owned()),
            [one] => self.node(read(one)?, at),
            several => self.several(several.iter().map(|raw| read(raw)), "", &at),
        }
    }

    fn several(
        &mut self,
        items: impl Iterator<Item = Result<Node, String>>,
        list: &str,
        at: &At,
    ) -> Result<(), String> {
        for (number, item) in items.enumerate() {
            let one = at.below(&format!("{list}[{number}]"))?;
            let done = item.and_then(|item| self.node(item, one.clone()));
            if !self.goes_on(done, &one) {
                break;
            }
        }
        Ok(())
    }

    /// Takes off one wrapping.
    fn node(&mut self, node: Node, at: At) -> Result<(), String> {
        if let Some(name) = node.twice_here() {
            return Err(stands_twice(name));
        }
        match peel(node) {
            Peeled::Event(shape, node) => self.event(shape, node, at),
            Peeled::List(list, items) => self.several(items.into_iter().map(Ok), list, &at),
            Peeled::Wrapped(wrapping, path, Inner::Text(text)) => {
                let inside = at.through(wrapping, path)?;
                let done = self.bytes(text.as_bytes(), inside.clone());
                self.goes_on(done, &inside);
                Ok(())
            }
            Peeled::Wrapped(wrapping, path, Inner::Base64(text)) => {
                let inside = at.through(wrapping, path)?;
                let done = decoded(&text).and_then(|bytes| self.bytes(&bytes, inside.clone()));
                self.goes_on(done, &inside);
                Ok(())
            }
            Peeled::Nothing(why) => Err(why.to_owned()),
        }
    }

    /// Takes in an event, finding by finding.
    fn event(&mut self, shape: Shape, node: Node, mut at: At) -> Result<(), String> {
        at.way.push(shape.bare());
        let bare = if shape == Shape::GuardDutyOfApi { small_letters(node) } else { node };
        let mut envelope = enveloped(shape, bare)?;
        bad_envelope(&envelope)?;
        let Some(detail) = envelope.get_mut("detail") else { return self.single(&envelope, at) };
        if Shape::of(detail) == Some(Shape::GuardDutyOfApi) {
            let api = std::mem::replace(detail, Node::Null);
            *detail = small_letters(api);
        }
        if let Some(name) = envelope.twice() {
            return Err(stands_twice(name));
        }
        let findings = match envelope.get_mut("detail").and_then(|detail| detail.get_mut("findings")) {
            Some(Node::Array(findings)) if findings.len() > 1 => std::mem::take(findings),
            _ => return self.single(&envelope, at),
        };
        let around = written(&envelope).len();
        for (number, finding) in findings.into_iter().enumerate() {
            let one = at.below(&format!("detail.findings[{number}]"))?;
            let done = match finding.is_object() {
                true if self.written + around > MOST_WRITTEN => Err(too_much()),
                true => self.single(&with_finding(&envelope, finding), one.clone()),
                false => Err(format!("it is {}, and a finding is an object", finding.kind())),
            };
            if !self.goes_on(done, &one) {
                break;
            }
        }
        Ok(())
    }

    fn single(&mut self, envelope: &Node, at: At) -> Result<(), String> {
        if !envelope.is_shallow() {
            return Err(BadNode::TooDeep.to_string());
        }
        let text = written(envelope);
        // What is refused was work as well.
        self.written += text.len();
        if text.len() > LARGEST {
            return Err(format!("it has more than {LARGEST} bytes, and no event has"));
        }
        if self.written > MOST_WRITTEN {
            return Err(too_much());
        }
        if !self.is_full_at(&at) {
            let place = if at.place.is_empty() { "the input".to_owned() } else { at.place };
            self.out.events.push(Detection::new(envelope, text, at.way, place));
        }
        Ok(())
    }

    /// Keeps what went wrong, and tells whether there is room for more.
    fn goes_on(&mut self, done: Result<(), String>, at: &At) -> bool {
        if let Err(why) = done
            && !self.is_full_at(at)
        {
            self.out.unread.push(at.unread(why));
        }
        !self.is_full
    }

    /// Whether there is no room for what stands here; the first time, that is kept.
    fn is_full_at(&mut self, at: &At) -> bool {
        if !self.is_full && self.out.events.len() + self.out.unread.len() >= MOST {
            self.is_full = true;
            let why = format!("there are more than {MOST} things: from here on, none is read");
            self.out.unread.push(at.unread(why));
        }
        self.is_full
    }
}

/// The JSON values of a text, one after the other with or without space between them, as streams deliver them.
fn values(text: &str) -> Result<Vec<&RawValue>, serde_json::Error> {
    serde_json::Deserializer::from_str(text).into_iter().collect()
}

fn not_json(error: &serde_json::Error) -> String {
    format!("it is no JSON: {error}")
}

/// Readers differ in which of two members counts.
fn stands_twice(name: &str) -> String {
    format!("`{}` stands twice in one object", short(name))
}

fn too_much() -> String {
    format!("with it, the events would have more than {MOST_WRITTEN} bytes")
}

fn written(node: &Node) -> String {
    let mut text = String::new();
    node.write(&mut text);
    text
}

fn with_finding(envelope: &Node, finding: Node) -> Node {
    let mut envelope = envelope.clone();
    if let Some(findings) = envelope.get_mut("detail").and_then(|detail| detail.get_mut("findings")) {
        *findings = Node::Array(vec![finding]);
    }
    envelope
}

/// A text of an event, short enough to be quoted.
pub(super) fn short(text: &str) -> String {
    crate::base::on_screen_within(text.get(..text.floor_char_boundary(800)).unwrap_or_default(), 200)
}
