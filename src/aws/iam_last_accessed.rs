//! Which services a principal has used, as far as IAM remembers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::iam_roles::IAM_READ;
use super::{Operation, Page, Service, timestamp};
use crate::base::{Arn, Entity, EntityKind};

/// A service that a principal may use, and when it last did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// The prefix of the service's actions, such as `bedrock`.
    pub service: String,
    /// When it was last used; nothing where it was not in the days that IAM remembers.
    pub last: Option<Timestamp>,
    /// In which Region.
    pub region: Option<String>,
}

/// A page of a report that may not be written yet.
#[derive(Debug, Clone, PartialEq)]
pub struct UseReport {
    /// The services; nothing while AWS is at it.
    pub services: Option<Page<ServiceUse>>,
}

request! {
    /// Has a report written on the services that a role or user has used (`iam:GenerateServiceLastAccessedDetails`), and
    /// gives the id of that job. AWS counts it as a read: nothing of the account changes.
    read GenerateServiceLastAccessed {
        /// The role or user.
        of: Arn,
    } of String,
    row: Operation::read(Service::Iam, "GenerateServiceLastAccessedDetails")
        .needs(&["iam:GenerateServiceLastAccessedDetails"], "*")
        .paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "services last accessed"),
    send: |it, to| to.iam(None).generate_service_last_accessed_details().arn(it.of.as_str()),
    reply: |out| out.job_id.ok_or_else(|| "a job without an id".to_owned()),
}

request! {
    /// Reads a page of the report of a job (`iam:GetServiceLastAccessedDetails`).
    read GetServiceLastAccessed {
        /// The job.
        job: String,
        /// How often was asked before: asking is the only way to wait.
        asked: u32,
        /// Where the last page ended.
        after: Option<String>,
    } of UseReport,
    row: Operation::read(Service::Iam, "GetServiceLastAccessedDetails")
        .needs(&["iam:GetServiceLastAccessedDetails"], "*")
        .paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "services last accessed"),
    send: |it, to| to.iam(None).get_service_last_accessed_details().job_id(&it.job).set_marker(it.after.clone()),
    reply: |out| match out.job_status {
        aws_sdk_iam::types::JobStatusType::InProgress => Ok(UseReport { services: None }),
        aws_sdk_iam::types::JobStatusType::Completed => {
            let items = out.services_last_accessed.into_iter().map(|one| ServiceUse {
                service: one.service_namespace,
                last: one.last_authenticated.as_ref().map(timestamp),
                region: one.last_authenticated_region,
            });
            Ok(UseReport { services: Some(Page { items: items.collect(), next: out.marker.filter(|_| out.is_truncated) }) })
        }
        other => Err(out.error.map_or_else(|| format!("the job is {other:?}"), |error| error.message)),
    },
}
