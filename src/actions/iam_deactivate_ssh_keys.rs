//! `iam.deactivate-ssh-keys`: switches off the SSH keys of a user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Look, LookError, Switchable};
use crate::aws::{Call, Credential, GetUser, KeyStatus, ListSSHPublicKeys, Operation, Request, UpdateSSHPublicKey};
use crate::base::{CredentialId, UserName};

/// The SSH keys of a user.
pub struct SshKeys;

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

impl Switchable for SshKeys {
    type Input = Input;

    const NAME: &'static str = "iam.deactivate-ssh-keys";
    const SUMMARY: &'static str = "Make the SSH keys of a user unusable";
    const PAGE: &'static str = include_str!("iam_deactivate_ssh_keys.md");
    const READS: &'static [&'static Operation] = &[GetUser::OPERATION, ListSSHPublicKeys::OPERATION];
    const SENDS: &'static [&'static Operation] = &[UpdateSSHPublicKey::OPERATION];
    const PLURAL: &'static str = "SSH keys";

    fn user<'i>(&self, input: &'i Input) -> &'i UserName {
        &input.user
    }

    fn is_meant(&self, input: &Input, credential: &Credential) -> bool {
        !input.except.contains(&credential.id) && input.only.as_ref().is_none_or(|only| only.contains(&credential.id))
    }

    async fn list(&self, look: &Look<'_>, input: &Input) -> Result<Option<Vec<Credential>>, LookError> {
        look.find_all(ListSSHPublicKeys { user: input.user.clone(), next: None }).await
    }

    fn set(&self, user: UserName, id: CredentialId, status: KeyStatus) -> Call {
        UpdateSSHPublicKey { user, id, status }.into()
    }

    fn breaks(&self) -> &'static str {
        "Git over SSH with AWS CodeCommit stops"
    }
}
