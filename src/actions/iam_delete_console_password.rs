//! `iam.delete-console-password`: lets a user no longer sign in to the console, for good.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, Deletion, Doomed, Found, Look, LookError, Residual, Stage, Story};
use crate::aws::{Call, DeleteLoginProfile, GetLoginProfile, GetUser, Operation, Request};
use crate::base::{Entity, EntityKind, Impact, Region, UserName};

/// Lets a user no longer sign in to the console, for good.
pub struct DeleteConsolePassword;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
}

/// What there was; the password itself nobody can read.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// When the password was made.
    pub made: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
}

impl Deletion for DeleteConsolePassword {
    type Input = Input;
    type Part = String;
    type Present = Present;

    const NAME: &'static str = "iam.delete-console-password";
    const SUMMARY: &'static str = "Let a user no longer sign in to the console, for good";
    const PAGE: &'static str = include_str!("iam_delete_console_password.md");
    const READS: &'static [&'static Operation] = &[GetUser::OPERATION, GetLoginProfile::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteLoginProfile::OPERATION];
    const GOING: Duration = Duration::from_secs(5 * 60);

    fn region<'i>(&self, _: &'i Input) -> Option<&'i Region> {
        None
    }

    fn entity(&self, input: &Input) -> Entity {
        Entity::new(EntityKind::User, input.user.as_str()).child(EntityKind::ConsolePassword, "password")
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<String, Present>>, LookError> {
        let Some(user) = look.find(GetUser { user: input.user.clone() }).await? else {
            return Ok(None);
        };
        let Some(made) = look.find(GetLoginProfile { user: input.user.clone() }).await? else {
            return Ok(None);
        };
        let identity = format!("{} of {made}", user.id);
        let doomed = Doomed::new(identity, Stage::Standing);
        Ok(Some(Found { doomed, present: Present { made, last_used: user.password_last_used } }))
    }

    fn delete(&self, input: &Input) -> Call {
        DeleteLoginProfile { user: input.user.clone() }.into()
    }

    fn tell(&self, input: &Input, found: Option<(&Doomed<String>, &Present)>) -> Story {
        let (impact, because) = match found.map(|(_, present)| present.last_used) {
            None => (Impact::NoneSeen, "there is no password".to_owned()),
            Some(None) => (Impact::NoneSeen, "AWS remembers no use".to_owned()),
            Some(Some(used)) => (Impact::Degrades, format!("last used {used}")),
        };
        Story {
            now: match found {
                None => "has no console password".to_owned(),
                Some((_, present)) => format!("may sign in to the console since {}", present.made),
            },
            does: "delete the password for good".to_owned(),
            impact,
            because,
            undo: String::new(),
            residual: vec![
                Residual {
                    what: format!("console sessions that user {} has, for up to 12 h", input.user),
                    until: None,
                },
                Residual { what: format!("access keys of user {}", input.user), until: None },
            ],
            notes: vec!["to keep the person out for a while only, use iam.deny-everything".to_owned()],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "nobody can read a password: the user gets a new one".to_owned()
    }
}
