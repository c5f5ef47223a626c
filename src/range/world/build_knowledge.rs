//! Makes the knowledge bases of a scenario.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::range::model::{BaseStatus, DataSource, Document, IngestionJob, JobStatus, KnowledgeBase, SourceStatus};
use crate::range::scenario::{DataSourceSpec, KnowledgeBaseSpec};

use super::build::Builder;

impl Builder {
    /// Makes a knowledge base with its data sources.
    pub(super) fn knowledge_base(&mut self, spec: &KnowledgeBaseSpec) {
        let created = self.ago(spec.created_ago);
        let id = spec.id.clone().unwrap_or_else(|| self.dice.agent_id("knowledge base", &spec.name));
        let standing = self.account.roles.latest(&spec.role).map(|role| self.account.role_arn(role));
        let role = standing.unwrap_or_else(|| format!("arn:aws:iam::{}:role/{}", self.account.id, spec.role));
        let model = format!("arn:aws:bedrock:{}::foundation-model/amazon.titan-embed-text-v2:0", spec.region);
        let index = format!("arn:aws:s3vectors:{}:{}:bucket/vectors/index/{}", spec.region, self.account.id, spec.name);
        let mut config = members(json!({
            "name": spec.name, "roleArn": role,
            "knowledgeBaseConfiguration": {
                "type": "VECTOR", "vectorKnowledgeBaseConfiguration": { "embeddingModelArn": model },
            },
            "storageConfiguration": { "type": "S3_VECTORS", "s3VectorsConfiguration": { "indexArn": index } },
        }));
        if let Some(description) = &spec.description {
            config.insert("description".to_owned(), json!(description));
        }
        let sources = spec.data_sources.iter().map(|source| self.data_source(spec, &id, source));
        let sources: BTreeMap<String, DataSource> = sources.collect();
        let made = KnowledgeBase {
            id: id.clone(),
            region: spec.region.clone(),
            config,
            status: BaseStatus::Active,
            failures: vec![],
            due: None,
            sources,
            left_in_store: vec![],
            created,
            updated: created,
        };
        let told = json!({ "knowledgeBase": { "knowledgeBaseId": id, "name": spec.name } });
        self.was_made_in_bedrock(spec.created_by.as_ref(), created, "CreateKnowledgeBase", &spec.region, told);
        let arn = self.account.knowledge_base_arn(&spec.region, &id);
        self.account.tag(&arn, spec.tags.clone());
        self.account.knowledge_bases.insert((spec.region.clone(), id), made);
    }

    fn data_source(&mut self, of: &KnowledgeBaseSpec, base: &str, spec: &DataSourceSpec) -> (String, DataSource) {
        let created = self.ago(spec.created_ago);
        let id = spec.id.clone().unwrap_or_else(|| self.dice.agent_id("data source", &format!("{base} {}", spec.name)));
        let configuration = match &spec.bucket {
            Some(bucket) => {
                json!({ "type": "S3", "s3Configuration": { "bucketArn": format!("arn:aws:s3:::{bucket}") } })
            }
            None => json!({ "type": "CUSTOM" }),
        };
        let mut config = members(json!({
            "name": spec.name, "dataSourceConfiguration": configuration, "dataDeletionPolicy": spec.data_deletion_policy,
        }));
        config.extend(spec.more.clone().map(members).unwrap_or_default());
        let identifier = |document: &String| match &spec.bucket {
            Some(bucket) => json!({ "dataSourceType": "S3", "s3": { "uri": format!("s3://{bucket}/{document}") } }),
            None => json!({ "dataSourceType": "CUSTOM", "custom": { "id": document } }),
        };
        let document = |name: &String| {
            let made = Document { identifier: identifier(name), status: "INDEXED", due: None, updated: created };
            (made.identifier.to_string(), made)
        };
        let mut jobs = BTreeMap::new();
        if spec.ingesting {
            let job = self.dice.agent_id("ingestion job", &id);
            let (status, started) = (JobStatus::InProgress, self.now);
            let made = IngestionJob { id: job.clone(), status, due: None, started, updated: started };
            jobs.insert(job, made);
        }
        let made = DataSource {
            id: id.clone(),
            config,
            status: SourceStatus::Available,
            failures: vec![],
            due: None,
            jobs,
            objects: if spec.bucket.is_some() { spec.documents.iter().map(identifier).collect() } else { vec![] },
            documents: spec.documents.iter().map(document).collect(),
            created,
            updated: created,
        };
        let by = spec.created_by.as_ref().or(of.created_by.as_ref());
        let told = json!({ "dataSource": { "dataSourceId": id, "knowledgeBaseId": base, "name": spec.name } });
        self.was_made_in_bedrock(by, created, "CreateDataSource", &of.region, told);
        (id, made)
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
