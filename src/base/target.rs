//! What a call or a step is about.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccountId, Arn, Partition, PrincipalKind, Region};

/// The kind of a thing in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntityKind {
    /// The account itself.
    Account,
    /// An IAM role.
    Role,
    /// An IAM user.
    User,
    /// An access key; its parent is a user.
    AccessKey,
    /// The console password of a user; its parent is a user.
    ConsolePassword,
    /// An SSH public key of a user.
    SshKey,
    /// A signing certificate of a user.
    SigningCertificate,
    /// A service-specific credential of a user, such as a long-term Bedrock API key.
    ServiceCredential,
    /// An MFA device of a user.
    MfaDevice,
    /// The log of model invocations of a Region.
    InvocationLogging,
    /// A Bedrock guardrail.
    Guardrail,
    /// A job that makes a custom model.
    CustomizationJob,
    /// A job that invokes a model for many prompts.
    InvocationJob,
    /// Model throughput that was bought.
    ProvisionedThroughput,
    /// A deployment of a custom model.
    ModelDeployment,
    /// A Bedrock agent.
    Agent,
    /// An alias of a Bedrock agent.
    AgentAlias,
    /// An action group of a Bedrock agent's draft.
    ActionGroup,
    /// The link of a Bedrock agent's draft to a knowledge base.
    KnowledgeBaseLink,
    /// A Bedrock knowledge base.
    KnowledgeBase,
    /// A data source of a Bedrock knowledge base.
    DataSource,
    /// Documents that a data source has brought into the index.
    IndexedDocuments,
    /// A sync of a data source.
    IngestionJob,
    /// A Bedrock flow.
    Flow,
    /// An alias of a Bedrock flow.
    FlowAlias,
    /// A numbered version of a Bedrock flow.
    FlowVersion,
    /// A Bedrock prompt.
    Prompt,
    /// An Amazon Q Business application.
    QApplication,
    /// An index of a Q Business application.
    QIndex,
    /// A data source of an index of a Q Business application.
    QDataSource,
    /// A retriever of a Q Business application.
    QRetriever,
    /// A plugin of a Q Business application.
    QPlugin,
    /// A web experience of a Q Business application.
    QWebExperience,
    /// A secret in AWS Secrets Manager.
    Secret,
    /// Documents in an index of a Q Business application.
    QDocuments,
    /// Somebody else's software that reads a Q Business application.
    QDataAccessor,
    /// A user as a Q Business application knows them.
    QUser,
    /// A group of an index of a Q Business application.
    QGroup,
    /// A support case.
    SupportCase,
    /// A managed policy of the account.
    ManagedPolicy,
    /// A group of users.
    Group,
}

impl EntityKind {
    /// The word for it on a screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Role => "role",
            Self::User => "user",
            Self::AccessKey => "access key",
            Self::ConsolePassword => "console password",
            Self::SshKey => "SSH key",
            Self::SigningCertificate => "signing certificate",
            Self::ServiceCredential => "service-specific credential",
            Self::MfaDevice => "MFA device",
            Self::InvocationLogging => "invocation logging",
            Self::Guardrail => "guardrail",
            Self::CustomizationJob => "customization job",
            Self::InvocationJob => "invocation job",
            Self::ProvisionedThroughput => "provisioned throughput",
            Self::ModelDeployment => "custom model deployment",
            Self::Agent => "agent",
            Self::AgentAlias => "agent alias",
            Self::ActionGroup => "action group",
            Self::KnowledgeBaseLink => "knowledge base link",
            Self::KnowledgeBase => "knowledge base",
            Self::DataSource => "data source",
            Self::IndexedDocuments => "indexed documents",
            Self::IngestionJob => "ingestion job",
            Self::Flow => "flow",
            Self::FlowAlias => "flow alias",
            Self::FlowVersion => "flow version",
            Self::Prompt => "prompt",
            Self::QApplication => "Q application",
            Self::QIndex => "Q index",
            Self::QDataSource => "Q data source",
            Self::QRetriever => "Q retriever",
            Self::QPlugin => "Q plugin",
            Self::QWebExperience => "Q web experience",
            Self::Secret => "secret",
            Self::QDocuments => "Q documents",
            Self::QDataAccessor => "Q data accessor",
            Self::QUser => "Q user",
            Self::QGroup => "Q group",
            Self::SupportCase => "support case",
            Self::ManagedPolicy => "managed policy",
            Self::Group => "group",
        }
    }
}

/// A thing in an account: its kind, and the path of ids that leads to it, parent first. The alias `A` of the agent `G` is
/// `[G, A]`, so an agent's children are the entities whose path starts with its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// The kind.
    pub kind: EntityKind,
    /// The ids that lead to it.
    pub path: Vec<String>,
}

