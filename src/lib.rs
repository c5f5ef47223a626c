//! quell contains and remediates AWS security incidents around Amazon Bedrock and Amazon Q.
//!
//! A runbook is compiled into a graph of containment steps, resolved against the live account into a plan, approved, and
//! executed; every call is written to a tamper-evident journal before it is sent. Data flows one way:
//!
//! ```text
//! text -> Runbook -> Graph -> Plan -> ApprovedPlan -> run -> journal -> reports
//! ```
//!
//! Each arrow is a function that consumes the earlier type, and each type can only be made in its own room. The one idea
//! that everything hangs on stands in [`actions`]: an action is a goal, and pure functions know how far the account is from
//! it. Planning, running, resuming and undoing are all made of these.
//!
//! The rooms, from the ground up; imports point only down, and a test keeps it so:
//!
//! | room | holds |
//! |---|---|
//! | [`base`] | ids, targets, effects, digests, canonical JSON, the one clock |
//! | [`iam`] | policy documents as values: build, parse, evaluate |
//! | [`journal`] | records, chain, writer, reader, fold, summary |
//! | [`secrets`] | held without a trace, sealed to who may open them; what leaked keys say about themselves |
//! | [`detect`] | what an event says, and which pattern it matches |
//! | [`evidence`] | what a target was before quell touched it, content-addressed, sealed where a recipient is named |
//! | [`aws`] | the only way to AWS: one row per operation, the calls, one retry layer, the read-only guard |
//! | [`actions`] | one file per action and query, one registry |
//! | [`runbook`] | text to runbook: spans, parameters, expressions, diagnostics with codes |
//! | [`graph`] | which step waits for which, hazards, drawing |
//! | [`plan`] | the exact calls of one phase, bound to what was seen; undo |
//! | [`guard`] | judges a finished plan: the only room that makes an approved one |
//! | [`run`] | dispatcher, workers, settling, resume; tells events, never prints |
//! | [`report`] | plans, runs, journals and rehearsals as text and JSON |
//! | [`autopilot`] | from detections to runs and to plans that wait: what is known, on disk before anything follows from it |
//! | [`cli`] | one file per verb; composes the others and talks to a person |
//! | [`range`] | simulated AWS, the witness of every test: stands beside the ladder and shares no type with what it judges |

pub mod actions;
pub mod autopilot;
pub mod aws;
pub mod base;
pub mod cli;
pub mod detect;
pub mod evidence;
pub mod graph;
pub mod guard;
pub mod iam;
pub mod journal;
pub mod plan;
pub mod range;
pub mod report;
pub mod run;
pub mod runbook;
pub mod secrets;
