//! IAM policy documents as values: build, parse, change, evaluate.
//!
//! A [`PolicyDocument`] keeps every member it was read with, known or not, so that a statement can be put in front of
//! somebody else's trust policy without touching the rest. [`evaluate`] answers with three values: allowed, denied by
//! this statement, or unknown because of these [`Doubt`]s; what cannot be decided is never guessed.
//!
//! The planner asks what a statement will do and what a principal keeps; the range asks on every call. This room knows
//! no SDK and no network. How an answer comes about: [`Principal::context`] gives the condition keys AWS would add, a
//! [`Request`] joins them with action and resource, and [`evaluate`] judges it under a [`PolicySet`].

mod admitted;
mod compare;
mod condition;
mod context;
mod date;
mod decision;
mod denies;
mod document;
mod error;
mod evaluate;
mod json;
mod operator;
mod pattern;
mod principal;
mod principal_element;
mod revocation;
mod statement;
#[cfg(test)]
mod tests;
mod trust;
mod trust_lock;
mod truth;

pub use admitted::Admitted;
pub use context::{Context, KeyValue};
pub use decision::{Decision, Denial, PolicyKind, StatementRef};
pub use denies::{
    as_boundary, denied_by_boundary, deny_ai_services, deny_everything, deny_from_outside, deny_missed_by_quarantine,
    deny_session, deny_session_started_at,
};
pub use document::PolicyDocument;
pub use error::PolicyError;
pub use evaluate::{NamedPolicy, PolicySet, Request, ResourcePolicy, ResourcePolicyKind, evaluate};
pub use principal::Principal;
pub use revocation::{bound_older_sessions, cutoff_of, cutoff_of_boundary, revoke_older_sessions};
pub use statement::{Statement, StatementEffect};
pub use trust::{Trust, evaluate_trust};
pub use trust_lock::{BehindLock, Locked, TRUST_LOCK_SID, behind_lock, lock_trust, trust_lock};
pub use truth::Doubt;
