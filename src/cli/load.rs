//! Runbooks, the values of their parameters, and saved plans, from the command line.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::arguments::RunbookArguments;
use super::entry::{quoted, same_command_with};
use super::failure::{Failure, chain};
use super::{exit, sink};
use crate::actions::registry;
use crate::aws::Place;
use crate::base::{AccountId, Arn, Digest, IncidentId};
use crate::graph::{Checked, Graph, check};
use crate::plan::{Plan, read_plan};
use crate::runbook::{ParameterError, Parameters, Runbook, embedded, find, render};

/// Finds a runbook by name or path, and checks it.
pub(super) fn checked(name: &str) -> Result<Checked, Failure> {
    let source = find(name).map_err(|error| Failure::yours(exit::ERROR, chain(&error), "quell runbooks"))?;
    Ok(check(source, registry()))
}

/// A runbook that has no errors.
pub(super) fn sound(name: &str) -> Result<(Runbook, Graph), Failure> {
    refuse_plan(name, || format!("quell show {}", quoted(name)))?;
    let checked = checked(name)?;
    checked.runbook.ok_or_else(|| {
        sink::talk(&render(&checked.diagnostics, &checked.source, false));
        let what = format!("`{name}` is not a sound runbook");
        Failure::yours(exit::FINDINGS, what, format!("quell check {}", quoted(name)))
    })
}

/// A plan that was saved to a file.
pub(super) fn saved_plan(path: &Path) -> Result<Plan, Failure> {
    read_plan(path).map_err(|error| Failure::yours(exit::ERROR, chain(&error), super::run::NO_PLAN))
}

/// Refuses a saved plan where a runbook is expected.
pub(super) fn refuse_plan(name: &str, next: impl FnOnce() -> String) -> Result<(), Failure> {
    // Canonical JSON with the members of a plan; whatever else is wrong with it, it is no runbook.
    let is_plan = |text: String| text.starts_with('{') && text.contains("\"nonce\"") && text.contains("\"steps\"");
    if std::fs::read_to_string(name).is_ok_and(is_plan) {
        let what = format!("`{name}` is a plan, and this takes a runbook");
        return Err(Failure::yours(exit::ERROR, what, next()));
    }
    Ok(())
}

/// The values that stand on the command line.
pub(super) fn given(runbook: &Runbook, what: &RunbookArguments) -> Result<BTreeMap<String, Value>, Failure> {
    Parameters::arguments(runbook.parameters(), &what.values).map_err(|errors| unfit(runbook, &errors))
}

/// The values of all parameters, as of the whole second that is now: what a default makes of the time stands in texts, requests and
/// commands, where fractions are noise.
pub(super) fn complete(
    runbook: &Runbook,
    given: BTreeMap<String, Value>,
    now: Timestamp,
) -> Result<Parameters, Failure> {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    Parameters::complete(runbook.parameters(), given, now).map_err(|errors| unfit(runbook, &errors))
}

/// Refuses values that name principals of other accounts or partitions: what is done to one here would hit its namesake.
pub(super) fn refuse_foreign(given: &BTreeMap<String, Value>, place: &Place) -> Result<(), Failure> {
    let arn = |value: &Value| value.as_str()?.parse::<Arn>().ok();
    for (name, value) in given {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for arn in values.iter().filter_map(arn) {
            let (what, here, owner) = match arn.account() {
                _ if arn.partition() != place.partition => {
                    ("partition", place.partition.to_string(), arn.partition().to_string())
                }
                Some(owner) if owner != place.account => ("account", place.account.to_string(), owner.to_string()),
                _ => continue,
            };
            let said = format!("parameter `{name}` is of {what} {owner}, and the credentials are for {what} {here}");
            let next = format!(
                "aws configure list-profiles  # then the same command with --profile and one for {what} {owner}"
            );
            return Err(Failure::yours(exit::ERROR, said, next));
        }
    }
    Ok(())
}

fn unfit(runbook: &Runbook, errors: &[ParameterError]) -> Failure {
    let texts: Vec<String> = errors.iter().map(|error| chain(error)).collect();
    let missing: Vec<String> = errors
        .iter()
        .filter_map(|error| match error {
            ParameterError::Missing { name, .. } => Some(format!("{name}=")),
            _ => None,
        })
        .collect();
    let next = match missing.as_slice() {
        [] => "quell runbooks  # lists the parameters".to_owned(),
        missing => {
            let is_ours = embedded().any(|known| known == runbook.name());
            let says = if is_ours { format!("quell runbooks {}", runbook.name()) } else { same_command_with(&[]) };
            format!("{says}  # then with {} and what it is about", missing.join(" "))
        }
    };
    Failure::yours(exit::USAGE, format!("{}: {}", runbook.name(), texts.join("; ")), next)
}

/// The incident where none is named: the same runbook with the same values in the same account is the same incident, so
/// that running it again finds what is done already instead of doing it twice under another name.
pub(super) fn default_incident(runbook: &str, account: &AccountId, given: &BTreeMap<String, Value>) -> IncidentId {
    let digest = Digest::of(&(runbook, account, given)).to_string();
    IncidentId::new(format!("INC-{}", &digest[..8])).expect("letters, digits and a hyphen")
}
