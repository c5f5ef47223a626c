//! `q.applications`: the Q Business applications of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::look::of_region;
use super::q_parts::{applications, arn};
use super::{Answer, Assignment, Look, LookError, Making, QFilter, Query, Tagged};
use crate::aws::{ListQApplications, ListQTags, LookupEvents, Operation, Request};
use crate::base::{QId, Region};

/// The Q Business applications of each Region.
pub struct QApplications;

/// An application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: QId,
    /// The Region.
    pub region: Region,
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// How its users sign in, in AWS's words; `ANONYMOUS` asks nobody. Empty where AWS does not tell.
    pub identity_type: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl Query for QApplications {
    type Input = QFilter;
    type Item = Item;

    const NAME: &'static str = "q.applications";
    const SUMMARY: &'static str = "The Q Business applications of each Region, by creation time, creator, name or tag";
    const PAGE: &'static str = include_str!("q_applications.md");
    const READS: &'static [&'static Operation] =
        &[ListQApplications::OPERATION, ListQTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "qbusiness.amazonaws.com", by: &["CreateApplication"] });
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
        input: &QFilter,
    ) -> Result<Answer<Item>, LookError> {
        let region = of_region(region)?;
        let mut items = Vec::new();
        for listed in applications(look, region, None).await? {
            let created = listed
                .created
                .ok_or_else(|| LookError::Nonsense(format!("nobody says when {} was made", listed.id)))?;
            let name = listed.name.unwrap_or_default();
            if !input.fits(&name, created) {
                continue;
            }
            items.push(Item {
                arn: arn(to, region, listed.id.as_str()),
                identity_type: listed.words["identityType"].as_str().unwrap_or_default().to_owned(),
                id: listed.id,
                region: region.clone(),
                name,
                created_at: created,
                status: listed.status,
            });
        }
        items.sort_by(|one, other| (one.created_at, &one.arn).cmp(&(other.created_at, &other.arn)));
        Ok(Answer { items, truncated: None })
    }
}
