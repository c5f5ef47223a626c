//! Reports on the services that a principal has used.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::range::model::AccessReport;
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, TrailEvent, Turn, earlier, later, refuse};

pub(super) const ROWS: &[Row] = &[
    Row::read("GenerateServiceLastAccessedDetails", |turn| turn.text("Arn").to_owned(), generate),
    Row::read("GetServiceLastAccessedDetails", anything, get),
];

/// How late use shows. FACT iam-accessed-late
const LATE: Duration = Duration::from_secs(4 * 3_600);
/// What a report is about, used or not. FACT iam-accessed-services
const SERVICES: [(&str, &str); 7] = [
    ("bedrock", "Amazon Bedrock"),
    ("qbusiness", "Amazon Q Business"),
    ("iam", "AWS Identity and Access Management"),
    ("sts", "AWS Security Token Service"),
    ("support", "AWS Support"),
    ("cloudtrail", "AWS CloudTrail"),
    ("secretsmanager", "AWS Secrets Manager"),
];

fn generate(turn: &mut Turn<'_>) -> Handled {
    let arn = turn.text("Arn");
    let account = turn.account();
    let known = account.users.all_enforced(turn.now).any(|(_, user)| account.user_arn(user) == arn)
        || account.roles.all_enforced(turn.now).any(|(_, role)| account.role_arn(role) == arn);
    if !known {
        return Err(refuse("NoSuchEntity", format!("The entity with ARN {arn} cannot be found.")));
    }
    let job = turn.state.dice.uuid("report on services last accessed");
    let report = AccessReport { of: arn.to_owned(), begun: turn.now };
    turn.state.account.access_reports.insert(job.clone(), report);
    Ok(json!({ "JobId": job }))
}

fn get(turn: &mut Turn<'_>) -> Handled {
    let job = turn.text("JobId");
    let Some(report) = turn.account().access_reports.get(job) else {
        return Err(refuse("NoSuchEntity", format!("The job with id {job} cannot be found.")));
    };
    // FACT iam-accessed-time
    let done = later(report.begun, turn.state.knobs.last_accessed_time.0);
    let mut reply = if done > turn.now {
        json!({ "ServicesLastAccessed": [], "IsTruncated": false })
    } else {
        let uses = uses_of(&turn.state.trail, &report.of, earlier(report.begun, LATE));
        turn.page("ServicesLastAccessed", SERVICES.iter().map(|one| row(one, &report.of, uses.get(one.0))).collect())?
    };
    reply["JobStatus"] = json!(if done > turn.now { "IN_PROGRESS" } else { "COMPLETED" });
    reply["JobType"] = json!("SERVICE_LEVEL");
    reply["JobCreationDate"] = json!(report.begun);
    reply["JobCompletionDate"] = json!(done);
    Ok(reply)
}

/// The last call of a principal to each service, its sessions included, that is old enough to show.
fn uses_of<'a>(trail: &'a [TrailEvent], arn: &str, until: Timestamp) -> BTreeMap<&'a str, &'a TrailEvent> {
    let is_its = |event: &&TrailEvent| {
        event.user_identity.as_ref().is_some_and(|who| who.arn == arn || who.issuer.as_deref() == Some(arn))
    };
    let mut uses: BTreeMap<&str, &TrailEvent> = BTreeMap::new();
    for event in trail.iter().filter(|event| event.event_time <= until).filter(is_its) {
        let service = event.event_source.split('.').next().unwrap_or_default();
        let last = uses.entry(service).or_insert(event);
        if last.event_time <= event.event_time {
            *last = event;
        }
    }
    uses
}

fn row((namespace, name): &(&str, &str), arn: &str, last: Option<&&TrailEvent>) -> Value {
    let mut row = json!({ "ServiceName": name, "ServiceNamespace": namespace, "TotalAuthenticatedEntities": 0 });
    if let Some(event) = last {
        row["TotalAuthenticatedEntities"] = json!(1);
        row["LastAuthenticated"] = json!(event.event_time);
        row["LastAuthenticatedEntity"] = json!(arn);
        row["LastAuthenticatedRegion"] = json!(event.aws_region);
    }
    row
}
