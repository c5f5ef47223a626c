//! Managed policies: what they say, who has them, their versions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::iam_roles::{IAM_READ, IAM_WRITE, document};
use super::{Operation, Page, Service, WrittenPolicy};
use crate::base::{Arn, Entity, EntityKind, PolicyVersionId};
use crate::iam::PolicyDocument;

const POLICY: &str = "arn:{partition}:iam::{account}:policy/*{id}";
/// The managed policies that quell makes.
pub const OWN_POLICY: &str = "arn:{partition}:iam::{account}:policy/quell/*";
/// AWS's own policies stand in no account. Who of the account has them is asked of them as well.
const ANY_POLICY: &str = "arn:{partition}:iam::*:policy/*{id}";

/// The managed policy of an ARN. Within an account its name is unique, whatever its path.
pub(super) fn policy_entity(policy: &Arn) -> Entity {
    Entity::new(EntityKind::ManagedPolicy, policy.as_str().rsplit('/').next().unwrap_or_default())
}

/// A managed policy as IAM describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// The name without its path.
    pub name: String,
    /// The path, starting and ending with `/`.
    pub path: String,
    /// The immutable id, `ANPA…`.
    pub id: String,
    /// The ARN.
    pub arn: Arn,
    /// The version that counts.
    pub default_version: PolicyVersionId,
    /// To how many roles, users and groups it is attached.
    pub attached: i32,
    /// For how many roles and users it is the permissions boundary.
    pub bounds: i32,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags; lists leave them out.
    pub tags: BTreeMap<String, String>,
}

fn described(policy: aws_sdk_iam::types::Policy) -> Result<ManagedPolicy, String> {
    let missing = |what: &str| format!("a policy without {what}");
    let arn = policy.arn.ok_or_else(|| missing("an ARN"))?;
    let version = policy.default_version_id.ok_or_else(|| missing("a default version"))?;
    Ok(ManagedPolicy {
        name: policy.policy_name.ok_or_else(|| missing("a name"))?,
        path: policy.path.unwrap_or_else(|| "/".to_owned()),
        id: policy.policy_id.ok_or_else(|| missing("an id"))?,
        arn: arn.parse().map_err(|error| format!("{error}"))?,
        default_version: PolicyVersionId::new(version).map_err(|error| error.to_string())?,
        attached: policy.attachment_count.unwrap_or(0),
        bounds: policy.permissions_boundary_usage_count.unwrap_or(0),
        created: super::timestamp(&policy.create_date.ok_or_else(|| missing("a date"))?),
        tags: super::iam_roles::tags(policy.tags),
    })
}

request! {
    /// Reads a managed policy (`iam:GetPolicy`); what it says stands in its versions.
    read GetPolicy {
        /// The policy.
        policy: Arn,
    } of ManagedPolicy,
    row: Operation::read(Service::Iam, "GetPolicy").needs(&["iam:GetPolicy"], POLICY).paced(IAM_READ),
    about: |it| policy_entity(&it.policy),
    send: |it, to| to.iam(None).get_policy().policy_arn(it.policy.as_str()),
    reply: |out| described(out.policy.ok_or("no policy in the reply")?),
}

request! {
    /// One page of the managed policies of the account, those of AWS left out (`iam:ListPolicies`).
    list ListPolicies {
        /// Below this path.
        path: String,
    } of ManagedPolicy,
    row: Operation::read(Service::Iam, "ListPolicies").needs(&["iam:ListPolicies"], "*").paced(IAM_READ),
    about: |_it| Entity::new(EntityKind::Account, "policies"),
    send: |it, to| to
        .iam(None)
        .list_policies()
        .scope(aws_sdk_iam::types::PolicyScopeType::Local)
        .path_prefix(&it.path)
        .set_marker(it.next.clone()),
    reply: |out| Ok(Page {
        items: out.policies.unwrap_or_default().into_iter().map(described).collect::<Result<_, _>>()?,
        next: out.marker.filter(|_| out.is_truncated),
    }),
}

/// A version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// The id.
    pub id: PolicyVersionId,
    /// Whether it is the one that counts.
    pub is_default: bool,
    /// When it was made.
    pub created: Timestamp,
}

request! {
    /// One page of the versions of a managed policy (`iam:ListPolicyVersions`). There are five at most.
    list ListPolicyVersions {
        /// The policy.
        policy: Arn,
    } of PolicyVersion,
    row: Operation::read(Service::Iam, "ListPolicyVersions").needs(&["iam:ListPolicyVersions"], POLICY).paced(IAM_READ),
    about: |it| policy_entity(&it.policy),
    send: |it, to| to.iam(None).list_policy_versions().policy_arn(it.policy.as_str()).set_marker(it.next.clone()),
    reply: |out| {
        let version = |one: aws_sdk_iam::types::PolicyVersion| {
            Ok::<_, String>(PolicyVersion {
                id: PolicyVersionId::new(one.version_id.unwrap_or_default()).map_err(|error| error.to_string())?,
                is_default: one.is_default_version,
                created: super::timestamp(&one.create_date.ok_or("a version without a date")?),
            })
        };
        Ok(Page {
            items: out.versions.unwrap_or_default().into_iter().map(version).collect::<Result<_, _>>()?,
            next: out.marker.filter(|_| out.is_truncated),
        })
    },
}

request! {
    /// Reads what a version of a managed policy says (`iam:GetPolicyVersion`).
    read GetPolicyVersion {
        /// The policy.
        policy: Arn,
        /// The version.
        version: PolicyVersionId,
    } of PolicyDocument,
    row: Operation::read(Service::Iam, "GetPolicyVersion").needs(&["iam:GetPolicyVersion"], POLICY).paced(IAM_READ),
    about: |it| policy_entity(&it.policy),
    send: |it, to| to.iam(None).get_policy_version().policy_arn(it.policy.as_str()).version_id(it.version.as_str()),
    reply: |out| {
        let text = out.policy_version.and_then(|version| version.document).ok_or("no document in the reply")?;
        document(&text)
    },
}

