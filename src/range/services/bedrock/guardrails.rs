//! Guardrails, their drafts and versions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::range::model::{Guardrail, GuardrailStatus, GuardrailVersion};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateGuardrail", anything, create),
    Row::write("CreateGuardrailVersion", on_guardrail, create_version),
    Row::read("GetGuardrail", on_guardrail, get),
    Row::read("ListGuardrails", anything, list),
    Row::write("UpdateGuardrail", on_guardrail, update),
];

/// What UpdateGuardrail replaces.
const CONTENT: &[&str] = &[
    "name",
    "description",
    "topicPolicyConfig",
    "contentPolicyConfig",
    "wordPolicyConfig",
    "sensitiveInformationPolicyConfig",
    "contextualGroundingPolicyConfig",
    "automatedReasoningPolicyConfig",
    "crossRegionConfig",
    "blockedInputMessaging",
    "blockedOutputsMessaging",
    "kmsKeyId",
];

/// The id of the guardrail that a call names, by id or ARN.
fn named<'t>(turn: &Turn<'t>) -> &'t str {
    let text = turn.text("guardrailIdentifier");
    text.rsplit('/').next().unwrap_or(text)
}

fn on_guardrail(turn: &Turn<'_>) -> String {
    turn.account().guardrail_arn(&turn.call.region, named(turn))
}

fn not_found(id: &str) -> ApiError {
    refuse("ResourceNotFoundException", format!("The guardrail {id} does not exist."))
}

fn guardrail<'t>(turn: &'t Turn<'_>) -> Result<&'t Guardrail, ApiError> {
    let id = named(turn);
    turn.account().guardrails.get(&(turn.call.region.clone(), id.to_owned())).ok_or_else(|| not_found(id))
}

/// The guardrail that a call changes; it has to be at rest. FACT guardrails-conflict-while-changing
fn guardrail_mut<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut Guardrail, ApiError> {
    let id = named(turn).to_owned();
    let key = (turn.call.region.clone(), id.clone());
    let found = turn.state.account.guardrails.get_mut(&key).ok_or_else(|| not_found(&id))?;
    match found.status {
        GuardrailStatus::Ready => Ok(found),
        _ => Err(refuse("ConflictException", format!("The guardrail {id} is being changed. Retry later."))),
    }
}

fn create(turn: &mut Turn<'_>) -> Handled {
    let name = turn.text("name");
    let region = turn.call.region.clone();
    let mut others = turn.account().guardrails.values().filter(|other| other.region == region);
    if others.any(|other| other.draft["name"] == name) {
        return Err(refuse("ConflictException", format!("A guardrail with the name {name} already exists.")));
    }
    let id = turn.state.dice.agent_id("guardrail", &format!("{region} {name}")).to_lowercase();
    // FACT models-change-time
    let due = turn.state.after("create guardrail", turn.state.knobs.model_change.0, turn.now);
    let made = Guardrail {
        id: id.clone(),
        region: region.clone(),
        draft: turn.members(CONTENT),
        versions: BTreeMap::new(),
        status: GuardrailStatus::Creating,
        due: Some(due),
        created: turn.now,
        updated: turn.now,
    };
    let arn = turn.account().guardrail_arn(&region, &id);
    turn.keep_tags(&arn);
    turn.state.account.guardrails.insert((region, id.clone()), made);
    Ok(json!({ "guardrailId": id, "guardrailArn": arn, "version": "DRAFT", "createdAt": turn.now }))
}

fn create_version(turn: &mut Turn<'_>) -> Handled {
    let now = turn.now;
    let due = turn.state.after("version guardrail", turn.state.knobs.model_change.0, now);
    let description = turn.call.input.get("description").cloned();
    let found = guardrail_mut(turn)?;
    let number = found.versions.keys().last().map_or(1, |last| last + 1);
    let mut content = found.draft.clone();
    content.extend(description.map(|text| ("description".to_owned(), text)));
    // FACT guardrails-versions-fixed
    found.versions.insert(number, GuardrailVersion { content, created: now });
    (found.status, found.due) = (GuardrailStatus::Versioning, Some(due));
    Ok(json!({ "guardrailId": found.id, "version": number.to_string() }))
}

