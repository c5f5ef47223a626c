//! What simulated accounts hold.

mod account;
mod agent;
mod case;
mod flow;
mod principal;
mod replicated;
mod session;
mod thing;

pub(crate) use account::{Account, Contact};
pub(crate) use agent::{
    ActionGroup, Agent, AgentStatus, Alias, AliasStatus, DRAFT, Invocations, KnowledgeLink, Parts, TEST_ALIAS, Version,
};
pub(crate) use case::{AttachmentSet, Case, Communication};
pub(crate) use flow::{Flow, FlowAlias, Prompt, Snapshot};
pub(crate) use principal::{AccessKey, Group, LastUse, ManagedPolicy, Permissions, Role, User};
pub(crate) use replicated::{Landing, Replica, Store};
pub(crate) use session::{Caller, Principal, Session};
pub(crate) use thing::{Then, Thing, ThingKind, Things};
