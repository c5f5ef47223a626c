//! What a runbook can do, one file per action and per query.
//!
//! An action is a goal, and pure functions know how far the account is from it: [`Action::observe`] reads,
//! [`Action::propose`] says which moves are missing, [`Action::restore`] which moves put back what was there. Planning,
//! running, resuming and undoing are all made of these three. A query reads what a runbook fans out over.
//!
//! A new action is one file here, its line in the registry, its page beside it and its test.

mod action;
mod actor;
mod agent_ref;
mod agent_users;
mod deletion;
mod erased;
mod facts;
mod flow_ref;
mod look;
mod mail_address;
mod moves;
mod principal;
mod prompt_ref;
mod query;
mod refusal;
mod registry;
mod seen;
mod story;
mod support_case;
mod trail_events;

pub mod bedrock_agents;
pub mod bedrock_delete_agent;
pub mod bedrock_delete_flow;
pub mod bedrock_delete_prompt;
pub mod bedrock_disable_agent_tools;
pub mod bedrock_flows;
pub mod bedrock_pause_agent;
pub mod bedrock_prompts;
pub mod cloudtrail_created_by;
pub mod iam_access_keys;
pub mod iam_deactivate_access_keys;
pub mod iam_lock_trust;
pub mod iam_revoke_sessions;
pub mod iam_sessions_of;
pub mod support_open_case;
pub mod support_resolve_case;
pub mod support_update_case;

pub use action::{Action, Assignment, SeenBy, UndoRequest};
pub use actor::Actor;
pub use agent_ref::AgentRef;
pub use deletion::{Deletion, Doomed, Found, FoundBy, Stage};
pub use erased::{AnyAction, AnyQuery, BadInput};
pub use facts::Facts;
pub use flow_ref::FlowRef;
pub use look::{Look, LookError};
pub use moves::{Await, Condition, Move};
pub use principal::{Principal, RolePrincipal, Who};
pub use prompt_ref::PromptRef;
pub use query::{Answer, Query};
pub use refusal::Refusal;
pub use registry::{Registry, registry};
pub use seen::{Seen, SeenJson};
pub use story::{Residual, RunSoFar, Story};
pub use trail_events::{TrailFound, trail_events};
