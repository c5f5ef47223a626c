//! Who is calling, and where.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::aws::{
    Chain, Fault, FaultKind, GetAccessKeyLastUsed, GetCallerIdentity, GetRole, ListAccountAliases, Operation, Place,
    Reader, Request,
};
use crate::base::{AccessKeyId, Arn, Entity, EntityKind, PrincipalKind, RoleName};

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// The ARN; for a role session with the session's name.
    pub arn: Arn,
    /// The principal's immutable id, without a session's name.
    pub id: String,
    /// Roles and users of the same account through which it came to its credentials, as far as they are known.
    pub came_through: Vec<Arn>,
    /// Long-term keys through which it came, of which AWS did not say whose they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys_of_unknown_owner: Vec<AccessKeyId>,
    /// The role that it takes on to carry a plan out; without one it acts with its own permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_as: Option<ActsAs>,
}

/// The role that is assumed for a run (`sts:AssumeRole`), with a session policy made from the run's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActsAs {
    /// The role.
    pub role: Arn,
    /// Its immutable id, as far as AWS told: a role of the same name may be another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl ActsAs {
    /// Whether both name the same role: an id that is not known on one side is no other one.
    pub fn is_same_role(&self, other: &Self) -> bool {
        self.role == other.role && (self.id == other.id || self.id.is_none() || other.id.is_none())
    }

    /// The role with its id.
    pub fn told(&self) -> String {
        self.id.as_ref().map_or_else(|| self.role.to_string(), |id| format!("{} ({id})", self.role))
    }

    /// The role.
    pub fn entity(&self) -> Option<Entity> {
        entity_of(&self.role)
    }
}

impl Caller {
    /// Whether this is the same principal: another session of the same role is.
    pub fn is_same_principal(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// Whether the ARN names the same role or user, whatever the session is called: the id alone is what counts in AWS, and the name is
    /// what people read.
    pub fn has_the_name_of(&self, other: &Self) -> bool {
        entity_of(&self.arn) == entity_of(&other.arn) && self.arn.account() == other.arn.account()
    }

    /// The name of the session or user.
    pub fn name(&self) -> String {
        last_name(&self.arn)
    }

    /// The names of the roles and users through which it came.
    pub fn came_through_names(&self) -> BTreeSet<String> {
        self.came_through.iter().map(last_name).collect()
    }

    /// The caller with its immutable id: a principal that was made anew has the name of the old one.
    pub fn told(&self) -> String {
        format!("{} ({})", self.arn, self.id)
    }

    /// The role or user that is calling.
    pub fn entity(&self) -> Option<Entity> {
        entity_of(&self.arn)
    }

    /// Every role and user that the caller's access hangs on.
    pub fn hangs_on(&self) -> impl Iterator<Item = Entity> {
        let acts_as = self.acts_as.as_ref().map(|acts_as| &acts_as.role);
        std::iter::once(&self.arn).chain(&self.came_through).chain(acts_as).filter_map(entity_of)
    }

    /// Whether both act with their own permissions, or both as the same role.
    pub fn acts_as_the_same_as(&self, other: &Self) -> bool {
        match (&self.acts_as, &other.acts_as) {
            (None, None) => true,
            (Some(one), Some(another)) => one.is_same_role(another),
            _ => false,
        }
    }
}

fn last_name(arn: &Arn) -> String {
    arn.as_str().rsplit('/').next().unwrap_or_default().to_owned()
}

/// The immutable id of the principal: of a role's session that of the role; every other id tells one principal from all
/// others as it is.
fn principal_id(user_id: &str) -> String {
    let role = user_id.starts_with("AROA").then(|| user_id.split(':').next()).flatten();
    role.unwrap_or(user_id).to_owned()
}

/// The role or user that an ARN stands for.
fn entity_of(arn: &Arn) -> Option<Entity> {
    Entity::of_iam(arn).filter(|entity| matches!(entity.kind, EntityKind::Role | EntityKind::User))
}

/// Who is calling, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Surroundings {
    /// Who.
    pub caller: Caller,
    /// Which account.
    pub place: Place,
    /// What people call the account.
    pub alias: Option<String>,
    /// AWS's own clock.
    pub aws_time: Option<Timestamp>,
}

impl Surroundings {
    /// The same, with a role that is assumed for runs. Its immutable id is nice to know (`iam:GetRole`).
    pub async fn acting_as(mut self, role: Arn, reader: &Reader) -> Self {
        let known = match role.principal() {
            Some(PrincipalKind::Role { name, .. }) => RoleName::new(name).ok(),
            _ => None,
        };
        let id = match known {
            Some(role) => reader.glance(Instant::now(), GetRole { role }).await.ok().map(|role| role.id),
            None => None,
        };
        self.caller.acts_as = Some(ActsAs { role, id });
        self
    }
}

/// Asks AWS who is calling (`sts:GetCallerIdentity`), what the account is called, and whose the long-term keys are that the
/// credentials were made with. What is nice to know has a short time for it: an incident does not wait.
pub async fn look_around(reader: &Reader, chain: &Chain) -> Result<Surroundings, Fault> {
    let identity = reader.ask(GetCallerIdentity {}).await?;
    let operation: &Operation = GetCallerIdentity::OPERATION;
    let account = identity.arn.account().ok_or_else(|| {
        Fault::of(operation, FaultKind::Other, "NonsenseReply", format!("`{}` names no account", identity.arn))
    })?;
    let place = Place { partition: identity.arn.partition(), account: account.clone() };
    let id = principal_id(&identity.user_id);
    let mut came_through: Vec<Arn> = chain.roles.clone();
    let since = Instant::now();
    let owners = join_all(chain.keys.iter().map(|key| reader.glance(since, GetAccessKeyLastUsed { key: key.clone() })));
    let (alias, owners) = tokio::join!(reader.glance(since, ListAccountAliases {}), owners);
    let mut keys_of_unknown_owner = Vec::new();
    for (key, owner) in chain.keys.iter().zip(owners) {
        match owner {
            Ok(known) => {
                let user = known.user.map(|name| format!("arn:{}:iam::{account}:user/{name}", place.partition));
                came_through.extend(user.and_then(|arn| arn.parse().ok()));
            }
            Err(_) => keys_of_unknown_owner.push(key.clone()),
        }
    }
    came_through.retain(|arn: &Arn| arn.account().as_ref() == Some(&account) && *arn != identity.arn);
    Ok(Surroundings {
        caller: Caller { arn: identity.arn, id, came_through, keys_of_unknown_owner, acts_as: None },
        place,
        alias: alias.ok().flatten(),
        aws_time: reader.aws_now(),
    })
}
