//! Prompts and their versions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::range::model::{DRAFT, Prompt, Snapshot};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{names_arn, not_found};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreatePrompt", anything, create),
    Row::read("GetPrompt", on_prompt, get),
    Row::read("ListPrompts", anything, list),
    Row::write("CreatePromptVersion", on_prompt, create_version),
    Row::write("DeletePrompt", on_prompt, delete),
];

/// What a prompt is made of.
const CONFIG: &[&str] = &["customerEncryptionKeyArn", "defaultVariant", "description", "name", "variants"];

/// The id of the prompt that a call names, by id or ARN.
fn id<'t>(turn: &Turn<'t>) -> &'t str {
    let given = turn.text("promptIdentifier");
    let last = given.rsplit('/').next().unwrap_or(given);
    last.split(':').next().unwrap_or(last)
}

fn on_prompt(turn: &Turn<'_>) -> String {
    let arn = turn.account().prompt_arn(&turn.call.region, id(turn));
    match turn.maybe("promptVersion").filter(|version| *version != DRAFT) {
        Some(version) => format!("{arn}:{version}"),
        None => arn,
    }
}

fn prompt<'t>(turn: &'t Turn<'_>) -> Result<&'t Prompt, ApiError> {
    let id = id(turn);
    turn.account().prompts.get(&(turn.call.region.clone(), id.to_owned())).ok_or_else(|| not_found("Prompt", id))
}

fn prompt_mut<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut Prompt, ApiError> {
    let id = id(turn);
    let key = (turn.call.region.clone(), id.to_owned());
    turn.state.account.prompts.get_mut(&key).ok_or_else(|| not_found("Prompt", id))
}

/// A prompt's draft, or a version of it.
fn shown(turn: &Turn<'_>, prompt: &Prompt, version: Option<(u32, &Snapshot)>) -> Value {
    let arn = turn.account().prompt_arn(&prompt.region, &prompt.id);
    let (version, arn, config, at) = match version {
        None => (DRAFT.to_owned(), arn, &prompt.config, prompt.created),
        Some((number, snapshot)) => (number.to_string(), format!("{arn}:{number}"), &snapshot.config, snapshot.created),
    };
    let mut shown = json!({ "id": prompt.id, "arn": arn, "version": version, "createdAt": at, "updatedAt": at });
    for (member, value) in config {
        shown[member] = value.clone();
    }
    shown
}

fn summary(whole: Value) -> Value {
    let Value::Object(members) = whole else { return whole };
    let kept = |name: &String| !matches!(name.as_str(), "variants" | "defaultVariant" | "customerEncryptionKeyArn");
    members.into_iter().filter(|(name, _)| kept(name)).collect::<Map<_, _>>().into()
}

fn create(turn: &mut Turn<'_>) -> Handled {
    let name = turn.text("name");
    let mut others = turn.account().prompts.values().filter(|prompt| prompt.region == turn.call.region);
    // FACT prompts-duplicate-name
    if others.any(|prompt| prompt.config["name"] == *name) {
        return Err(refuse("ConflictException", format!("A prompt named {name} already exists.")));
    }
    let made = Prompt {
        id: turn.state.dice.agent_id("prompt", &format!("{} {name}", turn.call.region)),
        region: turn.call.region.clone(),
        config: turn.members(CONFIG),
        versions: BTreeMap::new(),
        next_version: 1,
        created: turn.now,
    };
    let reply = shown(turn, &made, None);
    let arn = turn.account().prompt_arn(&made.region, &made.id);
    turn.keep_tags(&arn);
    turn.state.account.prompts.insert((made.region.clone(), made.id.clone()), made);
    Ok(reply)
}

/// The version that a call names; none for the draft.
fn version<'p>(turn: &Turn<'_>, prompt: &'p Prompt) -> Result<Option<(u32, &'p Snapshot)>, ApiError> {
    let Some(text) = turn.maybe("promptVersion").filter(|version| *version != DRAFT) else { return Ok(None) };
    let number = text.parse().ok().and_then(|number| Some((number, prompt.versions.get(&number)?)));
    number.map(Some).ok_or_else(|| not_found("Prompt version", text))
}

fn get(turn: &mut Turn<'_>) -> Handled {
    let prompt = prompt(turn)?;
    Ok(shown(turn, prompt, version(turn, prompt)?))
}

fn list(turn: &mut Turn<'_>) -> Handled {
    // FACT prompts-list-versions: of one prompt the list shows the draft and every version, of all of them the drafts.
    let items = if turn.maybe("promptIdentifier").is_some() {
        let prompt = prompt(turn)?;
        let versions = prompt.versions.iter().map(|(number, version)| shown(turn, prompt, Some((*number, version))));
        std::iter::once(shown(turn, prompt, None)).chain(versions).map(summary).collect()
    } else {
        let prompts = turn.account().prompts.values().filter(|prompt| prompt.region == turn.call.region);
        prompts.map(|prompt| summary(shown(turn, prompt, None))).collect()
    };
    turn.page("promptSummaries", items)
}

fn create_version(turn: &mut Turn<'_>) -> Handled {
    let now = turn.now;
    let found = prompt_mut(turn)?;
    let number = found.next_version;
    found.versions.insert(number, Snapshot { config: found.config.clone(), created: now });
    found.next_version += 1;
    let prompt = prompt(turn)?;
    Ok(shown(turn, prompt, Some((number, &prompt.versions[&number]))))
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let found = prompt(turn)?;
    let (region, id) = (found.region.clone(), found.id.clone());
    if let Some((number, _)) = version(turn, found)? {
        prompt_mut(turn)?.versions.remove(&number);
        return Ok(json!({ "id": id, "version": number.to_string() }));
    }
    let arn = turn.account().prompt_arn(&region, &id);
    let mut flows = turn.account().flows.values();
    let user = flows.find(|flow| flow.definitions().any(|definition| names_arn(definition, &arn)));
    // FACT prompts-in-use-flows
    if let Some(flow) = user.filter(|_| turn.state.knobs.prompts_in_flows_count_as_use) {
        return Err(refuse("ConflictException", format!("Prompt {id} is in use by flow {}.", flow.id)));
    }
    // FACT prompts-deleted-whole: without a version, the draft and every version go, at once.
    turn.state.account.prompts.remove(&(region, id.clone()));
    Ok(json!({ "id": id }))
}
