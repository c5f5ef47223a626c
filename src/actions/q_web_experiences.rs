//! `q.web-experiences`: the web experiences of the Q Business applications of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Making, QFoundPart, QPartsKind};
use crate::aws::{
    GetQWebExperience, ListQApplications, ListQTags, ListQWebExperiences, LookupEvents, Operation, Request,
};
use crate::base::{QId, Region};

/// The web experiences of the Q Business applications of each Region.
pub struct QWebExperiences;

/// One of the web experiences.
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
    /// The title; empty where it has none.
    pub name: String,
    /// Where people open it; empty where AWS does not tell.
    pub endpoint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl QPartsKind for QWebExperiences {
    type Item = Item;
    type List = ListQWebExperiences;
    type Get = GetQWebExperience;

    const NAME: &'static str = "q.web-experiences";
    const SUMMARY: &'static str =
        "The web experiences of Q Business applications, by creation time, creator, title, application or tag";
    const PAGE: &'static str = include_str!("q_web_experiences.md");
    const READS: &'static [&'static Operation] = &[
        ListQApplications::OPERATION,
        ListQWebExperiences::OPERATION,
        GetQWebExperience::OPERATION,
        ListQTags::OPERATION,
        LookupEvents::OPERATION,
    ];
    const MADE: Option<Making> = Some(Making { source: "qbusiness.amazonaws.com", by: &["CreateWebExperience"] });
    const WORD: &'static str = "web-experience";
    const LOOKS: bool = true;

    fn item(found: QFoundPart) -> Item {
        Item {
            endpoint: found.text("defaultEndpoint"),
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
