//! From the values of the text to templates: finds the expressions in them and types them.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::diagnostic::Findings;
use super::expression::{Fault, Names, Parsed};
use super::template::{Piece, pieces};
use super::tree::{Kind, Node};
use super::{Code, Expression, Part, Scalar, Span, Template, TemplateKind, Type};

/// Reads values with expressions. Parsing is the dear part of an expression, and the same ones stand in many steps, so
/// what was parsed is kept.
#[derive(Default)]
pub(super) struct Texts {
    parsed: HashMap<String, Result<Rc<Parsed>, Fault>>,
}

impl Texts {
    /// A value that must be an expression, or a literal boolean or list.
    pub(super) fn expression(
        &mut self,
        node: &Node,
        expected: &Type,
        names: &Names<'_>,
        findings: &mut Findings,
    ) -> Option<Expression> {
        let literal = match (&node.kind, expected) {
            (Kind::Scalar { text, .. }, Type::Scalar(Scalar::Boolean)) if node.to_json().is_boolean() => {
                Some(text.to_ascii_lowercase())
            }
            (Kind::Sequence(list), Type::List(_)) if list.is_empty() => Some("[]".to_owned()),
            _ => None,
        };
        if let Some(text) = literal {
            return self.check(&text, 0, node, names, findings);
        }
        let text = node.text().unwrap_or_default();
        if let [Piece::Expression(range)] = pieces(text).as_slice() {
            let expression = self.check(&text[range.clone()], range.start, node, names, findings)?;
            return self
                .fits(&expression, expected, place(node, &text[range.clone()], 0, findings), findings)
                .then_some(expression);
        }
        if self.open(node, text, findings) {
            return None;
        }
        let (wanted, help) = match (expected, &node.kind) {
            // Written out it would be a list of plain texts, which are no ids; a parameter says what its values are.
            (Type::List(_), Kind::Sequence(_)) => (
                "an expression",
                "make the list the default of a parameter with a type, such as `list<iam_user_name>`, and write \
                 `\"${{ parameters.users }}\"` here",
            ),
            (Type::List(_), _) => ("a list", "write an expression, such as `\"${{ steps.rogue.items }}\"`"),
            _ => ("a condition", "write an expression, such as `\"${{ size(steps.rogue.items) > 0 }}\"`"),
        };
        let finding =
            findings.at(Code::WrongType, node.span, format!("expected {wanted}, found {}", node.describe())).help(help);
        findings.push(finding);
        None
    }

    /// Prose: a text in which expressions may stand.
    pub(super) fn prose(&mut self, node: &Node, names: &Names<'_>, findings: &mut Findings) -> Option<Template> {
        let text = node.text()?;
        let mut parts = Vec::new();
        let mut from = 0;
        let before = findings.count();
        self.open(node, text, findings);
        for piece in pieces(text) {
            match piece {
                Piece::Literal(range) => parts.push(Part::Literal(text[range].to_owned())),
                Piece::Expression(range) => {
                    let expression = self.check(&text[range.clone()], from, node, names, findings);
                    from = range.end;
                    let Some(expression) = expression else { continue };
                    let named = match expression.of() {
                        Type::List(of) => match **of {
                            Type::Object(_) => true,
                            Type::Scalar(of) => of.is_text(),
                            _ => false,
                        },
                        of => matches!(of, Type::Scalar(_) | Type::Unknown),
                    };
                    if !named {
                        let at = place(node, &text[range], 0, findings);
                        let message = format!("a `{}` cannot stand in a text", expression.of());
                        let finding =
                            findings.at(Code::ExpressionType, at, message).help("take its size, or one of its fields");
                        findings.push(finding);
                        continue;
                    }
                    parts.push(Part::Expression(expression));
                }
                Piece::Open(_) => {}
            }
        }
        if findings.count() > before {
            return None;
        }
        let kind = match parts.as_slice() {
            [] => TemplateKind::Literal(Value::String(String::new())),
            [Part::Literal(text)] => TemplateKind::Literal(text.clone().into()),
            _ => TemplateKind::Text(parts),
        };
        Some(Template { span: node.span, kind })
    }

