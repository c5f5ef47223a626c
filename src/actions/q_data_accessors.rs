//! `q.data-accessors`: the data accessors of the Q Business applications of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Making, QFoundPart, QPartsKind};
use crate::aws::{
    GetQDataAccessor, ListQApplications, ListQDataAccessors, ListQTags, LookupEvents, Operation, Request,
};
use crate::base::{QId, Region};

/// The data accessors of the Q Business applications of each Region.
pub struct QDataAccessors;

/// A data accessor.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The id.
    pub id: QId,
    /// The Region.
    pub region: Region,
    /// The application that it reads.
    pub application: QId,
    /// The ARN.
    pub arn: String,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN of the role that reads, as a rule of another account; empty where AWS does not tell.
    pub principal: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl QPartsKind for QDataAccessors {
    type Item = Item;
    type List = ListQDataAccessors;
    type Get = GetQDataAccessor;

    const NAME: &'static str = "q.data-accessors";
    const SUMMARY: &'static str =
        "The data accessors of Q Business applications, by creation time, creator, name, application or tag";
    const PAGE: &'static str = include_str!("q_data_accessors.md");
    const READS: &'static [&'static Operation] =
        &[ListQApplications::OPERATION, ListQDataAccessors::OPERATION, ListQTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "qbusiness.amazonaws.com", by: &["CreateDataAccessor"] });
    const WORD: &'static str = "data-accessor";
    const LOOKS: bool = false;

    fn item(found: QFoundPart) -> Item {
        Item {
            principal: found.text("principal"),
            id: found.id,
            region: found.region,
            application: found.application,
            arn: found.arn,
            name: found.name,
            created_at: found.created,
        }
    }

    fn key(item: &Item) -> String {
        item.arn.clone()
    }
}
