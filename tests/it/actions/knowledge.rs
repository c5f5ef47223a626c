//! Knowledge bases: what is evidence, what their role is for, and what a sync brings back.

use quell::actions::Refusal;
use quell::journal::StepState;
use quell::range::wire::ServiceName;
use serde_json::{Value, json};

use super::{BASE, BUCKET, Bench, Case, DIRECT, Undone, action, case, refusal, with_base};

const SOURCE: &str = "/account/knowledge_bases/0/data_sources/0";

fn on_source(action: &'static str, more: Value) -> Case {
    let mut with = json!({ "data_source": { "region": "us-east-1", "knowledge_base": BASE, "id": BUCKET } });
    with.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    with_base(case("case", action, with, Undone::ForGood))
}

async fn asked(bench: &Bench, operation: &'static str, input: Value) -> Value {
    bench.other().call(ServiceName::BedrockAgent, operation, "us-east-1", input).await.expect("a reply")
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn evidence_is_not_erased_unasked_and_not_without_a_role() {
    let erasing = |more| {
        on_source("bedrock.delete-data-source", more).with(&format!("{SOURCE}/data_deletion_policy"), json!("DELETE"))
    };
    let plan = erasing(json!({})).open(1).plan().await;
    assert!(matches!(refusal(&plan), Some(Refusal::Protected { .. })), "{:?}", refusal(&plan));
    let erase = json!({ "erase_data": true });
    let without_role = erasing(erase.clone()).with("/account/roles/1/name", json!("another"));
    let plan = without_role.open(1).plan().await;
    let why = refusal(&plan).map(ToString::to_string).unwrap_or_default();
    assert!(why.contains("service role is gone"), "{why}");
    let locked = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole" },
    ]});
    let plan = erasing(erase).with("/account/roles/1/trust", locked).open(1).plan().await;
    let why = refusal(&plan).map(ToString::to_string).unwrap_or_default();
    assert!(why.contains("does not let Bedrock in"), "{why}");
}

/// The role goes after the plan was made: AWS ends in DELETE_UNSUCCESSFUL, and a person is told what to do. With RETAIN the data
/// source goes all the same.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_deletion_that_fails_at_aws_ends_with_its_reasons() {
    let bench = on_source("bedrock.delete-data-source", json!({ "erase_data": true }))
        .with(&format!("{SOURCE}/data_deletion_policy"), json!("DELETE"))
        .with(&format!("{SOURCE}/ingesting"), json!(false))
        .open(1);
    let plan = bench.plan().await;
    let locked = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ]});
    let lock = json!({ "RoleName": "kb-service", "PolicyDocument": locked.to_string() });
    let (ran, ()) = tokio::join!(bench.run(plan), async {
        // After the look and the call, before AWS is done with it.
        loop {
            bench.stage.clock.sleep(std::time::Duration::from_millis(200)).await;
            if bench.stage.range.trail().iter().any(|event| event.event_name == "DeleteDataSource") {
                bench.other().iam("UpdateAssumeRolePolicy", lock.clone()).await;
                break;
            }
        }
    });
    assert_eq!(ran.state(), StepState::Manual, "{}", ran.told());
    assert!(ran.told().contains("bedrock.retain-data"), "{}", ran.told());
}

/// Everything that is not the policy is repeated, member by member.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn retaining_repeats_every_member() {
    let bench = on_source("bedrock.retain-data", json!({}))
        .with(&format!("{SOURCE}/data_deletion_policy"), json!("DELETE"))
        .open(1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let named = json!({ "knowledgeBaseId": BASE, "dataSourceId": BUCKET });
    let source = &asked(&bench, "GetDataSource", named).await["dataSource"];
    assert_eq!(source["dataDeletionPolicy"], "RETAIN");
    assert_eq!(source["description"], "What people hand in");
    let chunking = &source["vectorIngestionConfiguration"]["chunkingConfiguration"];
    assert_eq!(chunking["fixedSizeChunkingConfiguration"]["overlapPercentage"], 20);
    assert_eq!(source["dataSourceConfiguration"]["s3Configuration"]["bucketArn"], "arn:aws:s3:::uploads");
}

