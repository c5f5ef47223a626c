//! What applications and indices of Q Business hold, and in which order it goes.

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::{Look, LookError, Stage};
use crate::aws::{
    Call, DeleteQDataAccessor, DeleteQDataSource, DeleteQIndex, DeleteQPlugin, DeleteQRetriever, DeleteQWebExperience,
    GetInApplication, GetQDataAccessor, GetQDataSource, GetQIndex, GetQPlugin, GetQRetriever, GetQWebExperience,
    ListInApplication, ListQDataAccessors, ListQDataSourceSyncJobs, ListQDataSources, ListQIndices, ListQPlugins,
    ListQRetrievers, ListQWebExperiences, Operation, QSyncJob, QThing, Request, StopQDataSourceSyncJob,
};
use crate::base::{QId, Region};

/// What is read of all that an application holds.
pub(super) const CONTENTS_READS: [&Operation; 13] = [
    ListQWebExperiences::OPERATION,
    GetQWebExperience::OPERATION,
    ListQPlugins::OPERATION,
    GetQPlugin::OPERATION,
    ListQDataAccessors::OPERATION,
    GetQDataAccessor::OPERATION,
    ListQRetrievers::OPERATION,
    GetQRetriever::OPERATION,
    ListQIndices::OPERATION,
    GetQIndex::OPERATION,
    ListQDataSources::OPERATION,
    GetQDataSource::OPERATION,
    ListQDataSourceSyncJobs::OPERATION,
];

/// Something that goes before an application or index. The order of the variants is that in which they go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QPart {
    /// A web experience.
    WebExperience {
        /// Its id.
        id: QId,
    },
    /// A plugin.
    Plugin {
        /// Its id.
        id: QId,
    },
    /// A data accessor.
    DataAccessor {
        /// Its id.
        id: QId,
    },
    /// The synchronisation that a data source is at: it is stopped.
    Sync {
        /// The index.
        index: QId,
        /// The data source.
        data_source: QId,
    },
    /// A data source.
    DataSource {
        /// The index.
        index: QId,
        /// Its id.
        id: QId,
    },
    /// A retriever.
    Retriever {
        /// Its id.
        id: QId,
    },
    /// An index.
    Index {
        /// Its id.
        id: QId,
    },
}

impl QPart {
    /// In which turn it goes: a data source once nothing writes into it, an index once nothing is in it and nothing looks
    /// into it.
    pub fn turn(&self) -> usize {
        match self {
            Self::WebExperience { .. } | Self::Plugin { .. } | Self::DataAccessor { .. } | Self::Sync { .. } => 0,
            Self::DataSource { .. } => 1,
            Self::Retriever { .. } => 2,
            Self::Index { .. } => 3,
        }
    }

    /// The call that takes it away.
    pub fn call(&self, region: &Region, application: &QId) -> Call {
        let (region, application) = (region.clone(), application.clone());
        match self.clone() {
            Self::WebExperience { id } => DeleteQWebExperience { region, application, id }.into(),
            Self::Plugin { id } => DeleteQPlugin { region, application, id }.into(),
            Self::DataAccessor { id } => DeleteQDataAccessor { region, application, id }.into(),
            Self::Sync { index, data_source } => {
                StopQDataSourceSyncJob { region, application, index, data_source }.into()
            }
            Self::DataSource { index, id } => DeleteQDataSource { region, application, index, id }.into(),
            Self::Retriever { id } => DeleteQRetriever { region, application, id }.into(),
            Self::Index { id } => DeleteQIndex { region, application, id }.into(),
        }
    }
}

/// Something that an application or index holds, as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QHeld {
    /// Which it is.
    pub part: QPart,
    /// All that AWS tells of it.
    pub thing: QThing,
    /// Of a data source, its synchronisations, the latest first.
    pub jobs: Vec<QSyncJob>,
}

impl QHeld {
    /// What has to go: itself, and first the synchronisation that it is at.
    pub fn parts(&self) -> Vec<(QPart, Stage)> {
        let mut parts = vec![(self.part.clone(), stage_of(&self.thing))];
        if let QPart::DataSource { index, id } = &self.part {
            parts.extend(sync_of(index, id, &self.jobs));
        }
        parts
    }
}

