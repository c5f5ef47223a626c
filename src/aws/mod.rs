//! The only room that talks to AWS.
//!
//! One static row per [`Operation`] says everything that the rest of the house needs to know of it: its effect, the
//! permissions it needs, how it may be retried, how fast it may be sent. One small serialisable type per [`Request`]
//! stands for one exact API request; those that change something are the variants of [`Call`], the closed vocabulary
//! of what quell can do to an account. Everything is sent through [`Clients`], which refuse whatever is not a read while
//! a plan is being made, whoever asks.

mod account;
mod bedrock_agents;
mod bedrock_aliases;
mod bedrock_flows;
mod bedrock_guardrails;
mod bedrock_knowledge;
mod bedrock_logging;
mod bedrock_models;
mod bedrock_parts;
mod bedrock_prompts;
mod bedrock_sources;
mod bedrock_tools;
mod call;
mod chain;
mod clients;
mod cloudtrail;
mod cloudtrail_trails;
mod declare;
mod ear;
mod fault;
mod guard;
mod guardduty;
mod iam_credentials;
mod iam_keys;
mod iam_last_accessed;
mod iam_mfa;
mod iam_new_keys;
mod iam_new_roles;
mod iam_permissions;
mod iam_policies;
mod iam_providers;
mod iam_report;
mod iam_roles;
mod iam_simulate;
mod iam_users;
mod late;
mod loopback;
mod operation;
mod own_words;
mod pace;
mod place;
mod q_chat_controls;
mod q_conversations;
mod q_data_sources;
mod q_documents;
mod q_groups;
mod q_plugins;
mod q_sync;
mod q_things;
mod queue;
mod queue_url;
mod reader;
mod request;
mod retry;
mod role_session;
mod secrets_manager;
mod sts;
mod support;
mod support_talk;
mod table;
mod tags;
mod written_policy;

pub use account::{AlternateContact, GetAlternateContact, ListAccountAliases, ListRegions};
pub use bedrock_agents::*;
pub use bedrock_aliases::*;
pub use bedrock_flows::*;
pub use bedrock_guardrails::*;
pub use bedrock_knowledge::*;
pub use bedrock_logging::*;
pub use bedrock_models::*;
pub use bedrock_parts::*;
pub use bedrock_prompts::*;
pub use bedrock_sources::*;
pub use bedrock_tools::*;
pub use call::{Call, Resolve, Unresolved};
pub use chain::Chain;
pub use clients::{Clients, Connection, ConnectionError};
pub use cloudtrail::*;
pub use cloudtrail_trails::*;
pub use fault::{Fault, FaultKind};
pub use guardduty::*;
pub use iam_credentials::*;
pub use iam_keys::*;
pub use iam_last_accessed::*;
pub use iam_mfa::*;
pub use iam_new_keys::*;
pub use iam_new_roles::*;
pub use iam_permissions::*;
pub use iam_policies::*;
pub use iam_providers::*;
pub use iam_report::*;
pub use iam_roles::*;
pub use iam_simulate::*;
pub use iam_users::*;
pub use late::{Late, Symbol};
pub use loopback::{host, is_loopback};
pub use operation::{Operation, RateClass, RetryClass, Service, joined};
pub use place::Place;
pub use q_chat_controls::*;
pub use q_conversations::*;
pub use q_data_sources::*;
pub use q_documents::*;
pub use q_groups::*;
pub use q_plugins::*;
pub use q_sync::*;
pub use q_things::*;
pub use queue::{Delivered, Queue, Receipt};
pub use queue_url::QueueError;
pub use reader::Reader;
pub use request::{Accepted, Ask, Made, Page, Paged, Request};
pub use retry::{Attempt, Retry};
pub use role_session::RoleSession;
pub use secrets_manager::*;
pub use sts::{AssumeRole, AssumedRole, Bounds, CallerIdentity, GetCallerIdentity, LONGEST_SESSION_POLICY};
pub use support::*;
pub use support_talk::*;
pub use table::operations;
pub use tags::*;
pub use written_policy::WrittenPolicy;

/// A timestamp of the SDK as one of ours, to the millisecond.
fn timestamp(time: &aws_smithy_types::DateTime) -> jiff::Timestamp {
    let millis = time.to_millis().unwrap_or(0);
    jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}
