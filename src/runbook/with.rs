//! What stands under `with:`, against what the action or query takes.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::allowed::{alternative, at_path, misfit};
use super::decode::in_plain_words;
use super::diagnostic::Findings;
use super::expression::Names;
use super::near::suggestion;
use super::place::{Segment, segments};
use super::sample::{Flavour, Samples};
use super::text::{Texts, literal};
use super::tree::{Kind, Node};
use super::types::quotes_mend;
use super::{Code, Parameter, Scalar, Span, Step, Template, TemplateKind, Type};
use crate::actions::{AnyAction, AnyQuery, BadInput, Registry};
use crate::base::StepId;

/// The members of inputs that people read: here, and nowhere else in inputs, text may stand around expressions.
const PROSE: [&str; 3] = ["business_impact", "message", "title"];

/// The schemas of inputs and items, made once for each name, and the samples of the runbook.
#[derive(Default)]
pub(super) struct Inputs {
    inputs: HashMap<&'static str, Arc<Value>>,
    items: HashMap<String, Option<Arc<Value>>>,
    samples: Vec<Samples>,
}

impl Inputs {
    /// The schema of an action's input.
    pub(super) fn action(&mut self, action: &dyn AnyAction) -> Arc<Value> {
        self.inputs.entry(action.name()).or_insert_with(|| Arc::new(action.input_schema().to_value())).clone()
    }

    /// The schema of a query's input.
    pub(super) fn query(&mut self, query: &dyn AnyQuery) -> Arc<Value> {
        self.inputs.entry(query.name()).or_insert_with(|| Arc::new(query.input_schema().to_value())).clone()
    }

    /// The schema of a query's items, if there is such a query.
    pub(super) fn items(&mut self, registry: &Registry, query: &str) -> Option<Arc<Value>> {
        if let Some(known) = self.items.get(query) {
            return known.clone();
        }
        let schema = registry.query(query).map(|query| Arc::new(query.item_schema().to_value()));
        self.items.insert(query.to_owned(), schema.clone());
        schema
    }

    /// Makes the samples by which inputs are tried.
    pub(super) fn samples(&mut self, parameters: &[Parameter], queries: &[(StepId, Arc<Value>)]) {
        let queries = || queries.iter().map(|(id, schema)| (id, schema.as_ref()));
        self.samples = Flavour::ALL.into_iter().map(|flavour| Samples::new(flavour, parameters, queries())).collect();
    }

    /// Reads `with:`. Where anything is wrong with it, it is a finding, and what comes back is not to be used.
    pub(super) fn with(
        &self,
        takes: &Takes<'_>,
        node: Option<&Node>,
        at: Span,
        around: &Around<'_>,
        texts: &mut Texts,
        findings: &mut Findings,
    ) -> Template {
        let empty = Node { span: at, kind: Kind::Mapping(Vec::new()) };
        let node = node.filter(|node| !node.is_null()).unwrap_or(&empty);
        let before = findings.count();
        let unusable = Template { span: node.span, kind: TemplateKind::Literal(Value::Null) };
        let Some(samples) = self.samples.first() else { return unusable };
        let mut reader = Reader { around, texts, findings, samples, stand_ins: Vec::new() };
        let template = reader.member(node, &takes.schema, "with", true);
        let stand_ins = reader.stand_ins;
        let Some(template) = template else { return unusable };
        let sound = findings.count() == before;
        // What stands for something that is wrong itself has no sample, and is not wrong as well.
        // Neither has an item of a list that is empty as it stands there.
        let never = around.step.for_each.as_ref().is_some_and(|list| *list.value.of() == Type::list(Type::Unknown));
        if (findings.has_errors() || never) && template.has_unknown() {
            return if sound { template } else { unusable };
        }
        let mut wrong: Vec<BadInput> = Vec::new();
        let mut tried = None;
        for samples in &self.samples {
            let item = samples.item(around.step);
            let input = samples.input(&template, item.as_ref(), &takes.schema);
            // Most inputs name no principal, so that they are the same in each flavour.
            if tried.as_ref() == Some(&input) {
                continue;
            }
            let bad = takes.all_that_is_wrong(tried.insert(input).clone(), samples);
            if bad.is_empty() {
                return if sound { template } else { unusable };
            }
            if wrong.is_empty() {
                wrong = bad;
            }
        }
        if wrong.is_empty() && sound {
            return template;
        }
        for bad in wrong {
            let at = within(&template, &bad.path).unwrap_or(node.span);
            // What the input is as a whole may follow from what is wrong in it.
            if stand_ins.contains(&at) || (bad.path == "." && !sound) {
                continue;
            }
            let finding = findings.at(Code::BadInput, at, in_plain_words(&bad.message)).help(takes.help());
            findings.push(finding);
        }
        unusable
    }
}

