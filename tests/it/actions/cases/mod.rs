//! The cases of the shared contract: each action, in each situation in which it sends something else. A file for each
//! service.

mod account;
mod agents;
mod case;
mod iam;
mod principals;
pub(crate) mod q;
mod support;
mod unauthorised;

pub(crate) use account::{AGENT, FLOW, PROMPT, ROLE, USER, role, scenario};
pub(crate) use agents::tools;
pub(crate) use case::{Case, Undone, case, set};

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    [iam::cases(), principals::cases(), unauthorised::cases(), agents::cases(), q::cases(), support::cases()].concat()
}
