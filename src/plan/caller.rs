//! Who is calling, and where.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::{
    Chain, Fault, FaultKind, GetAccessKeyLastUsed, GetCallerIdentity, ListAccountAliases, Operation, Place, Reader,
    Request,
};
use crate::base::{Arn, Entity, EntityKind, PrincipalKind};

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
}

impl Caller {
    /// Whether this is the same principal: another session of the same role is.
    pub fn is_same_principal(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// The caller with its immutable id: a principal that was made anew has the name of the old one.
    pub fn told(&self) -> String {
        format!("{} ({})", self.arn, self.id)
    }

    /// Every role and user that the caller's access hangs on.
    pub fn hangs_on(&self) -> impl Iterator<Item = Entity> {
        std::iter::once(&self.arn).chain(&self.came_through).filter_map(entity_of)
    }
}

/// The immutable id of the principal: of a role's session that of the role; every other id tells one principal from all
/// others as it is.
fn principal_id(user_id: &str) -> String {
    let role = user_id.starts_with("AROA").then(|| user_id.split(':').next()).flatten();
    role.unwrap_or(user_id).to_owned()
}

/// The role or user that an ARN stands for.
fn entity_of(arn: &Arn) -> Option<Entity> {
    match arn.principal()? {
        PrincipalKind::Role { name, .. } | PrincipalKind::AssumedRole { role: name, .. } => {
            Some(Entity::new(EntityKind::Role, name))
        }
        PrincipalKind::User { name, .. } => Some(Entity::new(EntityKind::User, name)),
        // A federated user's name is its own: it says nothing of the user who asked for the session.
        PrincipalKind::FederatedUser { .. } | PrincipalKind::Root => None,
    }
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

/// Asks AWS who is calling (`sts:GetCallerIdentity`), what the account is called, and whose the long-term keys are that the
/// credentials were made with.
pub async fn look_around(reader: &Reader, chain: &Chain) -> Result<Surroundings, Fault> {
    let identity = reader.ask(GetCallerIdentity {}).await?;
    let alias = reader.ask(ListAccountAliases {}).await.ok().flatten();
    let operation: &Operation = GetCallerIdentity::OPERATION;
    let account = identity.arn.account().ok_or_else(|| {
        Fault::of(operation, FaultKind::Other, "NonsenseReply", format!("`{}` names no account", identity.arn))
    })?;
    let place = Place { partition: identity.arn.partition(), account: account.clone() };
    let id = principal_id(&identity.user_id);
    let mut came_through: Vec<Arn> = chain.roles.clone();
    for key in &chain.keys {
        let owner = reader.ask(GetAccessKeyLastUsed { key: key.clone() }).await.ok().and_then(|known| known.user);
        let user = owner.map(|name| format!("arn:{}:iam::{account}:user/{name}", place.partition));
        came_through.extend(user.and_then(|arn| arn.parse().ok()));
    }
    came_through.retain(|arn: &Arn| arn.account().as_ref() == Some(&account) && *arn != identity.arn);
    Ok(Surroundings {
        caller: Caller { arn: identity.arn, id, came_through },
        place,
        alias,
        aws_time: reader.aws_now(),
    })
}
