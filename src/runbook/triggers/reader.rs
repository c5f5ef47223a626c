//! One trigger after the other, from the tree.

use std::collections::BTreeMap;
use std::time::Duration;

use super::document::{AfterText, TriggerText};
use super::file::TakenNames;
use super::pattern::pattern;
use crate::base::{TriggerName, parse_duration};
use crate::detect::{After, Fact, Grade, Trigger, Unattended};
use crate::runbook::decode::fields;
use crate::runbook::diagnostic::Findings;
use crate::runbook::tree::{Kind, Node};
use crate::runbook::{Code, Parameter, Span};

/// How long the same detection is the same incident where a trigger does not say.
const WINDOW: Duration = Duration::from_secs(6 * 60 * 60);
/// The longest time that a trigger may speak of: what is older is not kept.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// What makes two detections the same incident where a trigger does not say.
const DEDUPE: [Fact; 2] = [Fact::Account, Fact::Principal];

/// Which runbook a trigger asks for.
pub(in crate::runbook) enum Asks<'a> {
    /// The one that it stands in.
    This {
        /// As it can be found again.
        runbook: &'a str,
        /// What it takes.
        parameters: &'a [Parameter],
    },
    /// The one that it names, which is looked up. An error is the message and what helps.
    Named(&'a mut Lookup<'a>),
}

/// Finds a runbook and what it takes, by its name or path.
pub(in crate::runbook) type Lookup<'a> =
    dyn FnMut(&str) -> Result<(String, Vec<Parameter>), (String, Option<String>)> + 'a;

/// Reads triggers.
pub(in crate::runbook) struct Reader<'a> {
    pub(in crate::runbook) findings: &'a mut Findings,
}

