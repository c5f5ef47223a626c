//! Data sources of Bedrock knowledge bases, their syncs and their documents.

use aws_sdk_bedrockagent::types as sdk;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bedrock_knowledge::base_entity;
use super::declare::request;
use super::ear::hear_words;
use super::own_words::{hear_saying, members_of};
use super::{Accepted, Ask, Clients, Fault, Late, Made, Operation, Page, Request, Service};
use crate::base::{DataSourceId, Entity, EntityKind, KnowledgeBaseId, Region};

/// Everything about a data source is permitted on its knowledge base.
const BASE: &str = "arn:{partition}:bedrock:{region}:{account}:knowledge-base/{parent}";

/// What UpdateDataSource replaces.
const DEFINITION: &[&str] = &[
    "name",
    "description",
    "dataSourceConfiguration",
    "serverSideEncryptionConfiguration",
    "vectorIngestionConfiguration",
];

fn source_entity(base: &KnowledgeBaseId, source: &DataSourceId) -> Entity {
    base_entity(base).child(EntityKind::DataSource, source.as_str())
}

/// What becomes of the embeddings of a data source when it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DataDeletion {
    /// They are erased from the vector store.
    Delete,
    /// They stay in the vector store.
    Retain,
}

/// A data source in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataSourceSummary {
    /// The id.
    pub id: DataSourceId,
    /// The name that its maker gave it.
    pub name: String,
}

request! {
    /// One page of the data sources of a knowledge base (`bedrock:ListDataSources`).
    list ListDataSources in a Region {
        /// The knowledge base.
        base: KnowledgeBaseId,
    } of DataSourceSummary,
    row: Operation::read(Service::BedrockAgent, "ListDataSources").needs(&["bedrock:ListDataSources"], BASE),
    about: |it| base_entity(&it.base),
    send: |it, to| {
        let request = to.bedrock_agent(Some(&it.region)).list_data_sources().knowledge_base_id(it.base.as_str());
        request.max_results(100).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.data_source_summaries.into_iter().map(|source| {
            let id = DataSourceId::new(source.data_source_id).map_err(|error| error.to_string())?;
            Ok(DataSourceSummary { id, name: source.name })
        });
        Ok(Page { items: items.collect::<Result<_, String>>()?, next: out.next_token })
    },
}

/// A data source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataSource {
    /// The name that its maker gave it.
    pub name: String,
    /// Where its documents come from, in AWS's word: `S3`, `WEB`, `CUSTOM` and so on.
    pub kind: String,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// What becomes of the embeddings when it is deleted. AWS's default is `DELETE`.
    pub deletion: DataDeletion,
    /// When it was made.
    pub created: Timestamp,
    /// Why something failed, in AWS's words.
    pub failures: Vec<String>,
    /// What a request that replaces it has to repeat, in AWS's own words, members that the SDK does not know included.
    pub definition: Value,
    /// All of it, in AWS's own words.
    pub words: Value,
}

/// Reads a data source (`bedrock:GetDataSource`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetDataSource {
    /// The Region.
    pub region: Region,
    /// The knowledge base.
    pub base: KnowledgeBaseId,
    /// The data source.
    pub source: DataSourceId,
}

impl Request for GetDataSource {
    const OPERATION: &'static Operation =
        &Operation::read(Service::BedrockAgent, "GetDataSource").needs(&["bedrock:GetDataSource"], BASE);

    type Reply = DataSource;

    fn entity(&self) -> Entity {
        source_entity(&self.base, &self.source)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<DataSource>, Fault> {
        let request = to.bedrock_agent(Some(&self.region)).get_data_source();
        let request = request.knowledge_base_id(self.base.as_str()).data_source_id(self.source.as_str());
        hear_words!(Self::OPERATION, request, |out, words| (out.data_source, words))?.read(
            Self::OPERATION,
            |(source, words)| {
                let source = source.ok_or("no data source in the reply")?;
                let words = words.get("dataSource").cloned().unwrap_or_default();
                let kind = source.data_source_configuration.map(|configuration| configuration.r#type);
                Ok(DataSource {
                    name: source.name,
                    kind: kind.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
                    status: source.status.as_str().to_owned(),
                    deletion: match source.data_deletion_policy {
                        Some(sdk::DataDeletionPolicy::Retain) => DataDeletion::Retain,
                        _ => DataDeletion::Delete,
                    },
                    created: super::timestamp(&source.created_at),
                    failures: source.failure_reasons.unwrap_or_default(),
                    definition: members_of(&words, DEFINITION),
                    words,
                })
            },
        )
    }
}

impl Ask for GetDataSource {}

/// Says what becomes of the embeddings when a data source is deleted (`bedrock:UpdateDataSource`). The request replaces
/// everything, so all else is repeated from the last look, word for word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateDataSource {
    /// The Region.
    pub region: Region,
    /// The knowledge base.
    pub base: KnowledgeBaseId,
    /// The data source.
    pub source: DataSourceId,
    /// All of it but that, repeated.
    pub definition: Late<Value>,
    /// What becomes of the embeddings from now on.
    pub deletion: DataDeletion,
}

impl Request for UpdateDataSource {
    const OPERATION: &'static Operation = &Operation::reversible(Service::BedrockAgent, "UpdateDataSource")
        .needs(&["bedrock:UpdateDataSource"], BASE)
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        source_entity(&self.base, &self.source)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let mut body = self.definition.settled(Self::OPERATION)?.clone();
        body["dataDeletionPolicy"] = json!(self.deletion);
        let request = to.bedrock_agent(Some(&self.region)).update_data_source();
        let request = request.knowledge_base_id(self.base.as_str()).data_source_id(self.source.as_str());
        hear_saying!(Self::OPERATION, request, body, |_| Made::new())
    }
}

