//! `quell diff`.

use std::path::Path;

use super::arguments::{Globals, Output};
use super::failure::Failure;
use super::load::saved_plan;
use super::sink;
use crate::plan::PlanDiff;
use crate::report::{diff_json, diff_text};

/// Shows what differs between two saved plans. Needs no account.
pub(super) fn diff(one: &Path, other: &Path, globals: &Globals) -> Result<(), Failure> {
    let (one, other) = (saved_plan(one)?, saved_plan(other)?);
    let found = PlanDiff::of(&one, &other);
    match globals.output {
        Output::Text => sink::data(&diff_text(&one, &other, &found)),
        Output::Json => sink::json(&diff_json(&one, &other, &found)),
    }
    Ok(())
}
