//! Renders plans, runs and journals for people and for programs.
//!
//! Everything here is a function from data to text or JSON; nothing prints. Text is at most 90 columns wide, can be read
//! without colour, and holds no character from elsewhere that could change what a screen says. The first line of every
//! screen tells AWS from a range.

mod answer;
mod approvals;
mod audit;
mod case;
mod diff;
mod end;
mod event_rules;
mod firing;
mod heading;
mod inventory;
mod makers;
mod open_evidence;
mod plan;
mod plan_step;
mod progress;
mod rehearsal;
mod residual;
mod responder;
mod show;
mod status;
mod story;
mod text;
mod undo;
mod verdict;
mod waiting;

pub use answer::{answer_json, answer_text, is_complete};
pub use approvals::{approvals_json, approvals_text, lent_text};
pub use audit::{Against, damage_text, verification_json, verification_text};
pub use case::case_text;
pub use diff::{diff_json, diff_text};
pub use end::{EndOfRun, ToType, end_json, end_text};
pub use event_rules::{EventRule, event_rules, event_rules_template};
pub use firing::{
    Firing, Matched, NotFiring, filled_text, matched_json, matched_text, trigger_json, triggers_text, values_json,
};
pub use heading::{heading, place};
pub use inventory::{
    Entry, entries_text, entry_of_action, entry_of_query, evidence_text, page_text, runbook_json, runbooks_text,
};
pub use makers::left_alone;
pub use open_evidence::open_evidence_text;
pub use plan::{PlannedPhase, not_read, plan_json, plan_text};
pub use progress::{News, Progress};
pub use rehearsal::{Acted, Rehearsal, RehearsedStep, Unanswered, rehearsal_json, rehearsal_text};
pub use residual::{StillPossible, is_stated, residuals};
pub use show::{KeptState, StepStates, run_json, run_text};
pub use status::{RunStatus, TakenBack, status_json, status_text};
pub use story::{Teller, Told};
pub use undo::{question, refusals_text};
pub use verdict::verdict_text;
pub use waiting::{WaitingPlan, waiting_json, waiting_text};
