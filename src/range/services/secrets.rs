//! AWS Secrets Manager.

use serde_json::{Value, json};

use crate::range::model::StoredSecret;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::Row;

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateSecret", |turn| turn.account().secret_arn(&turn.call.region, turn.text("Name")), create),
    Row::read("DescribeSecret", on, describe),
    Row::write("PutSecretValue", on, put),
    Row::write("UpdateSecretVersionStage", on, move_label),
    Row::write("DeleteSecret", on, delete),
];

/// The Region and the name of the secret that a call names, by its name or its ARN.
fn named(turn: &Turn<'_>) -> (String, String) {
    let id = turn.text("SecretId");
    let region = turn.call.region.clone();
    let by_arn = turn.account().secrets.keys().find(|(_, name)| turn.account().secret_arn(&region, name) == id);
    by_arn.cloned().unwrap_or((region, id.to_owned()))
}

fn on(turn: &Turn<'_>) -> String {
    let (region, name) = named(turn);
    turn.account().secret_arn(&region, &name)
}

fn not_found() -> ApiError {
    // The protocol has one status for all that the caller got wrong.
    ApiError::new("ResourceNotFoundException", 400, "Secrets Manager can't find the specified secret.")
}

fn found<'t>(turn: &'t Turn<'_>) -> Result<&'t StoredSecret, ApiError> {
    turn.account().secrets.get(&named(turn)).ok_or_else(not_found)
}

/// The secret that a call changes.
fn to_change<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut StoredSecret, ApiError> {
    let secret = turn.state.account.secrets.get_mut(&named(turn)).ok_or_else(not_found)?;
    // FACT secrets-deleted-stay
    if secret.deleted.is_some() {
        let why = "You can't perform this operation on the secret because it was marked for deletion.";
        return Err(refuse("InvalidRequestException", why));
    }
    Ok(secret)
}

fn shown(turn: &Turn<'_>, secret: &StoredSecret) -> Value {
    json!({ "ARN": turn.account().secret_arn(&secret.region, &secret.name), "Name": secret.name })
}

fn create(turn: &mut Turn<'_>) -> Handled {
    let (region, name) = (turn.call.region.clone(), turn.text("Name").to_owned());
    match turn.account().secrets.get(&(region.clone(), name.clone())) {
        // FACT secrets-deleted-stay
        Some(secret) if secret.deleted.is_some() => {
            let why = "You can't create this secret because a secret with this name is already scheduled for deletion.";
            return Err(refuse("InvalidRequestException", why));
        }
        // FACT secrets-one-name
        Some(_) => {
            let why = format!("The operation failed because the secret {name} already exists.");
            return Err(refuse("ResourceExistsException", why));
        }
        None => {}
    }
    let ending = turn.state.dice.hex(&format!("secret {region} {name}"), 6);
    let mut secret = StoredSecret {
        region: region.clone(),
        name: name.clone(),
        ending,
        created: turn.now,
        tags: turn.tags("Tags"),
        ..StoredSecret::default()
    };
    // FACT secrets-empty
    if let Some(says) = turn.maybe("SecretString") {
        let version = turn.text("ClientRequestToken").to_owned();
        secret.versions.insert(version.clone(), says.to_owned());
        secret.make_current(&version);
    }
    turn.state.account.secrets.insert((region.clone(), name.clone()), secret);
    Ok(json!({ "ARN": turn.account().secret_arn(&region, &name), "Name": name }))
}

fn describe(turn: &mut Turn<'_>) -> Handled {
    let secret = found(turn)?;
    let mut reply = shown(turn, secret);
    reply["CreatedDate"] = json!(secret.created);
    reply["RotationEnabled"] = json!(secret.rotates);
    let tags = secret.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
    reply["Tags"] = tags.collect();
    // FACT secrets-labels-only
    reply["VersionIdsToStages"] = json!(secret.labelled());
    if let Some(deleted) = secret.deleted {
        reply["DeletedDate"] = json!(deleted);
    }
    if let Some(service) = &secret.managed_by {
        reply["OwningService"] = json!(service);
    }
    Ok(reply)
}

fn put(turn: &mut Turn<'_>) -> Handled {
    let (version, says) = (turn.text("ClientRequestToken").to_owned(), turn.text("SecretString").to_owned());
    let secret = to_change(turn)?;
    // FACT secrets-put-token
    match secret.versions.get(&version) {
        Some(known) if *known != says => {
            let why = "You can't use ClientRequestToken again with another value.";
            return Err(refuse("ResourceExistsException", why));
        }
        Some(_) => {}
        None => {
            secret.versions.insert(version.clone(), says);
            secret.make_current(&version);
        }
    }
    let secret = secret.clone();
    let mut reply = shown(turn, &secret);
    reply["VersionId"] = json!(version);
    reply["VersionStages"] = json!(secret.labelled().get(version.as_str()));
    Ok(reply)
}

fn move_label(turn: &mut Turn<'_>) -> Handled {
    let label = turn.text("VersionStage").to_owned();
    let (from, to) = (turn.maybe("RemoveFromVersionId"), turn.maybe("MoveToVersionId"));
    let secret = to_change(turn)?;
    let has = secret.labels.get(&label).map(String::as_str);
    // FACT secrets-label-holder
    if from != has {
        let why = format!("The staging label {label} is not attached to version {}.", from.unwrap_or("-"));
        return Err(refuse("InvalidParameterException", why));
    }
    match to {
        Some(to) if !secret.versions.contains_key(to) => return Err(not_found()),
        Some(to) if label == crate::range::model::CURRENT => secret.make_current(to),
        Some(to) => drop(secret.labels.insert(label, to.to_owned())),
        None => drop(secret.labels.remove(&label)),
    }
    let secret = secret.clone();
    Ok(shown(turn, &secret))
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let now = turn.now;
    let secret = to_change(turn)?;
    // FACT secrets-deleted-stay
    secret.deleted = Some(now);
    let secret = secret.clone();
    let mut reply = shown(turn, &secret);
    reply["DeletionDate"] = json!(now);
    Ok(reply)
}
