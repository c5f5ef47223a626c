//! Makes roles.

use super::declare::request;
use super::iam_roles::IAM_WRITE;
use super::{Operation, Service};
use crate::base::{Arn, Entity, EntityKind, RoleName};
use crate::iam::PolicyDocument;

request! {
    /// Makes a role with a trust policy and one tag (`iam:CreateRole`). Its name is its own, so that a second one is refused, and a
    /// look tells by the tag whose it is.
    change CreateRole {
        /// The role.
        role: RoleName,
        /// Its path.
        path: String,
        /// Who may assume it.
        trust: PolicyDocument,
        /// The managed policy that bounds it.
        boundary: Option<Arn>,
        /// The key of its tag.
        tag: String,
        /// The value of its tag.
        value: String,
    }
    row: Operation::reversible(Service::Iam, "CreateRole")
        .needs(&["iam:CreateRole", "iam:TagRole"], "arn:{partition}:iam::{account}:role/*{id}")
        .paced(IAM_WRITE)
        .never_blindly()
        .already(&["EntityAlreadyExists"])
        .undone_by(&["DeleteRole"]),
    about: |it| Entity::new(EntityKind::Role, it.role.as_str()),
    send: |it, to| {
        let tag = aws_sdk_iam::types::Tag::builder().key(&it.tag).value(&it.value).build();
        let tag = tag.map_err(|error| {
            super::Fault::of(Self::OPERATION, super::FaultKind::BadRequest, "Tag", error.to_string())
        })?;
        to.iam(None)
            .create_role()
            .role_name(it.role.as_str())
            .path(&it.path)
            .assume_role_policy_document(it.trust.to_json())
            .set_permissions_boundary(it.boundary.as_ref().map(|arn| arn.as_str().to_owned()))
            .tags(tag)
    },
}
