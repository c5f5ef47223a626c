//! From the tree to the types of the text, piece by piece: a piece that is wrong does not hide what is wrong with others.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::diagnostic::Findings;
use super::near::suggestion;
use super::tree::{Entry, Kind, Node};
use super::{Code, Span};

/// A mapping decoded into a type all of whose fields are optional. Each field is decoded on its own; those that are wrong
/// are findings and left out.
pub(super) fn fields<T: DeserializeOwned + Default>(node: &Node, what: &str, findings: &mut Findings) -> T {
    let Kind::Mapping(entries) = &node.kind else {
        let message = format!("expected {what}, found {}", node.describe());
        let finding = findings.at(Code::WrongType, node.span, message);
        findings.push(finding.help(format!("{what} is a mapping: `name: value` lines")));
        return T::default();
    };
    if let Ok(all) = T::deserialize(node) {
        return all;
    }
    let mut sound = Vec::new();
    for entry in entries {
        let alone = Node { span: node.span, kind: Kind::Mapping(vec![entry.clone()]) };
        match value::<T>(&alone) {
            Ok(_) => sound.push(entry.clone()),
            Err(wrong) => report(wrong, entry, what, findings),
        }
    }
    T::deserialize(&Node { span: node.span, kind: Kind::Mapping(sound) }).unwrap_or_default()
}

/// Why a piece does not decode.
struct Wrong {
    span: Span,
    message: String,
}

fn value<T: DeserializeOwned>(node: &Node) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(node).map_err(|error| {
        let mut at = node;
        for segment in error.path() {
            let next = match segment {
                Segment::Seq { index } => at.elements().get(*index),
                Segment::Map { key } => at.get(key),
                _ => None,
            };
            at = next.unwrap_or(at);
        }
        Wrong { span: at.span, message: error.into_inner().to_string() }
    })
}

fn report(wrong: Wrong, entry: &Entry, what: &str, findings: &mut Findings) {
    // serde words these two; the names in backticks are those of our types.
    let listed = |after: &str| -> Vec<String> {
        let (_, list) = wrong.message.split_once(after).unwrap_or_default();
        list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let quoted = wrong.message.split('`').nth(1).unwrap_or_default();
    let finding = if wrong.message.starts_with("unknown field") {
        let known = listed("expected");
        let span = match entry.key == quoted {
            true => entry.key_span,
            false => key_within(&entry.value, quoted).unwrap_or(wrong.span),
        };
        let message = format!("{what} has no field `{quoted}`");
        findings.at(Code::UnknownField, span, message).maybe_help(suggestion(quoted, known.iter().map(String::as_str)))
    } else if wrong.message.starts_with("unknown variant") {
        let known = listed("expected");
        let message = format!("`{}` cannot be `{quoted}`", entry.key);
        findings
            .at(Code::InvalidValue, wrong.span, message)
            .maybe_help(suggestion(quoted, known.iter().map(String::as_str)))
    } else if let Some((found, wanted)) = mismatch(&wrong.message) {
        let message = format!("`{}`: {}", entry.key, in_plain_words(&wrong.message));
        let help = match (entry.key.as_str(), found) {
            // Neither is any value in quotes a duration, nor is a list the type of one.
            ("timeout", _) => "write a duration, such as `15m`",
            ("type", "sequence") => A_LIST,
            _ => help_for(wanted, found),
        };
        findings.at(Code::WrongType, wrong.span, message).help(help)
    } else if wrong.message.starts_with("there is no type") {
        let known: Vec<String> = super::ParameterType::names().collect();
        let is_list = ["list", "array", "[]"].iter().any(|word| quoted.contains(word)) && !quoted.contains('<');
        let help = match is_list {
            true => Some(A_LIST.to_owned()),
            false => suggestion(quoted, known.iter().map(String::as_str)),
        };
        findings.at(Code::InvalidValue, wrong.span, &wrong.message).maybe_help(help)
    } else {
        findings.at(Code::InvalidValue, wrong.span, format!("`{}`: {}", entry.key, wrong.message))
    };
    findings.push(finding);
}

/// How the type of a list is written.
const A_LIST: &str = "a list says what is in it: `list<string>`, `list<iam_arn>`";

fn key_within(node: &Node, key: &str) -> Option<Span> {
    let here = node.entries().iter().find(|entry| entry.key == key).map(|entry| entry.key_span);
    here.or_else(|| node.entries().iter().find_map(|entry| key_within(&entry.value, key)))
}

/// What serde found and what it expected, where it found something of another type.
fn mismatch(message: &str) -> Option<(&str, &str)> {
    let rest = message.strip_prefix("invalid type: ")?;
    Some(rest.split_once(", expected ").unwrap_or((rest, "something else")))
}

/// A message of serde's in the words of YAML.
pub(super) fn in_plain_words(message: &str) -> String {
    match mismatch(message) {
        Some((found, wanted)) => format!("expected {}, found {}", plainly(wanted), plainly(found)),
        None => message.to_owned(),
    }
}

/// serde's words in those of YAML.
fn plainly(words: &str) -> String {
    let words = words
        .strip_prefix("string \"")
        .map_or(words.to_owned(), |rest| format!("the text `{}`", rest.trim_end_matches('"')));
    match words.as_str() {
        "a sequence" | "sequence" => "a list".to_owned(),
        "map" | "a map" => "a mapping".to_owned(),
        "unit value" | "null" | "unit" => "nothing".to_owned(),
        "a string" => "a text".to_owned(),
        "u32" | "i64" => "a whole number".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        other if other.starts_with("struct ") => "a mapping".to_owned(),
        other => other.replace("integer ", "the number ").replace("floating point ", "the number "),
    }
}

fn help_for(wanted: &str, found: &str) -> &'static str {
    let bare = ["integer", "floating point", "boolean"].iter().any(|kind| found.starts_with(kind));
    match wanted {
        "a string" if bare => "put the value in quotes",
        "a string" => "write one text",
        "a sequence" => "write a list: `[one, two]`",
        "a boolean" => "write `true` or `false`",
        "u32" | "i64" => "write a number without quotes",
        _ => "see `quell schema runbook` for what can stand here",
    }
}
