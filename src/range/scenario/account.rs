//! What is in the account of a scenario.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    AgentSpec, CredentialsSpec, FlowSpec, GuardDutySpec, GuardrailSpec, InvocationLoggingSpec, KnowledgeBaseSpec,
    ModelThingSpec, PastSpec, PromptSpec, QApplicationSpec, QueueSpec, Span,
};

/// A simulated account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccountSpec {
    /// The account's number.
    pub id: String,
    /// Its alias.
    pub alias: Option<String>,
    /// The Regions that are enabled.
    pub regions: Vec<String>,
    /// The support plan.
    pub support_plan: SupportPlan,
    /// The root user.
    pub root: RootSpec,
    /// Whom AWS calls about security.
    pub security_contact: Option<ContactSpec>,
    /// Roles.
    pub roles: Vec<RoleSpec>,
    /// Users.
    pub users: Vec<UserSpec>,
    /// Groups of users.
    pub groups: Vec<GroupSpec>,
    /// Identity providers of SAML and OpenID Connect.
    pub identity_providers: Vec<IdentityProviderSpec>,
    /// Customer managed policies.
    pub policies: Vec<PolicySpec>,
    /// How Regions log model invocations.
    pub invocation_logging: Vec<InvocationLoggingSpec>,
    /// Bedrock guardrails.
    pub guardrails: Vec<GuardrailSpec>,
    /// Jobs of models, throughput that was bought, deployments of custom models.
    pub model_things: Vec<ModelThingSpec>,
    /// Bedrock agents.
    pub agents: Vec<AgentSpec>,
    /// Bedrock flows.
    pub flows: Vec<FlowSpec>,
    /// Bedrock prompts.
    pub prompts: Vec<PromptSpec>,
    /// Amazon Q Business applications.
    pub q_applications: Vec<QApplicationSpec>,
    /// Bedrock knowledge bases.
    pub knowledge_bases: Vec<KnowledgeBaseSpec>,
    /// Secrets in AWS Secrets Manager.
    pub secrets: Vec<SecretSpec>,
    /// Queues of Amazon SQS.
    pub queues: Vec<QueueSpec>,
    /// Amazon GuardDuty, in the Regions in which it is on.
    pub guardduty: Vec<GuardDutySpec>,
    /// The trails of AWS CloudTrail.
    pub trails: Vec<TrailSpec>,
    /// Support cases that are open.
    pub cases: Vec<CaseSpec>,
    /// What CloudTrail recorded before the start.
    pub past: Vec<PastSpec>,
}

/// The Regions that every account has.
pub(crate) const DEFAULT_REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

impl Default for AccountSpec {
    fn default() -> Self {
        Self {
            id: "111122223333".to_owned(),
            alias: None,
            regions: DEFAULT_REGIONS.map(String::from).to_vec(),
            support_plan: SupportPlan::default(),
            root: RootSpec::default(),
            security_contact: None,
            roles: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            identity_providers: Vec::new(),
            policies: Vec::new(),
            invocation_logging: Vec::new(),
            guardrails: Vec::new(),
            model_things: Vec::new(),
            agents: Vec::new(),
            flows: Vec::new(),
            prompts: Vec::new(),
            q_applications: Vec::new(),
            knowledge_bases: Vec::new(),
            secrets: Vec::new(),
            queues: Vec::new(),
            guardduty: Vec::new(),
            trails: Vec::new(),
            cases: Vec::new(),
            past: Vec::new(),
        }
    }
}

/// A plan of AWS Support.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupportPlan {
    /// No plan is paid for, so there is no Support API.
    Basic,
    /// Developer.
    Developer,
    /// Business.
    #[default]
    Business,
    /// Enterprise.
    Enterprise,
}

/// The root user.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RootSpec {
    /// Whether it has an active access key.
    pub active_key: bool,
    /// Whether it has an MFA device.
    pub mfa: bool,
}

impl Default for RootSpec {
    fn default() -> Self {
        Self { active_key: false, mfa: true }
    }
}

/// A contact of the account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactSpec {
    /// The person or team.
    pub name: String,
    /// The address.
    pub email: String,
    /// The number.
    pub phone: String,
}

