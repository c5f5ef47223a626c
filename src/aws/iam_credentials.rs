//! What a user can sign in or sign with beside access keys: password, SSH keys, certificates, service-specific
//! credentials. The user is never left out of a request: IAM would then take the caller.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::iam_keys::KeyStatus;
use super::iam_roles::{IAM_READ, IAM_WRITE};
use super::{Operation, Page, Service};
use crate::base::{CredentialId, Entity, EntityKind, UserName};

const USER: &str = "arn:{partition}:iam::{account}:user/*{id}";
const USER_OF_CHILD: &str = "arn:{partition}:iam::{account}:user/*{parent}";

fn user_entity(user: &UserName) -> Entity {
    Entity::new(EntityKind::User, user.as_str())
}

fn child(user: &UserName, kind: EntityKind, id: impl Into<String>) -> Entity {
    user_entity(user).child(kind, id)
}

fn status_of(status: &aws_sdk_iam::types::StatusType) -> KeyStatus {
    // What has expired cannot be used either.
    match status {
        aws_sdk_iam::types::StatusType::Active => KeyStatus::Active,
        _ => KeyStatus::Inactive,
    }
}

fn status_to(status: KeyStatus) -> aws_sdk_iam::types::StatusType {
    match status {
        KeyStatus::Active => aws_sdk_iam::types::StatusType::Active,
        KeyStatus::Inactive => aws_sdk_iam::types::StatusType::Inactive,
    }
}

/// A credential that can be switched off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// The user.
    pub user: UserName,
    /// Whether it can be used.
    pub status: KeyStatus,
    /// When it was made or uploaded.
    pub created: Timestamp,
    /// What it is good for: the service of a service-specific credential, otherwise empty.
    pub service: String,
    /// The name that AWS or its maker gave it, if any.
    pub alias: Option<String>,
    /// When it ends by itself, if ever.
    pub expires: Option<Timestamp>,
}

fn credential(
    id: String,
    user: String,
    status: &aws_sdk_iam::types::StatusType,
    created: Option<&aws_smithy_types::DateTime>,
) -> Result<Credential, String> {
    Ok(Credential {
        id: CredentialId::new(id).map_err(|error| error.to_string())?,
        user: UserName::new(user).map_err(|error| error.to_string())?,
        status: status_of(status),
        created: created.map_or(Timestamp::UNIX_EPOCH, super::timestamp),
        service: String::new(),
        alias: None,
        expires: None,
    })
}

request! {
    /// One page of the SSH public keys of a user, for AWS CodeCommit (`iam:ListSSHPublicKeys`).
    list ListSSHPublicKeys {
        /// The user.
        user: UserName,
    } of Credential,
    row: Operation::read(Service::Iam, "ListSSHPublicKeys").needs(&["iam:ListSSHPublicKeys"], USER).paced(IAM_READ),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).list_ssh_public_keys().user_name(it.user.as_str()).set_marker(it.next.clone()),
    reply: |out| {
        let one = |key: aws_sdk_iam::types::SshPublicKeyMetadata| {
            credential(key.ssh_public_key_id, key.user_name, &key.status, Some(&key.upload_date))
        };
        Ok(Page {
            items: out.ssh_public_keys.unwrap_or_default().into_iter().map(one).collect::<Result<_, _>>()?,
            next: out.marker.filter(|_| out.is_truncated),
        })
    },
}

request! {
    /// Activates or deactivates an SSH public key (`iam:UpdateSSHPublicKey`).
    change UpdateSSHPublicKey {
        /// The user.
        user: UserName,
        /// The key.
        id: CredentialId,
        /// Whether it can be used from now on.
        status: KeyStatus,
    }
    row: Operation::reversible(Service::Iam, "UpdateSSHPublicKey")
        .needs(&["iam:UpdateSSHPublicKey"], USER_OF_CHILD)
        .paced(IAM_WRITE).undone_by(&["DeleteSSHPublicKey"]),
    about: |it| child(&it.user, EntityKind::SshKey, it.id.as_str()),
    send: |it, to| to
        .iam(None)
        .update_ssh_public_key()
        .user_name(it.user.as_str())
        .ssh_public_key_id(it.id.as_str())
        .status(status_to(it.status)),
}

