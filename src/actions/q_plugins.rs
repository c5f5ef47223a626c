//! `q.plugins`: the plugins of the Q Business applications of each Region.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Making, QFoundPart, QPartsKind};
use crate::aws::{GetQPlugin, ListQApplications, ListQPlugins, ListQTags, LookupEvents, Operation, Request};
use crate::base::{QId, Region};

/// The plugins of the Q Business applications of each Region.
pub struct QPlugins;

/// One of the plugins.
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
    /// What it connects to, in AWS's words.
    #[serde(rename = "type")]
    pub kind: String,
    /// `ENABLED` or `DISABLED`.
    pub state: String,
    /// Where it sends what it is asked; empty where AWS does not tell.
    pub server_url: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it is in its life, in AWS's words.
    pub status: String,
}

impl QPartsKind for QPlugins {
    type Item = Item;
    type List = ListQPlugins;
    type Get = GetQPlugin;

    const NAME: &'static str = "q.plugins";
    const SUMMARY: &'static str =
        "The plugins of Q Business applications, by creation time, creator, name, application or tag";
    const PAGE: &'static str = include_str!("q_plugins.md");
    const READS: &'static [&'static Operation] =
        &[ListQApplications::OPERATION, ListQPlugins::OPERATION, ListQTags::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "qbusiness.amazonaws.com", by: &["CreatePlugin"] });
    const WORD: &'static str = "plugin";
    const LOOKS: bool = false;

    fn item(found: QFoundPart) -> Item {
        Item {
            kind: found.text("type"),
            state: found.text("state"),
            server_url: found.text("serverUrl"),
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
