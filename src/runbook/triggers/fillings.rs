//! Where the values of a runbook's parameters come from: what a trigger says, held against what the runbook takes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::document::FillingText;
use super::fact_type::{fact_type, fits, fitting};
use super::reader::Reader;
use crate::base::parse_duration;
use crate::detect::{Fact, Filling};
use crate::runbook::decode::fields;
use crate::runbook::near::suggestion;
use crate::runbook::tree::{Entry, Kind, Node};
use crate::runbook::types::quotes_mend;
use crate::runbook::{Code, Parameter, Scalar, Span};

impl Reader<'_> {
    /// The fillings of a trigger. `at` is where what is missing is told.
    pub(super) fn fillings(
        &mut self,
        node: Option<&Node>,
        declared: &[Parameter],
        runbook: &str,
        at: Span,
    ) -> BTreeMap<String, Filling> {
        let node = node.filter(|node| !node.is_null());
        if let Some(node) = node.filter(|node| !matches!(node.kind, Kind::Mapping(_))) {
            let message = format!("`parameters`: expected a mapping, found {}", node.describe());
            self.finding(Code::WrongType, node.span, message, "write `name: { from: … }` lines");
            return BTreeMap::new();
        }
        let mut fillings = BTreeMap::new();
        let entries = node.map(Node::entries).unwrap_or_default();
        for entry in entries {
            let Some(parameter) = declared.iter().find(|parameter| parameter.name == entry.key) else {
                let message = format!("runbook `{runbook}` has no parameter `{}`", entry.key);
                let names = declared.iter().map(|parameter| parameter.name.as_str());
                let help = suggestion(&entry.key, names).unwrap_or_else(|| "it takes none".to_owned());
                self.finding(Code::UnknownParameter, entry.key_span, message, help);
                continue;
            };
            if let Some(filling) = self.filling(entry, parameter) {
                fillings.insert(entry.key.clone(), filling);
            }
        }
        let named = |name: &str| entries.iter().any(|entry| entry.key == name);
        for parameter in declared.iter().filter(|parameter| !named(&parameter.name)) {
            let others = &parameter.or;
            let is_needed = match others.as_slice() {
                [] => parameter.default.is_none() && !parameter.optional,
                others => !others.iter().any(|other| named(other)),
            };
            if is_needed {
                let message = format!("`{}` is not filled, and runbook `{runbook}` must be told it", parameter.name);
                let help = format!(
                    "write `{}: {{ from: … }}`, or `{}: {{ ask: … }}` with what a person has to find out",
                    parameter.name, parameter.name
                );
                self.finding(Code::MissingInput, at, message, help);
            }
        }
        fillings
    }

    fn filling(&mut self, entry: &Entry, parameter: &Parameter) -> Option<Filling> {
        let Entry { key, value: node, .. } = entry;
        let before = self.findings.count();
        let text: FillingText = fields(node, &format!("parameter `{key}`"), self.findings);
        if self.findings.count() > before {
            return None;
        }
        let ways: Vec<&Entry> =
            node.entries().iter().filter(|entry| ["from", "all", "is", "ask"].contains(&entry.key.as_str())).collect();
        let way = match ways.as_slice() {
            [one] => one,
            [] => {
                let message = format!("`{key}` does not say where its value comes from");
                self.finding(Code::MissingField, entry.key_span, message, "write one of `from`, `all`, `is` and `ask`");
                return None;
            }
            [_, second, ..] => {
                let message = format!("`{key}` says more than once where its value comes from");
                self.finding(
                    Code::MisplacedField,
                    second.key_span,
                    message,
                    "write one of `from`, `all`, `is` and `ask`",
                );
                return None;
            }
        };
        let span = way.value.span;
        let earlier = self.earlier(node, text.from, parameter)?;
        match (text.from, text.all, text.ask) {
            (Some(fact), ..) => {
                if parameter.of.list {
                    let message = format!("`{key}` is a list, and `from` gives one value");
                    self.finding(Code::WrongType, span, message, format!("write `all: {fact}`"));
                    return None;
                }
                self.fits(fact, parameter, span).then_some(Filling::From { fact, earlier })
            }
            (_, Some(fact), _) => {
                if !parameter.of.list {
                    let message = format!("`{key}` is no list, and `all` gives one");
                    self.finding(Code::WrongType, span, message, format!("write `from: {fact}`"));
                    return None;
                }
                self.fits(fact, parameter, span).then_some(Filling::All(fact))
            }
            (.., Some(what)) if what.trim().is_empty() => {
                let message = format!("`{key}` asks nothing");
                self.finding(Code::InvalidValue, span, message, "say what a person has to find out, and where");
                None
            }
            (.., Some(what)) => Some(Filling::Ask(what)),
            (None, None, None) => self.constant(&way.value, parameter),
        }
    }

    fn fits(&mut self, fact: Fact, parameter: &Parameter, span: Span) -> bool {
        let fits = fits(parameter.of, fact);
        if !fits {
            let (has, takes) = (fact_type(fact).with_article(), parameter.of.scalar.with_article());
            let message = format!("`{fact}` is {has}, and `{}` takes {takes}", parameter.name);
            let help = match fitting(parameter.of).as_slice() {
                [] => "events say nothing of that kind: write `is`, or `ask`".to_owned(),
                facts => format!("of that kind events say `{}`", facts.join("`, `")),
            };
            self.finding(Code::WrongType, span, message, help);
        }
        fits
    }

    /// How much earlier: only a point in time has something before it.
    fn earlier(&mut self, node: &Node, from: Option<Fact>, parameter: &Parameter) -> Option<Duration> {
        let Some(entry) = node.entries().iter().find(|entry| entry.key == "earlier") else {
            return Some(Duration::ZERO);
        };
        let is_time =
            parameter.of.scalar == Scalar::Timestamp && from.is_some_and(|fact| fact_type(fact) == Scalar::Timestamp);
        if !is_time {
            let message =
                format!("`earlier` is about a point in time that an event says, and `{}` is none", parameter.name);
            self.finding(Code::MisplacedField, entry.key_span, message, "take it away, or write `from: time`");
            return None;
        }
        match parse_duration(entry.value.text().unwrap_or_default()) {
            Ok(earlier) => Some(earlier),
            Err(bad) => {
                self.finding(Code::InvalidValue, entry.value.span, bad.to_string(), "write a duration, such as `1h`");
                None
            }
        }
    }

    fn constant(&mut self, node: &Node, parameter: &Parameter) -> Option<Filling> {
        let literal = node.to_json();
        match parameter.read(&literal) {
            Ok(value) => Some(Filling::Is(value)),
            Err(error) => {
                let code = match literal.is_string() && parameter.of.is_text() {
                    true => Code::InvalidValue,
                    false => Code::WrongType,
                };
                let quotes =
                    quotes_mend(&literal, |quoted| parameter.of.read(quoted)).filter(|_| parameter.of.is_text());
                let help = quotes.unwrap_or_else(|| format!("the type is `{}`", parameter.of));
                self.finding(code, node.span, format!("the value does not fit: {error}"), help);
                None
            }
        }
    }
}
