//! What users sign in or sign with beside access keys.

use serde_json::{Value, json};

use crate::range::model::{ServiceCredential, SwitchedCredential, User};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::access::{no_such, on_user, user_seen, user_to_change, write_user};
use super::quota;

pub(super) const ROWS: &[Row] = &[
    Row::read("GetLoginProfile", on_user, get_login_profile),
    Row::write("DeleteLoginProfile", on_user, delete_login_profile),
    Row::read("ListMFADevices", on_user, list_mfa_devices),
    Row::read("ListVirtualMFADevices", anything, list_virtual_mfa_devices),
    Row::write("DeactivateMFADevice", on_user, deactivate_mfa_device),
    Row::write("DeleteVirtualMFADevice", |turn| turn.text("SerialNumber").to_owned(), delete_virtual_mfa_device),
    Row::read("ListSSHPublicKeys", on_user, list_ssh_public_keys),
    Row::write("UpdateSSHPublicKey", on_user, |turn| switch(turn, "SSHPublicKeyId", |user| &mut user.ssh_keys)),
    Row::write("DeleteSSHPublicKey", on_user, |turn| delete(turn, "SSHPublicKeyId", |user| &mut user.ssh_keys)),
    Row::read("ListSigningCertificates", on_user, list_signing_certificates),
    Row::write("UpdateSigningCertificate", on_user, |turn| {
        switch(turn, "CertificateId", |user| &mut user.certificates)
    }),
    Row::write("DeleteSigningCertificate", on_user, |turn| {
        delete(turn, "CertificateId", |user| &mut user.certificates)
    }),
    Row::write("CreateServiceSpecificCredential", on_user, create_service_specific_credential),
    Row::read("ListServiceSpecificCredentials", on_user, list_service_specific_credentials),
    Row::write("UpdateServiceSpecificCredential", on_user, update_service_specific_credential),
    Row::write("DeleteServiceSpecificCredential", on_user, |turn| {
        delete(turn, "ServiceSpecificCredentialId", |user| &mut user.service_credentials)
    }),
];

fn status(active: bool) -> &'static str {
    if active { "Active" } else { "Inactive" }
}

fn no_such_credential(id: &str) -> ApiError {
    refuse("NoSuchEntity", format!("The credential with id {id} cannot be found."))
}

fn get_login_profile(turn: &mut Turn<'_>) -> Handled {
    let user = user_seen(turn)?;
    if !user.console_password {
        return Err(no_such("Login Profile for user", &user.name));
    }
    let made = user.password_created.unwrap_or(user.created);
    Ok(json!({ "LoginProfile": { "UserName": user.name, "CreateDate": made, "PasswordResetRequired": false } }))
}

fn delete_login_profile(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    if !std::mem::take(&mut user.console_password) {
        return Err(no_such("Login Profile for user", &user.name));
    }
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}

fn list_mfa_devices(turn: &mut Turn<'_>) -> Handled {
    let user = user_seen(turn)?;
    let shown = user
        .mfa_devices
        .iter()
        .map(|(serial, enabled)| json!({ "UserName": user.name, "SerialNumber": serial, "EnableDate": enabled }));
    turn.page("MFADevices", shown.collect())
}

/// A virtual device has an ARN where a hardware one has what is printed on it; security keys have another one.
fn is_virtual(serial: &str) -> bool {
    serial.starts_with("arn:") && serial.contains(":mfa/")
}

fn list_virtual_mfa_devices(turn: &mut Turn<'_>) -> Handled {
    let wanted = turn.maybe("AssignmentStatus").unwrap_or("Any");
    let users = turn.account().users.all_seen(turn.now, turn.replica);
    let assigned = users.flat_map(|(_, user)| {
        let devices = user.mfa_devices.iter().filter(|(serial, _)| is_virtual(serial));
        devices.map(|(serial, enabled)| json!({ "SerialNumber": serial, "EnableDate": enabled }))
    });
    let assigned = assigned.filter(|_| wanted != "Unassigned");
    let loose = turn.account().loose_mfa_devices.iter().filter(|_| wanted != "Assigned");
    let shown: Vec<Value> = assigned.chain(loose.map(|serial| json!({ "SerialNumber": serial }))).collect();
    turn.page("VirtualMFADevices", shown)
}

fn deactivate_mfa_device(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    let serial = turn.text("SerialNumber").to_owned();
    user.mfa_devices.remove(&serial).ok_or_else(|| no_such_credential(&serial))?;
    write_user(turn, &user.name.clone(), Some(user));
    // FACT iam-virtual-mfa
    if is_virtual(&serial) {
        turn.state.account.loose_mfa_devices.insert(serial);
    }
    Ok(json!({}))
}

