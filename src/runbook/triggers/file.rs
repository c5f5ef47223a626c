//! A file of triggers, and the runbooks that they name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::document::TriggersDocument;
use super::reader::{Asks, Reader};
use crate::actions::Registry;
use crate::base::TriggerName;
use crate::detect::Trigger;
use crate::runbook::compile::{compile, declared};
use crate::runbook::decode::fields;
use crate::runbook::diagnostic::Findings;
use crate::runbook::embedded::{FindError, find, is_path};
use crate::runbook::tree::{self, Kind, Node};
use crate::runbook::{Code, Diagnostics, Parameter, Source, Span};

/// Names that triggers of other files have, each with its file.
pub type TakenNames = BTreeMap<TriggerName, String>;

/// What came of checking a file of triggers.
#[derive(Debug)]
pub struct CheckedTriggers {
    /// The triggers, in their order; those of which no finding is.
    pub triggers: Vec<Trigger>,
    /// All findings.
    pub diagnostics: Diagnostics,
    /// The text, for rendering them.
    pub source: Arc<Source>,
}

/// Whether a text is to be a file of triggers, and not a runbook.
pub fn are_triggers(source: &Source) -> bool {
    let root = tree::read(&mut Findings::new(Arc::new(source.clone())));
    root.is_some_and(|root| root.get("triggers").is_some() && root.get("steps").is_none())
}

/// Checks a file of triggers: everything that its text tells, and whether its triggers fit the runbooks that they name. Of a runbook, its
/// own triggers.
pub fn check_triggers(source: Source, registry: &Registry, taken: &TakenNames) -> CheckedTriggers {
    let source = Arc::new(source);
    let mut findings = Findings::new(source.clone());
    let triggers = match tree::read(&mut findings) {
        Some(root) if root.get("steps").is_some() => return of_runbook(source, registry, taken),
        Some(root) => read(&root, &source, registry, taken, &mut findings),
        None => Vec::new(),
    };
    CheckedTriggers { triggers, diagnostics: Diagnostics::sorted(findings.into_list()), source }
}

/// The triggers that a runbook has itself.
fn of_runbook(source: Arc<Source>, registry: &Registry, taken: &TakenNames) -> CheckedTriggers {
    let (runbook, mut findings) = compile(source.clone(), registry);
    let triggers = runbook.map_or_else(Vec::new, |runbook| runbook.triggers().to_vec());
    for trigger in &triggers {
        if let Some(file) = taken.get(&trigger.name) {
            let message = format!("another trigger is called `{}`, in {file}", trigger.name);
            let finding = findings.at(Code::DuplicateId, Span::default(), message);
            findings.push(finding.help("give one of them another name"));
        }
    }
    CheckedTriggers { triggers, diagnostics: Diagnostics::sorted(findings.into_list()), source }
}

fn read(
    root: &Node,
    source: &Source,
    registry: &Registry,
    taken: &TakenNames,
    findings: &mut Findings,
) -> Vec<Trigger> {
    let top =
        Span { start: root.span.start, end: root.entries().first().map_or(root.span.end, |first| first.key_span.end) };
    let document: TriggersDocument = fields(root, "the file", findings);
    if !matches!(root.kind, Kind::Mapping(_)) {
        return Vec::new();
    }
    let mut reader = Reader { findings };
    match (document.quell, root.get("quell")) {
        (Some(1), _) | (None, Some(_)) => {}
        (Some(other), at) => {
            let message = format!("this is format {other}, and this version of quell reads format 1");
            let help = "write `quell: 1`, or take a newer quell";
            reader.finding(Code::NotYet, at.map_or(top, |node| node.span), message, help);
        }
        (None, None) => reader.finding(Code::MissingField, top, "the file has no `quell`", "write `quell: 1`"),
    }
    let Some(list) = root.get("triggers").filter(|list| !list.is_null()) else {
        reader.finding(Code::MissingField, top, "the file has no triggers", "write `triggers:` and a list of them");
        return Vec::new();
    };
    let mut known = BTreeMap::new();
    let mut lookup =
        |name: &str| known.entry(name.to_owned()).or_insert_with(|| runbook(name, source, registry)).clone();
    reader.triggers(list, Asks::Named(&mut lookup), taken)
}

/// What the runbook of a trigger must be told, by the name or path that the trigger has; nothing where it cannot be read any more.
pub fn takes(runbook: &str, registry: &Registry) -> Option<Vec<Parameter>> {
    declared(Arc::new(find(runbook).ok()?), registry)
}

/// What is wrong with the name of a runbook, and what helps.
type Unfit = (String, Option<String>);

/// The runbook of a name that is part of the program, or of a path from the folder of the file.
fn runbook(name: &str, source: &Source, registry: &Registry) -> Result<(String, Vec<Parameter>), Unfit> {
    let folder = Path::new(source.name()).parent().unwrap_or(Path::new(""));
    let reference = match is_path(name) {
        true => folder.join(name).display().to_string(),
        false => name.to_owned(),
    };
    let found = find(&reference).map_err(|error| match error {
        FindError::Unknown { name, hint } => (format!("there is no runbook `{name}`"), hint),
        FindError::Unreadable { source, .. } => {
            let help = "a path leads from the folder of this file to the runbook";
            (format!("failed to read runbook `{reference}`: {source}"), Some(help.to_owned()))
        }
    })?;
    let takes = declared(Arc::new(found), registry);
    takes.map(|takes| (reference.clone(), takes)).ok_or_else(|| {
        (
            format!("runbook `{reference}` is not sound"),
            Some(format!("`quell check {reference}` says what is wrong with it")),
        )
    })
}
