//! What gives roles and users their permissions beside the inline policies themselves: lists of these, attached managed
//! policies, permissions boundaries, groups.

use super::declare::request;
use super::iam_roles::{IAM_READ, IAM_WRITE};
use super::{Operation, Page, Service};
use crate::base::{Arn, Entity, EntityKind, RoleName, UserName};

const ROLE: &str = "arn:{partition}:iam::{account}:role/*{id}";
const USER: &str = "arn:{partition}:iam::{account}:user/*{id}";
const GROUP: &str = "arn:{partition}:iam::{account}:group/*{id}";

fn role_entity(role: &RoleName) -> Entity {
    Entity::new(EntityKind::Role, role.as_str())
}

fn user_entity(user: &UserName) -> Entity {
    Entity::new(EntityKind::User, user.as_str())
}

/// The ARNs of attached policies.
fn arns(listed: Vec<aws_sdk_iam::types::AttachedPolicy>) -> Result<Vec<Arn>, String> {
    let arn = |policy: aws_sdk_iam::types::AttachedPolicy| {
        let arn = policy.policy_arn.ok_or_else(|| "an attached policy without an ARN".to_owned())?;
        arn.parse().map_err(|error| format!("{error}"))
    };
    listed.into_iter().map(arn).collect()
}

request! {
    /// One page of the names of a role's inline policies (`iam:ListRolePolicies`).
    list ListRolePolicies {
        /// The role.
        role: RoleName,
    } of String,
    row: Operation::read(Service::Iam, "ListRolePolicies").needs(&["iam:ListRolePolicies"], ROLE).paced(IAM_READ),
    about: |it| role_entity(&it.role),
    send: |it, to| to.iam(None).list_role_policies().role_name(it.role.as_str()).set_marker(it.next.clone()),
    reply: |out| Ok(Page { items: out.policy_names, next: out.marker.filter(|_| out.is_truncated) }),
}

request! {
    /// One page of the names of a user's inline policies (`iam:ListUserPolicies`).
    list ListUserPolicies {
        /// The user.
        user: UserName,
    } of String,
    row: Operation::read(Service::Iam, "ListUserPolicies").needs(&["iam:ListUserPolicies"], USER).paced(IAM_READ),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).list_user_policies().user_name(it.user.as_str()).set_marker(it.next.clone()),
    reply: |out| Ok(Page { items: out.policy_names, next: out.marker.filter(|_| out.is_truncated) }),
}

request! {
    /// One page of the managed policies that are attached to a role (`iam:ListAttachedRolePolicies`).
    list ListAttachedRolePolicies {
        /// The role.
        role: RoleName,
    } of Arn,
    row: Operation::read(Service::Iam, "ListAttachedRolePolicies")
        .needs(&["iam:ListAttachedRolePolicies"], ROLE)
        .paced(IAM_READ),
    about: |it| role_entity(&it.role),
    send: |it, to| to.iam(None).list_attached_role_policies().role_name(it.role.as_str()).set_marker(it.next.clone()),
    reply: |out| Ok(Page {
        items: arns(out.attached_policies.unwrap_or_default())?,
        next: out.marker.filter(|_| out.is_truncated),
    }),
}

request! {
    /// One page of the managed policies that are attached to a user (`iam:ListAttachedUserPolicies`).
    list ListAttachedUserPolicies {
        /// The user.
        user: UserName,
    } of Arn,
    row: Operation::read(Service::Iam, "ListAttachedUserPolicies")
        .needs(&["iam:ListAttachedUserPolicies"], USER)
        .paced(IAM_READ),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).list_attached_user_policies().user_name(it.user.as_str()).set_marker(it.next.clone()),
    reply: |out| Ok(Page {
        items: arns(out.attached_policies.unwrap_or_default())?,
        next: out.marker.filter(|_| out.is_truncated),
    }),
}

request! {
    /// Attaches a managed policy to a role (`iam:AttachRolePolicy`). Attaching what is attached succeeds.
    change AttachRolePolicy {
        /// The role.
        role: RoleName,
        /// The policy.
        policy: Arn,
    }
    row: Operation::reversible(Service::Iam, "AttachRolePolicy").needs(&["iam:AttachRolePolicy"], ROLE).paced(IAM_WRITE).undone_by(&["DetachRolePolicy", "DeleteRole"]),
    about: |it| role_entity(&it.role),
    send: |it, to| to.iam(None).attach_role_policy().role_name(it.role.as_str()).policy_arn(it.policy.as_str()),
}

