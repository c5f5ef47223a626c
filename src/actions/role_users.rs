//! What Amazon Bedrock and Amazon Q do with a role: agents, knowledge bases, flows, the log of model invocations, and applications of
//! Q Business with what they hold.
//!
//! A role is global and what works with it is not: every enabled Region is asked, and only about the services that the role's
//! trust policy admits.

use std::collections::BTreeSet;

use futures_util::future::{join_all, try_join, try_join_all};
use serde_json::Value;

use super::q_contents::{CONTENTS_READS, of_application};
use super::q_parts::applications;
use super::service_roles::{SERVICE_ROLES_READS, workers};
use super::{Look, LookError};
use crate::aws::{
    GetInvocationLogging, GetQApplication, ListQApplications, ListRegions, Operation, QListed, Request, joined,
};
use crate::base::Region;

/// What is read for it.
pub(super) const ROLE_USERS_READS: [&Operation; 27] = joined(
    joined::<11, 3, 14>(
        joined::<1, 10, 11>([ListRegions::OPERATION], SERVICE_ROLES_READS),
        [GetInvocationLogging::OPERATION, ListQApplications::OPERATION, GetQApplication::OPERATION],
    ),
    CONTENTS_READS,
);

/// A service whose resources need their role while they are being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Bedrock,
    QBusiness,
}

impl Service {
    const ALL: [Self; 2] = [Self::Bedrock, Self::QBusiness];

    fn as_str(self) -> &'static str {
        match self {
            Self::Bedrock => "Amazon Bedrock",
            Self::QBusiness => "Amazon Q Business",
        }
    }

    /// Whether it takes roles on under this name.
    fn is(self, principal: &str) -> bool {
        match self {
            Self::Bedrock => principal.starts_with("bedrock"),
            Self::QBusiness => principal.starts_with("qbusiness") || principal.starts_with("q.amazonaws"),
        }
    }
}

/// What works with a role, in words, given the service principals that its trust policy admits. Where a Region does not let us look,
/// something there may: that counts.
pub(super) async fn users_of_role(
    look: &Look<'_>,
    arn: &str,
    admitted: &[String],
) -> Result<BTreeSet<String>, LookError> {
    let services = Service::ALL.into_iter().filter(|service| admitted.iter().any(|name| service.is(name)));
    let services: Vec<Service> = services.collect();
    if services.is_empty() {
        return Ok(BTreeSet::new());
    }
    let regions = look.ask_all(ListRegions { next: None }).await?;
    let places: Vec<(&Region, Service)> =
        regions.iter().flat_map(|region| services.iter().map(move |service| (region, *service))).collect();
    let asked = places.iter().map(|(region, service)| async move {
        match service {
            Service::Bedrock => of_bedrock(look, region, arn).await,
            Service::QBusiness => of_q_business(look, region, arn).await,
        }
    });
    let mut users = BTreeSet::new();
    for ((region, service), found) in places.iter().zip(join_all(asked).await) {
        match found {
            Ok(found) => users.extend(found),
            Err(LookError::Fault(fault)) => {
                let service = service.as_str();
                users.insert(format!(
                    "whatever {service} does with it in {region}, where nobody lets us look ({})",
                    fault.code
                ));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(users)
}

async fn of_bedrock(look: &Look<'_>, region: &Region, arn: &str) -> Result<Vec<String>, LookError> {
    let log = look.find(GetInvocationLogging { region: region.clone() });
    let (workers, log) = try_join(workers(look, region), log).await?;
    let workers = workers.iter().filter_map(|worker| worker.if_it_works_as(arn));
    let mut users: Vec<String> = workers.map(|worker| format!("{worker} in {region}")).collect();
    let logs = log.flatten().is_some_and(|log| serde_json::to_value(&log).is_ok_and(|log| names(&log, arn)));
    users.extend(logs.then(|| format!("the log of model invocations in {region}")));
    Ok(users)
}

async fn of_q_business(look: &Look<'_>, region: &Region, arn: &str) -> Result<Vec<String>, LookError> {
    let listed = applications(look, region, None).await?;
    let found = try_join_all(listed.iter().map(|application| application_with(look, region, application, arn))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// An application in words, if it or something that it holds works as a role.
async fn application_with(
    look: &Look<'_>,
    region: &Region,
    listed: &QListed,
    arn: &str,
) -> Result<Option<String>, LookError> {
    let id = &listed.id;
    let asked = look.find(GetQApplication { region: region.clone(), id: id.clone() });
    let (application, held) = try_join(asked, of_application(look, region, id)).await?;
    let with = application.iter().map(|thing| &thing.words).chain(held.iter().map(|held| &held.thing.words));
    let name = listed.name.as_deref().unwrap_or("?");
    let is_with = with.into_iter().any(|words| names(words, arn));
    Ok(is_with.then(|| format!("Q application {name} ({id}) or what it holds in {region}")))
}

/// Whether something that AWS tells is exactly this text.
pub(super) fn names(words: &Value, text: &str) -> bool {
    match words {
        Value::Array(values) => values.iter().any(|value| names(value, text)),
        Value::Object(members) => members.values().any(|value| names(value, text)),
        Value::String(told) => told == text,
        _ => false,
    }
}
