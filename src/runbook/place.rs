//! Finding a place in a YAML text by its path.

use std::sync::Arc;

use super::diagnostic::Findings;
use super::{Source, tree};

/// A part of a path such as `agent.region` or `keys[0].id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment<'p> {
    /// The name of a member.
    Name(&'p str),
    /// The place in a list, from 0.
    Index(usize),
}

/// The parts of a path.
pub(super) fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> {
    path.split(['.', '[']).filter(|part| !part.is_empty()).map(|part| {
        let index = part.strip_suffix(']').and_then(|index| index.parse().ok());
        index.map_or(Segment::Name(part), Segment::Index)
    })
}

/// Where a value of a YAML text stands, by a path such as `adversary.holds[0].role`: line and column, both from 1. Of a path
/// that goes on where the text does not, the last value that is there; nothing where the text is no tree at all.
pub fn place(text: &str, path: &str) -> Option<(usize, usize)> {
    let source = Arc::new(Source::new("", text));
    let root = tree::read(&mut Findings::new(source.clone()))?;
    let mut at = &root;
    for segment in segments(path) {
        let next = match segment {
            Segment::Index(index) => at.elements().get(index),
            Segment::Name(name) => at.get(name),
        };
        let Some(next) = next else { break };
        at = next;
    }
    Some(source.position(at.span.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_line() {
        let text = "a: 1\nb:\n  - c: x\n  - c: { d: [1, 2] }\n";
        assert_eq!(place(text, "b[1].c.d[1]"), Some((4, 17)));
        assert_eq!(place(text, "b[1].c.nothing"), Some((4, 8)), "the last value that is there");
        assert_eq!(place("a: [", "a"), None);
    }
}