request! {
    /// Attaches a managed policy to a user (`iam:AttachUserPolicy`). Attaching what is attached succeeds.
    change AttachUserPolicy {
        /// The user.
        user: UserName,
        /// The policy.
        policy: Arn,
    }
    row: Operation::reversible(Service::Iam, "AttachUserPolicy").needs(&["iam:AttachUserPolicy"], USER).paced(IAM_WRITE).undone_by(&["DetachUserPolicy", "DeleteUser"]),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).attach_user_policy().user_name(it.user.as_str()).policy_arn(it.policy.as_str()),
}

request! {
    /// Detaches a managed policy from a role (`iam:DetachRolePolicy`).
    change DetachRolePolicy {
        /// The role.
        role: RoleName,
        /// The policy.
        policy: Arn,
    }
    row: Operation::reversible(Service::Iam, "DetachRolePolicy")
        .needs(&["iam:DetachRolePolicy"], ROLE)
        .paced(IAM_WRITE).undone_by(&["AttachRolePolicy"])
        .already(&["NoSuchEntity"]),
    about: |it| role_entity(&it.role),
    send: |it, to| to.iam(None).detach_role_policy().role_name(it.role.as_str()).policy_arn(it.policy.as_str()),
}

request! {
    /// Detaches a managed policy from a user (`iam:DetachUserPolicy`).
    change DetachUserPolicy {
        /// The user.
        user: UserName,
        /// The policy.
        policy: Arn,
    }
    row: Operation::reversible(Service::Iam, "DetachUserPolicy")
        .needs(&["iam:DetachUserPolicy"], USER)
        .paced(IAM_WRITE).undone_by(&["AttachUserPolicy"])
        .already(&["NoSuchEntity"]),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).detach_user_policy().user_name(it.user.as_str()).policy_arn(it.policy.as_str()),
}

request! {
    /// Detaches a managed policy from a group (`iam:DetachGroupPolicy`).
    change DetachGroupPolicy {
        /// The group's name.
        group: String,
        /// The policy.
        policy: Arn,
    }
    row: Operation::reversible(Service::Iam, "DetachGroupPolicy")
        .needs(&["iam:DetachGroupPolicy"], GROUP)
        .paced(IAM_WRITE).undone_by(&["AttachGroupPolicy"])
        .already(&["NoSuchEntity"]),
    about: |it| Entity::new(EntityKind::Group, &it.group),
    send: |it, to| to.iam(None).detach_group_policy().group_name(&it.group).policy_arn(it.policy.as_str()),
}

request! {
    /// Sets the permissions boundary of a role (`iam:PutRolePermissionsBoundary`), in the place of the one that is there.
    change PutRolePermissionsBoundary {
        /// The role.
        role: RoleName,
        /// The managed policy.
        policy: Arn,
    }
    row: Operation::reversible(Service::Iam, "PutRolePermissionsBoundary")
        .needs(&["iam:PutRolePermissionsBoundary"], ROLE)
        .paced(IAM_WRITE).undone_by(&["DeleteRolePermissionsBoundary", "DeleteRole"]),
    about: |it| role_entity(&it.role),
    send: |it, to| to
        .iam(None)
        .put_role_permissions_boundary()
        .role_name(it.role.as_str())
        .permissions_boundary(it.policy.as_str()),
}

request! {
    /// Sets the permissions boundary of a user (`iam:PutUserPermissionsBoundary`), in the place of the one that is there.
    change PutUserPermissionsBoundary {
        /// The user.
        user: UserName,
        /// The managed policy.
        policy: Arn,
    }
    row: Operation::reversible(Service::Iam, "PutUserPermissionsBoundary")
        .needs(&["iam:PutUserPermissionsBoundary"], USER)
        .paced(IAM_WRITE).undone_by(&["DeleteUserPermissionsBoundary", "DeleteUser"]),
    about: |it| user_entity(&it.user),
    send: |it, to| to
        .iam(None)
        .put_user_permissions_boundary()
        .user_name(it.user.as_str())
        .permissions_boundary(it.policy.as_str()),
}

request! {
    /// Takes the permissions boundary of a role away (`iam:DeleteRolePermissionsBoundary`).
    change DeleteRolePermissionsBoundary {
        /// The role.
        role: RoleName,
    }
    row: Operation::reversible(Service::Iam, "DeleteRolePermissionsBoundary")
        .needs(&["iam:DeleteRolePermissionsBoundary"], ROLE)
        .paced(IAM_WRITE).undone_by(&["PutRolePermissionsBoundary"])
        .already(&["NoSuchEntity"]),
    about: |it| role_entity(&it.role),
    send: |it, to| to.iam(None).delete_role_permissions_boundary().role_name(it.role.as_str()),
}

