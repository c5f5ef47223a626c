//! Finding knowledge bases and data sources, and how they stand in replies.

use serde_json::{Value, json};

use crate::range::model::{DataSource, IngestionJob, KnowledgeBase};
use crate::range::wire::ApiError;
use crate::range::world::{Turn, refuse};

/// The refusal for a thing that is not there.
pub(super) fn not_found(what: &str, id: &str) -> ApiError {
    refuse("ResourceNotFoundException", format!("{what} with id {id} is not found. Check the id and retry."))
}

/// The ARN of the knowledge base that a call names.
pub(super) fn on_base(turn: &Turn<'_>) -> String {
    turn.account().knowledge_base_arn(&turn.call.region, turn.text("knowledgeBaseId"))
}

/// The knowledge base that a call names.
pub(super) fn base<'t>(turn: &'t Turn<'_>) -> Result<&'t KnowledgeBase, ApiError> {
    let id = turn.text("knowledgeBaseId");
    let key = (turn.call.region.clone(), id.to_owned());
    turn.account().knowledge_bases.get(&key).ok_or_else(|| not_found("KnowledgeBase", id))
}

/// The knowledge base that a call changes.
pub(super) fn base_mut<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut KnowledgeBase, ApiError> {
    let id = turn.text("knowledgeBaseId");
    let key = (turn.call.region.clone(), id.to_owned());
    turn.state.account.knowledge_bases.get_mut(&key).ok_or_else(|| not_found("KnowledgeBase", id))
}

/// The data source that a call names.
pub(super) fn source<'t>(turn: &'t Turn<'_>) -> Result<&'t DataSource, ApiError> {
    let id = turn.text("dataSourceId");
    base(turn)?.sources.get(id).ok_or_else(|| not_found("DataSource", id))
}

/// The data source that a call changes.
pub(super) fn source_mut<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut DataSource, ApiError> {
    let id = turn.text("dataSourceId");
    base_mut(turn)?.sources.get_mut(id).ok_or_else(|| not_found("DataSource", id))
}

/// A knowledge base as GetKnowledgeBase shows it.
pub(super) fn base_full(turn: &Turn<'_>, base: &KnowledgeBase) -> Value {
    let mut shown = json!({
        "knowledgeBaseId": base.id, "knowledgeBaseArn": turn.account().knowledge_base_arn(&base.region, &base.id),
        "status": base.status, "createdAt": base.created, "updatedAt": base.updated,
    });
    if !base.failures.is_empty() {
        shown["failureReasons"] = json!(base.failures);
    }
    for (member, value) in &base.config {
        shown[member] = value.clone();
    }
    shown
}

/// A data source as GetDataSource shows it.
pub(super) fn source_full(base: &str, source: &DataSource) -> Value {
    let mut shown = json!({
        "knowledgeBaseId": base, "dataSourceId": source.id, "status": source.status,
        "createdAt": source.created, "updatedAt": source.updated,
    });
    if !source.failures.is_empty() {
        shown["failureReasons"] = json!(source.failures);
    }
    for (member, value) in &source.config {
        shown[member] = value.clone();
    }
    shown
}

/// The members out of a whole picture that a list shows.
pub(super) fn summary(whole: &Value, members: &[&str]) -> Value {
    members.iter().filter_map(|member| Some(((*member).to_owned(), whole.get(*member)?.clone()))).collect()
}

/// A sync as GetIngestionJob shows it.
pub(super) fn job_full(base: &str, source: &DataSource, job: &IngestionJob) -> Value {
    json!({
        "knowledgeBaseId": base, "dataSourceId": source.id, "ingestionJobId": job.id, "status": job.status,
        "startedAt": job.started, "updatedAt": job.updated,
        "statistics": {
            "numberOfDocumentsScanned": source.documents.len(), "numberOfNewDocumentsIndexed": source.documents.len(),
            "numberOfModifiedDocumentsIndexed": 0, "numberOfDocumentsDeleted": 0, "numberOfDocumentsFailed": 0,
        },
    })
}
