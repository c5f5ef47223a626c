//! The jobs in which data sources take in what they point at.

use serde_json::{Value, json};

use crate::range::model::{QKind, SyncJob, SyncStatus};
use crate::range::services::Row;
use crate::range::world::{Handled, Turn};

use super::life::{at_rest, conflict, found, found_mut, on};

pub(super) const ROWS: &[Row] = &[
    Row::write("StartDataSourceSyncJob", on_source, start),
    Row::write("StopDataSourceSyncJob", on_source, stop),
    Row::read("ListDataSourceSyncJobs", on_source, list),
];

fn on_source(turn: &Turn<'_>) -> String {
    on(turn, QKind::DataSource)
}

fn start(turn: &mut Turn<'_>) -> Handled {
    let source = found(turn, QKind::DataSource)?;
    at_rest(source)?;
    // FACT q-one-sync
    if source.open_job().is_some() {
        return Err(conflict(source, "is being synchronised"));
    }
    let id = turn.state.dice.uuid("q sync");
    // FACT q-sync-time
    let due = turn.state.after("q sync", turn.state.knobs.q_sync.0, turn.now);
    let job = SyncJob { id: id.clone(), status: SyncStatus::Syncing, due: Some(due), started: turn.now, ended: None };
    found_mut(turn, QKind::DataSource)?.jobs.push(job);
    Ok(json!({ "executionId": id }))
}

fn stop(turn: &mut Turn<'_>) -> Handled {
    let conflicts = turn.state.knobs.q_stop_without_sync_conflicts;
    let source = found(turn, QKind::DataSource)?;
    // FACT q-stop-without-sync
    if conflicts && source.open_job().is_none() {
        return Err(conflict(source, "is not being synchronised"));
    }
    let due = turn.state.after("stop q sync", turn.state.knobs.q_change.0, turn.now);
    let source = found_mut(turn, QKind::DataSource)?;
    for job in source.jobs.iter_mut().filter(|job| job.status == SyncStatus::Syncing) {
        job.status = SyncStatus::Stopping;
        job.due = Some(due);
    }
    Ok(json!({}))
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let source = found(turn, QKind::DataSource)?;
    let shown = source.jobs.iter().rev().map(|job| {
        let mut shown = json!({ "executionId": job.id, "status": job.status, "startTime": job.started });
        if let Some(ended) = job.ended {
            shown["endTime"] = json!(ended);
        }
        shown
    });
    let all: Vec<Value> = shown.collect();
    turn.page("history", all)
}