request! {
    /// Takes the permissions boundary of a user away (`iam:DeleteUserPermissionsBoundary`).
    change DeleteUserPermissionsBoundary {
        /// The user.
        user: UserName,
    }
    row: Operation::reversible(Service::Iam, "DeleteUserPermissionsBoundary")
        .needs(&["iam:DeleteUserPermissionsBoundary"], USER)
        .paced(IAM_WRITE).undone_by(&["PutUserPermissionsBoundary"])
        .already(&["NoSuchEntity"]),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).delete_user_permissions_boundary().user_name(it.user.as_str()),
}

request! {
    /// One page of the groups that a user is in, by name (`iam:ListGroupsForUser`).
    list ListGroupsForUser {
        /// The user.
        user: UserName,
    } of String,
    row: Operation::read(Service::Iam, "ListGroupsForUser").needs(&["iam:ListGroupsForUser"], USER).paced(IAM_READ),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).list_groups_for_user().user_name(it.user.as_str()).set_marker(it.next.clone()),
    reply: |out| Ok(Page {
        items: out.groups.into_iter().map(|group| group.group_name).collect(),
        next: out.marker.filter(|_| out.is_truncated),
    }),
}

request! {
    /// One page of the users that are in a group (`iam:GetGroup`).
    list GetGroup {
        /// The group's name.
        group: String,
    } of UserName,
    row: Operation::read(Service::Iam, "GetGroup").needs(&["iam:GetGroup"], GROUP).paced(IAM_READ),
    about: |it| Entity::new(EntityKind::Group, &it.group),
    send: |it, to| to.iam(None).get_group().group_name(&it.group).set_marker(it.next.clone()),
    reply: |out| {
        let name = |user: aws_sdk_iam::types::User| UserName::new(user.user_name).map_err(|error| error.to_string());
        Ok(Page {
            items: out.users.into_iter().map(name).collect::<Result<_, _>>()?,
            next: out.marker.filter(|_| out.is_truncated),
        })
    },
}

request! {
    /// Takes a user out of a group (`iam:RemoveUserFromGroup`).
    change RemoveUserFromGroup {
        /// The user.
        user: UserName,
        /// The group's name.
        group: String,
    }
    row: Operation::reversible(Service::Iam, "RemoveUserFromGroup")
        .needs(&["iam:RemoveUserFromGroup"], "arn:{partition}:iam::{account}:group/*")
        .paced(IAM_WRITE).undone_by(&["AddUserToGroup"])
        .already(&["NoSuchEntity"]),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).remove_user_from_group().user_name(it.user.as_str()).group_name(&it.group),
}

request! {
    /// One page of the instance profiles that hold a role, by name (`iam:ListInstanceProfilesForRole`).
    list ListInstanceProfilesForRole {
        /// The role.
        role: RoleName,
    } of String,
    row: Operation::read(Service::Iam, "ListInstanceProfilesForRole")
        .needs(&["iam:ListInstanceProfilesForRole"], ROLE)
        .paced(IAM_READ),
    about: |it| role_entity(&it.role),
    send: |it, to| to
        .iam(None)
        .list_instance_profiles_for_role()
        .role_name(it.role.as_str())
        .set_marker(it.next.clone()),
    reply: |out| Ok(Page {
        items: out.instance_profiles.into_iter().map(|profile| profile.instance_profile_name).collect(),
        next: out.marker.filter(|_| out.is_truncated),
    }),
}

request! {
    /// Takes a role out of an instance profile (`iam:RemoveRoleFromInstanceProfile`).
    change RemoveRoleFromInstanceProfile {
        /// The role.
        role: RoleName,
        /// The instance profile's name.
        profile: String,
    }
    row: Operation::reversible(Service::Iam, "RemoveRoleFromInstanceProfile")
        .needs(&["iam:RemoveRoleFromInstanceProfile"], "arn:{partition}:iam::{account}:instance-profile/*")
        .paced(IAM_WRITE).undone_by(&["AddRoleToInstanceProfile"])
        .already(&["NoSuchEntity"]),
    about: |it| role_entity(&it.role),
    send: |it, to| to
        .iam(None)
        .remove_role_from_instance_profile()
        .role_name(it.role.as_str())
        .instance_profile_name(&it.profile),
}
