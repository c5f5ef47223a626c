//! `iam.delete-console-password`: lets a user no longer sign in to the console, for good.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, Assignment, Deletion, Doomed, Ended, Found, Look, LookError, Residual, Stage, Story};
use crate::aws::{Call, DeleteLoginProfile, GetLoginProfile, GetUser, KeyStatus, ListAccessKeys, Operation, Request};
use crate::base::{AccessKeyId, Entity, EntityKind, Impact, Region, UserName};

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
    /// The active keys of the user, where they could be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<AccessKeyId>,
}

impl Deletion for DeleteConsolePassword {
    type Input = Input;
    type Part = String;
    type Present = Present;

    const NAME: &'static str = "iam.delete-console-password";
    const SUMMARY: &'static str = "Let a user no longer sign in to the console, for good";
    const PAGE: &'static str = include_str!("iam_delete_console_password.md");
    const READS: &'static [&'static Operation] =
        &[GetUser::OPERATION, GetLoginProfile::OPERATION, ListAccessKeys::OPERATION];
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
        let keys = look.glance(ListAccessKeys { user: input.user.clone(), next: None }).await;
        let keys = keys.into_iter().flat_map(|page| page.items).filter(|key| key.status == KeyStatus::Active);
        let keys = keys.map(|key| key.id).collect();
        Ok(Some(Found { doomed, present: Present { made, last_used: user.password_last_used, keys } }))
    }

    fn delete(&self, input: &Input) -> Call {
        DeleteLoginProfile { user: input.user.clone() }.into()
    }

    fn ends(&self, _: &Input) -> Vec<Ended> {
        Ended::all([Access::Password])
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<String>, &Present)>) -> Story {
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
            residual: match found {
                None => vec![],
                Some((_, present)) => {
                    let keys = present.keys.iter().map(Residual::key);
                    keys.chain([Residual::console_sessions()]).collect()
                }
            },
            notes: vec!["to keep the person out for a while only, use iam.deny-everything".to_owned()],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "nobody can read a password: the user gets a new one".to_owned()
    }
}
