//! YAML as a tree with places. Everything about the text itself is settled here: size, nesting, aliases, tags and keys
//! that stand twice.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::diagnostic::Findings;
use super::{Code, Span};

/// The largest text, in bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// The deepest nesting. Everything after this room may therefore recurse over a tree.
const MAX_DEPTH: usize = 32;
/// The most values, aliases expanded: what a text of the largest size can hold, and no more by repetition.
const MAX_NODES: usize = 300_000;
/// The most aliases.
const MAX_ALIASES: usize = 1_000;
/// A mapping of more keys has an index of them. Up to there, looking through them is faster.
const FEW_KEYS: usize = 16;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Scalar { text: String, plain: bool },
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Node {
    /// The value of a key, if this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The entries of a mapping; none for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a sequence; none for anything else.
    pub(super) fn elements(&self) -> &[Node] {
        match &self.kind {
            Kind::Sequence(nodes) => nodes,
            _ => &[],
        }
    }

    /// The text of a scalar, whatever its type.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// What the value is, with its article.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            Kind::Sequence(_) => "a list".to_owned(),
            Kind::Mapping(_) => "a mapping".to_owned(),
            Kind::Scalar { text, .. } => match self.to_json() {
                serde_json::Value::Null => "nothing".to_owned(),
                serde_json::Value::Bool(_) => format!("the boolean `{text}`"),
                serde_json::Value::Number(_) => format!("the number `{text}`"),
                _ => format!("the text `{text}`"),
            },
        }
    }

    /// The value as JSON. Plain scalars have the types of YAML's core schema, so `no` is a text.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Scalar { text, plain: false } => text.as_str().into(),
            Kind::Scalar { text, plain: true } => plain(text),
            Kind::Sequence(nodes) => nodes.iter().map(Node::to_json).collect(),
            Kind::Mapping(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    /// Whether nothing stands here, or a word for nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, plain: true } if NULLS.contains(&text.as_str()))
    }

    fn size(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar { .. } => 0,
            Kind::Sequence(nodes) => nodes.iter().map(Node::size).sum(),
            Kind::Mapping(entries) => entries.iter().map(|entry| 1 + entry.value.size()).sum::<usize>(),
        }
    }

    fn depth(&self) -> usize {
        1 + match &self.kind {
            Kind::Scalar { .. } => 0,
            Kind::Sequence(nodes) => nodes.iter().map(Node::depth).max().unwrap_or(0),
            Kind::Mapping(entries) => entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        }
    }
}

/// The words for nothing in YAML's core schema.
const NULLS: [&str; 5] = ["", "~", "null", "Null", "NULL"];

fn plain(text: &str) -> serde_json::Value {
    match text {
        _ if NULLS.contains(&text) => return serde_json::Value::Null,
        "true" | "True" | "TRUE" => return true.into(),
        "false" | "False" | "FALSE" => return false.into(),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return text.into();
    }
    if let Ok(number) = text.parse::<i64>() {
        return number.into();
    }
    let numeric = digits.bytes().all(|b| b.is_ascii_digit() || b".eE+-".contains(&b));
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => number.into(),
        _ => text.into(),
    }
}

/// Reads a text. Nothing comes back when the text cannot be gone on with; all that was found is in `findings`.
pub(super) fn read(findings: &mut Findings) -> Option<Node> {
    let source = findings.source().clone();
    let text = source.text();
    if text.len() > MAX_BYTES {
        let finding = findings.at(Code::TooLarge, Span::default(), "the runbook is larger than 1 MiB");
        findings.push(finding.help("split it into several runbooks"));
        return None;
    }
    if let Some(at) = source.foreign() {
        let finding =
            findings.at(Code::NotYaml, Span { start: at, end: at + '\u{fffd}'.len_utf8() }, "this is not UTF-8");
        findings.push(finding.help("save the file as UTF-8"));
        return None;
    }
    let mut reader = Reader { findings, offsets: offsets(text), nodes: 0, aliases: 0, anchors: HashMap::new() };
    reader.document(text)
}

/// The byte at which each character starts; empty when the two counts agree.
fn offsets(text: &str) -> Vec<usize> {
    if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).chain([text.len()]).collect() }
}

/// A collection that is being read.
struct Open {
    span: Span,
    anchor: usize,
    kind: Kind,
    key: Option<(String, Span)>,
    /// The keys of a mapping that has many.
    keys: HashMap<String, Span>,
}

impl Open {
    /// Where a key stands already.
    fn earlier(&self, key: &str) -> Option<Span> {
        match &self.kind {
            Kind::Mapping(entries) if entries.len() <= FEW_KEYS => {
                entries.iter().find(|entry| entry.key == key).map(|entry| entry.key_span)
            }
            _ => self.keys.get(key).copied(),
        }
    }
}

struct Reader<'a> {
    findings: &'a mut Findings,
    offsets: Vec<usize>,
    nodes: usize,
    aliases: usize,
    /// By anchor: the tree, or nothing while it is being read.
    anchors: HashMap<usize, Option<Node>>,
}

