//! Bedrock knowledge bases, their data sources, syncs and documents.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// The status of a knowledge base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BaseStatus {
    Creating,
    Active,
    Deleting,
    DeleteUnsuccessful,
}

/// The status of a data source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum SourceStatus {
    Available,
    Deleting,
    DeleteUnsuccessful,
}

/// The status of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum JobStatus {
    Starting,
    InProgress,
    Complete,
    Stopping,
    Stopped,
}

impl JobStatus {
    /// Whether it has not ended.
    pub(crate) fn is_in_flight(self) -> bool {
        matches!(self, Self::Starting | Self::InProgress | Self::Stopping)
    }
}

/// A sync of a data source.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct IngestionJob {
    pub(crate) id: String,
    pub(crate) status: JobStatus,
    /// When it leaves a transient status.
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    pub(crate) started: Timestamp,
    pub(crate) updated: Timestamp,
}

/// A document that a data source has brought into the index.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Document {
    /// The `DocumentIdentifier` of the service model.
    pub(crate) identifier: Value,
    pub(crate) status: &'static str,
    /// When it is gone.
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    pub(crate) updated: Timestamp,
}

/// A data source.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DataSource {
    pub(crate) id: String,
    /// What UpdateDataSource replaces, with the member names of the service model.
    pub(crate) config: Map<String, Value>,
    pub(crate) status: SourceStatus,
    pub(crate) failures: Vec<String>,
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    pub(crate) jobs: BTreeMap<String, IngestionJob>,
    /// By what identifies them.
    pub(crate) documents: BTreeMap<String, Document>,
    /// The `DocumentIdentifier` of each object in its bucket.
    #[serde(skip)]
    pub(crate) objects: Vec<Value>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl DataSource {
    /// Whether its deletion takes the embeddings along.
    pub(crate) fn erases(&self) -> bool {
        self.config.get("dataDeletionPolicy").is_none_or(|policy| policy == "DELETE")
    }
}

/// A knowledge base.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct KnowledgeBase {
    pub(crate) id: String,
    pub(crate) region: String,
    /// Name, role, configuration and storage, with the member names of the service model.
    pub(crate) config: Map<String, Value>,
    pub(crate) status: BaseStatus,
    pub(crate) failures: Vec<String>,
    #[serde(skip)]
    pub(crate) due: Option<Timestamp>,
    pub(crate) sources: BTreeMap<String, DataSource>,
    /// What deleted data sources have left in the vector store: answers go on resting on it.
    pub(crate) left_in_store: Vec<Value>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
}

impl KnowledgeBase {
    /// Ends the transient statuses that are due. `role_works`: whether Bedrock can still take on the service role;
    /// `needs_role`: whether that matters even where nothing is left to erase.
    pub(crate) fn settle(&mut self, when: Timestamp, role_works: bool, needs_role: bool) -> Settled {
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= when);
        let failure = "Bedrock could not assume the service role of the knowledge base to delete the data from the \
                       vector store.";
        for source in self.sources.values_mut() {
            source.documents.retain(|_, document| !due(document.due));
            for job in source.jobs.values_mut().filter(|job| due(job.due)) {
                job.status = match job.status {
                    JobStatus::Stopping => JobStatus::Stopped,
                    _ => JobStatus::Complete,
                };
                (job.due, job.updated) = (None, when);
            }
        }
        let left = &mut self.left_in_store;
        self.sources.retain(|_, source| {
            // FACT sources-deletion-needs-role: only what is to be erased takes the role.
            let gone = due(source.due) && (role_works || !source.erases());
            if due(source.due) && !gone {
                source.status = SourceStatus::DeleteUnsuccessful;
                source.failures = vec![failure.to_owned()];
                (source.due, source.updated) = (None, when);
            }
            // FACT sources-retain-still-answers
            if gone && !source.erases() {
                left.extend(source.documents.values().map(|document| document.identifier.clone()));
            }
            !gone
        });
        if !due(self.due) {
            return Settled::Stays;
        }
        (self.due, self.updated) = (None, when);
        if self.status != BaseStatus::Deleting {
            self.status = BaseStatus::Active;
            return Settled::Stays;
        }
        // FACT bases-deletion-takes-sources
        if role_works || !needs_role && self.sources.values().all(|source| !source.erases()) {
            return Settled::Gone;
        }
        self.status = BaseStatus::DeleteUnsuccessful;
        self.failures = vec![failure.to_owned()];
        Settled::Stays
    }
}

/// What became of a knowledge base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Stays,
    Gone,
}