request! {
    /// Deletes a data source (`bedrock:DeleteDataSource`), and with the policy `DELETE` its embeddings. For good.
    change DeleteDataSource in a Region {
        /// The knowledge base.
        base: KnowledgeBaseId,
        /// The data source.
        source: DataSourceId,
    }
    row: Operation::irreversible(Service::BedrockAgent, "DeleteDataSource")
        .needs(&["bedrock:DeleteDataSource"], BASE)
        .repeatable()
        .already(&["ResourceNotFoundException"]),
    about: |it| source_entity(&it.base, &it.source),
    send: |it, to| {
        let request = to.bedrock_agent(Some(&it.region)).delete_data_source();
        request.knowledge_base_id(it.base.as_str()).data_source_id(it.source.as_str())
    },
}

/// A sync of a data source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IngestionJob {
    /// The id.
    pub id: String,
    /// How far it is, in AWS's word.
    pub status: String,
    /// When it began.
    pub started: Timestamp,
    /// How many documents it has read so far.
    pub scanned: i64,
}

impl IngestionJob {
    /// Whether it has not ended.
    pub fn is_in_flight(&self) -> bool {
        !matches!(self.status.as_str(), "COMPLETE" | "FAILED" | "STOPPED")
    }

    /// Whether it is stopping already.
    pub fn is_stopping(&self) -> bool {
        self.status == "STOPPING"
    }
}

request! {
    /// One page of the syncs of a data source (`bedrock:ListIngestionJobs`).
    list ListIngestionJobs in a Region {
        /// The knowledge base.
        base: KnowledgeBaseId,
        /// The data source.
        source: DataSourceId,
    } of IngestionJob,
    row: Operation::read(Service::BedrockAgent, "ListIngestionJobs").needs(&["bedrock:ListIngestionJobs"], BASE),
    about: |it| source_entity(&it.base, &it.source),
    send: |it, to| {
        let request = to.bedrock_agent(Some(&it.region)).list_ingestion_jobs();
        let request = request.knowledge_base_id(it.base.as_str()).data_source_id(it.source.as_str());
        request.max_results(100).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.ingestion_job_summaries.into_iter().map(|job| IngestionJob {
            id: job.ingestion_job_id,
            status: job.status.as_str().to_owned(),
            started: super::timestamp(&job.started_at),
            scanned: job.statistics.map_or(0, |statistics| statistics.number_of_documents_scanned),
        });
        Ok(Page { items: items.collect(), next: out.next_token })
    },
}

request! {
    /// Stops a sync (`bedrock:StopIngestionJob`). What it has indexed so far stays; a sync can be started again.
    change StopIngestionJob in a Region {
        /// The knowledge base.
        base: KnowledgeBaseId,
        /// The data source.
        source: DataSourceId,
        /// The sync.
        job: String,
    }
    row: Operation::reversible(Service::BedrockAgent, "StopIngestionJob")
        .needs(&["bedrock:StopIngestionJob"], BASE)
        .already(&["ConflictException", "ResourceNotFoundException"]),
    about: |it| source_entity(&it.base, &it.source).child(EntityKind::IngestionJob, &it.job),
    send: |it, to| {
        let request = to.bedrock_agent(Some(&it.region)).stop_ingestion_job();
        request.knowledge_base_id(it.base.as_str()).data_source_id(it.source.as_str()).ingestion_job_id(&it.job)
    },
}

/// How AWS names a document: by its object where it lies in a bucket, otherwise by the id that it was put in with.
fn identifier(document: &str) -> Result<sdk::DocumentIdentifier, Fault> {
    let unfit = |error: aws_smithy_types::error::operation::BuildError| {
        Fault::nonsense(GetKnowledgeBaseDocuments::OPERATION, error)
    };
    let builder = sdk::DocumentIdentifier::builder();
    let builder = if document.starts_with("s3://") {
        let place = sdk::S3Location::builder().uri(document).build().map_err(unfit)?;
        builder.data_source_type(sdk::ContentDataSourceType::S3).s3(place)
    } else {
        let id = sdk::CustomDocumentIdentifier::builder().id(document).build().map_err(unfit)?;
        builder.data_source_type(sdk::ContentDataSourceType::Custom).custom(id)
    };
    builder.build().map_err(unfit)
}

