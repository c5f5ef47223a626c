//! `q.conversations`: what people and applications of Q Business have said to each other, as far as AWS lets us read it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::look::of_region;
use super::q_parts::applications;
use super::{Answer, Assignment, Look, LookError, Query};
use crate::aws::{
    FaultKind, ListQApplications, ListQConversations, ListQMessages, Operation, QConversation, QListed, Request,
};
use crate::base::{QId, Region};

/// What people and applications of Q Business have said to each other.
pub struct QConversations;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// With this application only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<QId>,
    /// With applications made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_created_after: Option<Timestamp>,
    /// Of these people, as Q Business calls them; left out, of whoever the credentials stand for.
    #[serde(default)]
    pub users: Vec<String>,
    /// Begun at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_after: Option<Timestamp>,
}

/// The conversations of one person with one application.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The person; empty for whoever the credentials stand for.
    pub user: String,
    /// Whether AWS lets us read them.
    pub readable: bool,
    /// AWS's word where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// How many there are, as far as they can be read.
    pub conversations: u64,
    /// When the last of them began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_at: Option<Timestamp>,
}

/// The conversations of one person with one application, in full.
#[derive(Debug, Serialize)]
struct Kept {
    region: Region,
    application: QId,
    user: Option<String>,
    refused: Option<String>,
    conversations: Vec<KeptConversation>,
}

/// A conversation in AWS's own words.
#[derive(Debug, Serialize)]
struct KeptConversation {
    conversation: Value,
    messages: Vec<Value>,
}

/// Whose conversations with which application.
struct Place<'a> {
    region: &'a Region,
    application: QListed,
    user: Option<String>,
}

impl Input {
    /// All that is asked for in a Region.
    async fn places<'a>(&self, look: &Look<'_>, region: &'a Region) -> Result<Vec<Place<'a>>, LookError> {
        let users: Vec<Option<String>> = match self.users.as_slice() {
            [] => vec![None],
            users => users.iter().cloned().map(Some).collect(),
        };
        let mut places = Vec::new();
        for application in applications(look, region, self.application.as_ref()).await? {
            let young = |after: Timestamp| application.created.is_some_and(|created| created >= after);
            if self.application_created_after.is_some_and(|after| !young(after)) {
                continue;
            }
            let of = |user: &Option<String>| Place { region, application: application.clone(), user: user.clone() };
            places.extend(users.iter().map(of));
        }
        Ok(places)
    }
}

impl Place<'_> {
    /// The conversations that fit, or AWS's word for why they cannot be read.
    async fn conversations(
        &self,
        look: &Look<'_>,
        input: &Input,
    ) -> Result<Result<Vec<QConversation>, String>, LookError> {
        let first = ListQConversations {
            region: self.region.clone(),
            application: self.application.id.clone(),
            user: self.user.clone(),
            next: None,
        };
        let found = readable(look.ask_all(first).await)?;
        Ok(found.map(|mut found| {
            found.retain(|one| input.started_after.is_none_or(|after| one.started >= after));
            found
        }))
    }

    /// What was said in one of them, or AWS's word for why it cannot be read.
    async fn messages(&self, look: &Look<'_>, conversation: &str) -> Result<Result<Vec<Value>, String>, LookError> {
        let first = ListQMessages {
            region: self.region.clone(),
            application: self.application.id.clone(),
            conversation: conversation.to_owned(),
            user: self.user.clone(),
            next: None,
        };
        readable(look.ask_all(first).await)
    }
}

/// Tells what AWS will not show to these credentials from every other fault.
fn readable<T>(found: Result<T, LookError>) -> Result<Result<T, String>, LookError> {
    match found {
        Ok(found) => Ok(Ok(found)),
        Err(LookError::Fault(fault))
            if fault.kind == FaultKind::Forbidden || fault.code == "LicenseNotFoundException" =>
        {
            Ok(Err(fault.code))
        }
        // It has gone meanwhile, and its conversations with it.
        Err(LookError::Fault(fault)) if fault.kind == FaultKind::NotFound => Ok(Err(fault.code)),
        Err(other) => Err(other),
    }
}

impl Query for QConversations {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "q.conversations";
    const SUMMARY: &'static str =
        "Whose conversations with Q Business applications can be read; a run keeps them as evidence";
    const PAGE: &'static str = include_str!("q_conversations.md");
    const READS: &'static [&'static Operation] =
        &[ListQApplications::OPERATION, ListQConversations::OPERATION, ListQMessages::OPERATION];
    const REGIONAL: bool = true;
    const KEEPS: bool = true;

    fn key(&self, item: &Item) -> String {
        format!("{}/{}", item.application, if item.user.is_empty() { "the caller" } else { &item.user })
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let mut items = Vec::new();
        for place in input.places(look, of_region(region)?).await? {
            let found = place.conversations(look, input).await?;
            items.push(Item {
                readable: found.is_ok(),
                conversations: found.as_ref().map_or(0, |found| found.len() as u64),
                latest_at: found.as_ref().ok().and_then(|found| found.iter().map(|one| one.started).max()),
                refused: found.err(),
                region: place.region.clone(),
                application: place.application.id,
                user: place.user.unwrap_or_default(),
            });
        }
        Ok(Answer { items, truncated: None })
    }

    async fn keep(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        region: Option<&Region>,
        input: &Input,
    ) -> Result<Vec<Value>, LookError> {
        let mut kept = Vec::new();
        for place in input.places(look, of_region(region)?).await? {
            let mut refused = None;
            let mut conversations = Vec::new();
            match place.conversations(look, input).await? {
                Err(why) => refused = Some(why),
                Ok(found) => {
                    for one in found {
                        match place.messages(look, &one.id).await? {
                            Ok(messages) => {
                                conversations.push(KeptConversation { conversation: one.words, messages });
                            }
                            Err(why) => refused = Some(why),
                        }
                    }
                }
            }
            let all = Kept {
                region: place.region.clone(),
                application: place.application.id,
                user: place.user,
                refused,
                conversations,
            };
            kept.push(serde_json::to_value(&all).map_err(|error| LookError::Nonsense(error.to_string()))?);
        }
        Ok(kept)
    }
}