impl Reader<'_> {
    fn span(&self, span: saphyr_parser::Span) -> Span {
        let byte = |index: usize| match self.offsets.as_slice() {
            [] => index,
            offsets => offsets.get(index).or(offsets.last()).copied().unwrap_or(index),
        };
        Span { start: byte(span.start.index()), end: byte(span.end.index()) }
    }

    fn fail<T>(&mut self, code: Code, span: Span, message: &str, help: &str) -> Option<T> {
        let finding = self.findings.at(code, span, message).help(help);
        self.findings.push(finding);
        None
    }

    fn document(&mut self, text: &str) -> Option<Node> {
        let mut root = None;
        let mut documents = 0;
        let mut open: Vec<Open> = Vec::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = match event {
                Ok((event, span)) => (event, self.span(span)),
                Err(error) => {
                    let at = self.span(saphyr_parser::Span::empty(*error.marker()));
                    // It reads ahead of its events, so brackets within brackets are too many for it first.
                    if error.info().contains("recursion limit") {
                        return self.too_deep(at);
                    }
                    let message = format!("this is not YAML: {}", error.info());
                    return self.fail(Code::NotYaml, at, &message, "check indentation, quotes and colons here");
                }
            };
            let node = match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return self.fail(
                            Code::NotYaml,
                            span,
                            "a runbook is one YAML document, and here starts another",
                            "put each runbook into its own file",
                        );
                    }
                    continue;
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.tag(tag.as_deref(), span);
                    let plain = style == ScalarStyle::Plain;
                    // Copied, since the parser's own text has room for much more.
                    let node = Node { span, kind: Kind::Scalar { text: (*text).to_owned(), plain } };
                    self.anchored(anchor, &node);
                    node
                }
                Event::Alias(anchor) => self.alias(anchor, span, open.len())?,
                Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= MAX_DEPTH => {
                    return self.too_deep(span);
                }
                Event::SequenceStart(anchor, tag) => {
                    self.tag(tag.as_deref(), span);
                    open.push(self.opened(span, anchor, Kind::Sequence(Vec::new())));
                    continue;
                }
                Event::MappingStart(anchor, tag) => {
                    self.tag(tag.as_deref(), span);
                    open.push(self.opened(span, anchor, Kind::Mapping(Vec::new())));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(mut closed) = open.pop() else { continue };
                    // There are thousands of them, and each stays.
                    match &mut closed.kind {
                        Kind::Mapping(entries) => entries.shrink_to_fit(),
                        Kind::Sequence(nodes) => nodes.shrink_to_fit(),
                        Kind::Scalar { .. } => {}
                    }
                    // A block collection ends where the next thing starts: its last value says where it really ends.
                    let end = match &closed.kind {
                        Kind::Mapping(entries) => entries.last().map(|entry| entry.value.span.end),
                        Kind::Sequence(nodes) => nodes.last().map(|node| node.span.end),
                        Kind::Scalar { .. } => None,
                    };
                    let flow = text.as_bytes().get(closed.span.start).is_some_and(|byte| b"[{".contains(byte));
                    let end = if flow { span.end } else { end.unwrap_or(span.end) };
                    let node = Node { span: Span { start: closed.span.start, end }, kind: closed.kind };
                    self.anchored(closed.anchor, &node);
                    node
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
            };
            self.count(1, span)?;
            match open.last_mut() {
                None => root = Some(node),
                Some(parent) => self.put(parent, node)?,
            }
        }
        if root.is_none() {
            return self.fail(
                Code::NotYaml,
                Span::default(),
                "the text is empty",
                "a runbook starts with `quell: 1` and `name: …`",
            );
        }
        root
    }

    fn opened(&mut self, span: Span, anchor: usize, kind: Kind) -> Open {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
        Open { span, anchor, kind, key: None, keys: HashMap::new() }
    }

    fn anchored(&mut self, anchor: usize, node: &Node) {
        if anchor != 0 {
            self.anchors.insert(anchor, Some(node.clone()));
        }
    }

    fn count(&mut self, nodes: usize, span: Span) -> Option<()> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return self.fail(
                Code::TooManyNodes,
                span,
                "the runbook holds more than 300,000 values",
                "split it into several runbooks, or use fewer aliases",
            );
        }
        Some(())
    }

    fn too_deep<T>(&mut self, span: Span) -> Option<T> {
        self.fail(Code::TooDeep, span, "the runbook nests deeper than 32 levels", "no part of a runbook needs that")
    }

    fn alias(&mut self, anchor: usize, span: Span, depth: usize) -> Option<Node> {
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            return self.fail(
                Code::TooManyAliases,
                span,
                "the runbook uses more than 1,000 aliases",
                "write the values out, or split the runbook",
            );
        }
        let Some(Some(node)) = self.anchors.get(&anchor).cloned() else {
            return self.fail(Code::NotYaml, span, "this alias refers to a value that holds it", "write the value out");
        };
        if depth + node.depth() > MAX_DEPTH {
            return self.too_deep(span);
        }
        self.count(node.size(), span)?;
        Some(node)
    }

    fn tag(&mut self, tag: Option<&Tag>, span: Span) {
        if let Some(tag) = tag {
            let message = format!("runbooks use no YAML tags, and this value has `{tag}`");
            let finding = self.findings.at(Code::UnknownTag, span, message).help("take the tag away");
            self.findings.push(finding);
        }
    }

    fn put(&mut self, parent: &mut Open, node: Node) -> Option<()> {
        let Some((key, key_span)) = parent.key.take() else {
            match (&mut parent.kind, node.kind) {
                (Kind::Sequence(nodes), kind) => nodes.push(Node { span: node.span, kind }),
                (_, Kind::Scalar { text, .. }) => parent.key = Some((text, node.span)),
                _ => return self.fail(Code::WrongType, node.span, "a key is a text", "write `key: value`"),
            }
            return Some(());
        };
        if let Some(first) = parent.earlier(&key) {
            let finding = self
                .findings
                .at(Code::DuplicateKey, key_span, format!("the key `{key}` stands here a second time"))
                .label(first, "first here")
                .help("keep one of the two");
            self.findings.push(finding);
        } else if let Kind::Mapping(entries) = &mut parent.kind {
            entries.push(Entry { key, key_span, value: node });
            if entries.len() > FEW_KEYS {
                let unlisted = &entries[parent.keys.len()..];
                parent.keys.extend(unlisted.iter().map(|entry| (entry.key.clone(), entry.key_span)));
            }
        }
        Some(())
    }
}