request! {
    /// One page of those whom a managed policy is attached to or bounds (`iam:ListEntitiesForPolicy`).
    list ListEntitiesForPolicy {
        /// The policy.
        policy: Arn,
        /// Those whom it bounds; otherwise those whom it is attached to.
        as_boundary: bool,
    } of Entity,
    row: Operation::read(Service::Iam, "ListEntitiesForPolicy")
        .needs(&["iam:ListEntitiesForPolicy"], ANY_POLICY)
        .paced(IAM_READ),
    about: |it| policy_entity(&it.policy),
    send: |it, to| {
        let usage = match it.as_boundary {
            true => aws_sdk_iam::types::PolicyUsageType::PermissionsBoundary,
            false => aws_sdk_iam::types::PolicyUsageType::PermissionsPolicy,
        };
        to.iam(None)
            .list_entities_for_policy()
            .policy_arn(it.policy.as_str())
            .policy_usage_filter(usage)
            .set_marker(it.next.clone())
    },
    reply: |out| {
        let roles = out.policy_roles.unwrap_or_default().into_iter().map(|it| (EntityKind::Role, it.role_name));
        let users = out.policy_users.unwrap_or_default().into_iter().map(|it| (EntityKind::User, it.user_name));
        let groups = out.policy_groups.unwrap_or_default().into_iter().map(|it| (EntityKind::Group, it.group_name));
        let holder = |(kind, name): (EntityKind, Option<String>)| {
            let name = name.ok_or_else(|| format!("a {} without a name", kind.as_str()))?;
            Ok::<_, String>(Entity::new(kind, name))
        };
        Ok(Page {
            items: roles.chain(users).chain(groups).map(holder).collect::<Result<_, _>>()?,
            next: out.marker.filter(|_| out.is_truncated),
        })
    },
}

request! {
    /// Makes a managed policy (`iam:CreatePolicy`). Its name is taken once: what is there already is not touched.
    change CreatePolicy {
        /// Whom it is made for: it is approved with what happens to them.
        made_for: Entity,
        /// The path, starting and ending with `/`.
        path: String,
        /// The name.
        name: String,
        /// What it says.
        document: WrittenPolicy,
    }
    row: Operation::reversible(Service::Iam, "CreatePolicy")
        .needs(&["iam:CreatePolicy"], OWN_POLICY)
        .paced(IAM_WRITE).undone_by(&["DeletePolicy"])
        .already(&["EntityAlreadyExists"]),
    about: |it| it.made_for.child(EntityKind::ManagedPolicy, &it.name),
    send: |it, to| to
        .iam(None)
        .create_policy()
        .path(&it.path)
        .policy_name(&it.name)
        .policy_document(it.document.json(Self::OPERATION)?),
}

request! {
    /// Makes a version of a managed policy of quell's, which counts from then on (`iam:CreatePolicyVersion`). Sent twice it makes two,
    /// and there are five at most.
    change CreatePolicyVersion {
        /// Whom the policy was made for: it is approved with what happens to them.
        made_for: Entity,
        /// The policy.
        policy: Arn,
        /// What it says.
        document: WrittenPolicy,
    }
    row: Operation::reversible(Service::Iam, "CreatePolicyVersion")
        .needs(&["iam:CreatePolicyVersion"], OWN_POLICY)
        .paced(IAM_WRITE).undone_by(&["SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"])
        .never_blindly(),
    about: |it| it.made_for.child(EntityKind::ManagedPolicy, policy_entity(&it.policy).id()),
    send: |it, to| to
        .iam(None)
        .create_policy_version()
        .policy_arn(it.policy.as_str())
        .policy_document(it.document.json(Self::OPERATION)?)
        .set_as_default(true),
}

request! {
    /// Lets another version of a managed policy count (`iam:SetDefaultPolicyVersion`).
    change SetDefaultPolicyVersion {
        /// The policy.
        policy: Arn,
        /// The version.
        version: PolicyVersionId,
    }
    row: Operation::reversible(Service::Iam, "SetDefaultPolicyVersion")
        .needs(&["iam:SetDefaultPolicyVersion"], POLICY)
        .paced(IAM_WRITE).undone_by(&["CreatePolicyVersion", "DeletePolicy"]),
    about: |it| policy_entity(&it.policy),
    send: |it, to| to
        .iam(None)
        .set_default_policy_version()
        .policy_arn(it.policy.as_str())
        .version_id(it.version.as_str()),
}

request! {
    /// Deletes a version of a managed policy that is not its default (`iam:DeletePolicyVersion`).
    change DeletePolicyVersion {
        /// The policy.
        policy: Arn,
        /// The version.
        version: PolicyVersionId,
    }
    row: Operation::irreversible(Service::Iam, "DeletePolicyVersion")
        .needs(&["iam:DeletePolicyVersion"], POLICY)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| policy_entity(&it.policy),
    send: |it, to| to.iam(None).delete_policy_version().policy_arn(it.policy.as_str()).version_id(it.version.as_str()),
}

request! {
    /// Deletes a managed policy that nobody has and that has one version only (`iam:DeletePolicy`).
    change DeletePolicy {
        /// The policy.
        policy: Arn,
    }
    row: Operation::irreversible(Service::Iam, "DeletePolicy")
        .needs(&["iam:DeletePolicy"], POLICY)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| policy_entity(&it.policy),
    send: |it, to| to.iam(None).delete_policy().policy_arn(it.policy.as_str()),
}
