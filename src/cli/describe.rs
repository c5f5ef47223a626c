//! `quell actions`, `quell queries`, `quell runbooks`, `quell exit-codes`: what this version can do.

use serde_json::json;

use super::arguments::{Globals, Output};
use super::exit::EXIT_CODES;
use super::failure::Failure;
use super::load::sound;
use super::{exit, sink};
use crate::actions::registry;
use crate::aws::Operation;
use crate::report::{page_text, runbooks_text, summaries_text};
use crate::runbook::{Runbook, embedded};

fn names(operations: &[&Operation]) -> Vec<String> {
    operations.iter().map(ToString::to_string).collect()
}

/// Lists the actions, or shows one.
pub(super) fn actions(name: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let all = || registry().actions();
    match (name, globals.output) {
        (None, Output::Text) => sink::data(&summaries_text(all().map(|action| (action.name(), action.summary())))),
        (None, Output::Json) => {
            let list: Vec<_> = all().map(|one| json!({ "name": one.name(), "summary": one.summary() })).collect();
            sink::json(&json!({ "format": 1, "actions": list }));
        }
        (Some(name), output) => {
            let action = registry().action(name).ok_or_else(|| unknown("action", name))?;
            match output {
                Output::Text => sink::data(&page_text(action.page())),
                Output::Json => sink::json(&json!({
                    "format": 1,
                    "name": action.name(),
                    "summary": action.summary(),
                    "input": action.input_schema(),
                    "reads": names(action.reads()),
                    "sends": names(action.sends()),
                    "page": action.page(),
                })),
            }
        }
    }
    Ok(())
}

/// Lists the queries, or shows one.
pub(super) fn queries(name: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let all = || registry().queries();
    match (name, globals.output) {
        (None, Output::Text) => sink::data(&summaries_text(all().map(|query| (query.name(), query.summary())))),
        (None, Output::Json) => {
            let list: Vec<_> = all().map(|one| json!({ "name": one.name(), "summary": one.summary() })).collect();
            sink::json(&json!({ "format": 1, "queries": list }));
        }
        (Some(name), output) => {
            let query = registry().query(name).ok_or_else(|| unknown("query", name))?;
            match output {
                Output::Text => sink::data(&page_text(query.page())),
                Output::Json => sink::json(&json!({
                    "format": 1,
                    "name": query.name(),
                    "summary": query.summary(),
                    "input": query.input_schema(),
                    "item": query.item_schema(),
                    "reads": names(query.reads()),
                    "page": query.page(),
                })),
            }
        }
    }
    Ok(())
}

/// Lists the embedded runbooks.
pub(super) fn runbooks(globals: &Globals) -> Result<(), Failure> {
    let all: Vec<Runbook> = embedded().map(|name| sound(name).map(|(runbook, _)| runbook)).collect::<Result<_, _>>()?;
    match globals.output {
        Output::Text => sink::data(&runbooks_text(&all)),
        Output::Json => {
            let list: Vec<_> = all
                .iter()
                .map(|one| json!({ "name": one.name(), "title": one.title(), "use_when": one.use_when() }))
                .collect();
            sink::json(&json!({ "format": 1, "runbooks": list }));
        }
    }
    Ok(())
}

/// Lists the exit codes.
pub(super) fn exit_codes(globals: &Globals) -> Result<(), Failure> {
    match globals.output {
        Output::Text => sink::data(&exit::table()),
        Output::Json => {
            let list: Vec<_> =
                EXIT_CODES.iter().map(|(code, meaning)| json!({ "code": code, "meaning": meaning })).collect();
            sink::json(&json!({ "format": 1, "exit_codes": list }));
        }
    }
    Ok(())
}

fn unknown(kind: &str, name: &str) -> Failure {
    let list = if kind == "query" { "quell queries" } else { "quell actions" };
    Failure::yours(exit::ERROR, format!("there is no {kind} `{name}`"), list)
}
