//! The text of a runbook, and places in it.

use std::ops::Range;

/// A range of bytes in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

impl Span {
    /// The span as a range.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value, and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A text with its name, which finds lines and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    lines: Vec<usize>,
    foreign: Option<usize>,
}

impl Source {
    /// A text under the name that findings show: a path, or the name of an embedded runbook.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, lines, foreign: None }
    }

    /// The bytes of a file. What is not UTF-8 in them is replaced, and its first place is kept.
    pub fn of_bytes(name: impl Into<String>, bytes: &[u8]) -> Self {
        let foreign = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
        Self { foreign, ..Self::new(name, String::from_utf8_lossy(bytes)) }
    }

    /// The first byte that is not UTF-8, if there is one.
    pub(super) fn foreign(&self) -> Option<usize> {
        self.foreign
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and the column of a byte, both from 1; columns count characters.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let at = self.floor(at);
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines[line - 1];
        (line, self.text[start..at].chars().count() + 1)
    }

    /// The whole lines from the one that holds `from` to the one that holds `to`, with the line they start at (from 1).
    pub(super) fn excerpt(&self, from: usize, to: usize) -> (usize, Span) {
        let first = self.position(from).0;
        let last = self.position(to).0;
        let end = self.lines.get(last).copied().unwrap_or(self.text.len());
        (first, Span { start: self.lines[first - 1], end })
    }

    fn floor(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::new("x", "a\nüb: c\n");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(2), (2, 1));
        assert_eq!(source.position(4), (2, 2));
        assert_eq!(source.position(999), (3, 1));
    }
}
