//! `quell permissions`.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::load::sound;
use super::sink;
use crate::aws::{ListAccountAliases, ListRegions, Operation, Place, Request};
use crate::base::{AccountId, Partition};
use crate::plan::{Need, needs_of_actions, policy_of};
use crate::runbook::Work;

/// Stands for the account whose number is not known while the policy is written.
const ANY_ACCOUNT: &str = "000000000000";

/// Prints the least-privilege policy for planning, running and undoing a runbook, in whichever account it is attached.
pub(super) fn permissions(name: &str) -> Result<(), Failure> {
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
    let needs: BTreeSet<Need> = needs_of_actions(names.into_iter(), &place)
        .into_iter()
        .map(|need| Need { resource: need.resource.replace(ANY_ACCOUNT, "*"), ..need })
        .chain(always)
        .collect();
    sink::json(&policy_of(&needs));
    Ok(())
}
