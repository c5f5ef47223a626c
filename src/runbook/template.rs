//! Values with expressions in them.

use serde_json::{Map, Value};

use super::{EvaluationError, Expression, Scope, Span};
use crate::actions::called_all;

/// A value as the runbook has it: with expressions where `${{ … }}` stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Where it stands in the text.
    pub span: Span,
    /// What it is.
    pub kind: TemplateKind,
}

/// What a value with expressions is.
#[derive(Debug, Clone, PartialEq)]
pub enum TemplateKind {
    /// A value without expressions.
    Literal(Value),
    /// Exactly one expression: the value has its type.
    Expression(Expression),
    /// Prose with expressions in it.
    Text(Vec<Part>),
    /// A list.
    List(Vec<Template>),
    /// A mapping.
    Map(Vec<(String, Template)>),
}

/// A part of prose.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// As it is written.
    Literal(String),
    /// The value of an expression, as text: of a list what its items are called, and who made them where that is known.
    Expression(Expression),
}

impl Template {
    /// The value. Members of a mapping whose expression is a parameter without a value are left out.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
        Ok(match &self.kind {
            TemplateKind::Literal(value) => value.clone(),
            TemplateKind::Expression(expression) => expression.evaluate(scope)?,
            TemplateKind::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Literal(literal) => text.push_str(literal),
                        Part::Expression(expression) => match expression.evaluate(scope)? {
                            Value::String(value) => text.push_str(&value),
                            Value::Null => {}
                            Value::Array(items) => text.push_str(&called_all(&items)),
                            other => text.push_str(&other.to_string()),
                        },
                    }
                }
                text.into()
            }
            TemplateKind::List(list) => {
                list.iter().map(|one| one.evaluate(scope)).collect::<Result<Vec<_>, _>>()?.into()
            }
            TemplateKind::Map(map) => {
                let mut values = Map::with_capacity(map.len());
                for (name, template) in map {
                    let value = template.evaluate(scope)?;
                    if !(value.is_null() && matches!(template.kind, TemplateKind::Expression(_))) {
                        values.insert(name.clone(), value);
                    }
                }
                values.into()
            }
        })
    }

    /// The value as text, for titles and messages.
    pub fn text(&self, scope: &Scope<'_>) -> Result<String, EvaluationError> {
        Ok(match self.evaluate(scope)? {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        })
    }

    /// The text as it stands in the runbook, expressions included.
    pub fn written(&self) -> String {
        match &self.kind {
            TemplateKind::Literal(Value::String(text)) => text.clone(),
            TemplateKind::Literal(value) => value.to_string(),
            TemplateKind::Expression(expression) => expression.to_string(),
            TemplateKind::Text(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Literal(text) => text.clone(),
                    Part::Expression(expression) => expression.to_string(),
                })
                .collect(),
            TemplateKind::List(list) => {
                format!("[{}]", list.iter().map(Self::written).collect::<Vec<_>>().join(", "))
            }
            TemplateKind::Map(map) => {
                let members: Vec<String> = map.iter().map(|(name, one)| format!("{name}: {}", one.written())).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    /// Whether it holds an expression of which nothing is known, since what it stands for is wrong itself.
    pub(super) fn has_unknown(&self) -> bool {
        let mut unknown = false;
        self.expressions(&mut |expression| unknown |= *expression.of() == super::Type::Unknown);
        unknown
    }

    /// The member of a mapping.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            TemplateKind::Map(map) => map.iter().find(|(one, _)| one == name).map(|(_, template)| template),
            _ => None,
        }
    }

    /// Calls `seen` with every expression in the value.
    pub fn expressions<'a>(&'a self, seen: &mut dyn FnMut(&'a Expression)) {
        match &self.kind {
            TemplateKind::Literal(_) => {}
            TemplateKind::Expression(expression) => seen(expression),
            TemplateKind::Text(parts) => {
                for part in parts {
                    if let Part::Expression(expression) = part {
                        seen(expression);
                    }
                }
            }
            TemplateKind::List(list) => list.iter().for_each(|one| one.expressions(seen)),
            TemplateKind::Map(map) => map.iter().for_each(|(_, one)| one.expressions(seen)),
        }
    }
}

/// A piece of a text: outside or inside `${{ … }}`. Ranges are bytes of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Literal(std::ops::Range<usize>),
    Expression(std::ops::Range<usize>),
    /// A `${{` without its `}}`.
    Open(std::ops::Range<usize>),
}

/// Cuts a text at its expressions. A `}}` inside a quoted text of an expression does not end it.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("${{") {
        let open = at + found;
        if open > at {
            pieces.push(Piece::Literal(at..open));
        }
        let inside = open + 3;
        let Some(end) = end_of_expression(&text[inside..]) else {
            pieces.push(Piece::Open(open..text.len()));
            return pieces;
        };
        let raw = &text[inside..inside + end];
        let start = inside + (raw.len() - raw.trim_start().len());
        pieces.push(Piece::Expression(start..start + raw.trim().len()));
        at = inside + end + 2;
    }
    if at < text.len() {
        pieces.push(Piece::Literal(at..text.len()));
    }
    pieces
}

fn end_of_expression(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match quote {
            Some(_) if byte == b'\\' => drop(bytes.next()),
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if byte == b'\'' || byte == b'"' => quote = Some(byte),
            None if text.as_bytes()[at..].starts_with(b"}}") => return Some(at),
            None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_their_expressions() {
        assert_eq!(pieces("${{ a }}"), [Piece::Expression(4..5)]);
        assert_eq!(pieces("x ${{a}} y"), [Piece::Literal(0..2), Piece::Expression(5..6), Piece::Literal(8..10)]);
        assert_eq!(pieces("${{ '}}' }}"), [Piece::Expression(4..8)]);
        assert_eq!(pieces("${{ ô }}"), [Piece::Expression(4..6)]);
        assert_eq!(pieces("a ${{ b"), [Piece::Literal(0..2), Piece::Open(2..7)]);
    }
}
