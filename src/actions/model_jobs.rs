//! Queries of jobs of models: what is particular to each, and what they all do alike.

use std::fmt::Display;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::named::named;
use super::{Answer, Assignment, Look, LookError, Making, Query, Tagged};
use crate::aws::{JobSummary, Operation, Paged};
use crate::base::Region;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelJobsFilter {
    /// Asked for at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Asked for before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_before: Option<Timestamp>,
    /// Has exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Has a name that starts with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// Has not ended, or has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<bool>,
}

/// A job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ModelJobItem<A> {
    /// The ARN.
    pub arn: A,
    /// The Region.
    pub region: Region,
    /// The name that its maker gave it.
    pub name: String,
    /// The model that it invokes, customizes or makes; empty where the list does not tell it.
    pub model: String,
    /// The ARN of the role that it works as; empty where the list does not tell it.
    pub role: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// How far it is, in AWS's words.
    pub status: String,
    /// Whether it has not ended.
    pub under_way: bool,
}

/// A kind of jobs.
pub trait ModelJobsKind: Send + Sync + 'static {
    /// The ARN of one.
    type Arn: TryFrom<String, Error: Display> + Display + Ord + Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// The list.
    type List: Paged<Item = JobSummary>;

    /// See [`Query::NAME`].
    const NAME: &'static str;
    /// See [`Query::SUMMARY`].
    const SUMMARY: &'static str;
    /// See [`Query::PAGE`].
    const PAGE: &'static str;
    /// See [`Query::READS`].
    const READS: &'static [&'static Operation];
    /// See [`Query::MADE`].
    const MADE: Option<Making> = None;

    /// The first page.
    fn list(region: Region) -> Self::List;
}

/// The query for jobs of a kind.
pub struct ModelJobs<K>(pub K);

impl<K: ModelJobsKind> Query for ModelJobs<K> {
    type Input = ModelJobsFilter;
    type Item = ModelJobItem<K::Arn>;

    const NAME: &'static str = K::NAME;
    const SUMMARY: &'static str = K::SUMMARY;
    const PAGE: &'static str = K::PAGE;
    const READS: &'static [&'static Operation] = K::READS;
    const MADE: Option<Making> = K::MADE;
    const TAGGED: Option<Tagged> = Some(Tagged::Bedrock);
    const REGIONAL: bool = true;

    fn key(&self, item: &ModelJobItem<K::Arn>) -> String {
        item.arn.to_string()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &ModelJobsFilter,
    ) -> Result<Answer<ModelJobItem<K::Arn>>, LookError> {
        let region = of_region(region)?;
        let wanted = named!(input);
        let listed = look.ask_all(K::list(region.clone())).await?;
        let fitting = listed.into_iter().filter(|job| {
            wanted.fits(&job.name, job.created) && input.under_way.is_none_or(|under_way| under_way != job.has_ended())
        });
        let item = |job: JobSummary| {
            Ok(ModelJobItem {
                under_way: !job.has_ended(),
                arn: K::Arn::try_from(job.arn).map_err(|error| LookError::Nonsense(error.to_string()))?,
                region: region.clone(),
                name: job.name,
                model: job.model,
                role: job.role,
                created_at: job.created,
                status: job.status,
            })
        };
        let mut items = fitting.map(item).collect::<Result<Vec<ModelJobItem<K::Arn>>, LookError>>()?;
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}