/// A schedule starts the next sync at once: it is stopped as well.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_sync_that_begins_after_the_plan_is_stopped_too() {
    let with = json!({ "knowledge_base": { "region": "us-east-1", "id": BASE } });
    let bench = with_base(case("case", "bedrock.stop-ingestion", with, Undone::ByHand)).open(1);
    let plan = bench.plan().await;
    let named = json!({ "knowledgeBaseId": BASE, "dataSourceId": BUCKET });
    let jobs = asked(&bench, "ListIngestionJobs", named).await;
    let mut stop = json!({ "knowledgeBaseId": BASE, "dataSourceId": BUCKET });
    stop["ingestionJobId"] = jobs["ingestionJobSummaries"][0]["ingestionJobId"].clone();
    asked(&bench, "StopIngestionJob", stop).await;
    bench.rest().await;
    // What has been read by then is in the answers, and the plan tells how much that was.
    let last = format!("the last sync of data source {BUCKET} that ended began 2026-");
    let notes = action(&bench.plan().await).story.notes.join("\n");
    assert!(notes.contains(&last) && notes.contains(": STOPPED, documents read: "), "{notes}");
    let erased = on_source("bedrock.delete-data-source", json!({})).with(&format!("{SOURCE}/ingesting"), json!(false));
    assert!(!action(&erased.open(1).plan().await).story.notes.join("\n").contains("the last sync"), "none was there");
    let start = json!({ "knowledgeBaseId": BASE, "dataSourceId": DIRECT });
    asked(&bench, "StartIngestionJob", start).await;
    let ran = bench.run(plan).await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let named = json!({ "knowledgeBaseId": BASE, "dataSourceId": DIRECT });
    let jobs = asked(&bench, "ListIngestionJobs", named).await;
    assert_eq!(jobs["ingestionJobSummaries"][0]["status"], "STOPPED", "{jobs}");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_version_that_reads_it_holds_a_knowledge_base() {
    let with = json!({ "knowledge_base": { "region": "us-east-1", "id": BASE } });
    let held = with_base(case("case", "bedrock.delete-knowledge-base", with, Undone::ForGood))
        .with("/account/agents/0/knowledge_bases", json!([BASE]));
    let plan = held.open(1).plan().await;
    match refusal(&plan) {
        Some(Refusal::InUse { by }) => assert_eq!(by, &["market-research (RESEARCH01), version 1 and 2"]),
        other => panic!("{other:?}"),
    }
}

/// What is deleted from the index only comes back with the next sync of its bucket.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_bucket_brings_documents_back() {
    let with = json!({ "documents": ["s3://uploads/a.pdf"] });
    let bench = on_source("bedrock.remove-documents", with).with(&format!("{SOURCE}/ingesting"), json!(false)).open(1);
    let ran = bench.go().await;
    assert_eq!(ran.state(), StepState::Verified, "{}", ran.told());
    let identifier = json!({ "dataSourceType": "S3", "s3": { "uri": "s3://uploads/a.pdf" } });
    let named = json!({ "knowledgeBaseId": BASE, "dataSourceId": BUCKET, "documentIdentifiers": [identifier] });
    let gone = asked(&bench, "GetKnowledgeBaseDocuments", named.clone()).await;
    assert_eq!(gone["documentDetails"][0]["status"], "NOT_FOUND");
    asked(&bench, "StartIngestionJob", json!({ "knowledgeBaseId": BASE, "dataSourceId": BUCKET })).await;
    let back = asked(&bench, "GetKnowledgeBaseDocuments", named).await;
    assert_eq!(back["documentDetails"][0]["status"], "INDEXED");
}
