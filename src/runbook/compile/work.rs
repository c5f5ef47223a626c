//! What a step does.

use super::top::Compiler;
use crate::base::Region;
use crate::runbook::document::StepText;
use crate::runbook::expression::Names;
use crate::runbook::near::suggestion;
use crate::runbook::tree::{Kind, Node};
use crate::runbook::with::{Around, Takes};
use crate::runbook::{Code, Gate, Regions, Scalar, Span, Template, TemplateKind, Type, Work};

impl Compiler<'_> {
    pub(super) fn work(&mut self, node: &Node, text: &StepText, around: &Around<'_>) -> Option<Work> {
        let with = node.get("with");
        match (&text.action, &text.query, text.gate) {
            (Some(name), None, None) => {
                let at = node.get("action")?.span;
                let Some(action) = self.known.registry.action(name) else {
                    let help = match self.known.queries.contains(name.as_str()) {
                        true => Some(format!("`{name}` is a query: write `query: {name}`")),
                        false => suggestion(name, self.known.actions.iter().copied()),
                    };
                    let finding = self
                        .findings
                        .at(Code::UnknownAction, at, format!("there is no action `{name}`"))
                        .maybe_help(help);
                    self.findings.push(finding);
                    self.with_of_nobody(with, around);
                    return Some(Work::Action { name: name.clone(), with: nothing(at) });
                };
                let takes = Takes {
                    page: ("actions", action.name()),
                    schema: self.inputs.action(action),
                    decode: &|value| action.decode(value),
                };
                let with = self.inputs.with(&takes, with, at, around, &mut self.texts, self.findings);
                Some(Work::Action { name: name.clone(), with })
            }
            (None, Some(name), None) => {
                let at = node.get("query")?.span;
                let Some(query) = self.known.registry.query(name) else {
                    let help = match self.known.actions.contains(name.as_str()) {
                        true => Some(format!("`{name}` is an action: write `action: {name}`")),
                        false => suggestion(name, self.known.queries.iter().copied()),
                    };
                    let finding = self
                        .findings
                        .at(Code::UnknownQuery, at, format!("there is no query `{name}`"))
                        .maybe_help(help);
                    self.findings.push(finding);
                    self.with_of_nobody(with, around);
                    return Some(Work::Query { name: name.clone(), with: nothing(at), regions: None });
                };
                let takes = Takes {
                    page: ("queries", query.name()),
                    schema: self.inputs.query(query),
                    decode: &|value| query.decode(value),
                };
                let with = self.inputs.with(&takes, with, at, around, &mut self.texts, self.findings);
                let regions = self.regions(node.get("regions"), query.regional(), name, around.names);
                Some(Work::Query { name: name.clone(), with, regions })
            }
            (None, None, Some(gate)) => {
                let at = node.get("gate")?.span;
                if gate == Gate::Approval {
                    self.finding(
                        Code::NotYet,
                        at,
                        "a gate of kind `approval` comes with a later version",
                        "take `confirm` until then",
                    );
                }
                if text.message.is_none() {
                    self.missing(node, "message", at, "the gate", "message: \"…\"");
                }
                let message = node.get("message").and_then(|node| {
                    let message = self.texts.prose(node, around.names, self.findings)?;
                    let empty = matches!(&message.kind, TemplateKind::Literal(text) if text.as_str().is_none_or(|text| text.trim().is_empty()));
                    if empty && !node.is_null() {
                        let help = "say what the person has to do, or to be sure of";
                        self.finding(Code::InvalidValue, node.span, "the gate asks nothing", help);
                    }
                    Some(message)
                });
                Some(Work::Gate { gate, message: message.unwrap_or_else(|| nothing(at)) })
            }
            (None, None, None) => {
                // A kind that is written but wrong has its own finding.
                if !["action", "query", "gate"].iter().any(|kind| node.get(kind).is_some()) {
                    self.finding(
                        Code::MissingField,
                        around.step.span,
                        format!("step `{}` does nothing", around.step.id),
                        "give it one of `action`, `query` and `gate`",
                    );
                }
                None
            }
            _ => {
                let second = node
                    .entries()
                    .iter()
                    .filter(|entry| ["action", "query", "gate"].contains(&entry.key.as_str()))
                    .nth(1)?;
                let (span, message) = (second.key_span, format!("step `{}` is of more than one kind", around.step.id));
                self.finding(Code::MisplacedField, span, message, "a step has one of `action`, `query` and `gate`");
                None
            }
        }
    }

    /// What stands under `with` where nobody knows what may: its expressions can be wrong all the same.
    fn with_of_nobody(&mut self, with: Option<&Node>, around: &Around<'_>) {
        let Some(with) = with else { return };
        let mut open = vec![with];
        while let Some(node) = open.pop() {
            match &node.kind {
                Kind::Mapping(entries) => open.extend(entries.iter().rev().map(|entry| &entry.value)),
                Kind::Sequence(list) => open.extend(list.iter().rev()),
                Kind::Scalar { .. } => {
                    // Words may stand around an expression, or must not: only the action knows.
                    self.texts.prose_of_anything(node, around.names, self.findings);
                }
            }
        }
    }

    pub(super) fn regions(
        &mut self,
        node: Option<&Node>,
        regional: bool,
        query: &str,
        names: &Names<'_>,
    ) -> Option<Regions> {
        let Some(node) = node.filter(|node| !node.is_null()) else {
            return regional.then_some(Regions::Enabled);
        };
        if !regional {
            self.finding(
                Code::MisplacedField,
                node.span,
                format!("`{query}` is not asked by Region"),
                "take `regions` away: its service is global",
            );
            return None;
        }
        if let Kind::Sequence(list) = &node.kind {
            let mut regions = Vec::new();
            for one in list {
                match Region::new(one.text().unwrap_or_default()) {
                    Ok(region) if regions.contains(&region) => self.repeated(one.span, region.as_str()),
                    Ok(region) => regions.push(region),
                    Err(bad) => {
                        self.finding(Code::InvalidValue, one.span, bad.to_string(), "write Regions such as `eu-west-1`")
                    }
                }
            }
            return Some(Regions::Listed(regions));
        }
        match node.text() {
            Some("enabled") => Some(Regions::Enabled),
            Some(text) if text.contains("${{") => {
                let of = Type::list(Scalar::AwsRegion.into());
                self.texts.expression(node, &of, names, self.findings).map(Regions::Expression)
            }
            _ => {
                let message = format!("`regions`: expected a list of Regions or `enabled`, found {}", node.describe());
                self.finding(
                    Code::WrongType,
                    node.span,
                    message,
                    "write `enabled`, or a list such as `[eu-west-1, us-east-1]`",
                );
                None
            }
        }
    }

    pub(super) fn misplaced(&mut self, node: &Node, text: &StepText) {
        let (kind, wrong): (_, &[&str]) = match (&text.action, &text.query, text.gate) {
            (Some(_), None, None) => ("an action", &["message", "regions"]),
            (None, Some(_), None) => ("a query", &["message", "for_each"]),
            (None, None, Some(_)) => ("a gate", &["with", "for_each", "regions", "timeout"]),
            _ => return,
        };
        for entry in node.entries().iter().filter(|entry| wrong.contains(&entry.key.as_str())) {
            let help = match entry.key.as_str() {
                "message" => "only a gate has a message; `title` is for people who read the plan",
                "regions" => "only a query is asked in Regions; an action works where its input says",
                "for_each" => "only an action runs once for each item",
                "timeout" => "a gate waits until it is answered",
                _ => "a gate takes nothing",
            };
            self.finding(Code::MisplacedField, entry.key_span, format!("{kind} has no `{}`", entry.key), help);
        }
    }
}

fn nothing(span: Span) -> Template {
    Template { span, kind: TemplateKind::Literal(serde_json::Value::Null) }
}
