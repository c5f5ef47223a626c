//! One event in its normal form.

use super::node::Node;
use super::shape::{Shape, subject};

/// An event as Amazon EventBridge delivers it, with at most one finding in it.
///
/// Whoever may put events on a bus, or messages into a queue, can write anything into one: it says where to look, and nothing of it is
/// the truth before the account has been read. Its ids and its `source` are texts of any length and with any characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    text: String,
    way: Vec<&'static str>,
    place: String,
    event_id: String,
    subject: String,
    source: String,
    detail_type: String,
}

impl Detection {
    /// An event whose envelope has been looked at, and is this text.
    pub(super) fn new(envelope: &Node, text: String, way: Vec<&'static str>, place: String) -> Self {
        let said = |name: &str| envelope.text_of(name).unwrap_or_default().to_owned();
        let of_detail = envelope.get("detail").and_then(subject).filter(|subject| !subject.is_empty());
        let event_id = said("id");
        let subject = of_detail.map_or_else(|| event_id.clone(), str::to_owned);
        Self { text, way, place, event_id, subject, source: said("source"), detail_type: said("detail-type") }
    }

    /// The envelope again.
    pub(super) fn envelope(&self) -> Node {
        let raw = serde_json::from_str(&self.text).expect("the text of an event");
        Node::of(raw).expect("an event of few levels")
    }

    /// The envelope as JSON: `id`, `detail-type`, `source`, `account`, `time`, `region`, `resources` and `detail`, for
    /// [`Event::read`](super::Event::read). Numbers have the digits that they came with. A member that neither an envelope nor a bare
    /// finding said is left out.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it was wrapped in, from the outside, such as `SQS > SNS > EventBridge`.
    pub fn way(&self) -> String {
        self.way.join(" > ")
    }

    /// Where it stands in what was read, such as `Records[3].body`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The `id` of the envelope; of a bare finding or record its own. It stays the same when an event is delivered again, and differs
    /// when a finding comes again with an update.
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// The id of the finding, or of the record of CloudTrail; of any other event that of its envelope. It stays the same when a
    /// finding comes again with an update.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What tells this event apart from every other: [`Self::event_id`] and [`Self::subject`], since one envelope can have several
    /// findings.
    pub fn identity(&self) -> (&str, &str) {
        (self.event_id(), self.subject())
    }

    /// The `source`, such as `aws.guardduty`. Only AWS can put events with an `aws.` source on a bus; in a queue or a file, anybody can.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The `detail-type`, such as `GuardDuty Finding`.
    pub fn detail_type(&self) -> &str {
        &self.detail_type
    }
}

/// What the detail of an envelope is, and the path to it.
pub(super) fn matter(envelope: &Node) -> Option<(Shape, &Node, &'static str)> {
    let detail = envelope.get("detail")?;
    match detail.get("findings") {
        Some(Node::Array(findings)) => match findings.as_slice() {
            [finding] => Some((Shape::of(finding)?, finding, "detail.findings[0]")),
            _ => None,
        },
        _ => Some((Shape::of(detail)?, detail, "detail")),
    }
}
