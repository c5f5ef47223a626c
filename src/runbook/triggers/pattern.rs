//! The pattern of a trigger: one that AWS takes, and where it is wrong.

use serde_json::Value;

use crate::detect::{BadPattern, Pattern};
use crate::runbook::diagnostic::Findings;
use crate::runbook::place::{Segment, segments};
use crate::runbook::tree::Node;
use crate::runbook::{Code, Span};

/// The most characters that EventBridge takes as a pattern.
const LONGEST: usize = 2_048;

/// The pattern, ready and as JSON.
pub(super) fn pattern(node: &Node, findings: &mut Findings) -> Option<(Pattern, Value)> {
    let written = node.to_json();
    let text = written.to_string();
    match Pattern::read(&text) {
        Ok(_) if text.chars().count() > LONGEST => {
            let count = text.chars().count();
            let message = format!("the pattern has {count} characters as JSON, and AWS takes {LONGEST}");
            findings.push(findings.at(Code::BadPattern, start(node), message).help("make two triggers of it"));
            None
        }
        Ok(pattern) => Some((pattern, written)),
        Err(bad) => {
            let (span, message) = match &bad {
                BadPattern::Json(_) => (start(node), format!("it is no pattern: {bad}")),
                BadPattern::Rejected { place, .. } => {
                    (at(node, place).unwrap_or_else(|| start(node)), format!("AWS takes no such pattern: {bad}"))
                }
            };
            findings.push(
                findings.at(Code::BadPattern, span, message).help("`quell help match` says what a pattern holds"),
            );
            None
        }
    }
}

/// The first of what stands there, since a pattern of many lines is no place.
fn start(node: &Node) -> Span {
    node.entries().first().map_or(node.span, |first| first.key_span)
}

/// Where a path leads, such as `detail.x[0].prefix`. Names in patterns may have dots in them.
fn at(node: &Node, path: &str) -> Option<Span> {
    if path.is_empty() {
        return Some(node.span);
    }
    let named = node.entries().iter().find_map(|entry| {
        let rest = path.strip_prefix(entry.key.as_str())?;
        match rest.strip_prefix('.') {
            Some(rest) => at(&entry.value, rest),
            None if rest.is_empty() => Some(entry.value.span),
            None if rest.starts_with('[') => at(&entry.value, rest),
            None => None,
        }
    });
    named.or_else(|| {
        let Some(Segment::Index(index)) = segments(path).next() else { return None };
        let (_, rest) = path.split_once(']')?;
        at(node.elements().get(index)?, rest.trim_start_matches('.'))
    })
}
