//! Principals as runbooks name them.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Residual;
use crate::base::{Arn, Entity, EntityKind, PrincipalKind, RoleName, UserName};
use crate::iam::PolicyDocument;

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

/// The path of roles that belong to IAM Identity Center.
const SSO_ROLES: &str = "/aws-reserved/sso.amazonaws.com/";

/// Why AWS lets nobody change a principal with this path, and what to do instead.
pub(super) fn protection(path: &str) -> Option<super::Refusal> {
    if path.starts_with("/aws-service-role/") {
        Some(super::Refusal::Protected {
            why: "it is a service-linked role, which only its AWS service can change".to_owned(),
            instead: "contain the resource of the service that uses it, such as the agent or the application"
                .to_owned(),
        })
    } else if path.starts_with(SSO_ROLES) {
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

/// What stays possible of a principal with this path when a step has taken something from it: what the step leaves, while its
/// change is on its way, whatever it takes, and where only IAM Identity Center can change it, the people there.
pub(super) fn left_of(principal: &Principal, path: &str, leaves: Vec<Residual>) -> Vec<Residual> {
    match &principal.who {
        Who::Role(_) if path.starts_with(SSO_ROLES) => vec![Residual::identity_center()],
        _ if protection(path).is_some() => vec![],
        _ => leaves.into_iter().chain([Residual::propagation()]).collect(),
    }
}

/// What a principal that everything was refused to, or whose sessions were, has reached before.
pub(super) fn reached_by(principal: &Principal) -> Vec<Residual> {
    let chained = match &principal.who {
        Who::Role(_) => Residual::chained_from_role(),
        Who::User(_) => Residual::chained_from_user(),
    };
    vec![chained, Residual::running_work(), Residual::made_before()]
}

/// Who can still start sessions of a role.
pub(super) fn admitted_to(services: &[String], others: &[String]) -> Vec<Residual> {
    Residual::new_sessions(others).into_iter().chain(Residual::sessions_of_services(services)).collect()
}

/// The AWS services that write down what happens in the account.
const LOG_KEEPERS: [&str; 6] = ["cloudtrail", "config", "delivery.logs", "firehose", "logs", "vpc-flow-logs"];

/// Whether it is a service that writes down what happens in the account.
pub(super) fn is_log_keeper(service: &str) -> bool {
    let Some((name, _)) = service.split_once(".amazonaws.") else { return false };
    LOG_KEEPERS.contains(&name) || name.starts_with("logs.")
}

/// The services that write the account's logs with a role, where nobody else may take it on: cutting it off would end the
/// evidence, and whoever is contained holds no session of it. A role that admits anybody else is like any other, so that nobody
/// hides behind a service's name.
pub(super) fn log_keepers(trust: &PolicyDocument) -> Option<String> {
    let admitted = trust.admitted();
    let alone = admitted.others.is_empty() && admitted.dead.is_empty() && !admitted.services.is_empty();
    (alone && admitted.services.iter().all(|service| is_log_keeper(service))).then(|| admitted.services.join(", "))
}

/// The refusal to cut off a role by which the account's logs are written.
pub(super) fn keeps_logs(by: &str) -> super::Refusal {
    super::Refusal::Protected {
        why: format!("{by} writes the account's logs with it, and nobody else may take it on"),
        instead: "contain whoever may change where the logs go; where the role itself can do too much, take that permission out of its \
                  policies by hand"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_of_the_logs_is_one_that_nobody_else_may_take_on() {
        let keepers = |principals: serde_json::Value| {
            let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole" }] });
            log_keepers(&PolicyDocument::try_from(trust).expect("a policy"))
        };
        assert_eq!(
            keepers(json!({ "Service": "cloudtrail.amazonaws.com" })).as_deref(),
            Some("cloudtrail.amazonaws.com")
        );
        assert!(keepers(json!({ "Service": ["logs.eu-west-1.amazonaws.com", "firehose.amazonaws.com"] })).is_some());
        assert!(keepers(json!({ "Service": "config.amazonaws.com.cn" })).is_some());
        assert_eq!(keepers(json!({ "Service": ["cloudtrail.amazonaws.com", "lambda.amazonaws.com"] })), None);
        assert_eq!(
            keepers(json!({ "Service": "cloudtrail.amazonaws.com", "AWS": "arn:aws:iam::444455556666:root" })),
            None
        );
        assert_eq!(keepers(json!({ "Service": "cloudtrail.example.com" })), None);
        assert_eq!(keepers(json!("*")), None);
    }
}
