//! `q.delete-web-experience`: deletes a web experience of a Q Business application, for good.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{QPartKind, QPartRef, Residual, Story};
use crate::aws::{Call, DeleteQWebExperience, GetQWebExperience, Operation, QThing, Request};
use crate::base::{EntityKind, Impact};

/// A web experience.
pub struct QWebExperience;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The web experience.
    pub web_experience: QPartRef,
}

impl QPartKind for QWebExperience {
    type Input = Input;
    type Get = GetQWebExperience;

    const NAME: &'static str = "q.delete-web-experience";
    const SUMMARY: &'static str = "Delete a web experience of a Q Business application, for good";
    const PAGE: &'static str = include_str!("q_delete_web_experience.md");
    const READS: &'static [&'static Operation] = &[GetQWebExperience::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteQWebExperience::OPERATION];
    const KIND: EntityKind = EntityKind::QWebExperience;

    fn part<'i>(&self, input: &'i Input) -> &'i QPartRef {
        &input.web_experience
    }

    fn delete(&self, QPartRef { region, application, id }: QPartRef) -> Call {
        DeleteQWebExperience { region, application, id }.into()
    }

    fn tell(&self, found: Option<&QThing>) -> Story {
        let role = found.and_then(|web| web.text("roleArn"));
        let left = match role {
            Some(role) => Residual::stays_until(
                format!("sessions of {role}, with which people chat"),
                "iam.revoke-sessions ends them",
            ),
            None => Residual::again("whoever may call the Chat API of the application by other ways than its page"),
        };
        Story {
            now: match found {
                None => "gone".to_owned(),
                Some(web) => format!(
                    "`{}` at {}",
                    web.name.as_deref().unwrap_or("without a title"),
                    web.text("defaultEndpoint").unwrap_or("no address that AWS tells"),
                ),
            },
            does: "delete it for good, its configuration captured first".to_owned(),
            impact: Impact::Outage,
            because: "everybody who chats through its page loses it, and a new one has another address".to_owned(),
            undo: String::new(),
            residual: vec![left],
            notes: vec![],
            unread: vec![],
        }
    }
}