/// The synchronisation that a data source is at, if it is.
pub(super) fn sync_of(index: &QId, data_source: &QId, jobs: &[QSyncJob]) -> Option<(QPart, Stage)> {
    let stage = match jobs {
        jobs if jobs.iter().any(QSyncJob::is_running) => Stage::Standing,
        jobs if jobs.iter().any(QSyncJob::is_stopping) => Stage::Leaving,
        _ => return None,
    };
    Some((QPart::Sync { index: index.clone(), data_source: data_source.clone() }, stage))
}

/// How far a thing is.
pub(super) fn stage_of(thing: &QThing) -> Stage {
    match thing {
        thing if thing.is_leaving() => Stage::Leaving,
        thing if thing.is_passing() => Stage::Passing,
        _ => Stage::Standing,
    }
}

/// What has to go of all that is held, in order.
pub(super) fn in_order(held: &[QHeld]) -> Vec<(QPart, Stage)> {
    let mut parts: Vec<(QPart, Stage)> = held.iter().flat_map(QHeld::parts).collect();
    parts.sort_by(|(one, _), (other, _)| one.cmp(other));
    parts
}

/// The data sources of an index with their synchronisations. What goes while it is read is left out.
pub(super) async fn of_index(
    look: &Look<'_>,
    region: &Region,
    application: &QId,
    index: &QId,
) -> Result<Vec<QHeld>, LookError> {
    let (within, of) = (application.clone(), index.clone());
    let first = ListQDataSources { region: region.clone(), application: within, index: of, next: None };
    let listed = look.find_all(first).await?.unwrap_or_default();
    let read = listed.into_iter().map(|one| data_source(look, region, application, index, one.id));
    Ok(try_join_all(read).await?.into_iter().flatten().collect())
}

/// A data source with its synchronisations, if it is there.
pub(super) async fn data_source(
    look: &Look<'_>,
    region: &Region,
    application: &QId,
    index: &QId,
    id: QId,
) -> Result<Option<QHeld>, LookError> {
    let (region, application, index) = (region.clone(), application.clone(), index.clone());
    let jobs = ListQDataSourceSyncJobs {
        region: region.clone(),
        application: application.clone(),
        index: index.clone(),
        data_source: id.clone(),
        next: None,
    };
    let request = GetQDataSource { region, application, index: index.clone(), id: id.clone() };
    let Some(thing) = look.find(request).await? else { return Ok(None) };
    let jobs = look.find_all(jobs).await?.unwrap_or_default();
    Ok(Some(QHeld { part: QPart::DataSource { index, id }, thing, jobs }))
}

/// The things of one kind that an application holds.
async fn of_kind<L: ListInApplication, G: GetInApplication>(
    look: &Look<'_>,
    region: &Region,
    application: &QId,
    part: impl Fn(QId) -> QPart,
) -> Result<Vec<QHeld>, LookError> {
    let listed = look.find_all(L::of(region.clone(), application.clone())).await?.unwrap_or_default();
    let asked = listed.iter().map(|one| look.find(G::of(region.clone(), application.clone(), one.id.clone())));
    let read = try_join_all(asked).await?;
    let held = |(one, thing): (crate::aws::QListed, Option<QThing>)| {
        Some(QHeld { part: part(one.id), thing: thing?, jobs: vec![] })
    };
    Ok(listed.into_iter().zip(read).filter_map(held).collect())
}

/// The retrievers of an application.
pub(super) async fn retrievers(look: &Look<'_>, region: &Region, application: &QId) -> Result<Vec<QHeld>, LookError> {
    of_kind::<ListQRetrievers, GetQRetriever>(look, region, application, |id| QPart::Retriever { id }).await
}

/// Everything that an application holds, what lies in its indices included.
pub(super) async fn of_application(
    look: &Look<'_>,
    region: &Region,
    application: &QId,
) -> Result<Vec<QHeld>, LookError> {
    let web = |id| QPart::WebExperience { id };
    let mut held = of_kind::<ListQWebExperiences, GetQWebExperience>(look, region, application, web).await?;
    held.extend(of_kind::<ListQPlugins, GetQPlugin>(look, region, application, |id| QPart::Plugin { id }).await?);
    let accessor = |id| QPart::DataAccessor { id };
    held.extend(of_kind::<ListQDataAccessors, GetQDataAccessor>(look, region, application, accessor).await?);
    held.extend(retrievers(look, region, application).await?);
    let indices = of_kind::<ListQIndices, GetQIndex>(look, region, application, |id| QPart::Index { id }).await?;
    for index in &indices {
        if let QPart::Index { id } = &index.part {
            held.extend(of_index(look, region, application, id).await?);
        }
    }
    held.extend(indices);
    Ok(held)
}
