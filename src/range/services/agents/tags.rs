//! Tags of agents and aliases.

use std::collections::BTreeMap;

use serde_json::json;

use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn};

use super::shown::not_found;

pub(super) const ROWS: &[Row] = &[
    Row::write("TagResource", on_resource, tag),
    Row::read("ListTagsForResource", on_resource, |turn| Ok(json!({ "tags": tags_of(turn)? }))),
];

fn on_resource(turn: &Turn<'_>) -> String {
    turn.text("resourceArn").to_owned()
}

/// The tags of the agent or alias that a call names by ARN.
fn tags_of<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut BTreeMap<String, String>, ApiError> {
    let arn = turn.text("resourceArn");
    let missing = || not_found("Resource", arn);
    let mut parts = arn.rsplit(':').next().unwrap_or_default().split('/');
    let (kind, id, alias) = (parts.next(), parts.next().unwrap_or_default(), parts.next());
    let key = (turn.call.region.clone(), id.to_owned());
    let agent = turn.state.account.agents.get_mut(&key).ok_or_else(missing)?;
    match (kind, alias) {
        (Some("agent"), None) => Ok(&mut agent.tags),
        (Some("agent-alias"), Some(alias)) => {
            agent.aliases.get_mut(alias).map(|alias| &mut alias.tags).ok_or_else(missing)
        }
        _ => Err(missing()),
    }
}

fn tag(turn: &mut Turn<'_>) -> Handled {
    let more = turn.tags("tags");
    tags_of(turn)?.extend(more);
    Ok(json!({}))
}
