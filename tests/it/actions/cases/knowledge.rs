//! Cases of knowledge bases.

use serde_json::{Value, json};

use super::account::{agent, role};
use super::case::{Case, Undone, case};

pub(crate) const BASE: &str = "HANDBOOK01";
pub(crate) const BUCKET: &str = "UPLOADS001";
pub(crate) const DIRECT: &str = "DIRECT0001";

pub(super) fn cases() -> Vec<Case> {
    [stopping(), retaining(), deleting_sources(), deleting_bases(), removing()].concat()
}

/// A role that Bedrock may take on.
pub(crate) fn service_role() -> Value {
    let mut made = role("kb-service", "/service-role/");
    made["trust"] = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "bedrock.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ]});
    made
}

/// A knowledge base with a bucket, which is being read, and documents that were put in directly.
pub(crate) fn base() -> Value {
    json!({
        "name": "handbook", "id": BASE, "region": "us-east-1", "role": "kb-service", "data_sources": [
            {
                "name": "uploads", "id": BUCKET, "bucket": "uploads", "ingesting": true, "documents": ["a.pdf", "b.pdf"],
                "data_deletion_policy": "RETAIN",
                "more": {
                    "description": "What people hand in",
                    "vectorIngestionConfiguration": { "chunkingConfiguration": {
                        "chunkingStrategy": "FIXED_SIZE",
                        "fixedSizeChunkingConfiguration": { "maxTokens": 300, "overlapPercentage": 20 },
                    }},
                },
            },
            { "name": "direct", "id": DIRECT, "documents": ["poison", "honest"], "data_deletion_policy": "RETAIN" },
        ],
    })
}

/// The account of the cases with a knowledge base.
pub(crate) fn with_base(case: Case) -> Case {
    case.with("/account/roles", json!([role("ml-pipeline", "/service/"), service_role()]))
        .with("/account/knowledge_bases", json!([base()]))
}

fn source(id: &str) -> Value {
    json!({ "region": "us-east-1", "knowledge_base": BASE, "id": id })
}

fn the_base() -> Value {
    json!({ "region": "us-east-1", "id": BASE })
}

fn stopping() -> Vec<Case> {
    let with = json!({ "knowledge_base": the_base() });
    let case = |name| with_base(case(name, "bedrock.stop-ingestion", with.clone(), Undone::ByHand));
    vec![
        case("stop the syncs of a knowledge base"),
        case("stop syncs where stopping again changes nothing")
            .with("/knobs/stopping_ended_job_conflicts", json!(false)),
    ]
}

fn retaining() -> Vec<Case> {
    let policy = |index: usize| format!("/account/knowledge_bases/0/data_sources/{index}/data_deletion_policy");
    let case = |name, id, index| {
        let with = json!({ "data_source": source(id) });
        with_base(case(name, "bedrock.retain-data", with, Undone::Exactly)).with(&policy(index), json!("DELETE"))
    };
    vec![case("keep the data of a bucket", BUCKET, 0), case("keep the data of a source without a bucket", DIRECT, 1)]
}

fn deleting_sources() -> Vec<Case> {
    let case = |name, more: Value| {
        let mut with = json!({ "data_source": source(BUCKET) });
        with.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        with_base(case(name, "bedrock.delete-data-source", with, Undone::ForGood))
    };
    vec![
        case("delete a data source whose data stays", json!({})),
        case("delete a data source with its data", json!({ "erase_data": true }))
            .with("/account/knowledge_bases/0/data_sources/0/data_deletion_policy", json!("DELETE")),
        case("delete a data source whose service role is gone", json!({}))
            .with("/account/roles", json!([role("ml-pipeline", "/service/")])),
        case("delete a data source where a sync does not hold it", json!({}))
            .with("/knobs/deleting_while_ingesting_conflicts", json!(false)),
    ]
}

fn deleting_bases() -> Vec<Case> {
    let case = |name, more: Value| {
        let mut with = json!({ "knowledge_base": the_base() });
        with.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        with_base(case(name, "bedrock.delete-knowledge-base", with, Undone::ForGood))
    };
    let mut linked = agent();
    linked["knowledge_bases"] = json!([BASE]);
    let used = json!({ "even_if_used": true });
    vec![
        case("delete a knowledge base", json!({})),
        case("delete a knowledge base that an agent reads", used.clone())
            .with("/account/agents", json!([linked.clone()])),
        case("delete a knowledge base where drafts do not hold it", used)
            .with("/account/agents", json!([linked]))
            .with("/knobs/linked_drafts_hold_knowledge_bases", json!(false)),
        case("delete a knowledge base that takes its role", json!({}))
            .with("/knobs/empty_knowledge_base_needs_role", json!(true)),
    ]
}

fn removing() -> Vec<Case> {
    let case = |name, id, documents: Vec<String>| {
        let with = json!({ "data_source": source(id), "documents": documents });
        with_base(case(name, "bedrock.remove-documents", with, Undone::ForGood))
    };
    let many = |count: usize| (10..10 + count).map(|n| format!("doc-{n}")).collect::<Vec<_>>();
    vec![
        case("remove a document", DIRECT, vec!["poison".to_owned()]),
        case("remove a document of a bucket", BUCKET, vec!["s3://uploads/a.pdf".to_owned()]),
        case("remove many documents", DIRECT, many(23))
            .with("/account/knowledge_bases/0/data_sources/1/documents", json!(many(25))),
    ]
}
