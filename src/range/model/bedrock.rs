//! What Amazon Bedrock itself holds: guardrails, jobs, throughput that was bought, deployments of custom models.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Account;

/// The status of a guardrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum GuardrailStatus {
    Creating,
    Updating,
    Versioning,
    Ready,
}

/// A numbered version of a guardrail.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct GuardrailVersion {
    pub(crate) content: Map<String, Value>,
    pub(crate) created: Timestamp,
}

/// A guardrail. Contents have the members of UpdateGuardrail.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Guardrail {
    pub(crate) id: String,
    pub(crate) region: String,
    pub(crate) draft: Map<String, Value>,
    pub(crate) versions: BTreeMap<u32, GuardrailVersion>,
    pub(crate) status: GuardrailStatus,
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

/// A kind of thing that uses models or makes them, and how AWS words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum ModelKind {
    CustomizationJob,
    InvocationJob,
    ImportJob,
    Throughput,
    Deployment,
}

impl ModelKind {
    /// The word in ARNs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::CustomizationJob => "model-customization-job",
            Self::InvocationJob => "model-invocation-job",
            Self::ImportJob => "model-import-job",
            Self::Throughput => "provisioned-model",
            Self::Deployment => "custom-model-deployment",
        }
    }
}

/// A job, throughput or deployment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ModelThing {
    pub(crate) kind: ModelKind,
    pub(crate) region: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    /// What else a look shows, with the member names of the service model.
    pub(crate) shown: Map<String, Value>,
    /// In AWS's own word.
    pub(crate) status: String,
    /// When it leaves a transient status.
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    /// Whether it is gone then.
    #[serde(skip)]
    pub(crate) going: bool,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl ModelThing {
    /// Whether it is a job that has ended.
    pub(crate) fn has_ended(&self) -> bool {
        ["Completed", "PartiallyCompleted", "Failed", "Stopped", "Expired"].contains(&self.status.as_str())
    }
}

impl Account {
    /// The ARN of a guardrail.
    pub(crate) fn guardrail_arn(&self, region: &str, id: &str) -> String {
        format!("arn:aws:bedrock:{region}:{}:guardrail/{id}", self.id)
    }

    /// The ARN of a job, throughput or deployment.
    pub(crate) fn model_thing_arn(&self, kind: ModelKind, region: &str, id: &str) -> String {
        format!("arn:aws:bedrock:{region}:{}:{}/{id}", self.id, kind.word())
    }

    /// Ends what is due in Bedrock itself.
    pub(crate) fn settle_models(&mut self, when: Timestamp) {
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= when);
        for guardrail in self.guardrails.values_mut().filter(|guardrail| due(guardrail.due)) {
            (guardrail.status, guardrail.due) = (GuardrailStatus::Ready, None);
        }
        self.model_things.retain(|_, thing| !(thing.going && due(thing.due)));
        for thing in self.model_things.values_mut().filter(|thing| due(thing.due)) {
            let rest = match (thing.kind, thing.status.as_str()) {
                (_, "Stopping") => "Stopped",
                (ModelKind::InvocationJob, _) => "InProgress",
                (ModelKind::Throughput, _) => "InService",
                (ModelKind::Deployment, _) => "Active",
                (ModelKind::CustomizationJob | ModelKind::ImportJob, status) => status,
            };
            (thing.status, thing.due, thing.updated) = (rest.to_owned(), None, when);
        }
    }
}
