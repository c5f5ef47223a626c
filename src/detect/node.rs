//! JSON as it was written: numbers keep every digit, members their order.

use serde_json::value::RawValue;

/// The most levels that events have, with what they are wrapped in.
const DEEPEST: usize = 64;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    /// A number, as the text has it.
    Number(String),
    Text(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Why a text cannot be read as JSON.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadNode {
    #[error("it is no JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error("it is nested in more than {DEEPEST} levels")]
    TooDeep,
}

impl Node {
    /// Reads what a parser has found to be one JSON value.
    pub(super) fn of(raw: &RawValue) -> Result<Self, BadNode> {
        Reader { text: raw.get(), at: 0 }.value(DEEPEST)
    }

    /// The member of this name. Nothing where it stands twice: readers differ in which of them counts.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        let mut named = members.iter().filter(|(known, _)| known == name);
        match (named.next(), named.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The text of the member of this name, where it is one.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The value of the member of this name, taken out of the object.
    pub(super) fn take(self, name: &str) -> Option<Self> {
        let Self::Object(members) = self else { return None };
        members.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// What kind of value it is, with its article.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The name of a member that stands twice in this object, if any does.
    pub(super) fn twice_here(&self) -> Option<&str> {
        let Self::Object(members) = self else { return None };
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }

    /// The same of this value and all that it holds.
    pub(super) fn twice(&self) -> Option<&str> {
        match self {
            Self::Array(items) => items.iter().find_map(Self::twice),
            Self::Object(members) => self.twice_here().or_else(|| members.iter().find_map(|(_, value)| value.twice())),
            _ => None,
        }
    }

    /// Whether it has no more levels than a text may have.
    pub(super) fn is_shallow(&self) -> bool {
        self.is_within(DEEPEST)
    }

    fn is_within(&self, levels: usize) -> bool {
        let Some(levels) = levels.checked_sub(1) else { return false };
        match self {
            Self::Array(items) => items.iter().all(|item| item.is_within(levels)),
            Self::Object(members) => members.iter().all(|(_, value)| value.is_within(levels)),
            _ => true,
        }
    }

    /// The value as JSON, without white space.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => quote(text, out),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    quote(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).expect("a text is JSON"));
}

/// Walks a text that a parser has found to be one JSON value, once and without looking back.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn value(&mut self, levels: usize) -> Result<Node, BadNode> {
        let levels = levels.checked_sub(1).ok_or(BadNode::TooDeep)?;
        Ok(match self.next() {
            Some(b'{') => {
                self.at += 1;
                let mut members = Vec::new();
                while self.is_before(b'}') {
                    let name = self.quoted()?;
                    self.pass(b':');
                    members.push((name, self.value(levels)?));
                    self.pass(b',');
                }
                Node::Object(members)
            }
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                while self.is_before(b']') {
                    items.push(self.value(levels)?);
                    self.pass(b',');
                }
                Node::Array(items)
            }
            Some(b'"') => Node::Text(self.quoted()?),
            _ => match self.plain() {
                "null" => Node::Null,
                "true" => Node::Bool(true),
                "false" => Node::Bool(false),
                digits => Node::Number(digits.to_owned()),
            },
        })
    }

    /// The next byte that is no white space.
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn pass(&mut self, byte: u8) {
        if self.next() == Some(byte) {
            self.at += 1;
        }
    }

    /// Whether more stands before this end, which is passed.
    fn is_before(&mut self, end: u8) -> bool {
        match self.next() {
            Some(byte) if byte == end => {
                self.at += 1;
                false
            }
            next => next.is_some(),
        }
    }

    fn quoted(&mut self) -> Result<String, BadNode> {
        let bytes = self.text.as_bytes();
        let start = self.at.min(bytes.len());
        let mut end = start + 1;
        while bytes.get(end).is_some_and(|byte| *byte != b'"') {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.at = end + 1;
        Ok(serde_json::from_str(self.text.get(start..=end).unwrap_or_default())?)
    }

    fn plain(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| c.is_ascii_whitespace() || ",]}".contains(c)).unwrap_or(rest.len());
        // One byte at least, so that a walk always ends.
        self.at += length.max(1);
        &rest[..length]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Node, BadNode> {
        Node::of(serde_json::from_str(text)?)
    }

    fn written(text: &str) -> String {
        let mut out = String::new();
        read(text).expect("JSON").write(&mut out);
        out
    }

    #[test]
    fn nothing_of_a_text_is_lost_but_its_spaces() {
        let text =
            r#" { "a" : [ 1.50 , -0e+7 , 900719925474099312345 , true , null , {} , [] ] , "\u00e9\"\\" : "x, ]}" } "#;
        let same = r#"{"a":[1.50,-0e+7,900719925474099312345,true,null,{},[]],"é\"\\":"x, ]}"}"#;
        assert_eq!(written(text), same);
        assert_eq!(written(same), same);
    }

    #[test]
    fn what_stands_twice_is_nothing() {
        let node = read(r#"{"a":{"b":1,"c":2,"b":3},"d":4}"#).expect("JSON");
        assert_eq!(node.twice(), Some("b"));
        assert_eq!(node.get("a").expect("a member").get("b"), None);
        assert!(node.get("d").is_some());
    }

    #[test]
    fn depth_has_an_end() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&nested(DEEPEST)).is_ok());
        assert!(matches!(read(&nested(DEEPEST + 1)), Err(BadNode::TooDeep)));
        assert!(matches!(read(&nested(200_000)), Err(BadNode::TooDeep)));
    }

    #[test]
    fn a_half_character_is_no_text() {
        assert!(matches!(read(r#"{"a":"\ud800"}"#), Err(BadNode::NotJson(_))));
    }

    proptest! {
        #[test]
        fn it_is_what_others_read(text in r#"[\[\]{}:,"\\a10.e\- tfnul]{0,60}"#) {
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text)
                && let Ok(node) = read(&text)
                && node.twice().is_none()
            {
                let mut out = String::new();
                node.write(&mut out);
                prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&out).expect("JSON"), value);
            }
        }
    }
}
