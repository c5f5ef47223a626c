//! `q.delete-user`: makes a Q Business application forget what a user is called, for good.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assignment, Deletion, Doomed, Found, Look, LookError, QApplicationRef, Residual, Stage, Story};
use crate::aws::{Call, DeleteQUser as DeleteCall, GetQUser, Operation, QUser, Request};
use crate::base::{Entity, EntityKind, Impact, Region};

/// Makes a Q Business application forget what a user is called, for good.
pub struct DeleteQUser;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The application.
    pub application: QApplicationRef,
    /// The user, as the application knows them: as a rule an e-mail address.
    pub user: String,
}

/// What the user was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Present {
    /// What they are called.
    pub user: QUser,
}

impl Deletion for DeleteQUser {
    type Input = Input;
    type Part = String;
    type Present = Present;

    const NAME: &'static str = "q.delete-user";
    const SUMMARY: &'static str = "Make a Q Business application forget what a user is called, for good";
    const PAGE: &'static str = include_str!("q_delete_user.md");
    const READS: &'static [&'static Operation] = &[GetQUser::OPERATION];
    const SENDS: &'static [&'static Operation] = &[DeleteCall::OPERATION];
    const GOING: Duration = Duration::from_secs(15 * 60);

    fn region<'i>(&self, input: &'i Input) -> Option<&'i Region> {
        Some(&input.application.region)
    }

    fn entity(&self, input: &Input) -> Entity {
        input.application.entity().child(EntityKind::QUser, &input.user)
    }

    async fn find(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Option<Found<String, Present>>, LookError> {
        let QApplicationRef { region, id } = input.application.clone();
        let Some(user) = look.find(GetQUser { region, application: id, user: input.user.clone() }).await? else {
            return Ok(None);
        };
        // Nothing tells a user from one who was made anew under the name but what they are called.
        let names = user.aliases.iter().map(|alias| {
            let place = |id: &Option<String>| id.clone().unwrap_or_default();
            format!("{}/{}/{}", place(&alias.index), place(&alias.data_source), alias.user)
        });
        let identity = names.collect::<Vec<_>>().join(" ");
        let doomed = Doomed::new(identity, Stage::Standing);
        Ok(Some(Found { doomed, present: Present { user } }))
    }

    fn delete(&self, input: &Input) -> Call {
        let QApplicationRef { region, id } = input.application.clone();
        DeleteCall { region, application: id, user: input.user.clone() }.into()
    }

    fn shows_going(&self, _: &Call) -> bool {
        false
    }

    fn tell(&self, _: &Input, found: Option<(&Doomed<String>, &Present)>) -> Story {
        Story {
            now: match found {
                None => "gone".to_owned(),
                Some((_, Present { user })) => format!("known under {} other names", user.aliases.len()),
            },
            does: "forget the other names for good, all captured first".to_owned(),
            impact: Impact::Degrades,
            because: "the user no longer finds what is shown to them under another name".to_owned(),
            undo: String::new(),
            residual: vec![
                Residual::stays(
                    "the user in IAM Identity Center, with sessions and subscription: nobody is locked out by this",
                ),
                Residual::stays("the conversations of the user"),
            ],
            notes: vec![],
            unread: vec![],
        }
    }

    fn for_good(&self) -> String {
        "quell makes no users; the names are in the evidence, and whoever may call CreateUser can give them again"
            .to_owned()
    }
}