fn delete_virtual_mfa_device(turn: &mut Turn<'_>) -> Handled {
    let serial = turn.text("SerialNumber").to_owned();
    // FACT iam-virtual-mfa
    if turn.account().users.all_latest().any(|(_, user)| user.mfa_devices.contains_key(&serial)) {
        return Err(refuse("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first."));
    }
    match turn.state.account.loose_mfa_devices.remove(&serial) {
        true => Ok(json!({})),
        false => Err(no_such_credential(&serial)),
    }
}

/// Credentials of a user, by id.
type Those<T> = fn(&mut User) -> &mut std::collections::BTreeMap<String, T>;

/// Switches an SSH key or a certificate on or off.
fn switch(turn: &mut Turn<'_>, member: &str, those: Those<SwitchedCredential>) -> Handled {
    let mut user = user_to_change(turn)?;
    let id = turn.text(member);
    those(&mut user).get_mut(id).ok_or_else(|| no_such_credential(id))?.active = turn.text("Status") == "Active";
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}

/// Deletes a credential.
fn delete<T>(turn: &mut Turn<'_>, member: &str, those: Those<T>) -> Handled {
    let mut user = user_to_change(turn)?;
    let id = turn.text(member);
    those(&mut user).remove(id).ok_or_else(|| no_such_credential(id))?;
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}

fn list_ssh_public_keys(turn: &mut Turn<'_>) -> Handled {
    let user = user_seen(turn)?;
    let shown = user.ssh_keys.iter().map(|(id, key)| {
        json!({
            "UserName": user.name, "SSHPublicKeyId": id, "Status": status(key.active), "UploadDate": key.created,
        })
    });
    turn.page("SSHPublicKeys", shown.collect())
}

fn list_signing_certificates(turn: &mut Turn<'_>) -> Handled {
    let user = user_seen(turn)?;
    let shown = user.certificates.iter().map(|(id, certificate)| {
        json!({
            "UserName": user.name, "CertificateId": id, "Status": status(certificate.active),
            "CertificateBody": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
            "UploadDate": certificate.created,
        })
    });
    turn.page("Certificates", shown.collect())
}

fn create_service_specific_credential(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    let service = turn.text("ServiceName").to_owned();
    // FACT iam-two-service-credentials
    if user.service_credentials.values().filter(|one| one.service == service).count() >= quota::SERVICE_CREDENTIALS {
        let text = format!("Cannot exceed quota for ServiceSpecificCredentialsPerUser: {}", quota::SERVICE_CREDENTIALS);
        return Err(refuse("LimitExceeded", text));
    }
    let id = turn.state.dice.iam_id("ACCA", &user.name);
    let alias = format!("{}-at-{}", user.name, turn.account().id);
    let secret = turn.state.dice.secret(&id);
    let shown = json!({
        "UserName": user.name, "ServiceSpecificCredentialId": id, "ServiceName": service, "Status": "Active",
        "ServiceCredentialAlias": alias, "ServiceCredentialSecret": secret, "CreateDate": turn.now,
    });
    let made = ServiceCredential { alias, service, active: true, created: turn.now };
    user.service_credentials.insert(id, made);
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({ "ServiceSpecificCredential": shown }))
}

fn list_service_specific_credentials(turn: &mut Turn<'_>) -> Handled {
    let users: Vec<User> = match turn.flag("AllUsers") {
        true => turn.account().users.all_seen(turn.now, turn.replica).map(|(_, user)| user.clone()).collect(),
        false => vec![user_seen(turn)?],
    };
    let wanted = turn.maybe("ServiceName");
    let shown = users.iter().flat_map(|user| {
        let those = user.service_credentials.iter().filter(|(_, it)| wanted.is_none_or(|wanted| wanted == it.service));
        those.map(|(id, it)| {
            json!({
                "UserName": user.name, "Status": status(it.active), "ServiceCredentialAlias": it.alias,
                "CreateDate": it.created, "ServiceSpecificCredentialId": id, "ServiceName": it.service,
            })
        })
    });
    turn.page("ServiceSpecificCredentials", shown.collect())
}

fn update_service_specific_credential(turn: &mut Turn<'_>) -> Handled {
    let mut user = user_to_change(turn)?;
    let id = turn.text("ServiceSpecificCredentialId");
    let credential = user.service_credentials.get_mut(id).ok_or_else(|| no_such_credential(id))?;
    credential.active = turn.text("Status") == "Active";
    write_user(turn, &user.name.clone(), Some(user));
    Ok(json!({}))
}
