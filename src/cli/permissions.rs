//! `quell permissions`.

use std::collections::BTreeSet;
use std::path::Path;

use super::arguments::PermissionsFor;
use super::failure::{Failure, chain};
use super::load::{saved_plan, sound};
use super::{exit, sink};
use crate::aws::{ListAccountAliases, ListRegions, Operation, Place, Request};
use crate::base::{AccountId, Partition};
use crate::plan::{Need, needs_besides, needs_of_actions, needs_of_plan, needs_of_planning, policy_of};
use crate::runbook::Work;

/// Stands for the account whose number is not known while the policy is written.
const ANY_ACCOUNT: &str = "000000000000";

/// Prints the least-privilege policy of a runbook, in whichever account it is attached, or of a saved plan, on the things that it names.
pub(super) fn permissions(what: &str, only: PermissionsFor) -> Result<(), Failure> {
    let mut besides = BTreeSet::new();
    let needs = if Path::new(what).extension().is_some_and(|extension| extension == "json") {
        let plan = saved_plan(Path::new(what))?;
        besides = needs_besides(&plan);
        needs_of_plan(&plan).map_err(|error| Failure::yours(exit::ERROR, chain(&error), super::run::NO_PLAN))?
    } else {
        of_runbook(what)?
    };
    sink::json(&policy_of(&match only {
        // Whoever plans is also who assumes the role that acts.
        PermissionsFor::Plan => needs_of_planning(&needs).into_iter().chain(besides).collect(),
        PermissionsFor::Act => needs,
    }));
    Ok(())
}

fn of_runbook(name: &str) -> Result<BTreeSet<Need>, Failure> {
    let (runbook, _) = sound(name)?;
    let names: BTreeSet<&str> = runbook
        .steps()
        .iter()
        .filter_map(|step| match &step.work {
            Work::Action { name, .. } | Work::Query { name, .. } => Some(name.as_str()),
            Work::Gate { .. } => None,
        })
        .collect();
    let account = AccountId::new(ANY_ACCOUNT).map_err(|error| Failure::bug(error.to_string()))?;
    let place = Place { partition: Partition::Aws, account };
    let always: [&Operation; 2] = [ListAccountAliases::OPERATION, ListRegions::OPERATION];
    let always = always.into_iter().flat_map(|operation| {
        operation.permissions.iter().map(|action| Need { action: (*action).to_owned(), resource: "*".to_owned() })
    });
    let needs = needs_of_actions(names.into_iter(), &place).into_iter();
    Ok(needs.map(|need| Need { resource: need.resource.replace(ANY_ACCOUNT, "*"), ..need }).chain(always).collect())
}
