//! `quell check`.

use serde_json::{Value, json};

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::failure::chain;
use super::{exit, sink};
use crate::actions::registry;
use crate::graph::{Checked, check as checked};
use crate::guard::{BadGuardrail, GuardrailSetting, Guardrails};
use crate::runbook::{
    Code, Diagnostic, Diagnostics, FindError, Source, Span, TakenNames, are_triggers, check_triggers, find, render,
    shipped_trigger_files, shipped_triggers,
};

/// Where the names of triggers are that nobody else can take.
const SHIPPED: &str = "what is part of the program";

/// Shows all findings of all runbooks. Only errors make it fail.
pub(super) fn check(names: &[String], globals: &Globals) -> Result<(), Failure> {
    let (mut errors, mut unreadable) = (0, 0);
    let mut findings: Vec<Value> = Vec::new();
    let mut taken: TakenNames = shipped_triggers().iter().map(|one| (one.name.clone(), SHIPPED.to_owned())).collect();
    for name in names {
        let checked = match find(name) {
            Ok(source) if are_triggers(&source) => triggers(source, &mut taken),
            Ok(source) if name.ends_with(".cedar") => guardrails(source),
            Ok(source) => checked(source, registry()),
            Err(error) => {
                unreadable += 1;
                not_there(name, &error)
            }
        };
        errors += usize::from(checked.diagnostics.has_errors());
        match globals.output {
            Output::Text => {
                sink::styled_data(&render(&checked.diagnostics, &checked.source, true));
                if checked.diagnostics.is_empty() {
                    sink::data(&format!("{name}: no findings\n"));
                }
            }
            Output::Json => {
                let mut report = checked.diagnostics.to_json();
                if let Some(list) = report["diagnostics"].as_array_mut() {
                    findings.append(list);
                }
            }
        }
    }
    if globals.output == Output::Json {
        sink::json(&json!({ "format": 1, "diagnostics": findings }));
    }
    match errors {
        0 => Ok(()),
        // There is nothing to correct in a file that is not there.
        errors if errors == unreadable => {
            let next = "quell runbooks  # lists those that are part of the program; others are paths of files";
            Err(Failure::told(exit::FINDINGS, next))
        }
        _ => Err(Failure::told(exit::FINDINGS, super::entry::same_command_with(&[]) + "  # once they are corrected")),
    }
}

/// A file of triggers, whose names no others have: neither those of files before it nor those that are part of the program.
fn triggers(source: Source, taken: &mut TakenNames) -> Checked {
    let is_shipped = shipped_trigger_files().iter().any(|file| file.text == source.text());
    let nobodys = TakenNames::new();
    let checked = check_triggers(source, registry(), if is_shipped { &nobodys } else { taken });
    let file = format!("`{}`", checked.source.name());
    for trigger in checked.triggers {
        taken.entry(trigger.name).or_insert_with(|| file.clone());
    }
    Checked { source: checked.source, runbook: None, diagnostics: checked.diagnostics }
}

/// A file of guardrails, checked beside those that are part of the program.
fn guardrails(source: Source) -> Checked {
    let file = (source.name().to_owned(), source.text().to_owned());
    let bad = Guardrails::new(GuardrailSetting::default(), &[file]).err().unwrap_or_default();
    let finding = |one: &BadGuardrail| {
        let span = Span { start: one.at.start, end: one.at.end };
        let finding = Diagnostic::new(&source, Code::BadGuardrail, span, &one.what);
        match &one.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    };
    let findings = bad.iter().map(finding).collect();
    Checked { source: source.into(), runbook: None, diagnostics: Diagnostics::sorted(findings) }
}

/// A runbook that cannot be read is a finding like others, so that it hides none of them.
fn not_there(name: &str, error: &FindError) -> Checked {
    let source = Source::new(name, "");
    let finding = Diagnostic::new(&source, Code::Unreadable, Span::default(), chain(error))
        .help("`quell runbooks` lists those that are part of the program; all others are paths of files");
    Checked { source: source.into(), runbook: None, diagnostics: Diagnostics::sorted(vec![finding]) }
}
