//! A simulated account.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{
    Agent, AttachmentSet, Case, Detector, Flow, Group, Guardrail, KnowledgeBase, LastUse, LogTrail, ManagedPolicy,
    ModelThing, Prompt, QThing, Queue, Role, Session, Store, StoredSecret, User,
};

/// Whom AWS calls about the account.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Contact {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) phone: String,
}

/// What the root user has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Root {
    pub(crate) active_key: bool,
    pub(crate) mfa: bool,
}

/// A report on the services that a principal has used.
#[derive(Debug)]
pub(crate) struct AccessReport {
    /// The ARN of the principal.
    pub(crate) of: String,
    /// When it was asked for.
    pub(crate) begun: Timestamp,
}

/// All that an account holds.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) alias: Option<String>,
    /// Regions and their opt-in status.
    pub(crate) regions: BTreeMap<String, String>,
    pub(crate) security_contact: Option<Contact>,

    pub(crate) roles: Store<Role>,
    pub(crate) users: Store<User>,
    pub(crate) groups: Store<Group>,
    /// By ARN.
    pub(crate) policies: Store<ManagedPolicy>,
    /// What the root user has.
    pub(crate) root: Root,
    /// When the credential report was begun.
    pub(crate) report_begun: Option<Timestamp>,
    /// By job: the reports on services last accessed.
    pub(crate) access_reports: BTreeMap<String, AccessReport>,
    /// Identity providers by ARN, with the moment at which each was made.
    pub(crate) identity_providers: BTreeMap<String, Timestamp>,
    /// Serial numbers of virtual MFA devices that no user has.
    pub(crate) loose_mfa_devices: BTreeSet<String>,
    pub(crate) role_uses: BTreeMap<String, LastUse>,
    pub(crate) key_uses: BTreeMap<String, LastUse>,
    /// By key id.
    pub(crate) sessions: BTreeMap<String, Session>,

    /// By Region: how model invocations are logged. A Region that does not log is not in it.
    pub(crate) invocation_logging: BTreeMap<String, Value>,
    /// By Region and id.
    pub(crate) guardrails: BTreeMap<(String, String), Guardrail>,
    /// By ARN.
    pub(crate) model_things: BTreeMap<String, ModelThing>,
    /// By Region and id.
    pub(crate) agents: BTreeMap<(String, String), Agent>,
    pub(crate) flows: BTreeMap<(String, String), Flow>,
    pub(crate) prompts: BTreeMap<(String, String), Prompt>,
    /// What Q Business holds, by Region and the ids that lead to it.
    pub(crate) q_things: BTreeMap<(String, Vec<String>), QThing>,
    /// By Region and name.
    pub(crate) secrets: BTreeMap<(String, String), StoredSecret>,
    pub(crate) knowledge_bases: BTreeMap<(String, String), KnowledgeBase>,
    /// By ARN, of Bedrock and Q Business; what has none need not be in it.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Client tokens and the ids of what they made.
    pub(crate) client_tokens: BTreeMap<String, String>,

    /// Queues of SQS, by Region and name.
    pub(crate) queues: BTreeMap<(String, String), Queue>,
    /// By Region: GuardDuty's detectors. A Region in which it is off is not in it.
    pub(crate) detectors: BTreeMap<String, Detector>,

    pub(crate) trails: Vec<LogTrail>,
    pub(crate) cases: Vec<Case>,
    pub(crate) attachment_sets: BTreeMap<String, AttachmentSet>,
}

impl Account {
    /// The user that a long-term key belongs to, as requests are authorised now.
    pub(crate) fn key_owner(&self, key: &str, at: Timestamp) -> Option<&User> {
        self.users.all_enforced(at).map(|(_, user)| user).find(|user| user.keys.contains_key(key))
    }

    /// The ARN of a role.
    pub(crate) fn role_arn(&self, role: &Role) -> String {
        format!("arn:aws:iam::{}:role{}{}", self.id, role.path, role.name)
    }

    /// The ARN of a user.
    pub(crate) fn user_arn(&self, user: &User) -> String {
        format!("arn:aws:iam::{}:user{}{}", self.id, user.path, user.name)
    }

    /// The ARN of an agent.
    pub(crate) fn agent_arn(&self, region: &str, id: &str) -> String {
        format!("arn:aws:bedrock:{region}:{}:agent/{id}", self.id)
    }

    /// The ARN of a flow.
    pub(crate) fn flow_arn(&self, region: &str, id: &str) -> String {
        format!("arn:aws:bedrock:{region}:{}:flow/{id}", self.id)
    }

    /// The ARN of a prompt.
    pub(crate) fn prompt_arn(&self, region: &str, id: &str) -> String {
        format!("arn:aws:bedrock:{region}:{}:prompt/{id}", self.id)
    }

    /// The ARN of a knowledge base.
    pub(crate) fn knowledge_base_arn(&self, region: &str, id: &str) -> String {
        format!("arn:aws:bedrock:{region}:{}:knowledge-base/{id}", self.id)
    }

    /// The ARN of a secret, of which there may be none yet.
    pub(crate) fn secret_arn(&self, region: &str, name: &str) -> String {
        let known = self.secrets.get(&(region.to_owned(), name.to_owned()));
        let ending = known.map_or("XXXXXX", |secret| secret.ending.as_str());
        format!("arn:aws:secretsmanager:{region}:{}:secret:{name}-{ending}", self.id)
    }

    /// The ARN of a queue, of which there may be none.
    pub(crate) fn queue_arn(&self, region: &str, name: &str) -> String {
        format!("arn:aws:sqs:{region}:{}:{name}", self.id)
    }

    /// The ARN of an alias of an agent.
    pub(crate) fn alias_arn(&self, region: &str, agent: &str, alias: &str) -> String {
        format!("arn:aws:bedrock:{region}:{}:agent-alias/{agent}/{alias}", self.id)
    }
}
