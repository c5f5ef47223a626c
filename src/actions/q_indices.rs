//! `q.indices`: the indices of the Q Business applications of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Making, QFoundPart, QPartsKind};
use crate::aws::{GetQIndex, ListQApplications, ListQIndices, ListQTags, LookupEvents, Operation, Request};
use crate::base::{QId, Region};

/// The indices of the Q Business applications of each Region.
pub struct QIndices;

/// One of the indices.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: QId,
    /// The Region.
    pub region: Region,
    /// The application that holds it.
    pub application: QId,
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl QPartsKind for QIndices {
    type Item = Item;
    type List = ListQIndices;
    type Get = GetQIndex;

    const NAME: &'static str = "q.indices";
    const SUMMARY: &'static str =
        "The indices of Q Business applications, by creation time, creator, name, application or tag";
    const PAGE: &'static str = include_str!("q_indices.md");
    const READS: &'static [&'static Operation] =
        &[ListQApplications::OPERATION, ListQIndices::OPERATION, ListQTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "qbusiness.amazonaws.com", by: &["CreateIndex"] });
    const WORD: &'static str = "index";
    const LOOKS: bool = false;

    fn item(found: QFoundPart) -> Item {
        Item {
            id: found.id,
            region: found.region,
            application: found.application,
            arn: found.arn,
            name: found.name,
            created_at: found.created,
            status: found.status,
        }
    }

    fn key(item: &Item) -> String {
        item.arn.clone()
    }
}
