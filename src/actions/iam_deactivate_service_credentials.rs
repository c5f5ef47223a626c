//! `iam.deactivate-service-credentials`: switches off the service-specific credentials of a user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Access, Ended, Look, LookError, Switchable};
use crate::aws::{
    Call, Credential, GetUser, KeyStatus, ListServiceSpecificCredentials, Operation, Request,
    UpdateServiceSpecificCredential,
};
use crate::base::{CredentialId, UserName};

/// The service-specific credentials of a user.
pub struct ServiceCredentials;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// Only those for this service, such as `bedrock.amazonaws.com`; left out, those for every service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// These alone, and none where the list is empty; left out, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Vec<CredentialId>>,
    /// Those that stay as they are.
    #[serde(default)]
    pub except: Vec<CredentialId>,
}

impl Switchable for ServiceCredentials {
    type Input = Input;

    const NAME: &'static str = "iam.deactivate-service-credentials";
    const SUMMARY: &'static str =
        "Make the service-specific credentials of a user unusable, long-term Bedrock API keys included";
    const PAGE: &'static str = include_str!("iam_deactivate_service_credentials.md");
    const READS: &'static [&'static Operation] = &[GetUser::OPERATION, ListServiceSpecificCredentials::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateServiceSpecificCredential::OPERATION];
    const PLURAL: &'static str = "service-specific credentials";

    fn user<'i>(&self, input: &'i Input) -> &'i UserName {
        &input.user
    }

    fn is_meant(&self, input: &Input, credential: &Credential) -> bool {
        !input.except.contains(&credential.id)
            && input.only.as_ref().is_none_or(|only| only.contains(&credential.id))
            && input.service.as_ref().is_none_or(|service| *service == credential.service)
    }

    async fn list(&self, look: &Look<'_>, input: &Input) -> Result<Option<Vec<Credential>>, LookError> {
        let user = Some(input.user.clone());
        look.find_all(ListServiceSpecificCredentials { user, service: None, next: None }).await
    }

    fn set(&self, user: UserName, id: CredentialId, status: KeyStatus) -> Call {
        UpdateServiceSpecificCredential { user, id, status }.into()
    }

    fn ends(&self, input: &Input) -> Option<Ended> {
        // Of one service alone: what else would have to be left out is then of another one.
        let of_service = input.service.as_ref().map(|service| [service.clone()]);
        let only = input.only.as_ref().map(|only| only.iter().map(ToString::to_string).collect::<Vec<_>>());
        let only = only.as_deref().or(of_service.as_ref().map(<[String; 1]>::as_slice));
        let but: Vec<String> = input.except.iter().map(ToString::to_string).collect();
        Some(Ended::some(Access::ApiKey, only, &but))
    }

    fn breaks(&self) -> &'static str {
        "whatever works with them stops"
    }
}
