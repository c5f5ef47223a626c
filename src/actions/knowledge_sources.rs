//! How data sources stand, and the moves by which they go: shared by what deletes one and what deletes a knowledge base.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Look, LookError, Move, Refusal, Stage};
use crate::aws::{
    DataDeletion, DataSource, DeleteDataSource, GetDataSource, GetRole, IngestionJob, ListIngestionJobs,
    StopIngestionJob,
};
use crate::base::{Arn, DataSourceId, KnowledgeBaseId, Region, RoleName};
use crate::iam::{Context, Principal, Trust, evaluate_trust};

/// What is decided on of a data source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceState {
    /// When it was made: with the id it tells it from every other.
    pub created: Timestamp,
    /// How far it is in its life; a deletion that failed is a rest.
    pub stage: Stage,
    /// Whether its deletion takes the embeddings along.
    pub erases: bool,
    /// Why AWS could not delete it, in its words.
    pub failures: Vec<String>,
    /// The syncs that have not ended, and whether each is stopping.
    pub jobs: BTreeMap<String, bool>,
}

/// What was there of a data source.
#[derive(Debug, Serialize, Deserialize)]
pub struct PresentSource {
    /// The data source.
    pub source: DataSource,
    /// Its syncs.
    pub jobs: Vec<IngestionJob>,
}

/// Whether Bedrock can still take on a service role, as far as the role's trust policy tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceRole {
    /// Nothing keeps Bedrock out.
    Works,
    /// The trust policy keeps Bedrock out.
    KeepsOut,
    /// There is no such role.
    Gone,
}

impl SourceState {
    /// Whether AWS has tried to delete it and could not.
    pub fn has_failed(&self) -> bool {
        self.stage == Stage::Standing && !self.failures.is_empty()
    }
}

/// The latest sync of a data source that has ended, in words: what it has brought in is in the answers.
pub(super) fn last_sync(source: &DataSourceId, jobs: &[IngestionJob]) -> Option<String> {
    let last = jobs.iter().filter(|job| !job.is_in_flight()).max_by_key(|job| job.started)?;
    let (began, ended, read) = (last.started, last.status.as_str(), last.scanned);
    Some(format!("the last sync of data source {source} that ended began {began}: {ended}, documents read: {read}"))
}

/// Looks at a data source and its syncs.
pub(super) async fn look_at_source(
    look: &Look<'_>,
    region: &Region,
    base: &KnowledgeBaseId,
    source: &DataSourceId,
) -> Result<Option<(SourceState, PresentSource)>, LookError> {
    let (region, base, id) = (region.clone(), base.clone(), source.clone());
    let asked = GetDataSource { region: region.clone(), base: base.clone(), source: id.clone() };
    let Some(source) = look.find(asked).await? else { return Ok(None) };
    let jobs = look.find_all(ListIngestionJobs { region, base, source: id, next: None }).await?.unwrap_or_default();
    let in_flight = jobs.iter().filter(|job| job.is_in_flight());
    let state = SourceState {
        created: source.created,
        stage: if source.status == "DELETING" { Stage::Leaving } else { Stage::Standing },
        erases: source.deletion == DataDeletion::Delete,
        failures: if source.status == "DELETE_UNSUCCESSFUL" { failures_of(&source.failures) } else { vec![] },
        jobs: in_flight.map(|job| (job.id.clone(), job.is_stopping())).collect(),
    };
    Ok(Some((state, PresentSource { source, jobs })))
}

/// Why AWS failed; never empty, since it did.
pub(super) fn failures_of(told: &[String]) -> Vec<String> {
    if told.is_empty() { vec!["AWS does not say why".to_owned()] } else { told.to_vec() }
}

/// Looks whether Bedrock can take on a role. Conditions that cannot be judged from here count as fulfilled.
pub(super) async fn look_at_role(look: &Look<'_>, arn: &str) -> Result<ServiceRole, LookError> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let (Ok(arn), Ok(role)) = (arn.parse::<Arn>(), RoleName::new(name)) else {
        return Err(LookError::Nonsense(format!("`{arn}` is not the ARN of a role")));
    };
    let Some(role) = look.find(GetRole { role }).await? else { return Ok(ServiceRole::Gone) };
    let bedrock = Principal::Service { name: "bedrock.amazonaws.com".to_owned() };
    let context = Context::new().with("aws:PrincipalIsAWSService", "true").with_others_unknown();
    Ok(match evaluate_trust(&role.trust, &arn, &bedrock, "sts:AssumeRole", &context) {
        Trust::Refused { .. } => ServiceRole::KeepsOut,
        Trust::Granted { .. } | Trust::Delegated { .. } | Trust::Unknown { .. } => ServiceRole::Works,
    })
}

/// Why data sources cannot be deleted as they are asked to be: `erase_data` says that the embeddings may go.
pub(super) fn refuses<'s>(
    sources: impl Iterator<Item = (&'s str, &'s SourceState)>,
    role: ServiceRole,
    erase_data: bool,
) -> Option<Refusal> {
    let erasing: Vec<&str> =
        sources.filter(|(_, source)| source.erases && source.stage != Stage::Leaving).map(|(id, _)| id).collect();
    let erasing = (!erasing.is_empty()).then(|| erasing.join(", "))?;
    let why_not = match role {
        _ if !erase_data => {
            return Some(Refusal::Protected {
                why: format!(
                    "the data deletion policy of {erasing} is DELETE: the embeddings, which are evidence, would go"
                ),
                instead: "set the policy to RETAIN with bedrock.retain-data, or say `erase_data: true`".to_owned(),
            });
        }
        ServiceRole::Works => return None,
        ServiceRole::KeepsOut => "its service role does not let Bedrock in",
        ServiceRole::Gone => "its service role is gone",
    };
    Some(Refusal::Protected {
        why: format!(
            "{why_not}, so that AWS could not erase the data of {erasing} and would end in DELETE_UNSUCCESSFUL"
        ),
        instead: "set the policy to RETAIN with bedrock.retain-data, or let Bedrock take on the role again first"
            .to_owned(),
    })
}

/// What a person does where AWS has tried to delete a thing and could not.
pub(super) fn failed(what: &str, failures: &[String]) -> Refusal {
    Refusal::ByHand {
        why: format!("AWS could not delete {what}: {}", failures.join("; ")),
        instructions: vec![
            "See to it that the service role exists, lets Bedrock in and may write to the vector store, or that the vector \
             store is there"
                .to_owned(),
            "Where the embeddings may stay, set the data deletion policy to RETAIN with bedrock.retain-data".to_owned(),
            "Run the deletion again".to_owned(),
        ],
    }
}

/// The calls that stop the syncs of a data source.
pub(super) fn stops(region: &Region, base: &KnowledgeBaseId, source: &DataSourceId, state: &SourceState) -> Vec<Move> {
    let running = state.jobs.iter().filter(|(_, stopping)| !**stopping);
    let stop = |(job, _): (&String, &bool)| {
        let (region, base, source) = (region.clone(), base.clone(), source.clone());
        StopIngestionJob { region, base, source, job: job.clone() }.into()
    };
    running.map(stop).collect()
}

/// The call that deletes a data source.
pub(super) fn deletion(region: &Region, base: &KnowledgeBaseId, source: &DataSourceId) -> Move {
    DeleteDataSource { region: region.clone(), base: base.clone(), source: source.clone() }.into()
}

/// A data source without the prompts by which its documents are taken in, which are confidential.
pub(super) fn wordless(source: DataSource) -> DataSource {
    DataSource { definition: Value::Null, words: Value::Null, ..source }
}
