//! What simulated accounts hold.

mod account;
mod agent;
mod bedrock;
mod case;
mod detector;
mod flow;
mod knowledge;
mod log_trail;
mod principal;
mod q;
mod queue;
mod replicated;
mod secret;
mod session;
mod tags;

pub(crate) use account::{AccessReport, Account, Contact, Root};
pub(crate) use agent::{
    ActionGroup, Agent, AgentStatus, Alias, AliasStatus, DRAFT, Invocations, KnowledgeLink, Parts, TEST_ALIAS, Version,
};
pub(crate) use bedrock::{Guardrail, GuardrailStatus, GuardrailVersion, ModelKind, ModelThing};
pub(crate) use case::{AttachmentSet, Case, Communication};
pub(crate) use detector::Detector;
pub(crate) use flow::{Flow, FlowAlias, Prompt, Snapshot};
pub(crate) use knowledge::{
    BaseStatus, DataSource, Document, IngestionJob, JobStatus, KnowledgeBase, Settled, SourceStatus,
};
pub(crate) use log_trail::LogTrail;
pub(crate) use principal::{
    AccessKey, Group, LastUse, ManagedPolicy, Permissions, PolicyVersion, Role, ServiceCredential, SwitchedCredential,
    User,
};
pub(crate) use q::{QConversation, QDocument, QGroup, QKind, QStatus, QThing, SyncJob, SyncStatus};
pub(crate) use queue::{Message, Queue};
pub(crate) use replicated::{Landing, Replica, Store};
pub(crate) use secret::{CURRENT, StoredSecret};
pub(crate) use session::{Caller, Principal, Session};
