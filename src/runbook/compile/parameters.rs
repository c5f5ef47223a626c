//! The parameters of a runbook.

use std::collections::HashMap;

use super::top::Compiler;
use crate::base::StepId;
use crate::runbook::decode::fields;
use crate::runbook::document::ParameterText;
use crate::runbook::expression::Names;
use crate::runbook::tree::{Entry, Kind, Node};
use crate::runbook::types::quotes_mend;
use crate::runbook::{Code, Parameter, ParameterType, Scalar, Span, Template, TemplateKind, Type};

impl Compiler<'_> {
    pub(super) fn parameters(&mut self, node: Option<&Node>) -> Vec<Parameter> {
        let Some(node) = node else { return Vec::new() };
        if !matches!(node.kind, Kind::Mapping(_)) && !node.is_null() {
            let message = format!("`parameters`: expected a mapping, found {}", node.describe());
            self.finding(Code::WrongType, node.span, message, "write `name: { type: … }` lines");
        }
        let mut types = HashMap::new();
        let mut parameters = Vec::new();
        for Entry { key, key_span, value } in node.entries() {
            let what = format!("parameter `{key}`");
            if StepId::new(key.as_str()).is_err() {
                let message = format!("`{key}` cannot be the name of a parameter");
                self.finding(
                    Code::InvalidValue,
                    *key_span,
                    message,
                    "a lower-case letter, then lower-case letters, digits and `_`",
                );
            }
            let text: ParameterText = fields(value, &what, self.findings);
            let Some(of) = text.of else {
                if matches!(value.kind, Kind::Mapping(_)) {
                    self.missing(value, "type", *key_span, &what, "type: iam_arn");
                }
                types.insert(key.clone(), Type::Unknown);
                continue;
            };
            let expected = of.to_type();
            let allowed = self.allowed(value.get("allowed"), of.scalar, &expected);
            let names = Names { parameters: &types, steps: None, item: None };
            let default = value
                .get("default")
                .filter(|node| !node.is_null())
                .and_then(|node| self.texts.value(node, &expected, &names, self.findings));
            if let Some(Template { kind: TemplateKind::Literal(literal), span }) = &default {
                self.literal_default(literal, *span, of, &allowed);
            }
            types.insert(key.clone(), expected);
            parameters.push(Parameter {
                name: key.clone(),
                span: *key_span,
                of,
                description: text.description,
                default,
                optional: text.optional.unwrap_or(false),
                or: text.or.unwrap_or_default(),
                allowed,
            });
        }
        self.alternatives(node, &parameters);
        parameters
    }

    /// One of several can only be asked for where each of them may be left out.
    fn alternatives(&mut self, node: &Node, parameters: &[Parameter]) {
        for one in parameters {
            let written = node.get(&one.name).and_then(|text| text.get("or")).map(Node::elements).unwrap_or_default();
            if !written.is_empty() && !one.may_be_absent() {
                let message = format!("`or`: parameter `{}` is never without a value", one.name);
                self.finding(Code::InvalidValue, one.span, message, "write `optional: true` and no default");
            }
            for (name, element) in one.or.iter().zip(written) {
                match parameters.iter().find(|other| other.name == *name) {
                    Some(other) if other.may_be_absent() && other.name != one.name => {}
                    Some(_) => {
                        let message = format!("`or`: parameter `{name}` is no other that may be left out");
                        self.finding(Code::InvalidValue, element.span, message, "name one that is `optional: true`");
                    }
                    None => {
                        let message = format!("there is no parameter `{name}`");
                        self.finding(Code::UnknownParameter, element.span, message, "name one of this runbook");
                    }
                }
            }
        }
    }

    pub(super) fn literal_default(
        &mut self,
        literal: &serde_json::Value,
        span: Span,
        of: ParameterType,
        allowed: &[serde_json::Value],
    ) {
        match of.read(literal) {
            Err(why) => {
                let code = if literal.is_string() && of.is_text() { Code::InvalidValue } else { Code::WrongType };
                let quotes = quotes_mend(literal, |quoted| of.read(quoted)).filter(|_| of.is_text());
                let help = quotes.unwrap_or_else(|| format!("the type is `{of}`"));
                self.finding(code, span, format!("the default does not fit: {why}"), help);
            }
            Ok(value) if !of.list && !allowed.is_empty() && !allowed.contains(&value) => {
                self.finding(
                    Code::InvalidValue,
                    span,
                    "the default is not one of the allowed values",
                    "allow it, or take another",
                );
            }
            Ok(_) => {}
        }
    }

    pub(super) fn allowed(&mut self, node: Option<&Node>, scalar: Scalar, of: &Type) -> Vec<serde_json::Value> {
        let mut allowed = Vec::new();
        for element in node.map(Node::elements).unwrap_or_default() {
            match scalar.read(&element.to_json()) {
                Ok(value) => allowed.push(value),
                Err(why) => {
                    self.finding(
                        Code::WrongType,
                        element.span,
                        format!("this value cannot be allowed: {why}"),
                        format!("the type is `{of}`"),
                    );
                }
            }
        }
        allowed
    }
}
