//! The credential report of the account: what everybody signs in and signs with, in one table.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::iam_roles::IAM_READ;
use super::{Operation, Service};
use crate::base::{Entity, EntityKind};

/// The report as AWS wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// Comma-separated values; the first line names the columns.
    pub text: String,
    /// When AWS wrote it. It is written anew every four hours at most.
    pub made: Timestamp,
}

request! {
    /// Has the report written where there is none of the last four hours, and says whether it is there
    /// (`iam:GenerateCredentialReport`). AWS counts it as a read: nothing of the account changes.
    read GenerateCredentialReport {
        /// How often was asked before: asking is the only way to wait.
        asked: u32,
    } of bool,
    row: Operation::read(Service::Iam, "GenerateCredentialReport")
        .needs(&["iam:GenerateCredentialReport"], "*")
        .paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "credential report"),
    send: |_it, to| to.iam(None).generate_credential_report(),
    reply: |out| Ok(out.state == Some(aws_sdk_iam::types::ReportStateType::Complete)),
}

request! {
    /// Reads the report (`iam:GetCredentialReport`).
    read GetCredentialReport {} of CredentialReport,
    row: Operation::read(Service::Iam, "GetCredentialReport").needs(&["iam:GetCredentialReport"], "*").paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "credential report"),
    send: |_it, to| to.iam(None).get_credential_report(),
    reply: |out| {
        let content = out.content.ok_or("a report without content")?;
        Ok(CredentialReport {
            text: String::from_utf8(content.into_inner()).map_err(|error| error.to_string())?,
            made: super::timestamp(&out.generated_time.ok_or("a report without a date")?),
        })
    },
}
