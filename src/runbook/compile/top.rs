//! The top level of a runbook.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::actions::Registry;
use crate::base::Digest;
use crate::runbook::decode::fields;
use crate::runbook::diagnostic::Findings;
use crate::runbook::document::Document;
use crate::runbook::text::Texts;
use crate::runbook::tree::{self, Kind, Node};
use crate::runbook::triggers::{Asks, Reader, TakenNames};
use crate::runbook::with::Inputs;
use crate::runbook::{Classification, Code, Expression, Parameter, Runbook, Source, Span, Step, Techniques};

/// Reads a runbook. The runbook holds whatever is sound, so that its graph can be looked at too; it may only be used when
/// no finding is an error.
pub(crate) fn compile(source: Arc<Source>, registry: &Registry) -> (Option<Runbook>, Findings) {
    let mut findings = Findings::new(source.clone());
    let runbook = tree::read(&mut findings).and_then(|root| {
        let known = Known::new(registry);
        Compiler { findings: &mut findings, known: &known, texts: Texts::default(), inputs: Inputs::default() }
            .runbook(&root, source)
    });
    (runbook, findings)
}

/// What a runbook must be told, without the rest of it; nothing where that cannot be read.
pub(in crate::runbook) fn declared(source: Arc<Source>, registry: &Registry) -> Option<Vec<Parameter>> {
    let mut findings = Findings::new(source);
    let root = tree::read(&mut findings).filter(|root| root.get("steps").is_some())?;
    let known = Known::new(registry);
    let parameters =
        Compiler { findings: &mut findings, known: &known, texts: Texts::default(), inputs: Inputs::default() }
            .parameters(root.get("parameters"));
    (!findings.has_errors()).then_some(parameters)
}

/// What can be named.
pub(super) struct Known<'a> {
    pub(super) registry: &'a Registry,
    pub(super) actions: BTreeSet<&'static str>,
    pub(super) queries: BTreeSet<&'static str>,
}

impl<'a> Known<'a> {
    fn new(registry: &'a Registry) -> Self {
        let actions = registry.actions().map(|action| action.name()).collect();
        let queries = registry.queries().map(|query| query.name()).collect();
        Self { registry, actions, queries }
    }
}

/// Reads one runbook; the other files of this folder are its parts.
pub(super) struct Compiler<'a> {
    pub(super) findings: &'a mut Findings,
    pub(super) known: &'a Known<'a>,
    pub(super) texts: Texts,
    pub(super) inputs: Inputs,
}

