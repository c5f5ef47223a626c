//! `quell evidence`: queries for Amazon Athena, with the right names filled in.

use serde_json::json;

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::{exit, sink};
use crate::report::{evidence_text, page_text};

/// A query that is part of the program.
struct Query {
    name: &'static str,
    text: &'static str,
}

macro_rules! queries {
    ($($name:literal,)*) => {
        &[$(Query {
            name: $name,
            text: include_str!(concat!("../../runbooks/evidence/", $name, ".sql")),
        }),*]
    };
}

const QUERIES: &[Query] = queries![
    "access-key-use",
    "bearer-token-calls",
    "cloudtrail-by-principal",
    "cloudtrail-table",
    "invocation-logs-callers",
    "invocation-logs-prompts",
    "invocation-logs-refused",
    "invocation-logs-table",
    "model-callers",
    "q-business-calls",
    "q-developer-calls",
];

/// Part of a query's text.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Takes a text apart. `{name}` is to be filled in; `${name}` is Athena's own.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for (open, _) in text.match_indices('{') {
        let inner = &text[open + 1..];
        let Some(close) = inner.find('}') else { continue };
        let name = &inner[..close];
        let own = text[..open].ends_with('$');
        if own || name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
            continue;
        }
        pieces.extend([Piece::Text(&text[from..open]), Piece::Name(name)]);
        from = open + close + 2;
    }
    pieces.push(Piece::Text(&text[from..]));
    pieces
}

/// The names that a text needs, each once.
fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in pieces(text) {
        if let Piece::Name(name) = piece
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// What the first lines of a query say about it.
fn about(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("-- "));
    lines.collect::<Vec<_>>().join(" ")
}

/// Lists the queries, or prints one with its names filled in.
pub(super) fn evidence(name: Option<&str>, values: &[String], globals: &Globals) -> Result<(), Failure> {
    let Some(name) = name else {
        match globals.output {
            Output::Text => {
                sink::data(&evidence_text(QUERIES.iter().map(|one| (one.name, about(one.text), names(one.text)))));
            }
            Output::Json => {
                let one = |one: &Query| json!({ "name": one.name, "about": about(one.text), "needs": names(one.text) });
                let list: Vec<_> = QUERIES.iter().map(one).collect();
                sink::json(&json!({ "format": 1, "queries": list }));
            }
        }
        return Ok(());
    };
    let Some(query) = QUERIES.iter().find(|query| query.name == name) else {
        return Err(Failure::yours(exit::ERROR, format!("there is no evidence query `{name}`"), "quell evidence"));
    };
    let sql = filled(query, values)?;
    match globals.output {
        Output::Text => sink::data(&page_text(&sql)),
        Output::Json => sink::json(&json!({ "format": 1, "name": query.name, "sql": sql })),
    }
    Ok(())
}

/// The text of a query with its names filled in.
fn filled(query: &Query, values: &[String]) -> Result<String, Failure> {
    let needed = names(query.text);
    let example: Vec<String> = needed.iter().map(|name| format!("{name}={}", name.to_uppercase())).collect();
    let next = format!("quell evidence {} {}", query.name, example.join(" "));
    let wrong = |what: String| Failure::yours(exit::USAGE, what, next.clone());
    let mut given: Vec<(&str, &str)> = Vec::new();
    for value in values {
        let (name, text) = value.split_once('=').ok_or_else(|| wrong(format!("`{value}` is no NAME=VALUE")))?;
        if !needed.contains(&name) {
            return Err(wrong(format!("evidence query `{}` has no name `{name}`", query.name)));
        }
        // A value stands inside quotes of the query, and must not be able to leave them.
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_alphanumeric() || ":/_.,+=@-".contains(c)) {
            return Err(wrong(format!("the value of `{name}` may have letters, digits and `:/_.,+=@-` only")));
        }
        given.push((name, text));
    }
    let mut sql = String::new();
    for piece in pieces(query.text) {
        match piece {
            Piece::Text(text) => sql.push_str(text),
            Piece::Name(name) => {
                let value = given.iter().find(|(one, _)| *one == name).map(|(_, value)| *value);
                sql.push_str(value.ok_or_else(|| wrong(format!("evidence query `{}` needs `{name}`", query.name)))?);
            }
        }
    }
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_athena_fills_in_is_left_alone() {
        let text = "'s3://{bucket}/${region}/{bucket}' {} { x }";
        assert_eq!(names(text), ["bucket"]);
        let query = Query { name: "q", text };
        let sql = filled(&query, &["bucket=logs".to_owned()]).ok();
        assert_eq!(sql.as_deref(), Some("'s3://logs/${region}/logs' {} { x }"));
    }

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        let query = Query { name: "q", text: "'{name}'" };
        for value in ["name=x' OR '1'='1", "name=", "name=a\\", "name", "other=x"] {
            assert!(filled(&query, &[value.to_owned()]).is_err(), "{value}");
        }
        assert!(filled(&query, &[]).is_err());
    }

    #[test]
    fn every_query_says_what_it_is_for() {
        for query in QUERIES {
            assert!(about(query.text).ends_with('.'), "{}", query.name);
            assert!(!names(query.text).is_empty(), "{}: asks for everything there is", query.name);
        }
    }
}
