//! `q.delete-plugin`: deletes a plugin of a Q Business application, for good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{QPartKind, QPartRef, Residual, Story};
use crate::aws::{Call, DeleteQPlugin, GetQPlugin, Operation, QThing, Request};
use crate::base::{EntityKind, Impact};

/// A plugin.
pub struct QPlugin;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The plugin.
    pub plugin: QPartRef,
}

impl QPartKind for QPlugin {
    type Input = Input;
    type Get = GetQPlugin;

    const NAME: &'static str = "q.delete-plugin";
    const SUMMARY: &'static str = "Delete a plugin of a Q Business application, for good";
    const PAGE: &'static str = include_str!("q_delete_plugin.md");
    const READS: &'static [&'static Operation] = &[GetQPlugin::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteQPlugin::OPERATION];
    const KIND: EntityKind = EntityKind::QPlugin;

    fn part<'i>(&self, input: &'i Input) -> &'i QPartRef {
        &input.plugin
    }

    fn delete(&self, QPartRef { region, application, id }: QPartRef) -> Call {
        DeleteQPlugin { region, application, id }.into()
    }

    fn tell(&self, found: Option<&QThing>) -> Story {
        let word = |member| found.and_then(|plugin| plugin.text(member)).unwrap_or("?");
        let enabled = found.and_then(|plugin| plugin.text("state")) == Some("ENABLED");
        Story {
            now: match found {
                None => "gone".to_owned(),
                Some(plugin) => format!(
                    "`{}`, {} to {}, {}",
                    plugin.name.as_deref().unwrap_or("?"),
                    word("type"),
                    plugin.text("serverUrl").unwrap_or("AWS's own endpoint"),
                    word("state"),
                ),
            },
            does: "delete it for good, its configuration captured first".to_owned(),
            impact: if enabled { Impact::Degrades } else { Impact::NoneSeen },
            because: match enabled {
                true => "people who chat can no longer have it act for them".to_owned(),
                false => "it is not enabled".to_owned(),
            },
            undo: String::new(),
            residual: vec![Residual::stays(
                "the secret and the role that the plugin signed in with, and what it already did elsewhere",
            )],
            notes: vec![],
            unread: vec![],
        }
    }
}
