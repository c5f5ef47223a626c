//! Why an event does not match.

use std::fmt;

use super::event::{Event, Tree};
use super::matching::{any_value, holds};
use super::pattern::{Conjunction, Node, Pattern, Question};

/// Something that a pattern asks for and an event does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where: names joined by dots.
    pub path: String,
    /// What is asked there: the list of the pattern, on one line.
    pub asked: String,
    /// What the event has there.
    pub found: Found,
}

/// What an event has in place of what is asked for. Values are written as JSON, each once, eight at most; they are what somebody sent, and no
/// text for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// No value at all.
    Nothing,
    /// Values, none of which is as it is asked for, or which should not be there.
    Values(Vec<String>),
    /// Values of which one is as it is asked for, but in no element of an array that also has what else is asked of that array.
    Apart(Vec<String>),
}

/// The most values that are told.
const MOST_VALUES: usize = 8;

impl fmt::Display for Mismatch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, asked, found } = self;
        write!(out, "`{path}`: asked for `{asked}`, ")?;
        let listed = |values: &[String]| values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        match found {
            Found::Nothing => out.write_str("the event has nothing"),
            Found::Values(values) => write!(out, "the event has {}", listed(values)),
            Found::Apart(values) => {
                write!(out, "the event has {}, but not in one place with what else is asked for", listed(values))
            }
        }
    }
}

impl Pattern {
    /// What the event lacks, in the alternative that lacks the least; nothing exactly when it matches.
    pub fn why_not(&self, event: &Event) -> Vec<Mismatch> {
        self.0.iter().map(|way| way.lacks(&event.0)).min_by_key(Vec::len).unwrap_or_default()
    }
}

impl Conjunction {
    fn lacks(&self, event: &Tree) -> Vec<Mismatch> {
        let mut asked = Vec::new();
        questions(&self.present, &mut Vec::new(), &mut asked);
        let mut all = Vec::new();
        for (path, question) in &asked {
            if !any_value(path, event, &mut |value| question.holds(value)) {
                let values = values(path, event);
                let found = if values.is_empty() { Found::Nothing } else { Found::Values(values) };
                all.push(Mismatch { path: path.join("."), asked: question.written.to_string(), found });
            }
        }
        for absent in &self.absent {
            let values = values(&absent.path, event);
            if !values.is_empty() {
                let (path, asked) = (absent.path.join("."), absent.written.to_string());
                all.push(Mismatch { path, asked, found: Found::Values(values) });
            }
        }
        if all.is_empty() {
            all.extend(apart(&asked, event));
        }
        all
    }
}

/// The first question that the event answers by itself, and not together with those before it.
fn apart(asked: &[(Vec<String>, &Question)], event: &Tree) -> Option<Mismatch> {
    let mut together = Conjunction::default();
    let (path, question) = asked.iter().find(|(path, question)| {
        together.ask(path, (*question).clone());
        !holds(&together.present, event)
    })?;
    let (asked, found) = (question.written.to_string(), Found::Apart(values(path, event)));
    Some(Mismatch { path: path.join("."), asked, found })
}

/// Every question, with its path.
fn questions<'n>(node: &'n Node, path: &mut Vec<String>, out: &mut Vec<(Vec<String>, &'n Question)>) {
    out.extend(node.leaves.iter().map(|question| (path.clone(), question)));
    for (name, field) in &node.fields {
        path.push(name.clone());
        questions(field, path, out);
        path.pop();
    }
}

/// The first values at a path, in whichever elements of arrays.
fn values(path: &[String], event: &Tree) -> Vec<String> {
    let mut all = Vec::new();
    any_value(path, event, &mut |value| {
        let value = value.to_string();
        if !all.contains(&value) {
            all.push(value);
        }
        all.len() == MOST_VALUES
    });
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::plain::{a_pattern, an_event};
    use super::*;

    fn why_not(pattern: &Value, event: &Value) -> Vec<Mismatch> {
        let pattern = Pattern::read(&pattern.to_string()).expect("a pattern");
        pattern.why_not(&Event::read(&event.to_string()).expect("an event"))
    }

    fn said(pattern: Value, event: Value) -> Vec<String> {
        why_not(&pattern, &event).iter().map(Mismatch::to_string).collect()
    }

    #[test]
    fn what_is_asked_stands_beside_what_is_there() {
        let pattern = json!({
            "source": ["aws.bedrock"],
            "detail": { "eventName": ["InvokeModel", { "prefix": "Converse" }], "errorCode": [{ "exists": false }] },
        });
        let event = json!({ "source": "aws.bedrock", "detail": { "errorCode": "AccessDenied" } });
        assert_eq!(
            said(pattern.clone(), event),
            [
                r#"`detail.eventName`: asked for `["InvokeModel", {"prefix": "Converse"}]`, the event has nothing"#,
                r#"`detail.errorCode`: asked for `[{"exists": false}]`, the event has `"AccessDenied"`"#,
            ]
        );
        let event = json!({ "source": ["aws.iam", "aws.iam", 5.0], "detail": { "eventName": "InvokeModel" } });
        assert_eq!(
            said(pattern.clone(), event),
            [r#"`source`: asked for `["aws.bedrock"]`, the event has `"aws.iam"`, `5`"#]
        );
        let event = json!({ "source": "aws.bedrock", "detail.eventName": "ConverseStream" });
        assert_eq!(said(pattern, event), [""; 0]);
    }

    #[test]
    fn the_alternative_that_lacks_the_least_is_told() {
        let pattern = json!({ "$or": [{ "a": [1], "b": [1] }, { "a": [2], "b": [{ "numeric": [">", 5e0] }] }] });
        assert_eq!(
            said(pattern.clone(), json!({ "a": 2, "b": 4 })),
            [r#"`b`: asked for `[{"numeric": [">", 5]}]`, the event has `4`"#]
        );
        assert_eq!(
            said(pattern, json!({ "a": 0 })),
            ["`a`: asked for `[1]`, the event has `0`", "`b`: asked for `[1]`, the event has nothing"]
        );
    }

    #[test]
    fn no_more_is_told_than_somebody_reads() {
        let many: Vec<usize> = (0..100).chain(0..100).collect();
        let said = said(json!({ "a": ["x"] }), json!({ "a": many }));
        assert_eq!(said, [r#"`a`: asked for `["x"]`, the event has `0`, `1`, `2`, `3`, `4`, `5`, `6`, `7`"#]);
    }

    #[test]
    fn what_does_not_stand_together_is_told_as_such() {
        assert_eq!(
            said(json!({ "a": { "b": [1], "c": [2] } }), json!({ "a": [{ "b": 1 }, { "c": 2 }] })),
            ["`a.c`: asked for `[2]`, the event has `2`, but not in one place with what else is asked for"]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(crate::detect::plain::many(2_000)))]

        #[test]
        fn nothing_is_lacking_exactly_when_it_matches(pattern in a_pattern(), event in an_event()) {
            let lacking = why_not(&pattern, &event);
            let matches = Pattern::read(&pattern.to_string())
                .expect("a pattern")
                .matches(&Event::read(&event.to_string()).expect("an event"));
            prop_assert_eq!(lacking.is_empty(), matches);
            prop_assert_eq!(why_not(&pattern, &event), lacking);
        }
    }
}
