//! What the actions do in a range: the cases of the shared contract, and what is special to each of them.

mod bedrock;
mod bench;
mod cases;
mod changed;
mod deleting;
mod denying;
mod disabling;
mod drift;
mod going_on;
mod keys;
mod knowledge;
mod lifting;
mod lock_out;
mod model_callers;
mod models;
mod other;
mod paging;
mod pausing;
mod persistence;
mod preflight;
mod q;
mod q_talk;
mod revoking;
mod role_users;
mod roles_last;
mod rotating;
mod sealing;
mod support;
mod tags;
mod trail;
mod trust;

pub(crate) use bench::{Bench, Ran, STEP, action, assert_same, finds_nothing_to_do, refusal, row};
pub(crate) use cases::{
    AGENT, BASE, BUCKET, Case, DIRECT, FLOW, GUARDRAIL, IDENTITY, PROMPT, RECIPIENT, ROLE, USER, Undone, case, cases,
    cases_by_action, changed, full, guardrail_case, log, logging_case, role, scenario, set, theirs, throughput_case,
    tools, with_base,
};
pub(crate) use other::{Hand, KEY as OTHERS_KEY};
