//! The documents in an index of Q Business, and where each came from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Look, LookError};
use crate::aws::{ListQDataSources, ListQDocuments, QDocument};
use crate::base::{QId, Region};

/// A document with the data source that it came through; one without was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QIndexed {
    /// The document.
    pub document: QDocument,
    /// The data source.
    pub data_source: Option<QId>,
}

/// All documents of an index, by id; nothing where there is no such index. Whether AWS lists those of data sources when it is
/// asked for none is not said, so each data source is asked for as well.
pub(super) async fn documents_of(
    look: &Look<'_>,
    region: &Region,
    application: &QId,
    index: &QId,
) -> Result<Option<BTreeMap<String, QIndexed>>, LookError> {
    let of = |data_source: Option<QId>| ListQDocuments {
        region: region.clone(),
        application: application.clone(),
        index: index.clone(),
        data_source,
        next: None,
    };
    let Some(all) = look.find_all(of(None)).await? else { return Ok(None) };
    let mut found: BTreeMap<String, QIndexed> =
        all.into_iter().map(|document| (document.id.clone(), QIndexed { document, data_source: None })).collect();
    let sources =
        ListQDataSources { region: region.clone(), application: application.clone(), index: index.clone(), next: None };
    for source in look.find_all(sources).await?.unwrap_or_default() {
        for document in look.find_all(of(Some(source.id.clone()))).await?.unwrap_or_default() {
            let came = QIndexed { document, data_source: Some(source.id.clone()) };
            found.insert(came.document.id.clone(), came);
        }
    }
    found.retain(|_, one| !one.document.is_gone());
    Ok(Some(found))
}
