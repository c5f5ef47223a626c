//! Syncs of data sources.

use serde_json::{Value, json};

use crate::range::model::{Document, IngestionJob, JobStatus};
use crate::range::services::Row;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{base, job_full, not_found, on_base, source, source_mut, summary};

pub(super) const ROWS: &[Row] = &[
    Row::write("StartIngestionJob", on_base, start),
    Row::read("GetIngestionJob", on_base, get),
    Row::read("ListIngestionJobs", on_base, list),
    Row::write("StopIngestionJob", on_base, stop),
];

fn get(turn: &mut Turn<'_>) -> Handled {
    let id = turn.text("ingestionJobId");
    let source = source(turn)?;
    let job = source.jobs.get(id).ok_or_else(|| not_found("IngestionJob", id))?;
    Ok(json!({ "ingestionJob": job_full(&base(turn)?.id, source, job) }))
}

fn start(turn: &mut Turn<'_>) -> Handled {
    let all = base(turn)?.sources.values().flat_map(|source| source.jobs.values());
    // FACT jobs-one-at-a-time
    if let Some(job) = all.clone().find(|job| job.status.is_in_flight()) {
        return Err(refuse("ConflictException", format!("There is an ongoing ingestion job {}.", job.id)));
    }
    let count = all.count();
    let owner = source(turn)?.id.clone();
    let id = turn.state.dice.agent_id("ingestion job", &format!("{owner} {count}"));
    let due = turn.state.after("ingestion", turn.state.knobs.ingestion_time.0, turn.now);
    let (status, started) = (JobStatus::Starting, turn.now);
    let made = IngestionJob { id: id.clone(), status, due: Some(due), started, updated: started };
    let source = source_mut(turn)?;
    // FACT documents-sync-brings-back
    for identifier in source.objects.clone() {
        let made = Document { identifier, status: "INDEXED", due: None, updated: started };
        source.documents.insert(made.identifier.to_string(), made);
    }
    source.jobs.insert(id.clone(), made.clone());
    let source = self::source(turn)?;
    Ok(json!({ "ingestionJob": job_full(turn.text("knowledgeBaseId"), source, &made) }))
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let wanted = |job: &Value| {
        let filters = turn.call.input.get("filters").and_then(Value::as_array);
        filters
            .into_iter()
            .flatten()
            .all(|filter| filter["values"].as_array().is_some_and(|values| values.contains(&job["status"])))
    };
    let (base, source) = (base(turn)?, source(turn)?);
    let members =
        ["knowledgeBaseId", "dataSourceId", "ingestionJobId", "status", "startedAt", "updatedAt", "statistics"];
    let jobs = source.jobs.values().map(|job| summary(&job_full(&base.id, source, job), &members));
    turn.page("ingestionJobSummaries", jobs.filter(wanted).collect())
}

fn stop(turn: &mut Turn<'_>) -> Handled {
    let id = turn.text("ingestionJobId");
    let job = source(turn)?.jobs.get(id).ok_or_else(|| not_found("IngestionJob", id))?;
    match job.status {
        JobStatus::Complete | JobStatus::Stopped => {
            // FACT jobs-stop-ended
            if turn.state.knobs.stopping_ended_job_conflicts {
                return Err(refuse(
                    "ConflictException",
                    format!("Ingestion job {id} has ended and cannot be stopped."),
                ));
            }
        }
        JobStatus::Stopping => {}
        JobStatus::Starting | JobStatus::InProgress => {
            let due = turn.state.after("stop ingestion", turn.state.knobs.knowledge_change.0, turn.now);
            let now = turn.now;
            let job = source_mut(turn)?.jobs.get_mut(id).ok_or_else(|| not_found("IngestionJob", id))?;
            (job.status, job.due, job.updated) = (JobStatus::Stopping, Some(due), now);
        }
    }
    get(turn)
}
