//! The jobs in which a Q Business data source takes in what it points at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::q_things::{IN_APPLICATION, thing};
use super::{Operation, Page, Service};
use crate::base::{EntityKind, QId};

/// A job that takes in the documents of a data source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QSyncJob {
    /// The id.
    pub id: String,
    /// How far it is, in AWS's word.
    pub status: String,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

impl QSyncJob {
    /// Whether it takes documents in, and nobody has stopped it.
    pub fn is_running(&self) -> bool {
        ["SYNCING", "SYNCING_INDEXING"].contains(&self.status.as_str())
    }

    /// Whether it was stopped and has not ended.
    pub fn is_stopping(&self) -> bool {
        self.status == "STOPPING"
    }
}

request! {
    /// One page of the jobs of a data source, the latest first (`qbusiness:ListDataSourceSyncJobs`).
    list ListQDataSourceSyncJobs in a Region {
        /// The application.
        application: QId,
        /// The index.
        index: QId,
        /// The data source.
        data_source: QId,
    } of QSyncJob,
    row: Operation::read(Service::QBusiness, "ListDataSourceSyncJobs")
        .needs(&["qbusiness:ListDataSourceSyncJobs"], IN_APPLICATION),
    about: |it| thing(EntityKind::QDataSource, &[&it.application, &it.index, &it.data_source]),
    send: |it, to| to
        .q_business(Some(&it.region))
        .list_data_source_sync_jobs()
        .application_id(it.application.as_str())
        .index_id(it.index.as_str())
        .data_source_id(it.data_source.as_str())
        .max_results(10)
        .set_next_token(it.next.clone()),
    reply: |out| {
        let jobs = out.history.unwrap_or_default().into_iter().map(|job| {
            Ok(QSyncJob {
                id: job.execution_id.ok_or("a job has no id")?,
                status: job.status.ok_or("a job has no status")?.as_str().to_owned(),
                started: job.start_time.map(|time| super::timestamp(&time)),
                ended: job.end_time.map(|time| super::timestamp(&time)),
            })
        });
        Ok(Page { items: jobs.collect::<Result<_, String>>()?, next: out.next_token })
    },
}

request! {
    /// Stops the job that a data source is at (`qbusiness:StopDataSourceSyncJob`). What it took in so far stays; a later job
    /// takes in the rest.
    change StopQDataSourceSyncJob in a Region {
        /// The application.
        application: QId,
        /// The index.
        index: QId,
        /// The data source.
        data_source: QId,
    }
    row: Operation::reversible(Service::QBusiness, "StopDataSourceSyncJob")
        .needs(&["qbusiness:StopDataSourceSyncJob"], IN_APPLICATION)
        .undone_by(&["StartDataSourceSyncJob"]),
    about: |it| thing(EntityKind::QDataSource, &[&it.application, &it.index, &it.data_source]),
    send: |it, to| to
        .q_business(Some(&it.region))
        .stop_data_source_sync_job()
        .application_id(it.application.as_str())
        .index_id(it.index.as_str())
        .data_source_id(it.data_source.as_str()),
}
