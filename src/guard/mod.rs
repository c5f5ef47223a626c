//! Judges a finished plan: may it be applied, by this caller, now, with this consent?
//!
//! Never called by the planner. An [`ApprovedPlan`] is made here and nowhere else, and a run takes nothing less, so an
//! unapproved plan cannot be executed.

mod allowed_signers;
mod approval;
mod approvals;
mod cedar_schema;
mod consent;
mod earlier;
mod guardrail_setting;
mod guardrails;
mod part;
mod signature;
mod verdict;

pub use allowed_signers::{AllowedSigners, BadSigner, NotAllowed, Person};
pub use approval::{ApprovedPlan, Denied, approve, approve_part, continue_run, judge};
pub use approvals::{Approvals, Approvers, Given, Initiators, Met, NOBODY, Rule, approvals};
pub use cedar_schema::cedar_schema;
pub use consent::{Consent, MissingConsent, may_change_reversibly, phrase_for, wrong_target_name};
pub use earlier::{Earlier, Lent};
pub use guardrail_setting::{Caps, Freeze, GuardrailSetting};
pub use guardrails::{BadGuardrail, GivenApprovals, Guardrails};
pub use part::Part;
pub use signature::{BadSignature, CHECKPOINT_NAMESPACE, NAMESPACE, signatures, signer};
pub use verdict::{Clearance, Reason, Verdict, Who};
