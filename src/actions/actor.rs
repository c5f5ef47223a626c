//! Whoever an investigation is about.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::aws::TrailIdentity;
use crate::base::{AccessKeyId, Arn, PrincipalKind};

/// A key, a session, a role, a user or the root user: by its key id or ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Actor {
    /// An access key, long-term or of a session.
    Key(AccessKeyId),
    /// A session of a role, or one of a user by GetFederationToken.
    Session {
        /// Its ARN.
        arn: Arn,
        /// Its name.
        name: String,
    },
    /// A role: all its sessions.
    Role(Arn),
    /// A user, with all keys and sessions.
    User {
        /// Its ARN.
        arn: Arn,
        /// Its name, without the path.
        name: String,
    },
    /// The root user.
    Root(Arn),
}

/// A text that names nobody.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is neither the id of an access key nor the ARN of a user, a role or a session")]
pub struct NotAnActor(String);

impl TryFrom<String> for Actor {
    type Error = NotAnActor;

    fn try_from(text: String) -> Result<Self, NotAnActor> {
        if let Ok(key) = AccessKeyId::new(text.as_str()) {
            return Ok(Self::Key(key));
        }
        let Ok(arn) = text.parse::<Arn>() else { return Err(NotAnActor(text)) };
        match arn.principal() {
            Some(PrincipalKind::Role { .. }) => Ok(Self::Role(arn)),
            Some(PrincipalKind::User { name, .. }) => Ok(Self::User { arn, name }),
            Some(PrincipalKind::AssumedRole { session: name, .. } | PrincipalKind::FederatedUser { name }) => {
                Ok(Self::Session { arn, name })
            }
            Some(PrincipalKind::Root) => Ok(Self::Root(arn)),
            None => Err(NotAnActor(text)),
        }
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Key(key) => key.into(),
            Actor::Session { arn, .. } | Actor::Role(arn) | Actor::User { arn, .. } | Actor::Root(arn) => {
                arn.as_str().to_owned()
            }
        }
    }
}

impl JsonSchema for Actor {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Actor".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl Actor {
    /// Whether it is this that CloudTrail speaks of.
    pub fn is(&self, who: &TrailIdentity) -> bool {
        let named = |arn: &Arn| who.arn.as_deref() == Some(arn.as_str());
        let issued_by = |arn: &Arn| who.issuer.as_deref() == Some(arn.as_str());
        match self {
            Self::Key(key) => who.access_key.as_deref() == Some(key.as_str()),
            Self::Session { arn, .. } => named(arn),
            Self::Role(arn) => issued_by(arn) || named(arn),
            Self::User { arn, .. } => named(arn) || issued_by(arn),
            Self::Root(arn) => named(arn) || issued_by(arn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_one_kind_of_actor() {
        let actor = |text: &str| Actor::try_from(text.to_owned());
        let arn = |rest: &str| format!("arn:aws:{rest}");
        assert!(matches!(actor("AKIAIOSFODNN7EXAMPLE"), Ok(Actor::Key(_))));
        assert!(matches!(actor(&arn("iam::111122223333:role/service/r")), Ok(Actor::Role(_))));
        assert!(matches!(actor(&arn("iam::111122223333:user/p/u")), Ok(Actor::User { name, .. }) if name == "u"));
        let session = actor(&arn("sts::111122223333:assumed-role/r/s"));
        assert!(matches!(&session, Ok(Actor::Session { name, .. }) if name == "s"));
        assert!(matches!(actor(&arn("iam::111122223333:root")), Ok(Actor::Root(_))));
        for text in ["mallory", "arn:aws:s3:::bucket", ""] {
            assert!(actor(text).is_err(), "{text}");
        }
        let Ok(session) = session else { panic!("a session") };
        assert_eq!(String::from(session), arn("sts::111122223333:assumed-role/r/s"));
    }
}
