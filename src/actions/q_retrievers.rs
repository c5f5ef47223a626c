//! `q.retrievers`: the retrievers of the Q Business applications of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Making, QFoundPart, QPartsKind};
use crate::aws::{GetQRetriever, ListQApplications, ListQRetrievers, ListQTags, LookupEvents, Operation, Request};
use crate::base::{QId, Region};

/// The retrievers of the Q Business applications of each Region.
pub struct QRetrievers;

/// One of the retrievers.
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
    /// What it looks into: `NATIVE_INDEX` or `KENDRA_INDEX`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl QPartsKind for QRetrievers {
    type Item = Item;
    type List = ListQRetrievers;
    type Get = GetQRetriever;

    const NAME: &'static str = "q.retrievers";
    const SUMMARY: &'static str =
        "The retrievers of Q Business applications, by creation time, creator, name, application or tag";
    const PAGE: &'static str = include_str!("q_retrievers.md");
    const READS: &'static [&'static Operation] = &[
        ListQApplications::OPERATION,
        ListQRetrievers::OPERATION,
        GetQRetriever::OPERATION,
        ListQTags::OPERATION,
        LookupEvents::OPERATION,
    ];
    const MADE: Option<Making> = Some(Making { source: "qbusiness.amazonaws.com", by: &["CreateRetriever"] });
    const WORD: &'static str = "retriever";
    const LOOKS: bool = true;

    fn item(found: QFoundPart) -> Item {
        Item {
            kind: found.text("type"),
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
