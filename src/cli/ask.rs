//! `quell ask`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::account::Session;
use super::arguments::{Globals, Output};
use super::describe::unknown;
use super::entry::quoted;
use super::failure::Failure;
use super::watch::Busy;
use super::{exit, sink};
use crate::actions::{AnyQuery, Assignment, registry};
use crate::base::{BadId, IncidentId, Region, StepId};
use crate::plan::{enabled_regions, sweep};
use crate::report::{answer_json, answer_text, is_complete};

/// Asks one query of the account and shows all that it found, as a runbook would hear it. Changes nothing, keeps nothing.
pub(super) async fn ask(name: &str, values: &[String], regions: &[Region], globals: &Globals) -> Result<(), Failure> {
    let query =
        registry().query(name).ok_or_else(|| unknown("query", name, registry().queries().map(|one| one.name())))?;
    let input = input_of(query, values)?;
    let regions: BTreeSet<&Region> = regions.iter().collect();
    if let Some(region) = regions.first().filter(|_| !query.regional()) {
        let next = format!("quell ask {name}  # with what it takes, without --in");
        return Err(Failure::yours(exit::USAGE, format!("`{name}` is asked once and not in {region}"), next));
    }
    let session = Session::open(globals).await?;
    let busy = Busy::with(&session.reading());
    let reader = session.planning();
    let regions = match regions.is_empty() && query.regional() {
        true => enabled_regions(&reader).await.map_err(|fault| {
            let failure = Failure::aws(&fault, &session.renewal);
            let what = format!("which Regions are enabled could not be read, and --in names none: {}", failure.what);
            Failure { what, ..failure }
        })?,
        false => regions.into_iter().cloned().collect(),
    };
    let no_id = |error: BadId| Failure::bug(error.to_string());
    let incident = IncidentId::new("ASK").map_err(no_id)?;
    let to = Assignment { incident, place: session.around.place.clone() };
    let step = StepId::new("ask").map_err(no_id)?;
    let asked = sweep(&step, query, &to, &reader, &regions, &input, None).await;
    let mut swept = asked.map_err(|bad| unfit(query, &bad.path, &bad.message))?;
    drop(busy);
    if let Some(fault) = swept.expired.take() {
        return Err(Failure::aws(&fault, &session.renewal));
    }
    let at = session.clock.now();
    match globals.output {
        Output::Text => sink::data(&answer_text(query, &swept, session.world, &session.around, at)),
        Output::Json => sink::json(&answer_json(query, &swept, at)),
    }
    match is_complete(&swept) {
        true => Ok(()),
        false => Err(Failure::yours(
            exit::ERROR,
            format!("`{name}` could not be read everywhere, or not to the end"),
            format!("quell queries {name}  # names what it has to be allowed to read"),
        )),
    }
}

/// The input that `name=value` words make: a text where the query takes a text, else YAML.
fn input_of(query: &dyn AnyQuery, values: &[String]) -> Result<Value, Failure> {
    let schema = query.input_schema();
    let mut input = Map::new();
    for word in values {
        let Some((name, text)) = word.split_once('=') else {
            let next = format!("quell queries {}  # shows what it takes", query.name());
            return Err(Failure::yours(exit::USAGE, format!("`{word}` is not `name=value`"), next));
        };
        let of = schema.pointer(&format!("/properties/{name}")).unwrap_or(&Value::Null);
        let value = match takes_text(of) {
            true => Value::from(text),
            false => serde_yaml::from_str(text)
                .map_err(|error| unfit(query, name, &format!("`{text}` cannot be read: {error}")))?,
        };
        if input.insert(name.to_owned(), value).is_some() {
            return Err(unfit(query, name, "it is given twice"));
        }
    }
    query.decode(&Value::Object(input)).map_err(|bad| unfit(query, &bad.path, &bad.message))
}

/// Whether a member is a text, or a text or nothing.
fn takes_text(schema: &Value) -> bool {
    let is_text = |kind: &Value| kind == "string";
    let kind = schema.get("type").unwrap_or(&Value::Null);
    let alternatives = ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
    is_text(kind)
        || kind.as_array().is_some_and(|kinds| kinds.iter().any(is_text))
        || alternatives.into_iter().any(takes_text)
}

fn unfit(query: &dyn AnyQuery, path: &str, why: &str) -> Failure {
    let at = if path == "." { String::new() } else { format!("`{path}`: ") };
    let next = format!("quell queries {}  # shows what it takes", quoted(query.name()));
    Failure::yours(exit::USAGE, format!("{}: {at}{why}", query.name()), next)
}
