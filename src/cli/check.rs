//! `quell check`.

use serde_json::{Value, json};

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::load::checked;
use super::{exit, sink};
use crate::runbook::render;

/// Shows all findings of all runbooks. Only errors make it fail.
pub(super) fn check(names: &[String], globals: &Globals) -> Result<(), Failure> {
    let mut errors = 0;
    let mut findings: Vec<Value> = Vec::new();
    for name in names {
        let checked = checked(name)?;
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
        _ => Err(Failure::told(exit::FINDINGS, super::entry::same_command_with(&[]) + "  # once they are corrected")),
    }
}
