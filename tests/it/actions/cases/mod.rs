//! The cases of the shared contract: each action, in each situation in which it sends something else. A file for each
//! service.

mod account;
mod agents;
mod case;
mod iam;
mod keys;
mod knowledge;
mod principals;
pub(crate) mod q;
mod support;
mod unauthorised;

pub(crate) use account::{AGENT, FLOW, PROMPT, ROLE, USER, role, scenario};
pub(crate) use agents::tools;
pub(crate) use case::{Case, Undone, case, set};
pub(crate) use keys::{IDENTITY, RECIPIENT};
pub(crate) use knowledge::{BASE, BUCKET, DIRECT, with_base};

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    [
        iam::cases(),
        keys::cases(),
        principals::cases(),
        unauthorised::cases(),
        agents::cases(),
        knowledge::cases(),
        q::cases(),
        support::cases(),
    ]
    .concat()
}
