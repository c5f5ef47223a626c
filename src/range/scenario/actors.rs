//! Who acts in a scenario.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use serde_json::Value;

use super::Span;
use crate::range::wire::{ServiceName, operations};

/// Where an actor's credentials come from.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialSpec {
    /// A name for it, for reports.
    pub name: String,
    /// What it is.
    pub kind: CredentialKind,
    /// `session` and `service`: the name of the role.
    #[serde(default)]
    pub role: Option<String>,
    /// `service`: the service that assumes the role, and assumes it again when a call is refused.
    #[serde(default)]
    pub service: Option<String>,
    /// `key`: the id of the long-term key, which a user of the account has.
    #[serde(default)]
    pub key: Option<String>,
    /// `newest_key`: the user.
    #[serde(default)]
    pub user: Option<String>,
    /// `foreign`: the ARN of a principal of another account.
    #[serde(default)]
    pub arn: Option<String>,
    /// `session`: how long before the start it was issued.
    #[serde(default = "ten_minutes")]
    pub issued_ago: Span,
}

/// A kind of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A session of a role, issued before the start.
    Session,
    /// A role that a service assumes for its workload.
    Service,
    /// A long-term key of a user.
    Key,
    /// `user`: whichever long-term key of the user is the newest, some minutes after it was made: somebody gives the workload
    /// each new key. Of workloads only.
    NewestKey,
    /// Somebody of another account, who can do no more here than assume roles that trust that account.
    Foreign,
}

/// Somebody who works in the account and should not notice the containment.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkloadSpec {
    /// The name, for reports.
    pub name: String,
    /// The credentials.
    pub credentials: CredentialSpec,
    /// The call.
    pub calls: WorkloadCall,
    /// The Region.
    pub region: String,
    /// `invoke_agent`: the name of the agent; its first alias is used.
    #[serde(default)]
    pub agent: Option<String>,
    /// `call`: the call.
    #[serde(default)]
    pub call: Option<CallSpec>,
    /// The time between calls.
    pub every: Span,
    /// How often it gets fresh credentials of its own accord; never unless set.
    #[serde(default)]
    pub renews_every: Option<Span>,
    /// Whether containment is expected to make it stop for a while, so that a refused call is no harm done.
    #[serde(default)]
    pub expects_outage: bool,
}

/// What a workload does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkloadCall {
    /// InvokeAgent.
    InvokeAgent,
    /// ListAgents.
    ListAgents,
    /// What `call` says.
    Call,
}

/// Who attacks.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdversarySpec {
    /// The credentials it has at the start, in the order in which it tries them.
    pub holds: Vec<CredentialSpec>,
    /// Names of the agents that are its own from the start.
    pub agents: Vec<String>,
    /// What containment must put an end to.
    pub can: Vec<CapabilitySpec>,
    /// What it does.
    pub moves: Vec<MoveSpec>,
}

/// Something that the adversary can do until it is contained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapabilitySpec {
    /// The IAM action, such as `bedrock:InvokeAgent`.
    pub action: String,
    /// The ARN it is for; `*` in it stands for anything. An invocation counts only for aliases that exist.
    #[serde(default = "anything")]
    pub resource: String,
}

/// One thing that the adversary does.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveSpec {
    /// What makes it do so.
    #[serde(default)]
    pub on: MoveTrigger,
    /// How long after that.
    #[serde(default = "at_once")]
    pub after: Span,
    /// What it does.
    #[serde(rename = "do")]
    pub action: MoveKind,
    /// The time between repetitions, for moves that go on.
    #[serde(default)]
    pub every: Option<Span>,
    /// How many times at most.
    #[serde(default)]
    pub times: Option<u32>,
    /// Names the credential it uses first; otherwise the first one that works.
    #[serde(default)]
    pub using: Option<String>,
    /// `create_agent`: the Region.
    #[serde(default)]
    pub region: Option<String>,
    /// `create_agent`: the agent's name. `assume_role` and `create_agent`: see `role`.
    #[serde(default)]
    pub agent: Option<String>,
    /// `assume_role`: the role to assume. `create_agent`: the agent's service role. `undo_deny`: the role it watches.
    #[serde(default)]
    pub role: Option<String>,
    /// `create_access_key`: the user. `undo_deny`: the user it watches.
    #[serde(default)]
    pub user: Option<String>,
    /// `call`: the call. For a regional service `region` says where.
    #[serde(default)]
    pub call: Option<CallSpec>,
}

/// What makes the adversary move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MoveTrigger {
    /// The start.
    #[default]
    Start,
    /// It sees a new policy on a principal that it watches.
    DenySeen,
    /// A call of its own is refused.
    Denied,
    /// An agent of its own no longer answers: it is gone, or its alias refuses invocations. Once for each agent.
    AgentLost,
}

/// What the adversary does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MoveKind {
    /// Makes an agent, prepares it, and gives it an alias.
    CreateAgent,
    /// Invokes each of its agents.
    InvokeAgents,
    /// Looks for new policies on a principal and deletes or detaches them.
    UndoDeny,
    /// Assumes a role for a fresh session.
    AssumeRole,
    /// Makes another access key for a user.
    CreateAccessKey,
    /// Makes the call that `call` says. Credentials that come back are kept.
    Call,
}

/// A call of whichever operation the range has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallSpec {
    /// The service, by the folder of its public model: `iam`, `bedrock-agent`.
    #[schemars(with = "String")]
    pub service: ServiceName,
    /// The operation, such as `CreateUser`.
    pub operation: String,
    /// The input, with the members of the service model.
    #[serde(default = "empty")]
    pub input: Value,
}

impl CallSpec {
    /// The operation of the table, if the range has it.
    pub(crate) fn of_table(&self) -> Option<(ServiceName, &'static str)> {
        operations().find(|(service, operation)| (*service, *operation) == (self.service, self.operation.as_str()))
    }
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

/// The answer of a person to a gate of the runbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateAnswer {
    /// What the person says.
    pub answer: GateWord,
    /// How long it takes.
    #[serde(default = "at_once")]
    pub after: Span,
}

/// What a person can say to a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateWord {
    /// Go on.
    Confirm,
    /// Do not.
    Decline,
    /// It has been done by hand.
    Done,
}

fn ten_minutes() -> Span {
    Span::seconds(600)
}

fn anything() -> String {
    "*".to_owned()
}

fn at_once() -> Span {
    Span::seconds(0)
}