impl Compiler<'_> {
    pub(super) fn finding(&mut self, code: Code, span: Span, message: impl AsRef<str>, help: impl AsRef<str>) {
        let finding = self.findings.at(code, span, message).help(help);
        self.findings.push(finding);
    }

    fn runbook(&mut self, root: &Node, source: Arc<Source>) -> Option<Runbook> {
        if !matches!(root.kind, Kind::Mapping(_)) {
            let message = format!("a runbook is a mapping, and this is {}", root.describe());
            self.finding(Code::WrongType, root.span, message, "a runbook starts with `quell: 1` and `name: …`");
            return None;
        }
        // Both lie side by side as YAML, and each of its fields would be a finding.
        if let Some(version) =
            root.get("scenario").filter(|_| root.get("quell").is_none() && root.get("account").is_some())
        {
            let help = "rehearse a runbook with it: `quell rehearse RUNBOOK --scenario FILE`";
            self.finding(Code::WrongType, version.span, "this is a scenario for rehearsals, and no runbook", help);
            return None;
        }
        if let Some(list) = root.get("triggers").filter(|_| root.get("steps").is_none()) {
            let help = "`quell check` checks it by itself, and `quell match --triggers FILE EVENT` tries it";
            self.finding(Code::WrongType, list.span, "this is a file of triggers, and no runbook", help);
            return None;
        }
        let document: Document = fields(&hollow(root), "the runbook", self.findings);
        let top = Span {
            start: root.span.start,
            end: root.entries().first().map_or(root.span.end, |first| first.key_span.end),
        };
        self.version(root, &document, top);
        let name = self.name(root, document.name, top);
        if document.title.is_none() {
            self.missing(root, "title", top, "the runbook", "title: Contain …");
        }
        let techniques: Techniques =
            root.get("techniques").map(|node| fields(node, "`techniques`", self.findings)).unwrap_or_default();
        self.techniques(root, &techniques);
        let classification: Classification =
            root.get("classification").map(|node| fields(node, "`classification`", self.findings)).unwrap_or_default();
        let parameters = self.parameters(root.get("parameters"));
        let steps = self.steps(root, &parameters, top);
        let triggers = match root.get("on").filter(|node| !node.is_null()) {
            Some(list) => {
                let asks = Asks::This { runbook: source.name(), parameters: &parameters };
                Reader { findings: self.findings }.triggers(list, asks, &TakenNames::new())
            }
            None => Vec::new(),
        };
        self.unused(&parameters, &steps);
        Some(Runbook {
            digest: Digest::of_bytes(source.text().as_bytes()),
            source,
            name: name.unwrap_or_default(),
            title: document.title.unwrap_or_default(),
            scenario: document.scenario,
            techniques,
            classification,
            use_when: document.use_when,
            parameters,
            triggers,
            steps,
        })
    }

    /// A field that must be there, and was neither written nor found wrong.
    pub(super) fn missing(&mut self, node: &Node, field: &str, at: Span, what: &str, example: &str) {
        if node.get(field).is_none_or(Node::is_null) {
            self.finding(Code::MissingField, at, format!("{what} has no `{field}`"), format!("write `{example}`"));
        }
    }

    fn version(&mut self, root: &Node, document: &Document, top: Span) {
        match document.quell {
            Some(1) => {}
            Some(other) => {
                let at = root.get("quell").map_or(top, |node| node.span);
                let message = format!("this is format {other}, and this version of quell reads format 1");
                self.finding(Code::NotYet, at, message, "write `quell: 1`, or take a newer quell");
            }
            None => self.missing(root, "quell", top, "the runbook", "quell: 1"),
        }
    }

    fn name(&mut self, root: &Node, name: Option<String>, top: Span) -> Option<String> {
        let Some(name) = name else {
            self.missing(root, "name", top, "the runbook", "name: my-runbook");
            return None;
        };
        let valid = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !valid {
            let at = root.get("name").map_or(top, |node| node.span);
            let message = format!("`{name}` cannot be the name of a runbook");
            self.finding(
                Code::InvalidValue,
                at,
                message,
                "a lower-case letter, then lower-case letters, digits and `-`, 64 at most",
            );
        }
        Some(name)
    }

    fn techniques(&mut self, root: &Node, techniques: &Techniques) {
        type Framework<'a> = (&'a str, &'a [String], fn(&str) -> bool, &'a str);
        let frameworks: [Framework<'_>; 3] = [
            ("attack", &techniques.attack, |id| technique(id, "T"), "`T1496` or `T1496.004`"),
            ("atlas", &techniques.atlas, |id| technique(id, "AML.T"), "`AML.T0034` or `AML.T0034.001`"),
            (
                "d3fend",
                &techniques.d3fend,
                |id| {
                    id.strip_prefix("D3-")
                        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase()))
                },
                "`D3-ANCI`",
            ),
        ];
        for (name, ids, valid, form) in frameworks {
            let nodes = root.get("techniques").and_then(|node| node.get(name)).map(Node::elements).unwrap_or_default();
            for (id, node) in ids.iter().zip(nodes) {
                if !valid(id) {
                    let message = format!("`{id}` is not an id of {}", framework(name));
                    self.finding(Code::InvalidValue, node.span, message, format!("ids look like {form}"));
                }
            }
        }
    }

    fn unused(&mut self, parameters: &[Parameter], steps: &[Step]) {
        // What could not be read may have used them.
        if self.findings.has_errors() {
            return;
        }
        let mut used: HashSet<&str> = HashSet::new();
        let mut see = |expression: &Expression| {
            for name in expression.parameters() {
                if let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) {
                    used.insert(parameter.name.as_str());
                }
            }
        };
        for parameter in parameters {
            if let Some(default) = &parameter.default {
                default.expressions(&mut |expression| see(expression));
            }
        }
        for step in steps {
            step.expressions(&mut |expression| see(expression));
        }
        for parameter in parameters.iter().filter(|parameter| !used.contains(parameter.name.as_str())) {
            self.finding(
                Code::UnusedParameter,
                parameter.span,
                format!("parameter `{}` is never used", parameter.name),
                "use it, or take it away",
            );
        }
    }
}

/// The top level without what is decoded piece by piece.
fn hollow(root: &Node) -> Node {
    let pieces = ["parameters", "on", "steps", "techniques", "classification"];
    let entries = root.entries().iter().filter(|entry| !pieces.contains(&entry.key.as_str())).cloned().collect();
    Node { span: root.span, kind: Kind::Mapping(entries) }
}

fn technique(id: &str, prefix: &str) -> bool {
    let Some(rest) = id.strip_prefix(prefix) else { return false };
    let (number, sub) = rest.split_once('.').unwrap_or((rest, "000"));
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    digits(number, 4) && digits(sub, 3)
}

fn framework(name: &str) -> &'static str {
    match name {
        "attack" => "MITRE ATT&CK",
        "atlas" => "MITRE ATLAS",
        _ => "MITRE D3FEND",
    }
}
