//! The parts of an ARN that expressions can take. They are read out of it, typed, and never joined to one again.

use crate::base::{Arn, PrincipalKind};
use crate::runbook::Scalar;

/// A part of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ArnField {
    /// The account.
    Account,
    /// The name of the role that it names, itself or by one of its sessions.
    RoleName,
    /// The name of the user that it names.
    UserName,
}

impl ArnField {
    pub(super) const ALL: [Self; 3] = [Self::Account, Self::RoleName, Self::UserName];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::RoleName => "role_name",
            Self::UserName => "user_name",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    pub(super) fn of(self) -> Scalar {
        match self {
            Self::Account => Scalar::AwsAccountId,
            Self::RoleName => Scalar::IamRoleName,
            Self::UserName => Scalar::IamUserName,
        }
    }

    /// The part of an ARN, if the ARN has it.
    pub(super) fn read(self, arn: &str) -> Option<String> {
        let arn: Arn = arn.parse().ok()?;
        match (self, arn.principal()) {
            (Self::Account, _) => arn.account().map(String::from),
            (
                Self::RoleName,
                Some(PrincipalKind::Role { name, .. } | PrincipalKind::AssumedRole { role: name, .. }),
            )
            | (Self::UserName, Some(PrincipalKind::User { name, .. })) => Some(name),
            _ => None,
        }
    }
}