    /// The expressions in a text of which nobody knows what it is for.
    pub(super) fn prose_of_anything(&mut self, node: &Node, names: &Names<'_>, findings: &mut Findings) {
        let Some(text) = node.text() else { return };
        self.open(node, text, findings);
        let mut from = 0;
        for piece in pieces(text) {
            if let Piece::Expression(range) = piece {
                self.check(&text[range.clone()], from, node, names, findings);
                from = range.end;
            }
        }
    }

    /// A value that is a literal, or exactly one expression of the expected type.
    pub(super) fn value(
        &mut self,
        node: &Node,
        expected: &Type,
        names: &Names<'_>,
        findings: &mut Findings,
    ) -> Option<Template> {
        let kind = match &node.kind {
            Kind::Scalar { text, .. } if text.contains("${{") => {
                if self.open(node, text, findings) {
                    return None;
                }
                match pieces(text).as_slice() {
                    [Piece::Expression(range)] => {
                        let expression = self.check(&text[range.clone()], 0, node, names, findings)?;
                        let at = place(node, &text[range.clone()], 0, findings);
                        if !self.fits(&expression, expected, at, findings) {
                            return None;
                        }
                        TemplateKind::Expression(expression)
                    }
                    _ => {
                        let message =
                            format!("text is pasted around an expression where {} is expected", wanted(expected));
                        let finding = findings.at(Code::PastedValue, node.span, message).help(
                            "let the whole value be one expression, such as `\"${{ parameters.principal }}\"`: nothing from outside is \
                             pasted into ids, ARNs and policies",
                        );
                        findings.push(finding);
                        return None;
                    }
                }
            }
            Kind::Sequence(list) => {
                let of = match expected {
                    Type::List(of) => of.as_ref().clone(),
                    _ => Type::Unknown,
                };
                let templates: Vec<Option<Template>> =
                    list.iter().map(|one| self.value(one, &of, names, findings)).collect();
                let templates = templates.into_iter().collect::<Option<Vec<_>>>()?;
                match templates.iter().map(literal).collect::<Option<Vec<_>>>() {
                    Some(values) => TemplateKind::Literal(values.into()),
                    None => TemplateKind::List(templates),
                }
            }
            Kind::Scalar { .. } | Kind::Mapping(_) => TemplateKind::Literal(node.to_json()),
        };
        Some(Template { span: node.span, kind })
    }

    /// An expression at its place in a scalar. `after` is where the search for it starts, in bytes of the scalar.
    pub(super) fn check(
        &mut self,
        text: &str,
        after: usize,
        node: &Node,
        names: &Names<'_>,
        findings: &mut Findings,
    ) -> Option<Expression> {
        let parsed = self.parsed.entry(text.to_owned()).or_insert_with(|| Parsed::parse(text).map(Rc::new));
        let result = match parsed {
            Ok(parsed) => Expression::check(parsed, names),
            Err(fault) => Err(fault.clone()),
        };
        let result = result.and_then(|expression| match expression.never() {
            None => Ok(expression),
            Some(why) => Err(Fault {
                code: Code::ExpressionValue,
                range: 0..text.len(),
                message: format!("this never has a value: {why}"),
                help: Some("no account can change that: write one that has a value".to_owned()),
            }),
        });
        result
            .map_err(|fault| {
                let whole = place(node, text, after, findings);
                // Inside an escaped scalar, places cannot be told apart.
                let exact = whole.end - whole.start == text.len();
                let span = match exact && !fault.range.is_empty() {
                    true => Span { start: whole.start + fault.range.start, end: whole.start + fault.range.end },
                    false => whole,
                };
                let finding = findings.at(fault.code, span, &fault.message).maybe_help(fault.help);
                findings.push(finding);
            })
            .ok()
    }

