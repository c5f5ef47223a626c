//! `quell actions`, `quell queries`, `quell runbooks`, `quell exit-codes`: what this version can do.

use serde_json::json;

use super::arguments::{Globals, Output};
use super::exit::EXIT_CODES;
use super::failure::Failure;
use super::load::sound;
use super::{exit, sink};
use crate::actions::registry;
use crate::aws::Operation;
use crate::report::{entries_text, entry_of_action, entry_of_query, page_text, runbook_json, runbooks_text};
use crate::runbook::{Runbook, embedded, nearest, shipped};

fn names(operations: &[&Operation]) -> Vec<String> {
    operations.iter().map(ToString::to_string).collect()
}

/// Lists the actions, or shows one.
pub(super) fn actions(name: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let all = || registry().actions();
    match (name, globals.output) {
        (None, Output::Text) => sink::data(&entries_text(all().map(entry_of_action))),
        (None, Output::Json) => {
            let list: Vec<_> = all().map(entry_of_action).collect();
            sink::json(&json!({ "format": 1, "actions": list }));
        }
        (Some(name), output) => {
            let action = registry().action(name).ok_or_else(|| unknown("action", name, all().map(|one| one.name())))?;
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
        (None, Output::Text) => sink::data(&entries_text(all().map(entry_of_query))),
        (None, Output::Json) => {
            let list: Vec<_> = all().map(entry_of_query).collect();
            sink::json(&json!({ "format": 1, "queries": list }));
        }
        (Some(name), output) => {
            let query = registry().query(name).ok_or_else(|| unknown("query", name, all().map(|one| one.name())))?;
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

/// Lists the runbooks that are part of the program, or shows one.
pub(super) fn runbooks(name: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let Some(name) = name else {
        let all: Vec<Runbook> =
            embedded().map(|name| sound(name).map(|(runbook, _)| runbook)).collect::<Result<_, _>>()?;
        match globals.output {
            Output::Text => sink::data(&runbooks_text(&all)),
            Output::Json => {
                let list: Vec<_> = all.iter().map(runbook_json).collect();
                sink::json(&json!({ "format": 1, "runbooks": list }));
            }
        }
        return Ok(());
    };
    let one = shipped(name).ok_or_else(|| unknown("runbook", name, embedded()))?;
    match globals.output {
        Output::Text => sink::data(&page_text(one.page)),
        Output::Json => {
            let mut told = runbook_json(&sound(name)?.0);
            told["format"] = json!(1);
            told["page"] = json!(one.page);
            sink::json(&told);
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

pub(super) fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let list = match kind {
        "query" => "quell queries",
        "runbook" => "quell runbooks",
        _ => "quell actions",
    };
    let (hint, next) = match nearest(name, known) {
        Some(near) => (format!("; did you mean `{near}`?"), format!("{list} {near}")),
        None => (String::new(), list.to_owned()),
    };
    Failure::yours(exit::ERROR, format!("there is no {kind} `{name}`{hint}"), next)
}