/// What an action or query takes.
pub(super) struct Takes<'a> {
    /// The verb of the command line that shows its page, and its name.
    pub(super) page: (&'static str, &'static str),
    /// The schema of its input.
    pub(super) schema: Arc<Value>,
    /// Tries an input.
    pub(super) decode: &'a dyn Fn(&Value) -> Result<Value, BadInput>,
}

impl Takes<'_> {
    fn help(&self) -> String {
        let (verb, name) = self.page;
        format!("`quell {verb} {name}` shows what it takes")
    }

    /// Everything that is wrong with an input. Decoding stops at the first mistake, so a sample takes its place, and the
    /// input is tried again. What the input is as a whole is only told where nothing in it is wrong.
    fn all_that_is_wrong(&self, mut input: Value, samples: &Samples) -> Vec<BadInput> {
        let mut wrong: Vec<BadInput> = Vec::new();
        while let Err(bad) = (self.decode)(&input) {
            let known = wrong.iter().any(|one| one.path == bad.path);
            let place = at_path(&mut input, &self.schema, &bad.path).filter(|_| !known);
            let Some((value, schema)) = place else {
                if wrong.is_empty() {
                    wrong.push(bad);
                }
                break;
            };
            *value = samples.of_schema(schema);
            wrong.push(bad);
        }
        wrong
    }
}

/// What stands around `with:`.
pub(super) struct Around<'a> {
    /// The step, but for its work.
    pub(super) step: &'a Step,
    /// The names its expressions may use.
    pub(super) names: &'a Names<'a>,
    /// The parameters of the runbook.
    pub(super) parameters: &'a [Parameter],
}

impl Around<'_> {
    /// Whether the step only runs when a parameter has a value.
    fn asks_for(&self, parameter: &str) -> bool {
        self.step.when.as_ref().is_some_and(|when| when.value.uses().asks.contains(parameter))
    }
}

struct Reader<'a> {
    around: &'a Around<'a>,
    texts: &'a mut Texts,
    findings: &'a mut Findings,
    samples: &'a Samples,
    /// Where a sample took the place of what is wrong.
    stand_ins: Vec<Span>,
}

