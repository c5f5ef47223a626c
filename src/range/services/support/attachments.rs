//! Attachments that wait for a case.

use std::time::Duration;

use base64::Engine as _;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::range::model::AttachmentSet;
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, later, refuse};

use super::catalogue::subscribed;

pub(super) const ROWS: &[Row] = &[Row::write("AddAttachmentsToSet", anything, add)];

const MOST_FILES: usize = 3;
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// The files of a set, which must be there and not too old.
pub(super) fn files_of(turn: &Turn<'_>, set: Option<&str>) -> Result<Vec<String>, ApiError> {
    let Some(id) = set else { return Ok(Vec::new()) };
    let set = turn.account().attachment_sets.get(id);
    let set = set.ok_or_else(|| {
        refuse("AttachmentSetIdNotFound", format!("An attachment set with the id {id} could not be found."))
    })?;
    // FACT support-attachment-hour
    if set.expires <= turn.now {
        return Err(refuse("AttachmentSetExpired", "The expiration time of the attachment set has passed."));
    }
    Ok(set.files.clone())
}

fn add(turn: &mut Turn<'_>) -> Handled {
    subscribed(turn)?;
    let mut files = files_of(turn, turn.maybe("attachmentSetId"))?;
    let given = turn.call.input.get("attachments").and_then(Value::as_array).cloned().unwrap_or_default();
    // FACT support-attachment-limits
    for file in &given {
        let data = file["data"].as_str().unwrap_or_default();
        let size = base64::engine::general_purpose::STANDARD.decode(data).map_or(0, |bytes| bytes.len());
        if size > MOST_BYTES {
            return Err(refuse(
                "AttachmentSetSizeLimitExceeded",
                "A limit for the size of an attachment set has been exceeded.",
            ));
        }
        files.push(file["fileName"].as_str().unwrap_or_default().to_owned());
    }
    if files.len() > MOST_FILES {
        return Err(refuse("AttachmentSetSizeLimitExceeded", "The limit is three attachments for one set."));
    }
    let id = turn
        .maybe("attachmentSetId")
        .map(String::from)
        .unwrap_or_else(|| format!("as-{}", turn.state.dice.hex("attachment set", 16)));
    let expires: Timestamp = later(turn.now, Duration::from_secs(3_600));
    turn.state.account.attachment_sets.insert(id.clone(), AttachmentSet { files, expires });
    Ok(json!({ "attachmentSetId": id, "expiryTime": expires.to_string() }))
}