/// A role.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleSpec {
    /// The name.
    pub name: String,
    /// The path.
    #[serde(default = "root_path")]
    pub path: String,
    /// The trust policy.
    pub trust: Value,
    /// The description.
    #[serde(default)]
    pub description: Option<String>,
    /// How long a session may last.
    #[serde(default = "one_hour")]
    pub max_session: Span,
    /// Inline policies: name and document.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// ARNs of attached managed policies.
    #[serde(default)]
    pub attached: Vec<String>,
    /// ARN of the permissions boundary.
    #[serde(default)]
    pub boundary: Option<String>,
    /// Names of the instance profiles that hold the role.
    #[serde(default)]
    pub instance_profiles: Vec<String>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// How long before the start it was last used.
    #[serde(default)]
    pub used_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells. Nobody whom CloudTrail remembers, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
}

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// The name.
    pub name: String,
    /// The path.
    #[serde(default = "root_path")]
    pub path: String,
    /// Inline policies: name and document.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// ARNs of attached managed policies.
    #[serde(default)]
    pub attached: Vec<String>,
    /// ARN of the permissions boundary.
    #[serde(default)]
    pub boundary: Option<String>,
    /// Groups that the user is in.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Long-term access keys.
    #[serde(default)]
    pub keys: Vec<KeySpec>,
    /// Whether the user has a password for the console.
    #[serde(default)]
    pub console_password: bool,
    /// What else the user can sign in or sign with.
    #[serde(default)]
    pub credentials: CredentialsSpec,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// The ARN of who made it, which CloudTrail then tells. Nobody whom CloudTrail remembers, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
}

/// A long-term access key.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySpec {
    /// The key id.
    pub id: String,
    /// Whether it is active.
    #[serde(default = "yes")]
    pub active: bool,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// How long before the start it was last used.
    #[serde(default)]
    pub used_ago: Option<Span>,
    /// The ARN of who made it, which CloudTrail then tells. Nobody whom CloudTrail remembers, when left out.
    #[serde(default)]
    pub created_by: Option<String>,
}

/// A group of users.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    /// The name.
    pub name: String,
    /// Inline policies: name and document.
    #[serde(default)]
    pub inline: BTreeMap<String, Value>,
    /// ARNs of attached managed policies.
    #[serde(default)]
    pub attached: Vec<String>,
}

/// A customer managed policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// The name.
    pub name: String,
    /// The path.
    #[serde(default = "root_path")]
    pub path: String,
    /// The document of the first version.
    pub document: Value,
    /// Later versions, oldest first; the last one counts.
    #[serde(default)]
    pub later_versions: Vec<PolicyVersionSpec>,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
}

/// A later version of a managed policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyVersionSpec {
    /// The document.
    pub document: Value,
    /// How long before the start it was made.
    #[serde(default = "one_hour")]
    pub created_ago: Span,
}

/// A secret in AWS Secrets Manager.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretSpec {
    /// The name.
    pub name: String,
    /// The Region.
    pub region: String,
    /// What it says; nothing for one that was never given a value.
    #[serde(default)]
    pub says: Option<String>,
    /// The service that manages it.
    #[serde(default)]
    pub managed_by: Option<String>,
    /// Whether AWS changes it from time to time.
    #[serde(default)]
    pub rotates: bool,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// How long before the start it was deleted.
    #[serde(default)]
    pub deleted_ago: Option<Span>,
}

/// A trail of AWS CloudTrail.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrailSpec {
    /// The name.
    pub name: String,
    /// The Region in which it was made.
    pub region: String,
    /// Whether it keeps what happens in every Region.
    #[serde(default)]
    pub everywhere: bool,
    /// Whether it is one of the organisation, which nobody in this account can change.
    #[serde(default)]
    pub organization: bool,
    /// The bucket to which it delivers.
    #[serde(default = "trail_bucket")]
    pub bucket: String,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
    /// How long before the start it was stopped; it is at work when left out.
    #[serde(default)]
    pub stopped_ago: Option<Span>,
    /// What it keeps: `EventSelectors` or `AdvancedEventSelectors`, as PutEventSelectors takes them. All management events when left
    /// out.
    #[serde(default)]
    pub selectors: Map<String, Value>,
}

fn trail_bucket() -> String {
    "trail-logs".to_owned()
}

/// An identity provider.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityProviderSpec {
    /// Its ARN, with `:saml-provider/` or `:oidc-provider/`.
    pub arn: String,
    /// How long before the start it was made.
    #[serde(default = "long_ago")]
    pub created_ago: Span,
}

/// A support case that is open at the start.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseSpec {
    /// The subject.
    pub subject: String,
    /// The first message.
    pub body: String,
    /// How long before the start it was opened.
    #[serde(default = "one_hour")]
    pub created_ago: Span,
}

fn root_path() -> String {
    "/".to_owned()
}

fn one_hour() -> Span {
    Span::seconds(3_600)
}

pub(super) fn long_ago() -> Span {
    Span::seconds(400 * 86_400)
}

pub(super) fn yes() -> bool {
    true
}
