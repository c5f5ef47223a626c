//! The steps of a runbook, against its parameters and against each other.

use std::collections::HashMap;
use std::sync::Arc;

use super::draft::Draft;
use super::top::Compiler;
use crate::base::{StepId, parse_duration};
use crate::runbook::expression::{Names, StepName};
use crate::runbook::tree::{Kind, Node};
use crate::runbook::with::Around;
use crate::runbook::{
    Code, Expression, Gate, Parameter, Scalar, Span, Spanned, Step, Template, TemplateKind, Type, Work,
};

impl Compiler<'_> {
    pub(super) fn steps(&mut self, root: &Node, parameters: &[Parameter], top: Span) -> Vec<Step> {
        let node = root.get("steps").filter(|node| !node.is_null());
        let at = node.map_or(top, |node| node.span);
        match node.map(|node| &node.kind) {
            Some(Kind::Sequence(list)) if !list.is_empty() => {}
            None | Some(Kind::Sequence(_)) => {
                self.finding(Code::MissingField, at, "the runbook has no steps", "write `steps:` with a list of steps");
            }
            Some(_) => {
                let found = node.map(Node::describe).unwrap_or_default();
                self.finding(
                    Code::WrongType,
                    at,
                    format!("`steps`: expected a list, found {found}"),
                    "write `- id: …` lines",
                );
            }
        }
        let drafts: Vec<Draft<'_>> =
            node.map(Node::elements).unwrap_or_default().iter().filter_map(|node| self.draft(node)).collect();
        let (drafts, others) = self.distinct(drafts);
        let names: HashMap<StepId, StepName> =
            drafts.iter().map(|draft| (draft.id.clone(), self.stands_for(&draft.text))).collect();
        // A parameter whose declaration is wrong is still there: what uses it is not wrong as well.
        let written = root.get("parameters").map(Node::entries).unwrap_or_default();
        let mut known_parameters: HashMap<String, Type> =
            written.iter().map(|entry| (entry.key.clone(), Type::Unknown)).collect();
        known_parameters.extend(parameters.iter().map(|one| (one.name.clone(), one.of.to_type())));
        let schemas: Vec<(StepId, Arc<serde_json::Value>)> = drafts
            .iter()
            .filter_map(|draft| {
                Some((draft.id.clone(), self.inputs.items(self.known.registry, draft.text.query.as_deref()?)?))
            })
            .collect();
        self.inputs.samples(parameters, &schemas);
        let names = Names { parameters: &known_parameters, steps: Some(&names), item: None };
        let steps = drafts.into_iter().map(|draft| self.step(draft, &names, parameters)).collect();
        // A step without an id of its own is no step of the runbook, but what is wrong in it is said all the same.
        for draft in others {
            self.step(draft, &names, parameters);
        }
        steps
    }

    fn step(&mut self, draft: Draft<'_>, plain: &Names<'_>, parameters: &[Parameter]) -> Step {
        let Draft { node, text, id, span, phase, .. } = draft;
        let for_each = node.get("for_each").and_then(|node| {
            let list = self.texts.expression(node, &Type::list(Type::Unknown), plain, self.findings)?;
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
        let names = Names { item: item.as_ref(), ..*plain };
        let when = node.get("when").and_then(|node| {
            let condition = self.texts.expression(node, &Scalar::Boolean.into(), &names, self.findings)?;
            Some(Spanned { value: condition, span: node.span })
        });
        if let Some(list) = &for_each {
            self.list_may_be_absent(list, when.as_ref(), parameters);
        }
        let title = node.get("title").and_then(|node| self.texts.prose(node, plain, self.findings));
        let needs = self.list_of_steps(node.get("needs"), &id, &names);
        let after = self.list_of_steps(node.get("after"), &id, &names);
        let timeout = text.timeout.as_deref().and_then(|text| match parse_duration(text) {
            Ok(time) if time.is_zero() => {
                let at = node.get("timeout").map_or(span, |node| node.span);
                self.finding(
                    Code::InvalidValue,
                    at,
                    "a step cannot be done in no time",
                    "write a duration, such as `15m`",
                );
                None
            }
            Ok(time) => Some(time),
            Err(error) => {
                let at = node.get("timeout").map_or(span, |node| node.span);
                self.finding(Code::InvalidValue, at, error.to_string(), "write a duration, such as `15m`");
                None
            }
        });
        self.misplaced(node, &text);
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
        let around = Around { step: &step, names: &names, parameters };
        if let Some(work) = self.work(node, &text, &around) {
            step.work = work;
        }
        step
    }

    /// Finds fault with a list that a parameter without a value would leave undefined.
    fn list_may_be_absent(
        &mut self,
        list: &Spanned<Expression>,
        when: Option<&Spanned<Expression>>,
        parameters: &[Parameter],
    ) {
        let asked = |name: &String| {
            let in_condition = when.is_some_and(|when| when.value.uses().asks.contains(name));
            in_condition || list.value.uses().asks.contains(name)
        };
        for one in parameters.iter().filter(|one| one.may_be_absent()) {
            if list.value.uses().parameters.contains(&one.name) && !asked(&one.name) {
                let name = &one.name;
                self.finding(
                    Code::MissingInput,
                    list.span,
                    format!("`for_each` goes over a list, and parameter `{name}` may have no value"),
                    format!("add `when: \"${{{{ has(parameters.{name}) }}}}\"` to the step"),
                );
            }
        }
    }
}
