//! `q.data-sources`: the data sources of the Q Business applications of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::q_parts::{applications, arn};
use super::{Answer, Assignment, Look, LookError, Making, QPartsFilter, Query, Tagged};
use crate::aws::{ListQApplications, ListQDataSources, ListQIndices, ListQTags, LookupEvents, Operation, Request};
use crate::base::{QId, Region};

/// The data sources of the Q Business applications of each Region.
pub struct QDataSources;

/// A data source.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: QId,
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The index that holds it.
    pub index: QId,
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// What it takes documents from, in AWS's words; empty where AWS does not tell.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl Query for QDataSources {
    type Input = QPartsFilter;
    type Item = Item;

    const NAME: &'static str = "q.data-sources";
    const SUMMARY: &'static str =
        "The data sources of Q Business applications, by creation time, creator, name, application or tag";
    const PAGE: &'static str = include_str!("q_data_sources.md");
    const READS: &'static [&'static Operation] = &[
        ListQApplications::OPERATION,
        ListQIndices::OPERATION,
        ListQDataSources::OPERATION,
        ListQTags::OPERATION,
        LookupEvents::OPERATION,
    ];
    const MADE: Option<Making> = Some(Making { source: "qbusiness.amazonaws.com", by: &["CreateDataSource"] });
    const TAGGED: Option<Tagged> = Some(Tagged::QBusiness);
    const REGIONAL: bool = true;

    fn key(&self, item: &Item) -> String {
        item.arn.clone()
    }

    async fn ask(
        &self,
        to: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &QPartsFilter,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let mut items = Vec::new();
        for application in applications(look, region, input.application.as_ref()).await? {
            let application = application.id;
            let first = ListQIndices { region: region.clone(), application: application.clone(), next: None };
            for index in look.find_all(first).await?.unwrap_or_default() {
                let (region, index) = (region.clone(), index.id);
                let (held_by, of) = (application.clone(), index.clone());
                let first = ListQDataSources { region: region.clone(), application: held_by, index: of, next: None };
                for listed in look.find_all(first).await?.unwrap_or_default() {
                    let created = listed
                        .created
                        .ok_or_else(|| LookError::Nonsense(format!("nobody says when {} was made", listed.id)))?;
                    let name = listed.name.unwrap_or_default();
                    if !input.fits(&name, created) {
                        continue;
                    }
                    items.push(Item {
                        arn: arn(to, &region, &format!("{application}/index/{index}/data-source/{}", listed.id)),
                        kind: listed.words["type"].as_str().unwrap_or_default().to_owned(),
                        id: listed.id,
                        region: region.clone(),
                        application: application.clone(),
                        index: index.clone(),
                        name,
                        created_at: created,
                        status: listed.status,
                    });
                }
            }
        }
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}
