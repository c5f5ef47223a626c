//! Who makes a request, and which condition keys AWS adds for them.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::base::{AccountId, Arn, Partition, PrincipalKind};

use super::context::Context;

/// Who makes a request.
///
/// A role session stands for every session of a role: of people, of workloads, of service-linked roles (path
/// `/aws-service-role/`) and of Identity Center (path `/aws-reserved/sso.amazonaws.com/`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// An IAM user with a long-term access key.
    User {
        /// The user's ARN.
        arn: Arn,
        /// The user's unique id (`AIDA…`).
        id: String,
    },
    /// An IAM user with temporary credentials: GetSessionToken, or the console.
    UserSession {
        /// The user's ARN.
        arn: Arn,
        /// The user's unique id (`AIDA…`).
        id: String,
        /// When the token was issued.
        issued: Timestamp,
        /// Whether an MFA device was used to get it.
        mfa: bool,
    },
    /// A session made by GetFederationToken. Its permissions are those of the user, cut down to the session policies.
    FederatedUser {
        /// The ARN of the user, or of the account's root user, whose key made the session.
        issuer: Arn,
        /// The name given to GetFederationToken.
        name: String,
        /// When the token was issued.
        issued: Timestamp,
    },
    /// A session of a role.
    RoleSession {
        /// The role's ARN, with its path.
        role: Arn,
        /// The role's unique id (`AROA…`).
        id: String,
        /// The session's name.
        session: String,
        /// When the token was issued.
        issued: Timestamp,
        /// Whether an MFA device was used to get it.
        mfa: bool,
        /// The user id in the identity store, for sessions of Identity Center.
        identity_store_user: Option<String>,
    },
    /// The root user of an account, with a long-term credential.
    Root {
        /// The account's partition.
        partition: Partition,
        /// The account.
        account: AccountId,
    },
    /// An AWS service acting for itself, such as `lambda.amazonaws.com` assuming a role.
    Service {
        /// The service principal's name.
        name: String,
    },
    /// A person or workload that comes with a SAML assertion.
    Saml {
        /// The ARN of the SAML provider.
        provider: Arn,
    },
    /// A person or workload that comes with an OIDC token.
    WebIdentity {
        /// The ARN of the OIDC provider, or a name such as `cognito-identity.amazonaws.com`.
        provider: String,
    },
}

impl Principal {
    /// The account whose policies the principal is under; none for services and for federated principals.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::User { arn, .. } | Self::UserSession { arn, .. } => arn.account(),
            Self::FederatedUser { issuer, .. } => issuer.account(),
            Self::RoleSession { role, .. } => role.account(),
            Self::Root { account, .. } => Some(account.clone()),
            Self::Service { .. } | Self::Saml { .. } | Self::WebIdentity { .. } => None,
        }
    }

    /// Returns the condition keys that AWS adds for this principal.
    ///
    /// `source_ip` is nothing when the call comes through an endpoint or a service that hides it. What AWS does not
    /// document for a kind of principal is unknown, not absent.
    pub fn context(&self, now: Timestamp, source_ip: Option<IpAddr>) -> Context {
        let mut context = Context::new()
            .with("aws:CurrentTime", now.to_string())
            .with("aws:EpochTime", now.as_second().to_string())
            .with("aws:SecureTransport", "true");
        if let Some(address) = source_ip {
            context = context.with("aws:SourceIp", address.to_string());
        }
        if let Some(account) = self.account() {
            context = context.with("aws:PrincipalAccount", account.as_str()).with("aws:PrincipalIsAWSService", "false");
        }
        match self {
            Self::User { arn, id } => user(context, arn, id),
            Self::UserSession { arn, id, issued, mfa } => temporary(user(context, arn, id), *issued, Some(*mfa)),
            Self::FederatedUser { issuer, name, issued } => {
                let account = issuer.account().map(String::from).unwrap_or_default();
                let arn = self.session_arn().unwrap_or_default();
                let context = named(context, "FederatedUser", &arn, &format!("{account}:{name}"));
                // A federated user never has MFA; whether the key is then `false` or absent is not documented.
                temporary(context, *issued, None)
            }
            Self::RoleSession { role, id, session, issued, mfa, identity_store_user } => {
                let context = named(context, "AssumedRole", role.as_str(), &format!("{id}:{session}"));
                let context = temporary(context, *issued, Some(*mfa));
                match identity_store_user {
                    Some(user) => context.with("identitystore:UserId", user),
                    None => context,
                }
            }
            Self::Root { partition, account } => {
                named(context, "Account", &format!("arn:{partition}:iam::{account}:root"), account.as_str())
            }
            Self::Service { name } => [
                "aws:PrincipalArn",
                "aws:userid",
                "aws:PrincipalType",
                "aws:PrincipalAccount",
                "aws:TokenIssueTime",
                "aws:MultiFactorAuthPresent",
            ]
            .into_iter()
            .fold(context, Context::with_unknown)
            .with("aws:PrincipalIsAWSService", "true")
            .with("aws:PrincipalServiceName", name),
            // Their calls carry a token instead of a signature, so the keys of signed requests are not there.
            Self::Saml { .. } | Self::WebIdentity { .. } => context,
        }
    }

    /// Whether the root user stands behind it, which needs no policy to be allowed something.
    pub(super) fn is_of_root(&self) -> bool {
        match self {
            Self::Root { .. } => true,
            Self::FederatedUser { issuer, .. } => issuer.principal() == Some(PrincipalKind::Root),
            _ => false,
        }
    }

    /// The ARN of the session itself, for role sessions and federated users.
    pub(super) fn session_arn(&self) -> Option<String> {
        match self {
            Self::FederatedUser { issuer, name, .. } => {
                let account = issuer.account()?;
                Some(format!("arn:{}:sts::{account}:federated-user/{name}", issuer.partition()))
            }
            Self::RoleSession { role, session, .. } => {
                let Some(PrincipalKind::Role { name, .. }) = role.principal() else { return None };
                Some(format!("arn:{}:sts::{}:assumed-role/{name}/{session}", role.partition(), role.account()?))
            }
            _ => None,
        }
    }

    /// The ARN of the user or role that has the policies, and its unique id where there is one.
    pub(super) fn entity(&self) -> Option<(&Arn, Option<&str>)> {
        match self {
            Self::User { arn, id } | Self::UserSession { arn, id, .. } => Some((arn, Some(id))),
            Self::FederatedUser { issuer, .. } => Some((issuer, None)),
            Self::RoleSession { role, id, .. } => Some((role, Some(id))),
            _ => None,
        }
    }
}

fn named(context: Context, kind: &str, arn: &str, id: &str) -> Context {
    context.with("aws:PrincipalType", kind).with("aws:PrincipalArn", arn).with("aws:userid", id)
}

fn user(context: Context, arn: &Arn, id: &str) -> Context {
    let context = named(context, "User", arn.as_str(), id);
    match arn.principal() {
        Some(PrincipalKind::User { name, .. }) => context.with("aws:username", name),
        _ => context.with_unknown("aws:username"),
    }
}

fn temporary(context: Context, issued: Timestamp, mfa: Option<bool>) -> Context {
    let context = context.with("aws:TokenIssueTime", issued.to_string());
    match mfa {
        Some(mfa) => context.with("aws:MultiFactorAuthPresent", mfa.to_string()),
        None => context.with_unknown("aws:MultiFactorAuthPresent"),
    }
}
