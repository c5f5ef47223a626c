//! `q.documents`: the documents in the indices of the Q Business applications of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::q_indexed::documents_of;
use super::q_parts::applications;
use super::{Answer, Assignment, Look, LookError, QPartsFilter, Query};
use crate::aws::{ListQApplications, ListQDataSources, ListQDocuments, ListQIndices, Operation, Request};
use crate::base::{QId, Region};

/// The documents in the indices of the Q Business applications of each Region.
pub struct QDocuments;

/// A document.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: String,
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The index that holds it.
    pub index: QId,
    /// Whether it was uploaded, and came through no data source.
    pub uploaded: bool,
    /// When it was put in.
    pub created_at: Timestamp,
    /// How far it is, in AWS's word.
    pub status: String,
}

impl Query for QDocuments {
    type Input = QPartsFilter;
    type Item = Item;

    const NAME: &'static str = "q.documents";
    const SUMMARY: &'static str =
        "The documents in indices of Q Business applications, by the time they were put in, id or application";
    const PAGE: &'static str = include_str!("q_documents.md");
    const READS: &'static [&'static Operation] = &[
        ListQApplications::OPERATION,
        ListQIndices::OPERATION,
        ListQDataSources::OPERATION,
        ListQDocuments::OPERATION,
    ];
    const REGIONAL: bool = true;

    fn key(&self, item: &Item) -> String {
        format!("{}/{}/{}/{}", item.application, item.index, item.created_at, item.id)
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &QPartsFilter,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let mut items = Vec::new();
        for application in applications(look, region, input.application.as_ref()).await? {
            let first = ListQIndices { region: region.clone(), application: application.id.clone(), next: None };
            for index in look.find_all(first).await?.unwrap_or_default() {
                let found = documents_of(look, region, &application.id, &index.id).await?.unwrap_or_default();
                for (id, one) in found {
                    let created = one.document.created;
                    let created =
                        created.ok_or_else(|| LookError::Nonsense(format!("nobody says when {id} was put in")))?;
                    if !input.fits(&id, created) {
                        continue;
                    }
                    items.push(Item {
                        id,
                        region: region.clone(),
                        application: application.id.clone(),
                        index: index.id.clone(),
                        uploaded: one.data_source.is_none(),
                        created_at: created,
                        status: one.document.status,
                    });
                }
            }
        }
        items.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}
