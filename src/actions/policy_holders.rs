//! Who has a managed policy.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Look, LookError};
use crate::aws::{GetGroup, ListEntitiesForPolicy};
use crate::base::{Arn, Entity, EntityKind, RoleName, UserName};

/// A role, user or group to which a managed policy is attached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyHolder {
    /// A role.
    Role(RoleName),
    /// A user.
    User(UserName),
    /// A group.
    Group {
        /// The group's name.
        name: String,
        /// Who is in it.
        members: Vec<UserName>,
    },
}

impl PolicyHolder {
    /// The role, user or group.
    pub fn entity(&self) -> Entity {
        match self {
            Self::Role(name) => Entity::new(EntityKind::Role, name.as_str()),
            Self::User(name) => Entity::new(EntityKind::User, name.as_str()),
            Self::Group { name, .. } => Entity::new(EntityKind::Group, name),
        }
    }

    /// The roles and users whose permissions hang on it.
    pub(super) fn principals(&self) -> Vec<Entity> {
        match self {
            Self::Group { members, .. } => {
                members.iter().map(|name| Entity::new(EntityKind::User, name.as_str())).collect()
            }
            _ => vec![self.entity()],
        }
    }
}

/// Those who have a managed policy, attached or as the permissions boundary; none where it does not exist.
pub(super) async fn holders(look: &Look<'_>, policy: &Arn, as_boundary: bool) -> Result<BTreeSet<Entity>, LookError> {
    let ask = ListEntitiesForPolicy { policy: policy.clone(), as_boundary, next: None };
    Ok(look.find_all(ask).await?.unwrap_or_default().into_iter().collect())
}

/// Those to whom a managed policy is attached, the members of groups with them.
pub(super) async fn attached_to(look: &Look<'_>, policy: &Arn) -> Result<Vec<PolicyHolder>, LookError> {
    let mut found = Vec::new();
    for entity in holders(look, policy, false).await? {
        let name = entity.id().to_owned();
        let odd = |error: crate::base::BadId| LookError::Nonsense(error.to_string());
        found.push(match entity.kind {
            EntityKind::Role => PolicyHolder::Role(RoleName::new(name).map_err(odd)?),
            EntityKind::User => PolicyHolder::User(UserName::new(name).map_err(odd)?),
            _ => {
                let members = look.find_all(GetGroup { group: name.clone(), next: None }).await?.unwrap_or_default();
                PolicyHolder::Group { name, members }
            }
        });
    }
    found.sort();
    Ok(found)
}

/// Those whom a managed policy bounds.
pub(super) async fn bounded_by(look: &Look<'_>, policy: &Arn) -> Result<BTreeSet<Entity>, LookError> {
    holders(look, policy, true).await
}
