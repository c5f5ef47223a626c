//! From the text to the runbook: everything that one text can tell about itself, all findings in one pass.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::decode::fields;
use super::diagnostic::Findings;
use super::document::{Document, ParameterText, StepText};
use super::expression::{Names, StepName};
use super::near::suggestion;
use super::text::Texts;
use super::tree::{self, Entry, Kind, Node};
use super::with::Inputs;
use super::{
    Code, Expression, Gate, Parameter, Phase, Regions, Runbook, Scalar, Source, Span, Spanned, Step, Techniques,
    Template, TemplateKind, Type, Work,
};
use crate::actions::Registry;
use crate::base::{Digest, Region, StepId, parse_duration};

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

struct Compiler<'a> {
    findings: &'a mut Findings,
    known: &'a Known<'a>,
    texts: Texts,
    inputs: Inputs,
}

/// A step whose own text is decoded.
struct Draft<'a> {
    node: &'a Node,
    text: StepText,
    id: StepId,
    span: Span,
    phase: Phase,
}

impl Compiler<'_> {
    fn finding(&mut self, code: Code, span: Span, message: impl AsRef<str>, help: impl AsRef<str>) {
        let finding = self.findings.at(code, span, message).help(help);
        self.findings.push(finding);
    }

    fn runbook(&mut self, root: &Node, source: Arc<Source>) -> Option<Runbook> {
        if !matches!(root.kind, Kind::Mapping(_)) {
            let message = format!("a runbook is a mapping, and this is {}", root.describe());
            self.finding(Code::WrongType, root.span, message, "a runbook starts with `quell: 1` and `name: …`");
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
        let parameters = self.parameters(root.get("parameters"));
        let steps = self.steps(root, &parameters, top);
        self.unused(&parameters, &steps);
        Some(Runbook {
            digest: Digest::of_bytes(source.text().as_bytes()),
            source,
            name: name.unwrap_or_default(),
            title: document.title.unwrap_or_default(),
            scenario: document.scenario,
            techniques,
            use_when: document.use_when,
            parameters,
            steps,
        })
    }

    /// A field that must be there, and was neither written nor found wrong.
    fn missing(&mut self, node: &Node, field: &str, at: Span, what: &str, example: &str) {
        if node.get(field).is_none_or(|node| node.to_json().is_null()) {
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
        let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        let _ = digits;
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

    fn parameters(&mut self, node: Option<&Node>) -> Vec<Parameter> {
        let Some(node) = node else { return Vec::new() };
        if !matches!(node.kind, Kind::Mapping(_)) && !node.to_json().is_null() {
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
                .filter(|node| !node.to_json().is_null())
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
                allowed,
            });
        }
        parameters
    }

    fn literal_default(
        &mut self,
        literal: &serde_json::Value,
        span: Span,
        of: super::ParameterType,
        allowed: &[serde_json::Value],
    ) {
        match of.read(literal) {
            Err(why) => {
                let code = if literal.is_string() && of.is_text() { Code::InvalidValue } else { Code::WrongType };
                let help =
                    if of.is_text() { "put the value in quotes".to_owned() } else { format!("the type is `{of}`") };
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

    fn allowed(&mut self, node: Option<&Node>, scalar: Scalar, of: &Type) -> Vec<serde_json::Value> {
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

    fn steps(&mut self, root: &Node, parameters: &[Parameter], top: Span) -> Vec<Step> {
        let node = root.get("steps");
        match node {
            Some(Node { kind: Kind::Sequence(list), .. }) if !list.is_empty() => {}
            Some(node)
                if matches!(node.kind, Kind::Mapping(_))
                    || !node.to_json().is_null()
                        && node.elements().is_empty()
                        && !matches!(node.kind, Kind::Sequence(_)) =>
            {
                let message = format!("`steps`: expected a list, found {}", node.describe());
                self.finding(Code::WrongType, node.span, message, "write `- id: …` lines");
            }
            _ => self.finding(
                Code::MissingField,
                node.map_or(top, |node| node.span),
                "the runbook has no steps",
                "write `steps:` with a list of steps",
            ),
        }
        let drafts: Vec<Draft<'_>> =
            node.map(Node::elements).unwrap_or_default().iter().filter_map(|node| self.draft(node)).collect();
        let drafts = self.distinct(drafts);
        let names: HashMap<StepId, StepName> =
            drafts.iter().map(|draft| (draft.id.clone(), self.stands_for(&draft.text))).collect();
        let known_parameters: HashMap<String, Type> = root
            .get("parameters")
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|entry| {
                let declared = parameters.iter().find(|parameter| parameter.name == entry.key);
                (entry.key.clone(), declared.map_or(Type::Unknown, |parameter| parameter.of.to_type()))
            })
            .collect();
        let schemas: Vec<(StepId, Arc<serde_json::Value>)> = drafts
            .iter()
            .filter_map(|draft| {
                Some((draft.id.clone(), self.inputs.items(self.known.registry, draft.text.query.as_deref()?)?))
            })
            .collect();
        self.inputs.samples(parameters, &schemas);
        let names = StepNames { parameters: &known_parameters, steps: &names };
        drafts.into_iter().map(|draft| self.step(draft, &names, parameters)).collect()
    }

    fn draft<'a>(&mut self, node: &'a Node) -> Option<Draft<'a>> {
        let text: StepText = fields(node, "a step", self.findings);
        if !matches!(node.kind, Kind::Mapping(_)) {
            return None;
        }
        let start = Span {
            start: node.span.start,
            end: node.entries().first().map_or(node.span.end, |entry| entry.key_span.end),
        };
        if text.id.is_none() {
            self.missing(node, "id", start, "the step", "id: my_step");
        }
        if text.phase.is_none() {
            self.missing(node, "phase", start, "the step", "phase: contain");
        }
        let span = node.get("id").map_or(start, |node| node.span);
        let id = match StepId::new(text.id.as_deref()?) {
            Ok(id) => id,
            Err(bad) => {
                self.finding(Code::InvalidValue, span, bad.to_string(), "expressions mean the step as `steps.<id>`");
                return None;
            }
        };
        let phase = text.phase.unwrap_or(Phase::Contain);
        Some(Draft { node, text, id, span, phase })
    }

    fn distinct<'a>(&mut self, drafts: Vec<Draft<'a>>) -> Vec<Draft<'a>> {
        let mut first: HashMap<StepId, Span> = HashMap::new();
        let mut kept = Vec::with_capacity(drafts.len());
        for draft in drafts {
            match first.get(&draft.id) {
                Some(earlier) => {
                    let finding = self
                        .findings
                        .at(Code::DuplicateId, draft.span, format!("two steps have the id `{}`", draft.id))
                        .label(*earlier, "the first one")
                        .help("give one of them another id");
                    self.findings.push(finding);
                }
                None => {
                    first.insert(draft.id.clone(), draft.span);
                    kept.push(draft);
                }
            }
        }
        kept
    }

    fn stands_for(&mut self, text: &StepText) -> StepName {
        match &text.query {
            Some(query) => match self.inputs.items(self.known.registry, query) {
                Some(schema) => StepName::Query(Type::of_schema(&schema)),
                None => StepName::Query(Type::Unknown),
            },
            None => StepName::Other,
        }
    }

    fn step(&mut self, draft: Draft<'_>, names: &StepNames<'_>, parameters: &[Parameter]) -> Step {
        let Draft { node, text, id, span, phase } = draft;
        let plain = names.without_item();
        let for_each = node.get("for_each").and_then(|node| {
            let list = self.texts.expression(node, &Type::list(Type::Unknown), &plain, self.findings)?;
            Some(Spanned { value: list, span: node.span })
        });
        let item = match (&for_each, node.get("for_each")) {
            (Some(list), _) => match list.value.of() {
                Type::List(of) => Some(of.as_ref().clone()),
                _ => Some(Type::Unknown),
            },
            (None, Some(_)) => Some(Type::Unknown),
            (None, None) => None,
        };
        let names = Names { item: item.as_ref(), ..plain };
        let when = node.get("when").and_then(|node| {
            let condition = self.texts.expression(node, &Scalar::Boolean.into(), &names, self.findings)?;
            Some(Spanned { value: condition, span: node.span })
        });
        let title = node.get("title").and_then(|node| self.texts.prose(node, &plain, self.findings));
        let needs = self.list_of_steps(node.get("needs"), &id, names.steps);
        let after = self.list_of_steps(node.get("after"), &id, names.steps);
        let timeout = text.timeout.as_deref().and_then(|text| match parse_duration(text) {
            Ok(time) => Some(time),
            Err(error) => {
                let at = node.get("timeout").map_or(span, |node| node.span);
                self.finding(Code::InvalidValue, at, error.to_string(), "write a duration, such as `15m`");
                None
            }
        });
        self.misplaced(node, &text);
        let asked = when.as_ref().map(|when| when.value.uses().asks.clone()).unwrap_or_default();
        let mut step = Step {
            work: Work::Gate {
                gate: Gate::Instruction,
                message: Template { span, kind: TemplateKind::Literal(serde_json::Value::Null) },
            },
            id,
            span,
            phase,
            title,
            needs,
            after,
            when,
            for_each,
            seat: text.seat.unwrap_or_default(),
            timeout,
        };
        if let Some(work) = self.work(node, &text, &step, &names, parameters, &asked) {
            step.work = work;
        }
        step
    }

    fn work(
        &mut self,
        node: &Node,
        text: &StepText,
        step: &Step,
        names: &Names<'_>,
        parameters: &[Parameter],
        asked: &BTreeSet<String>,
    ) -> Option<Work> {
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
                    return Some(Work::Action { name: name.clone(), with: nothing(at) });
                };
                let input = self.inputs.action(action);
                let with = self.inputs.with(
                    input,
                    with,
                    at,
                    step,
                    names,
                    parameters,
                    asked,
                    &mut self.texts,
                    self.findings,
                    &|value| action.decode(value),
                );
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
                    return Some(Work::Query { name: name.clone(), with: nothing(at), regions: None });
                };
                let input = self.inputs.query(query);
                let with = self.inputs.with(
                    input,
                    with,
                    at,
                    step,
                    names,
                    parameters,
                    asked,
                    &mut self.texts,
                    self.findings,
                    &|value| query.decode(value),
                );
                let regions = self.regions(node.get("regions"), query.regional(), name, names);
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
                let message = node.get("message").and_then(|node| self.texts.prose(node, names, self.findings));
                Some(Work::Gate { gate, message: message.unwrap_or_else(|| nothing(at)) })
            }
            (None, None, None) => {
                // A kind that is written but wrong has its own finding.
                if !["action", "query", "gate"].iter().any(|kind| node.get(kind).is_some()) {
                    self.finding(
                        Code::MissingField,
                        step.span,
                        format!("step `{}` does nothing", step.id),
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
                let (span, message) = (second.key_span, format!("step `{}` is of more than one kind", step.id));
                self.finding(Code::MisplacedField, span, message, "a step has one of `action`, `query` and `gate`");
                None
            }
        }
    }

    fn misplaced(&mut self, node: &Node, text: &StepText) {
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

    fn regions(&mut self, node: Option<&Node>, regional: bool, query: &str, names: &Names<'_>) -> Option<Regions> {
        let Some(node) = node.filter(|node| !node.to_json().is_null()) else {
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

    fn list_of_steps(
        &mut self,
        node: Option<&Node>,
        own: &StepId,
        steps: Option<&HashMap<StepId, StepName>>,
    ) -> Vec<Spanned<StepId>> {
        let mut list = Vec::new();
        let mut seen = HashSet::new();
        for element in node.map(Node::elements).unwrap_or_default() {
            let Some(text) = element.text() else { continue };
            let found = StepId::new(text).ok().filter(|id| steps.is_some_and(|steps| steps.contains_key(id)));
            match found {
                Some(id) if seen.insert(id.clone()) => list.push(Spanned { value: id, span: element.span }),
                Some(_) => {}
                None => {
                    let mut known: Vec<&str> = steps
                        .into_iter()
                        .flat_map(HashMap::keys)
                        .map(StepId::as_str)
                        .filter(|id| *id != own.as_str())
                        .collect();
                    known.sort_unstable();
                    let finding = self
                        .findings
                        .at(Code::UnknownStep, element.span, format!("there is no step `{text}`"))
                        .maybe_help(suggestion(text, known));
                    self.findings.push(finding);
                }
            }
        }
        list
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

/// The names that the expressions of steps may use.
#[derive(Clone, Copy)]
struct StepNames<'a> {
    parameters: &'a HashMap<String, Type>,
    steps: &'a HashMap<StepId, StepName>,
}

impl<'a> StepNames<'a> {
    fn without_item(self) -> Names<'a> {
        Names { parameters: self.parameters, steps: Some(self.steps), item: None }
    }
}

fn nothing(span: Span) -> Template {
    Template { span, kind: TemplateKind::Literal(serde_json::Value::Null) }
}

/// The top level without what is decoded piece by piece.
fn hollow(root: &Node) -> Node {
    let pieces = ["parameters", "steps", "techniques"];
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
