//! `iam.deactivate-signing-certificates`: switches off the signing certificates of a user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Look, LookError, Switchable};
use crate::aws::{
    Call, Credential, GetUser, KeyStatus, ListSigningCertificates, Operation, Request, UpdateSigningCertificate,
};
use crate::base::{CredentialId, UserName};

/// The signing certificates of a user.
pub struct SigningCertificates;

/// What a runbook writes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The user.
    pub user: UserName,
    /// These alone, and none where the list is empty; left out, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Vec<CredentialId>>,
    /// Those that stay as they are.
    #[serde(default)]
    pub except: Vec<CredentialId>,
}

impl Switchable for SigningCertificates {
    type Input = Input;

    const NAME: &'static str = "iam.deactivate-signing-certificates";
    const SUMMARY: &'static str = "Make the signing certificates of a user unusable";
    const PAGE: &'static str = include_str!("iam_deactivate_signing_certificates.md");
    const READS: &'static [&'static Operation] = &[GetUser::OPERATION, ListSigningCertificates::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateSigningCertificate::OPERATION];
    const PLURAL: &'static str = "signing certificates";

    fn user<'i>(&self, input: &'i Input) -> &'i UserName {
        &input.user
    }

    fn is_meant(&self, input: &Input, credential: &Credential) -> bool {
        !input.except.contains(&credential.id) && input.only.as_ref().is_none_or(|only| only.contains(&credential.id))
    }

    async fn list(&self, look: &Look<'_>, input: &Input) -> Result<Option<Vec<Credential>>, LookError> {
        look.find_all(ListSigningCertificates { user: input.user.clone(), next: None }).await
    }

    fn set(&self, user: UserName, id: CredentialId, status: KeyStatus) -> Call {
        UpdateSigningCertificate { user, id, status }.into()
    }

    fn breaks(&self) -> &'static str {
        "requests that are signed with them stop"
    }
}
