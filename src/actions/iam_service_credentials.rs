//! `iam.service-credentials`: the service-specific credentials of all users, long-term Bedrock API keys among them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answer, Assignment, Look, LookError, Making, Query};
use crate::aws::{KeyStatus, ListServiceSpecificCredentials, LookupEvents, Operation, Request};
use crate::base::{CredentialId, Region, UserName};

/// How the users are called that the console makes for a Bedrock API key.
const PHANTOM: &str = "BedrockAPIKey-";

/// The service-specific credentials of all users.
pub struct ServiceCredentialsOfAll;

/// What a runbook writes: all that is given must fit.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Of this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserName>,
    /// For this service, such as `bedrock.amazonaws.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Made at this moment or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_after: Option<Timestamp>,
    /// Has this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<KeyStatus>,
}

/// A credential.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// The credential's id.
    pub id: CredentialId,
    /// The user.
    pub user: UserName,
    /// The service.
    pub service: String,
    /// The name that AWS gave it; empty where it has none.
    pub alias: String,
    /// Whether it can be used.
    pub status: KeyStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether the user looks like one that the console made for a Bedrock API key, and that nobody knows of.
    pub phantom_user: bool,
}

impl Query for ServiceCredentialsOfAll {
    type Input = Input;
    type Item = Item;

    const NAME: &'static str = "iam.service-credentials";
    const SUMMARY: &'static str = "The service-specific credentials of all users, long-term Bedrock API keys included, by service, time or status";
    const PAGE: &'static str = include_str!("iam_service_credentials.md");
    const READS: &'static [&'static Operation] = &[ListServiceSpecificCredentials::OPERATION, LookupEvents::OPERATION];
    const MADE: Option<Making> = Some(Making { source: "iam.amazonaws.com", by: &["CreateServiceSpecificCredential"] });
    const REGIONAL: bool = false;

    fn key(&self, item: &Item) -> String {
        item.id.to_string()
    }

    async fn ask(
        &self,
        _: &Assignment,
        look: &Look<'_>,
        _: Option<&Region>,
        input: &Input,
    ) -> Result<Answer<Item>, LookError> {
        let (user, service) = (input.user.clone(), input.service.clone());
        let listed = look.find_all(ListServiceSpecificCredentials { user, service, next: None }).await?;
        let mut items: Vec<Item> = listed
            .unwrap_or_default()
            .into_iter()
            .filter(|one| input.status.is_none_or(|status| status == one.status))
            .filter(|one| input.created_after.is_none_or(|after| one.created >= after))
            .map(|one| Item {
                phantom_user: one.user.as_str().starts_with(PHANTOM),
                id: one.id,
                user: one.user,
                service: one.service,
                alias: one.alias.unwrap_or_default(),
                status: one.status,
                created_at: one.created,
            })
            .collect();
        items.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(Answer { items, truncated: None })
    }
}
