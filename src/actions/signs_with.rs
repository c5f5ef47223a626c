//! What a user can sign in or sign with, as far as a plan wants to say it: read in a short time or not at all, and nothing is
//! decided by it.

use serde::{Deserialize, Serialize};

use super::{Access, Look, Residual};
use crate::aws::{
    Credential, GetLoginProfile, KeyStatus, ListAccessKeys, ListServiceSpecificCredentials, Operation, Request,
};
use crate::base::{AccessKeyId, UserName};

/// What is read for it.
pub(super) const SIGNS_WITH_READS: [&Operation; 3] =
    [ListAccessKeys::OPERATION, ListServiceSpecificCredentials::OPERATION, GetLoginProfile::OPERATION];

/// What works of all that a user can sign in or sign with; nothing where it could not be read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SignsWith {
    /// Access keys.
    pub keys: Option<Vec<AccessKeyId>>,
    /// Service-specific credentials, long-term Bedrock API keys included.
    pub credentials: Option<Vec<Credential>>,
    /// Whether there is a console password.
    pub password: Option<bool>,
}

impl SignsWith {
    /// Reads it.
    pub(super) async fn of(look: &Look<'_>, user: &UserName) -> Self {
        let keys = look.glance(ListAccessKeys { user: user.clone(), next: None }).await;
        let of_user = ListServiceSpecificCredentials { user: Some(user.clone()), service: None, next: None };
        let credentials = look.glance(of_user).await;
        let password = look.glance_whether(GetLoginProfile { user: user.clone() }).await;
        let keys = keys.map(|page| page.items.into_iter().filter(|key| key.status == KeyStatus::Active));
        let credentials = credentials.map(|page| page.items.into_iter().filter(|one| one.status == KeyStatus::Active));
        Self {
            keys: keys.map(|keys| keys.map(|key| key.id).collect()),
            credentials: credentials.map(Iterator::collect),
            password: password.map(|made| made.is_some()),
        }
    }

    /// All of it as what stays possible.
    pub(super) fn residuals(&self) -> Vec<Residual> {
        let unread = |kind, which, action| vec![Residual::unread(kind, which, action)];
        let keys = match &self.keys {
            Some(keys) => Residual::keys(keys),
            None => unread(Access::LongTermKey, "access keys", "iam.deactivate-access-keys"),
        };
        let credentials = match &self.credentials {
            Some(credentials) => credentials.iter().map(Residual::api_key).collect(),
            None => unread(Access::ApiKey, "API keys", "iam.deactivate-service-credentials"),
        };
        let password = match self.password {
            Some(true) => vec![Residual::password()],
            Some(false) => vec![],
            None => unread(Access::Password, "a console password", "iam.delete-console-password"),
        };
        [keys, credentials, password].concat()
    }
}