request! {
    /// Deletes an SSH public key (`iam:DeleteSSHPublicKey`).
    change DeleteSSHPublicKey {
        /// The user.
        user: UserName,
        /// The key.
        id: CredentialId,
    }
    row: Operation::irreversible(Service::Iam, "DeleteSSHPublicKey")
        .needs(&["iam:DeleteSSHPublicKey"], USER_OF_CHILD)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| child(&it.user, EntityKind::SshKey, it.id.as_str()),
    send: |it, to| to
        .iam(None)
        .delete_ssh_public_key()
        .user_name(it.user.as_str())
        .ssh_public_key_id(it.id.as_str()),
}

request! {
    /// One page of the signing certificates of a user (`iam:ListSigningCertificates`).
    list ListSigningCertificates {
        /// The user.
        user: UserName,
    } of Credential,
    row: Operation::read(Service::Iam, "ListSigningCertificates")
        .needs(&["iam:ListSigningCertificates"], USER)
        .paced(IAM_READ),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).list_signing_certificates().user_name(it.user.as_str()).set_marker(it.next.clone()),
    reply: |out| {
        let one = |certificate: aws_sdk_iam::types::SigningCertificate| {
            let uploaded = certificate.upload_date;
            credential(certificate.certificate_id, certificate.user_name, &certificate.status, uploaded.as_ref())
        };
        Ok(Page {
            items: out.certificates.into_iter().map(one).collect::<Result<_, _>>()?,
            next: out.marker.filter(|_| out.is_truncated),
        })
    },
}

request! {
    /// Activates or deactivates a signing certificate (`iam:UpdateSigningCertificate`).
    change UpdateSigningCertificate {
        /// The user.
        user: UserName,
        /// The certificate.
        id: CredentialId,
        /// Whether it can be used from now on.
        status: KeyStatus,
    }
    row: Operation::reversible(Service::Iam, "UpdateSigningCertificate")
        .needs(&["iam:UpdateSigningCertificate"], USER_OF_CHILD)
        .paced(IAM_WRITE).undone_by(&["DeleteSigningCertificate"]),
    about: |it| child(&it.user, EntityKind::SigningCertificate, it.id.as_str()),
    send: |it, to| to
        .iam(None)
        .update_signing_certificate()
        .user_name(it.user.as_str())
        .certificate_id(it.id.as_str())
        .status(status_to(it.status)),
}

request! {
    /// Deletes a signing certificate (`iam:DeleteSigningCertificate`).
    change DeleteSigningCertificate {
        /// The user.
        user: UserName,
        /// The certificate.
        id: CredentialId,
    }
    row: Operation::irreversible(Service::Iam, "DeleteSigningCertificate")
        .needs(&["iam:DeleteSigningCertificate"], USER_OF_CHILD)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| child(&it.user, EntityKind::SigningCertificate, it.id.as_str()),
    send: |it, to| to
        .iam(None)
        .delete_signing_certificate()
        .user_name(it.user.as_str())
        .certificate_id(it.id.as_str()),
}

fn service_credential(one: aws_sdk_iam::types::ServiceSpecificCredentialMetadata) -> Result<Credential, String> {
    let known = credential(one.service_specific_credential_id, one.user_name, &one.status, Some(&one.create_date))?;
    Ok(Credential {
        service: one.service_name,
        alias: one.service_credential_alias,
        expires: one.expiration_date.as_ref().map(super::timestamp),
        ..known
    })
}

