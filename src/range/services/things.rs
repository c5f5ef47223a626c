//! What the services do alike with the things that they keep.

#![expect(dead_code, reason = "the first services that keep things join with their actions")]

use std::time::Duration;

use serde_json::{Map, Value};

use crate::range::model::{Then, Thing, ThingKind};
use crate::range::wire::ApiError;
use crate::range::world::{Turn, refuse};

/// The refusal for a thing that is not there.
pub(super) fn not_found(what: &str, id: &str) -> ApiError {
    refuse(
        "ResourceNotFoundException",
        format!("{what} {id} could not be found. Check that the id is right and retry."),
    )
}

/// The thing that a call names by members of its input, those of its parents first.
pub(super) fn named<'t>(turn: &'t Turn<'_>, kind: ThingKind, members: &[&str]) -> Result<&'t Thing, ApiError> {
    let path: Vec<&str> = members.iter().map(|member| turn.text(member)).collect();
    turn.account().things.get(kind, &turn.call.region, &path).ok_or_else(|| missing(kind, &path))
}

/// The thing that a call changes.
pub(super) fn named_mut<'t>(
    turn: &'t mut Turn<'_>,
    kind: ThingKind,
    members: &[&str],
) -> Result<&'t mut Thing, ApiError> {
    let path: Vec<&str> = members.iter().map(|member| turn.text(member)).collect();
    turn.state.account.things.get_mut(kind, &turn.call.region, &path).ok_or_else(|| missing(kind, &path))
}

fn missing(kind: ThingKind, path: &[&str]) -> ApiError {
    not_found(&format!("{kind:?}"), path.last().copied().unwrap_or_default())
}

/// A new thing as the call describes it. It is not in the account yet.
pub(super) fn made(turn: &Turn<'_>, kind: ThingKind, path: &[&str], members: Map<String, Value>) -> Thing {
    Thing {
        kind,
        region: turn.call.region.clone(),
        path: path.iter().map(|id| (*id).to_owned()).collect(),
        members,
        status: "ACTIVE",
        then: None,
        tags: turn.tags("tags"),
        created: turn.now,
        updated: turn.now,
    }
}

/// Gives a thing a status that ends by itself after about `middle`.
pub(super) fn begin(
    turn: &mut Turn<'_>,
    kind: ThingKind,
    members: &[&str],
    status: &'static str,
    middle: Duration,
    then: Then,
) -> Result<(), ApiError> {
    let id = named(turn, kind, members)?.path.join("/");
    let due = turn.state.after(&format!("{status} {kind:?} {id}"), middle, turn.now);
    let now = turn.now;
    let thing = named_mut(turn, kind, members)?;
    thing.status = status;
    thing.then = Some((due, then));
    thing.updated = now;
    Ok(())
}
