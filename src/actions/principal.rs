//! Principals as runbooks name them.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::base::{Arn, Entity, EntityKind, PrincipalKind, RoleName, UserName};

/// A role or user, named by its ARN. The ARN of a role session names its role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Arn", into = "Arn")]
pub struct Principal {
    arn: Arn,
    /// Which of the two.
    pub who: Who,
}

/// A role or a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// A role.
    Role(RoleName),
    /// A user.
    User(UserName),
}

/// An ARN that names neither a role nor a user.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` names neither an IAM role nor an IAM user")]
pub struct NotAPrincipal(Arn);

impl TryFrom<Arn> for Principal {
    type Error = NotAPrincipal;

    fn try_from(arn: Arn) -> Result<Self, NotAPrincipal> {
        let role = |name: String| RoleName::new(name).ok().map(Who::Role);
        let who = match arn.principal() {
            Some(PrincipalKind::Role { name, .. }) => role(name),
            Some(PrincipalKind::AssumedRole { role: name, .. }) => role(name),
            Some(PrincipalKind::User { name, .. }) => UserName::new(name).ok().map(Who::User),
            _ => None,
        };
        match who {
            Some(who) => Ok(Self { arn, who }),
            None => Err(NotAPrincipal(arn)),
        }
    }
}

impl From<Principal> for Arn {
    fn from(principal: Principal) -> Self {
        principal.arn
    }
}

impl JsonSchema for Principal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Principal".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Arn::json_schema(generator)
    }
}

impl Principal {
    /// A role or user of the account whose path is not known.
    pub fn of(to: &super::Assignment, who: Who) -> Self {
        let (kind, name) = match &who {
            Who::Role(name) => ("role", name.as_str()),
            Who::User(name) => ("user", name.as_str()),
        };
        let arn = format!("arn:{}:iam::{}:{kind}/{name}", to.place.partition, to.place.account);
        Self { arn: arn.parse().expect("accounts and names are plain"), who }
    }

    /// The entity.
    pub fn entity(&self) -> Entity {
        match &self.who {
            Who::Role(name) => Entity::new(EntityKind::Role, name.as_str()),
            Who::User(name) => Entity::new(EntityKind::User, name.as_str()),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entity().fmt(out)
    }
}

/// A role, named by its ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Principal", into = "Principal")]
pub struct RolePrincipal {
    principal: Principal,
    /// The role's name.
    pub name: RoleName,
}

/// An ARN that names no role.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` names no IAM role")]
pub struct NotARole(Arn);

impl TryFrom<Principal> for RolePrincipal {
    type Error = NotARole;

    fn try_from(principal: Principal) -> Result<Self, NotARole> {
        match principal.who.clone() {
            Who::Role(name) => Ok(Self { principal, name }),
            Who::User(_) => Err(NotARole(principal.arn)),
        }
    }
}

impl From<RolePrincipal> for Principal {
    fn from(role: RolePrincipal) -> Self {
        role.principal
    }
}

impl JsonSchema for RolePrincipal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RolePrincipal".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Arn::json_schema(generator)
    }
}

impl RolePrincipal {
    /// The role as any principal.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The entity.
    pub fn entity(&self) -> Entity {
        self.principal.entity()
    }
}

/// Why AWS lets nobody change a principal with this path, and what to do instead.
pub(super) fn protection(path: &str) -> Option<super::Refusal> {
    if path.starts_with("/aws-service-role/") {
        Some(super::Refusal::Protected {
            why: "it is a service-linked role, which only its AWS service can change".to_owned(),
            instead: "contain the resource of the service that uses it, such as the agent or the application"
                .to_owned(),
        })
    } else if path.starts_with("/aws-reserved/sso.amazonaws.com/") {
        Some(super::Refusal::Protected {
            why: "it belongs to IAM Identity Center, which alone can change it".to_owned(),
            instead: "in Identity Center, remove the account assignment and end the person's sessions; or have an \
                      organisation policy deny by identitystore:userId"
                .to_owned(),
        })
    } else {
        None
    }
}