request! {
    /// Reads how documents stand in the index (`bedrock:GetKnowledgeBaseDocuments`), in the order asked for.
    read GetKnowledgeBaseDocuments in a Region {
        /// The knowledge base.
        base: KnowledgeBaseId,
        /// The data source.
        source: DataSourceId,
        /// The documents, ten at most: ids, or `s3://` addresses.
        documents: Vec<String>,
    } of Vec<(String, String)>,
    row: Operation::read(Service::BedrockAgent, "GetKnowledgeBaseDocuments")
        .needs(&["bedrock:GetKnowledgeBaseDocuments"], BASE),
    about: |it| source_entity(&it.base, &it.source),
    send: |it, to| {
        let request = to.bedrock_agent(Some(&it.region)).get_knowledge_base_documents();
        let named: Vec<sdk::DocumentIdentifier> = it.documents.iter().map(|one| identifier(one)).collect::<Result<_, _>>()?;
        let request = request.knowledge_base_id(it.base.as_str()).data_source_id(it.source.as_str());
        request.set_document_identifiers(Some(named))
    },
    reply: |out| {
        let details = out.document_details.unwrap_or_default().into_iter();
        details.map(|detail| {
            let identifier = detail.identifier.ok_or("a document without an identifier")?;
            let place = identifier.s3.map(|place| place.uri);
            let id = place.or_else(|| identifier.custom.map(|custom| custom.id));
            Ok((id.ok_or("a document without an id")?, detail.status.as_str().to_owned()))
        }).collect::<Result<Vec<_>, String>>()
    },
}

/// Whether AWS lists the documents of data sources of a kind, and takes them out of the index one by one.
pub fn takes_documents(kind: &str) -> bool {
    matches!(kind, "S3" | "CUSTOM")
}

/// A document in the index of a knowledge base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedDocument {
    /// The id that it was put in with, or its `s3://` address.
    pub id: String,
    /// How far it is, in AWS's word.
    pub status: String,
    /// When it was put in, or last changed in the index.
    pub updated: Timestamp,
}

impl IndexedDocument {
    /// Whether it is on its way out, or out.
    pub fn is_leaving(&self) -> bool {
        matches!(self.status.as_str(), "DELETING" | "DELETE_IN_PROGRESS" | "NOT_FOUND")
    }
}

request! {
    /// One page of the documents that a data source has brought into the index (`bedrock:ListKnowledgeBaseDocuments`).
    list ListKnowledgeBaseDocuments in a Region {
        /// The knowledge base.
        base: KnowledgeBaseId,
        /// The data source.
        source: DataSourceId,
    } of IndexedDocument,
    row: Operation::read(Service::BedrockAgent, "ListKnowledgeBaseDocuments")
        .needs(&["bedrock:ListKnowledgeBaseDocuments"], BASE),
    about: |it| source_entity(&it.base, &it.source),
    send: |it, to| {
        let request = to.bedrock_agent(Some(&it.region)).list_knowledge_base_documents();
        let request = request.knowledge_base_id(it.base.as_str()).data_source_id(it.source.as_str());
        request.max_results(1_000).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.document_details.into_iter().map(|detail| {
            let identifier = detail.identifier.ok_or("a document without an identifier")?;
            let place = identifier.s3.map(|place| place.uri);
            let id = place.or_else(|| identifier.custom.map(|custom| custom.id)).ok_or("a document without an id")?;
            let updated = detail.updated_at.ok_or_else(|| format!("nobody says when {id} was put in"))?;
            Ok(IndexedDocument { id, status: detail.status.as_str().to_owned(), updated: super::timestamp(&updated) })
        });
        Ok(Page { items: items.collect::<Result<_, String>>()?, next: out.next_token })
    },
}

request! {
    /// Takes documents out of the index (`bedrock:DeleteKnowledgeBaseDocuments`). For good, unless their source brings them
    /// back.
    change DeleteKnowledgeBaseDocuments in a Region {
        /// The knowledge base.
        base: KnowledgeBaseId,
        /// The data source.
        source: DataSourceId,
        /// The documents, ten at most: ids, or `s3://` addresses.
        documents: Vec<String>,
    }
    row: Operation::irreversible(Service::BedrockAgent, "DeleteKnowledgeBaseDocuments")
        .needs(&["bedrock:DeleteKnowledgeBaseDocuments"], BASE)
        .repeatable(),
    about: |it| {
        let first = it.documents.first().map(String::as_str).unwrap_or_default();
        source_entity(&it.base, &it.source).child(EntityKind::IndexedDocuments, first)
    },
    send: |it, to| {
        let request = to.bedrock_agent(Some(&it.region)).delete_knowledge_base_documents();
        let named: Vec<sdk::DocumentIdentifier> = it.documents.iter().map(|one| identifier(one)).collect::<Result<_, _>>()?;
        let request = request.knowledge_base_id(it.base.as_str()).data_source_id(it.source.as_str());
        request.set_document_identifiers(Some(named))
    },
}