fn update(turn: &mut Turn<'_>) -> Handled {
    let (content, now, replaces) = (turn.members(CONTENT), turn.now, turn.state.knobs.guardrail_update_replaces);
    let due = turn.state.after("update guardrail", turn.state.knobs.model_change.0, now);
    let found = guardrail_mut(turn)?;
    // FACT guardrails-update-replaces
    if replaces {
        found.draft.clear();
    }
    found.draft.extend(content);
    found.updated = now;
    (found.status, found.due) = (GuardrailStatus::Updating, Some(due));
    let id = found.id.clone();
    let arn = turn.account().guardrail_arn(&turn.call.region, &id);
    Ok(json!({ "guardrailId": id, "guardrailArn": arn, "version": "DRAFT", "updatedAt": now }))
}

/// The content as GetGuardrail shows it, whose members have other names than those of UpdateGuardrail.
fn content_shown(content: &Map<String, Value>) -> Map<String, Value> {
    let mut shown = Map::new();
    for (member, value) in content {
        match (member.as_str(), value) {
            ("kmsKeyId", key) => {
                shown.insert("kmsKeyArn".to_owned(), key.clone());
            }
            ("crossRegionConfig", config) => {
                let arn = config["guardrailProfileIdentifier"].as_str().unwrap_or_default();
                let id = arn.rsplit('/').next();
                let details = json!({ "guardrailProfileArn": arn, "guardrailProfileId": id });
                shown.insert("crossRegionDetails".to_owned(), details);
            }
            (policy, Value::Object(parts)) => {
                let plain = |name: &str| name.strip_suffix("Config").unwrap_or(name).to_owned();
                let parts: Map<String, Value> =
                    parts.iter().map(|(part, value)| (plain(part), value.clone())).collect();
                shown.insert(plain(policy), Value::Object(parts));
            }
            (other, value) => {
                shown.insert(other.to_owned(), value.clone());
            }
        }
    }
    shown
}

fn get(turn: &mut Turn<'_>) -> Handled {
    let found = guardrail(turn)?;
    let wanted = turn.maybe("guardrailVersion").unwrap_or("DRAFT");
    let (content, created, updated): (_, Timestamp, Timestamp) = match wanted.parse::<u32>() {
        Err(_) => (&found.draft, found.created, found.updated),
        Ok(number) => {
            let missing = || not_found(&format!("{} with version {number}", found.id));
            let version = found.versions.get(&number).ok_or_else(missing)?;
            (&version.content, version.created, version.created)
        }
    };
    let mut shown = content_shown(content);
    shown.extend(head(turn, found, wanted, created, updated));
    shown.remove("id").map(|id| shown.insert("guardrailId".to_owned(), id));
    shown.remove("arn").map(|arn| shown.insert("guardrailArn".to_owned(), arn));
    Ok(Value::Object(shown))
}

/// What a list shows of a guardrail or version, but for its name.
fn head(
    turn: &Turn<'_>,
    found: &Guardrail,
    version: &str,
    created: Timestamp,
    updated: Timestamp,
) -> Map<String, Value> {
    let status = if version == "DRAFT" { found.status } else { GuardrailStatus::Ready };
    let head = json!({
        "id": found.id, "arn": turn.account().guardrail_arn(&found.region, &found.id), "version": version,
        "status": status, "createdAt": created, "updatedAt": updated,
    });
    head.as_object().cloned().unwrap_or_default()
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let one = |found: &Guardrail, version: &str, name: &Value, created, updated| {
        let mut shown = head(turn, found, version, created, updated);
        shown.insert("name".to_owned(), name.clone());
        Value::Object(shown)
    };
    let draft = |found: &Guardrail| one(found, "DRAFT", &found.draft["name"], found.created, found.updated);
    // FACT guardrails-list-versions
    let shown = match turn.maybe("guardrailIdentifier") {
        None => {
            let all = turn.account().guardrails.values().filter(|found| found.region == turn.call.region);
            all.map(draft).collect()
        }
        Some(_) => {
            let found = guardrail(turn)?;
            let versions = found.versions.iter().map(|(number, version)| {
                one(found, &number.to_string(), &version.content["name"], version.created, version.created)
            });
            std::iter::once(draft(found)).chain(versions).collect()
        }
    };
    turn.page("guardrails", shown)
}