impl Entity {
    /// An entity that has no parent.
    pub fn new(kind: EntityKind, id: impl Into<String>) -> Self {
        Self { kind, path: vec![id.into()] }
    }

    /// The role, user, group or managed policy that an ARN names. A role's session stands for the role; a federated user's name is its own,
    /// and says nothing of the user who asked for the session.
    pub fn of_iam(arn: &Arn) -> Option<Self> {
        match arn.principal() {
            Some(PrincipalKind::Role { name, .. } | PrincipalKind::AssumedRole { role: name, .. }) => {
                return Some(Self::new(EntityKind::Role, name));
            }
            Some(PrincipalKind::User { name, .. }) => return Some(Self::new(EntityKind::User, name)),
            Some(PrincipalKind::FederatedUser { .. } | PrincipalKind::Root) => return None,
            None => {}
        }
        let (kind, rest) = arn.resource().split_once('/').filter(|_| arn.service() == "iam")?;
        let name = rest.rsplit('/').next().filter(|name| !name.is_empty())?;
        match kind {
            "policy" => Some(Self::new(EntityKind::ManagedPolicy, name)),
            "group" => Some(Self::new(EntityKind::Group, name)),
            _ => None,
        }
    }

    /// A child of an entity.
    pub fn child(&self, kind: EntityKind, id: impl Into<String>) -> Self {
        let mut path = self.path.clone();
        path.push(id.into());
        Self { kind, path }
    }

    /// The entity at the top of its path: the user of an access key, the agent of an alias and so on, otherwise itself.
    pub fn root(&self) -> Self {
        let kind = match self.kind {
            EntityKind::AccessKey
            | EntityKind::ConsolePassword
            | EntityKind::SshKey
            | EntityKind::SigningCertificate
            | EntityKind::ServiceCredential
            | EntityKind::MfaDevice => EntityKind::User,
            EntityKind::AgentAlias | EntityKind::ActionGroup | EntityKind::KnowledgeBaseLink => EntityKind::Agent,
            EntityKind::DataSource | EntityKind::IndexedDocuments | EntityKind::IngestionJob => {
                EntityKind::KnowledgeBase
            }
            EntityKind::FlowAlias | EntityKind::FlowVersion => EntityKind::Flow,
            EntityKind::QIndex
            | EntityKind::QDataSource
            | EntityKind::QRetriever
            | EntityKind::QPlugin
            | EntityKind::QWebExperience
            | EntityKind::QDocuments
            | EntityKind::QDataAccessor
            | EntityKind::QUser
            | EntityKind::QGroup => EntityKind::QApplication,
            other => other,
        };
        Self { kind, path: self.path.iter().take(1).cloned().collect() }
    }

    /// Whether this is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self == other || (self.path.len() > other.path.len() && self.path.starts_with(&other.path))
    }

    /// Its own id.
    pub fn id(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            // All of an account's, among which one is looked for.
            EntityKind::SupportCase if self.id() == "cases" => out.write_str("support cases"),
            kind => write!(out, "{} {}", kind.as_str(), self.path.join("/")),
        }
    }
}

/// An entity and where it lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The partition.
    pub partition: Partition,
    /// The account.
    pub account: AccountId,
    /// The Region; nothing for what is global.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The thing itself.
    pub entity: Entity,
}

impl Target {
    /// Whether this is `other` or lies below it, in the same place.
    pub fn is_within(&self, other: &Self) -> bool {
        self.partition == other.partition
            && self.account == other.account
            && self.region == other.region
            && self.entity.is_within(&other.entity)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entity.fmt(out)?;
        match &self.region {
            Some(region) => write!(out, " in {region}"),
            None => Ok(()),
        }
    }
}

/// What an action does to an entity; makes the hazard edges of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Touch {
    /// Only looks at it.
    Reads,
    /// Changes it.
    Changes,
    /// Takes it away for good.
    Destroys,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_stands_for_what_has_or_gives_permissions() {
        let of = |arn: &str| Entity::of_iam(&arn.parse().expect("an ARN")).map(|entity| entity.to_string());
        assert!(of("arn:aws:iam::111122223333:role/ops/Admin").is_some_and(|told| told.contains("Admin")));
        assert!(of("arn:aws:iam::111122223333:group/ops/admins").is_some_and(|told| told.contains("admins")));
        assert!(of("arn:aws:iam::111122223333:policy/ops/admin").is_some_and(|told| told.contains("admin")));
        assert_eq!(of("arn:aws:s3:::bucket"), None);
        assert_eq!(of("arn:aws:s3:::policy/admin"), None);
    }
}