    /// Whether an expression has the expected type; a finding if not.
    pub(super) fn fits(&self, expression: &Expression, expected: &Type, at: Span, findings: &mut Findings) -> bool {
        if expected.accepts(expression.of()) {
            return true;
        }
        let message = format!("expected {}, and this expression is {}", wanted(expected), wanted(expression.of()));
        let finding = findings.at(Code::ExpressionType, at, message);
        let help = match (expected, expression.of()) {
            (Type::Scalar(wanted), Type::Scalar(Scalar::String)) if wanted.is_text() => {
                format!("give the parameter the type `{}`", wanted.as_str())
            }
            (Type::Scalar(Scalar::Boolean), _) => {
                "a condition compares or asks, such as `size(steps.rogue.items) > 0` or `has(parameters.role)`"
                    .to_owned()
            }
            (Type::Scalar(_), Type::List(_)) => "a step runs once for each item with `for_each`".to_owned(),
            (_, Type::Object(fields)) => format!("take one of its fields: {}", listed(fields.keys())),
            (Type::List(_), Type::Scalar(_)) => "write a list around it: `[\"${{ … }}\"]`".to_owned(),
            (Type::Scalar(_) | Type::List(_), _) if !is_of_objects(expected) => {
                format!("take a parameter or field of the type `{expected}`")
            }
            (Type::Object(fields), _) => {
                let written = fields.iter().filter(|(_, field)| field.required).map(|(name, _)| format!("{name}: …"));
                let written: Vec<String> = written.collect();
                format!(
                    "take {} from what a query has found, or write it out: `{{ {} }}`",
                    wanted(expected),
                    written.join(", ")
                )
            }
            _ => format!("take {} from what a query has found", wanted(expected)),
        };
        findings.push(finding.help(help));
        false
    }

    /// Whether a `${{` is left open; a finding if so.
    pub(super) fn open(&self, node: &Node, text: &str, findings: &mut Findings) -> bool {
        let open = pieces(text).into_iter().find_map(|piece| match piece {
            Piece::Open(range) => Some(range.start),
            _ => None,
        });
        if let Some(start) = open {
            let at = place(node, "${{", start, findings);
            let finding = findings
                .at(Code::ExpressionSyntax, at, "this `${{` has no `}}`")
                .help("close the expression with `}}`");
            findings.push(finding);
        }
        open.is_some()
    }
}

pub(super) fn literal(template: &Template) -> Option<Value> {
    match &template.kind {
        TemplateKind::Literal(value) => Some(value.clone()),
        _ => None,
    }
}

fn is_of_objects(of: &Type) -> bool {
    match of {
        Type::Object(_) => true,
        Type::List(each) => is_of_objects(each),
        _ => false,
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn wanted(of: &Type) -> String {
    match of {
        Type::Scalar(scalar) => scalar.with_article(),
        Type::List(of) if **of == Type::Unknown => "a list".to_owned(),
        Type::List(each) => match each.as_ref() {
            Type::Object(fields) => format!("a list of objects with the fields {}", listed(fields.keys())),
            _ => format!("a `{of}`"),
        },
        Type::Object(fields) => format!("an object with the fields {}", listed(fields.keys())),
        Type::Unknown => "a value".to_owned(),
    }
}

/// Where a part of a scalar stands in the source; the whole scalar where escapes hide it.
pub(super) fn place(node: &Node, part: &str, after: usize, findings: &Findings) -> Span {
    let raw = findings.source().text().get(node.span.range()).unwrap_or_default();
    let from = if raw.is_char_boundary(after.min(raw.len())) { after.min(raw.len()) } else { 0 };
    match raw[from..].find(part) {
        Some(found) => {
            let start = node.span.start + from + found;
            Span { start, end: start + part.len() }
        }
        None => node.span,
    }
}
