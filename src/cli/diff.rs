//! `quell diff`.

use std::path::Path;

use super::arguments::{Globals, Output};
use super::failure::{Failure, chain};
use super::{exit, sink};
use crate::plan::{Plan, PlanDiff, read_plan};
use crate::report::{diff_json, diff_text};

/// Shows what differs between two saved plans. Needs no account.
pub(super) fn diff(one: &Path, other: &Path, globals: &Globals) -> Result<(), Failure> {
    let (one, other) = (read(one)?, read(other)?);
    let found = PlanDiff::of(&one, &other);
    match globals.output {
        Output::Text => sink::data(&diff_text(&one, &other, &found)),
        Output::Json => sink::json(&diff_json(&one, &other, &found)),
    }
    Ok(())
}

fn read(path: &Path) -> Result<Plan, Failure> {
    read_plan(path).map_err(|error| Failure::yours(exit::ERROR, chain(&error), super::run::NO_PLAN))
}
