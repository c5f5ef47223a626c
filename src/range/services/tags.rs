//! Tags of what Bedrock and Q Business hold.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

/// Of agents, their aliases, flows, prompts and knowledge bases.
pub(super) const OF_AGENTS: &[Row] = &[
    Row::write("TagResource", on_resource, tag),
    Row::read("ListTagsForResource", on_resource, |turn| Ok(json!({ "tags": tags(turn)? }))),
];

/// Of Bedrock itself and of Q Business, where tags are a list.
pub(super) const LISTED: &[Row] =
    &[Row::write("TagResource", on_resource, tag), Row::read("ListTagsForResource", on_resource, list)];

/// The ARN that a call names: the services do not spell the member alike.
fn named<'t>(turn: &Turn<'t>) -> &'t str {
    turn.maybe("resourceArn").unwrap_or_else(|| turn.text("resourceARN"))
}

fn on_resource(turn: &Turn<'_>) -> String {
    named(turn).to_owned()
}

// FACT tags-apart
fn tags<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut BTreeMap<String, String>, ApiError> {
    let arn = named(turn);
    turn.state.account.tags_of(&turn.call.region, arn).ok_or_else(|| {
        refuse(
            "ResourceNotFoundException",
            format!("Resource {arn} could not be found. Check that the id is right and retry."),
        )
    })
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let listed: Vec<Value> = tags(turn)?.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    Ok(json!({ "tags": listed }))
}

fn tag(turn: &mut Turn<'_>) -> Handled {
    let more = turn.tags("tags");
    tags(turn)?.extend(more);
    Ok(json!({}))
}
