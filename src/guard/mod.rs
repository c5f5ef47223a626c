//! Judges a finished plan: may it be applied, by this caller, now, with this consent?
//!
//! Never called by the planner. An [`ApprovedPlan`] is made here and nowhere else, and a run takes nothing less, so an
//! unapproved plan cannot be executed.

mod approval;
mod consent;

pub use approval::{ApprovedPlan, Denied, approve, continue_run};
pub use consent::{Consent, MissingConsent, may_change_reversibly, phrase_for, wrong_target_name};
