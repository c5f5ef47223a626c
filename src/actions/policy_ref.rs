//! Managed policies as runbooks name them.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::base::{Arn, Entity, EntityKind};

/// A managed policy, named by its ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Arn", into = "Arn")]
pub struct PolicyRef(Arn);

/// An ARN that names no managed policy.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` names no managed policy")]
pub struct NotAPolicy(Arn);

impl TryFrom<Arn> for PolicyRef {
    type Error = NotAPolicy;

    fn try_from(arn: Arn) -> Result<Self, NotAPolicy> {
        if arn.as_str().split(':').nth(2) == Some("iam") && arn.as_str().contains(":policy/") {
            Ok(Self(arn))
        } else {
            Err(NotAPolicy(arn))
        }
    }
}

impl From<PolicyRef> for Arn {
    fn from(policy: PolicyRef) -> Self {
        policy.0
    }
}

impl JsonSchema for PolicyRef {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyRef".into()
    }

    // The example stands in for policies that are not known yet: the ARN of a role would not do.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Arn::json_schema(generator);
        schema.insert("examples".to_owned(), serde_json::json!(["arn:aws:iam::111122223333:policy/sample"]));
        schema
    }
}

impl PolicyRef {
    /// The ARN.
    pub fn arn(&self) -> &Arn {
        &self.0
    }

    /// The entity. Within an account the name is unique, whatever its path.
    pub fn entity(&self) -> Entity {
        Entity::new(EntityKind::ManagedPolicy, self.0.as_str().rsplit('/').next().unwrap_or_default())
    }

    /// Whether it is a policy of AWS.
    pub fn is_of_aws(&self) -> bool {
        self.0.as_str().contains(":iam::aws:")
    }

    /// Why nobody can change it, and what to do instead.
    pub(super) fn protection(&self) -> Option<Refusal> {
        self.is_of_aws().then(|| Refusal::Protected {
            why: "it is a policy of AWS, which only AWS can change".to_owned(),
            instead: "detach it from the roles and users that should not have it".to_owned(),
        })
    }
}
