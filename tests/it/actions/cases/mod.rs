//! The cases of the shared contract: each action, in each situation in which it sends something else. A file for each
//! service.

use std::collections::BTreeMap;

pub(crate) mod account;
mod agents;
mod bedrock;
mod case;
mod iam;
mod keys;
pub(crate) mod knowledge;
mod models;
mod principals;
pub(crate) mod q;
mod support;
mod unauthorised;

pub(crate) use account::{AGENT, FLOW, PROMPT, ROLE, USER, role, scenario};
pub(crate) use agents::tools;
pub(crate) use bedrock::{changed, log, logging_case, theirs};
pub(crate) use case::{Case, Undone, case, set};
pub(crate) use keys::{IDENTITY, RECIPIENT};
pub(crate) use knowledge::{BASE, BUCKET, DIRECT, with_base};
pub(crate) use models::{GUARDRAIL, guardrail_case, throughput_case};
pub(crate) use principals::{full, without_attached};

/// The cases of each action.
pub(crate) fn cases_by_action() -> BTreeMap<&'static str, Vec<Case>> {
    let mut of_actions: BTreeMap<_, Vec<Case>> = BTreeMap::new();
    for case in cases() {
        of_actions.entry(case.action).or_default().push(case);
    }
    of_actions
}

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    [
        iam::cases(),
        keys::cases(),
        principals::cases(),
        unauthorised::cases(),
        agents::cases(),
        bedrock::cases(),
        knowledge::cases(),
        models::cases(),
        q::cases(),
        support::cases(),
    ]
    .concat()
}