impl Reader<'_> {
    /// A member of something larger. A sample takes the place of one that is wrong, so that the others are tried as well.
    fn part(&mut self, node: &Node, schema: &Value, name: &str, required: bool) -> Template {
        let template = self.member(node, schema, name, required);
        template.unwrap_or_else(|| self.stand_in(node.span, schema))
    }

    fn stand_in(&mut self, span: Span, schema: &Value) -> Template {
        self.stand_ins.push(span);
        Template { span, kind: TemplateKind::Literal(self.samples.of_schema(schema)) }
    }

    fn member(&mut self, node: &Node, schema: &Value, name: &str, required: bool) -> Option<Template> {
        if let (Kind::Mapping(_), Some(_)) = (&node.kind, properties(schema)) {
            return self.mapping(node, schema, name);
        }
        let of = Type::of_schema(schema);
        match &node.kind {
            Kind::Mapping(entries) if of == Type::Unknown => {
                let schema =
                    alternative(schema, "additionalProperties").and_then(|schema| schema.get("additionalProperties"));
                let members = entries.iter().map(|entry| {
                    (entry.key.clone(), self.part(&entry.value, schema.unwrap_or(&Value::Null), &entry.key, true))
                });
                let members = members.collect();
                Some(Template { span: node.span, kind: TemplateKind::Map(members) })
            }
            Kind::Sequence(list) if matches!(of, Type::List(_) | Type::Unknown) => {
                let items = alternative(schema, "items").and_then(|schema| schema.get("items")).unwrap_or(&Value::Null);
                let templates: Vec<_> = list.iter().map(|one| self.part(one, items, name, true)).collect();
                let kind = match templates.iter().map(literal).collect::<Option<Vec<_>>>() {
                    Some(values) => TemplateKind::Literal(values.into()),
                    None => TemplateKind::List(templates),
                };
                Some(Template { span: node.span, kind })
            }
            Kind::Scalar { text, .. } if text.contains("${{") => {
                let template = match PROSE.contains(&name) && of == Type::Scalar(Scalar::String) {
                    true => self.texts.prose(node, self.around.names, self.findings),
                    false => self.texts.value(node, &of, self.around.names, self.findings),
                }?;
                if let TemplateKind::Expression(expression) = &template.kind {
                    self.absent(expression.only_parameter(), required, name, node.span);
                }
                Some(template)
            }
            _ => self.fixed(node, schema, &of, name),
        }
    }

    /// A value without expressions.
    fn fixed(&mut self, node: &Node, schema: &Value, of: &Type, name: &str) -> Option<Template> {
        let value = node.to_json();
        let fits = match of {
            Type::Unknown => true,
            Type::Scalar(scalar) => match scalar.read(&value) {
                Ok(_) => match misfit(name, &value, schema) {
                    None => true,
                    Some((message, help)) => {
                        let finding = self.findings.at(Code::BadInput, node.span, message).maybe_help(help);
                        self.findings.push(finding);
                        false
                    }
                },
                Err(why) => {
                    let nullable = value.is_null();
                    let code = if value.is_string() { Code::BadInput } else { Code::WrongType };
                    let quotes = quotes_mend(&value, |quoted| scalar.read(quoted)).filter(|_| scalar.is_text());
                    let help = quotes.unwrap_or_else(|| format!("`{name}` is {}", scalar.with_article()));
                    if !nullable {
                        let finding = self.findings.at(code, node.span, format!("`{name}`: {why}")).help(help);
                        self.findings.push(finding);
                    }
                    nullable
                }
            },
            Type::List(_) | Type::Object(_) => {
                let wanted = if matches!(of, Type::List(_)) { "a list" } else { "a mapping" };
                let message = format!("`{name}`: expected {wanted}, found {}", node.describe());
                let fields = properties(schema).map(|all| all.keys().map(String::as_str).collect::<Vec<_>>());
                let help = match fields {
                    Some(fields) => format!("it has the fields `{}`", fields.join("`, `")),
                    None => "write a list: `[one, two]`".to_owned(),
                };
                let finding = self.findings.at(Code::WrongType, node.span, message).help(help);
                self.findings.push(finding);
                false
            }
        };
        fits.then_some(Template { span: node.span, kind: TemplateKind::Literal(value) })
    }

    fn mapping(&mut self, node: &Node, schema: &Value, name: &str) -> Option<Template> {
        let properties = properties(schema)?;
        let required: Vec<&str> = alternative(schema, "properties")
            .and_then(|schema| schema.get("required")?.as_array())
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut members = Vec::with_capacity(node.entries().len());
        for member in &required {
            if node.get(member).is_none_or(Node::is_null) {
                let of = Type::of_schema(&properties[*member]);
                let message = format!("`{name}` lacks `{member}` ({of})");
                let about = properties[*member].get("description").and_then(Value::as_str).unwrap_or("it is required");
                let finding =
                    self.findings.at(Code::MissingInput, node.span, message).help(format!("`{member}`: {about}"));
                self.findings.push(finding);
                let nowhere = Span { start: node.span.start, end: node.span.start };
                members.push(((*member).to_owned(), self.stand_in(nowhere, &properties[*member])));
            }
        }
        for entry in node.entries() {
            let Some(schema) = properties.get(&entry.key) else {
                let finding = self
                    .findings
                    .at(Code::UnknownField, entry.key_span, format!("`{name}` has no `{}`", entry.key))
                    .maybe_help(suggestion(&entry.key, properties.keys().map(String::as_str)));
                self.findings.push(finding);
                continue;
            };
            let is_required = required.contains(&entry.key.as_str());
            if !(is_required && entry.value.is_null()) {
                members.push((entry.key.clone(), self.part(&entry.value, schema, &entry.key, is_required)));
            }
        }
        Some(Template { span: node.span, kind: TemplateKind::Map(members) })
    }

    /// A required member whose value is a parameter that may have none.
    fn absent(&mut self, parameter: Option<&str>, required: bool, member: &str, at: Span) {
        let Some(parameter) = parameter.and_then(|name| self.around.parameters.iter().find(|one| one.name == name))
        else {
            return;
        };
        if required && parameter.may_be_absent() && !self.around.asks_for(&parameter.name) {
            let name = &parameter.name;
            let message = format!("`{member}` is required, and parameter `{name}` may have no value");
            let finding = self
                .findings
                .at(Code::MissingInput, at, message)
                .help(format!("add `when: \"${{{{ has(parameters.{name}) }}}}\"` to the step"));
            self.findings.push(finding);
        }
    }
}

fn properties(schema: &Value) -> Option<&serde_json::Map<String, Value>> {
    alternative(schema, "properties")?.get("properties")?.as_object()
}

/// The place of the member at a path such as `agent.region` or `keys[0].id`.
fn within(template: &Template, path: &str) -> Option<Span> {
    let mut at = template;
    for segment in segments(path) {
        let next = match (&at.kind, segment) {
            (TemplateKind::List(list), Segment::Index(index)) => list.get(index),
            (_, Segment::Name(name)) => at.member(name),
            (_, Segment::Index(_)) => None,
        };
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    Some(at.span)
}