request! {
    /// One page of the service-specific credentials of a user, or of all users
    /// (`iam:ListServiceSpecificCredentials`): long-term Bedrock API keys, Git passwords and the like.
    list ListServiceSpecificCredentials {
        /// The user; nothing for all users.
        user: Option<UserName>,
        /// The service, such as `bedrock.amazonaws.com`; nothing for every service.
        service: Option<String>,
    } of Credential,
    row: Operation::read(Service::Iam, "ListServiceSpecificCredentials")
        .needs(&["iam:ListServiceSpecificCredentials"], "arn:{partition}:iam::{account}:user/*")
        .paced(IAM_READ),
    about: |it| match &it.user {
        Some(user) => user_entity(user),
        None => Entity::new(EntityKind::Account, "service-specific credentials"),
    },
    send: |it, to| to
        .iam(None)
        .list_service_specific_credentials()
        .set_user_name(it.user.as_ref().map(ToString::to_string))
        .set_all_users(it.user.is_none().then_some(true))
        .set_service_name(it.service.clone())
        .set_marker(it.next.clone()),
    reply: |out| {
        let listed = out.service_specific_credentials.unwrap_or_default();
        Ok(Page {
            items: listed.into_iter().map(service_credential).collect::<Result<_, _>>()?,
            next: out.marker.filter(|_| out.is_truncated),
        })
    },
}

request! {
    /// Activates or deactivates a service-specific credential (`iam:UpdateServiceSpecificCredential`).
    change UpdateServiceSpecificCredential {
        /// The user.
        user: UserName,
        /// The credential.
        id: CredentialId,
        /// Whether it can be used from now on.
        status: KeyStatus,
    }
    row: Operation::reversible(Service::Iam, "UpdateServiceSpecificCredential")
        .needs(&["iam:UpdateServiceSpecificCredential"], USER_OF_CHILD)
        .paced(IAM_WRITE).undone_by(&["DeleteServiceSpecificCredential", "ResetServiceSpecificCredential"]),
    about: |it| child(&it.user, EntityKind::ServiceCredential, it.id.as_str()),
    send: |it, to| to
        .iam(None)
        .update_service_specific_credential()
        .user_name(it.user.as_str())
        .service_specific_credential_id(it.id.as_str())
        .status(status_to(it.status)),
}

request! {
    /// Deletes a service-specific credential (`iam:DeleteServiceSpecificCredential`).
    change DeleteServiceSpecificCredential {
        /// The user.
        user: UserName,
        /// The credential.
        id: CredentialId,
    }
    row: Operation::irreversible(Service::Iam, "DeleteServiceSpecificCredential")
        .needs(&["iam:DeleteServiceSpecificCredential"], USER_OF_CHILD)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| child(&it.user, EntityKind::ServiceCredential, it.id.as_str()),
    send: |it, to| to
        .iam(None)
        .delete_service_specific_credential()
        .user_name(it.user.as_str())
        .service_specific_credential_id(it.id.as_str()),
}

request! {
    /// Reads when the console password of a user was made (`iam:GetLoginProfile`); what it is, nobody can read.
    read GetLoginProfile {
        /// The user.
        user: UserName,
    } of Timestamp,
    row: Operation::read(Service::Iam, "GetLoginProfile").needs(&["iam:GetLoginProfile"], USER).paced(IAM_READ),
    about: |it| user_entity(&it.user),
    send: |it, to| to.iam(None).get_login_profile().user_name(it.user.as_str()),
    reply: |out| Ok(super::timestamp(&out.login_profile.ok_or("no login profile in the reply")?.create_date)),
}

request! {
    /// Deletes the console password of a user (`iam:DeleteLoginProfile`). Console sessions go on.
    change DeleteLoginProfile {
        /// The user.
        user: UserName,
    }
    row: Operation::irreversible(Service::Iam, "DeleteLoginProfile")
        .needs(&["iam:DeleteLoginProfile"], USER_OF_CHILD)
        .paced(IAM_WRITE)
        .repeatable()
        .already(&["NoSuchEntity"]),
    about: |it| child(&it.user, EntityKind::ConsolePassword, "password"),
    send: |it, to| to.iam(None).delete_login_profile().user_name(it.user.as_str()),
}
