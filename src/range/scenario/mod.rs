//! Scenarios: what is in the range, as a YAML file.

mod account;
mod actors;
mod agents;
mod bedrock;
mod check;
mod credentials;
mod document;
mod events;
mod faults;
mod knobs;
mod knowledge;
mod load;
mod past;
mod q;
mod span;

pub(crate) use account::DEFAULT_REGIONS;
pub use account::{
    AccountSpec, CaseSpec, ContactSpec, GroupSpec, IdentityProviderSpec, KeySpec, PolicySpec, PolicyVersionSpec,
    RoleSpec, RootSpec, SecretSpec, SupportPlan, TrailSpec, UserSpec,
};
pub use actors::{
    AdversarySpec, CallSpec, CapabilitySpec, CredentialKind, CredentialSpec, GateAnswer, GateWord, MoveKind, MoveSpec,
    MoveTrigger, WorkloadCall, WorkloadSpec,
};
pub use agents::{AgentSpec, AliasSpec, FlowSpec, PromptSpec};
pub use bedrock::{GuardrailSpec, GuardrailVersionSpec, InvocationLoggingSpec, ModelThingKind, ModelThingSpec};
pub use credentials::{CredentialsSpec, MfaSpec, ServiceCredentialSpec, SwitchedSpec};
pub use document::Scenario;
pub use events::{DeadLetterSpec, GuardDutySpec, QueueSpec};
pub(crate) use faults::PATIENCE;
pub use faults::{Fault, FaultKind, FaultRepeat};
pub use knobs::Knobs;
pub use knowledge::{DataSourceSpec, KnowledgeBaseSpec};
pub use load::ScenarioError;
pub use past::PastSpec;
pub(crate) use past::a_program;
pub use q::{
    QApplicationSpec, QConversationSpec, QDataAccessorSpec, QDataSourceSpec, QDocumentSpec, QIndexSpec, QPluginSpec,
    QRetrieverSpec, QWebExperienceSpec,
};
pub use span::Span;
