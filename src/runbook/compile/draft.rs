//! Steps as far as they can be read by themselves.

use std::collections::{HashMap, HashSet};

use super::top::Compiler;
use crate::base::StepId;
use crate::runbook::decode::fields;
use crate::runbook::document::StepText;
use crate::runbook::expression::{Names, StepName};
use crate::runbook::near::suggestion;
use crate::runbook::tree::{Kind, Node};
use crate::runbook::{Code, Phase, Span, Spanned, Type};

/// What a step without a usable id is called, while what else is wrong in it is found.
const NAMELESS: &str = "nameless";

/// A step whose own text is decoded.
pub(super) struct Draft<'a> {
    pub(super) node: &'a Node,
    pub(super) text: StepText,
    pub(super) id: StepId,
    pub(super) span: Span,
    pub(super) phase: Phase,
    /// Whether the id is one, and not a stand-in.
    named: bool,
}

impl Compiler<'_> {
    pub(super) fn draft<'a>(&mut self, node: &'a Node) -> Option<Draft<'a>> {
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
        let id = text.id.as_deref().map(StepId::new).transpose().unwrap_or_else(|bad| {
            self.finding(Code::InvalidValue, span, bad.to_string(), "expressions mean the step as `steps.<id>`");
            None
        });
        let named = id.is_some();
        let id = id.unwrap_or_else(|| StepId::new(NAMELESS).expect("lower-case letters"));
        let phase = text.phase.unwrap_or(Phase::Contain);
        Some(Draft { node, text, id, span, phase, named })
    }

    /// The drafts with an id of their own, and those that have none or an earlier one's.
    pub(super) fn distinct<'a>(&mut self, drafts: Vec<Draft<'a>>) -> (Vec<Draft<'a>>, Vec<Draft<'a>>) {
        let mut first: HashMap<StepId, Span> = HashMap::new();
        let (mut kept, mut repeated) = (Vec::with_capacity(drafts.len()), Vec::new());
        for draft in drafts {
            match first.get(&draft.id) {
                _ if !draft.named => repeated.push(draft),
                Some(earlier) => {
                    let finding = self
                        .findings
                        .at(Code::DuplicateId, draft.span, format!("two steps have the id `{}`", draft.id))
                        .label(*earlier, "the first one")
                        .help("give one of them another id");
                    self.findings.push(finding);
                    repeated.push(draft);
                }
                None => {
                    first.insert(draft.id.clone(), draft.span);
                    kept.push(draft);
                }
            }
        }
        (kept, repeated)
    }

    pub(super) fn stands_for(&mut self, text: &StepText) -> StepName {
        match &text.query {
            Some(query) => match self.inputs.items(self.known.registry, query) {
                Some(schema) => StepName::Query(Type::of_schema(&schema)),
                None => StepName::Query(Type::Unknown),
            },
            None => StepName::Other,
        }
    }

    pub(super) fn list_of_steps(
        &mut self,
        node: Option<&Node>,
        own: &StepId,
        names: &Names<'_>,
    ) -> Vec<Spanned<StepId>> {
        let elements = node.map(Node::elements).unwrap_or_default();
        let mut list = Vec::with_capacity(elements.len());
        let mut seen = HashSet::with_capacity(elements.len());
        for element in elements {
            let Some(text) = element.text() else { continue };
            let found = StepId::new(text).ok().filter(|id| names.steps.is_some_and(|steps| steps.contains_key(id)));
            match found {
                Some(id) if seen.insert(id.clone()) => list.push(Spanned { value: id, span: element.span }),
                Some(id) => self.repeated(element.span, id.as_str()),
                None => {
                    let known = names.step_names(|_| true).into_iter().filter(|id| *id != own.as_str());
                    let help = suggestion(text, known).unwrap_or_else(|| "the runbook has no other step".to_owned());
                    self.finding(Code::UnknownStep, element.span, format!("there is no step `{text}`"), help);
                }
            }
        }
        list
    }

    /// What is named twice is done once, and may have been meant to be something else.
    pub(super) fn repeated(&mut self, at: Span, name: &str) {
        self.finding(Code::Repeated, at, format!("`{name}` stands here twice"), "take it away, or name what was meant");
    }
}