impl Reader<'_> {
    pub(super) fn finding(&mut self, code: Code, span: Span, message: impl AsRef<str>, help: impl AsRef<str>) {
        let finding = self.findings.at(code, span, message).help(help);
        self.findings.push(finding);
    }

    /// A list of triggers; those that are sound.
    pub(in crate::runbook) fn triggers(&mut self, node: &Node, mut asks: Asks<'_>, taken: &TakenNames) -> Vec<Trigger> {
        if !matches!(node.kind, Kind::Sequence(_)) {
            let message = format!("triggers are a list, and this is {}", node.describe());
            self.finding(Code::WrongType, node.span, message, "write `- name: …` for each");
            return Vec::new();
        }
        let mut names: BTreeMap<TriggerName, Span> = BTreeMap::new();
        let mut triggers = Vec::new();
        for element in node.elements() {
            let (name, trigger) = self.trigger(element, &mut asks);
            let Some((name, span)) = name else { continue };
            let message = format!("another trigger is called `{name}`");
            let help = "give one of them another name";
            if let Some(first) = names.get(&name) {
                let finding = self.findings.at(Code::DuplicateId, span, message).label(*first, "the first one");
                self.findings.push(finding.help(help));
                continue;
            }
            if let Some(file) = taken.get(&name) {
                self.finding(Code::DuplicateId, span, format!("{message}, in {file}"), help);
            }
            names.insert(name, span);
            triggers.extend(trigger);
        }
        triggers
    }

    /// The name of a trigger, where it has one, and the trigger, where it is sound.
    fn trigger(&mut self, node: &Node, asks: &mut Asks<'_>) -> (Option<(TriggerName, Span)>, Option<Trigger>) {
        let before = self.findings.count();
        let text: TriggerText = fields(node, "a trigger", self.findings);
        if !matches!(node.kind, Kind::Mapping(_)) {
            return (None, None);
        }
        let start = Span {
            start: node.span.start,
            end: node.entries().first().map_or(node.span.end, |entry| entry.key_span.end),
        };
        let name = self.name(node, text.name.as_deref(), start);
        for (field, example) in [("title", "title: Somebody …"), ("grade", "grade: suspicious")] {
            self.missing(node, field, start, example);
        }
        let pattern = match node.get("pattern").filter(|node| !node.is_null()) {
            Some(node) => pattern(node, self.findings),
            None => {
                self.missing(node, "pattern", start, "pattern: { source: [aws.bedrock] }");
                None
            }
        };
        let unattended = text.unattended.unwrap_or_default();
        if unattended != Unattended::Never && text.grade.is_some_and(|grade| grade != Grade::Incident) {
            let at = node.get("unattended").map_or(start, |node| node.span);
            let message = "only an incident may be answered before a person has looked";
            self.finding(Code::InvalidValue, at, message, "write `grade: incident`, or `unattended: never`");
        }
        let runbook = self.runbook(node, text.runbook.as_deref(), start, asks);
        let parameters = match &runbook {
            Some((runbook, declared)) => self.fillings(node.get("parameters"), declared, runbook, start),
            None => BTreeMap::new(),
        };
        let dedupe = self.dedupe(node, text.dedupe);
        let window = self.duration(node.get("window")).unwrap_or(WINDOW);
        let after = node.get("after").filter(|node| !node.is_null()).and_then(|node| self.after(node));
        let named = name.clone();
        let is_sound = self.findings.count() == before;
        let made = || {
            let (pattern, written) = pattern?;
            Some(Trigger {
                name: name?.0,
                title: text.title?,
                grade: text.grade?,
                runbook: runbook?.0,
                unattended,
                pattern,
                written,
                parameters,
                dedupe,
                window,
                after,
            })
        };
        (named, is_sound.then(made).flatten())
    }

    fn name(&mut self, node: &Node, name: Option<&str>, start: Span) -> Option<(TriggerName, Span)> {
        let Some(name) = name else {
            self.missing(node, "name", start, "name: my-trigger");
            return None;
        };
        let span = node.get("name").map_or(start, |node| node.span);
        match TriggerName::new(name) {
            Ok(name) => Some((name, span)),
            Err(bad) => {
                self.finding(Code::InvalidValue, span, bad.to_string(), "write one such as `bedrock-agent-made`");
                None
            }
        }
    }

    fn missing(&mut self, node: &Node, field: &str, at: Span, example: &str) {
        if node.get(field).is_none_or(Node::is_null) {
            self.finding(Code::MissingField, at, format!("the trigger has no `{field}`"), format!("write `{example}`"));
        }
    }

    fn runbook(
        &mut self,
        node: &Node,
        named: Option<&str>,
        start: Span,
        asks: &mut Asks<'_>,
    ) -> Option<(String, Vec<Parameter>)> {
        let span = node.get("runbook").map(|node| node.span);
        match (asks, named) {
            (Asks::This { runbook, parameters }, _) => {
                if let Some(span) = span {
                    let message = "a trigger in a runbook is about that runbook";
                    self.finding(Code::MisplacedField, span, message, "take `runbook` away");
                }
                Some(((*runbook).to_owned(), parameters.to_vec()))
            }
            (Asks::Named(_), None) => {
                self.missing(node, "runbook", start, "runbook: rogue-bedrock-agent");
                None
            }
            (Asks::Named(lookup), Some(name)) => match lookup(name) {
                Ok(found) => Some(found),
                Err((message, help)) => {
                    let finding = self.findings.at(Code::UnknownRunbook, span.unwrap_or(start), message);
                    self.findings.push(finding.maybe_help(help));
                    None
                }
            },
        }
    }

    fn dedupe(&mut self, node: &Node, dedupe: Option<Vec<Fact>>) -> Vec<Fact> {
        let Some(dedupe) = dedupe else { return DEDUPE.to_vec() };
        let elements = node.get("dedupe").map(Node::elements).unwrap_or_default();
        if let Some(list) = node.get("dedupe").filter(|_| dedupe.is_empty()) {
            let message = "all detections of a runbook would be one incident";
            self.finding(Code::InvalidValue, list.span, message, "write at least `[account]`");
        }
        let mut facts = Vec::new();
        for (fact, element) in dedupe.into_iter().zip(elements) {
            match facts.contains(&fact) {
                true => {
                    let message = format!("`{fact}` stands here twice");
                    self.finding(Code::Repeated, element.span, message, "take it away, or name what was meant");
                }
                false => facts.push(fact),
            }
        }
        facts
    }

    fn after(&mut self, node: &Node) -> Option<After> {
        let text: AfterText = fields(node, "`after`", self.findings);
        let within = self.duration(node.get("within"));
        match text.times {
            Some(times) if times < 2 => {
                let at = node.get("times").map_or(node.span, |node| node.span);
                let message = "every single detection counts without `after`";
                self.finding(Code::InvalidValue, at, message, "write 2 at least, or take `after` away");
            }
            Some(_) => {}
            None => self.missing_of_after(node, "times", "times: 5"),
        }
        if text.within.is_none() {
            self.missing_of_after(node, "within", "within: 15m");
        }
        Some(After { times: text.times?, within: within? })
    }

    fn missing_of_after(&mut self, node: &Node, field: &str, example: &str) {
        if node.get(field).is_none_or(Node::is_null) {
            self.finding(
                Code::MissingField,
                node.span,
                format!("`after` has no `{field}`"),
                format!("write `{example}`"),
            );
        }
    }

    fn duration(&mut self, node: Option<&Node>) -> Option<Duration> {
        let node = node.filter(|node| !node.is_null())?;
        match parse_duration(node.text()?) {
            Ok(time) if !time.is_zero() && time <= LONGEST => Some(time),
            Ok(_) => {
                let message = "a trigger looks back a moment at least, and 30 days at most";
                self.finding(Code::InvalidValue, node.span, message, "write a duration, such as `6h`");
                None
            }
            Err(bad) => {
                self.finding(Code::InvalidValue, node.span, bad.to_string(), "write a duration, such as `6h`");
                None
            }
        }
    }
}
