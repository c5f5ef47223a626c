//! How the things of Q Business come, show themselves and go. They all do it alike.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::range::model::{QKind, QStatus, QThing};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use QKind::{Application, DataAccessor, DataSource, Index, Plugin, Retriever, WebExperience};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateApplication", anything, |turn| create(turn, Application)),
    Row::read("GetApplication", |turn| on(turn, Application), |turn| get(turn, Application)),
    Row::read("ListApplications", anything, |turn| list(turn, Application)),
    Row::write("DeleteApplication", |turn| on(turn, Application), |turn| delete(turn, Application)),
    Row::write("CreateIndex", |turn| on(turn, Application), |turn| create(turn, Index)),
    Row::read("GetIndex", |turn| on(turn, Index), |turn| get(turn, Index)),
    Row::read("ListIndices", |turn| on(turn, Application), |turn| list(turn, Index)),
    Row::write("DeleteIndex", |turn| on(turn, Index), |turn| delete(turn, Index)),
    Row::write("CreateRetriever", |turn| on(turn, Application), |turn| create(turn, Retriever)),
    Row::read("GetRetriever", |turn| on(turn, Retriever), |turn| get(turn, Retriever)),
    Row::read("ListRetrievers", |turn| on(turn, Application), |turn| list(turn, Retriever)),
    Row::write("DeleteRetriever", |turn| on(turn, Retriever), |turn| delete(turn, Retriever)),
    Row::write("CreateDataSource", |turn| on(turn, Index), |turn| create(turn, DataSource)),
    Row::read("GetDataSource", |turn| on(turn, DataSource), |turn| get(turn, DataSource)),
    Row::read("ListDataSources", |turn| on(turn, Index), |turn| list(turn, DataSource)),
    Row::write("DeleteDataSource", |turn| on(turn, DataSource), |turn| delete(turn, DataSource)),
    Row::write("CreatePlugin", |turn| on(turn, Application), |turn| create(turn, Plugin)),
    Row::read("GetPlugin", |turn| on(turn, Plugin), |turn| get(turn, Plugin)),
    Row::read("ListPlugins", |turn| on(turn, Application), |turn| list(turn, Plugin)),
    Row::write("DeletePlugin", |turn| on(turn, Plugin), |turn| delete(turn, Plugin)),
    Row::write("CreateDataAccessor", |turn| on(turn, Application), |turn| create(turn, DataAccessor)),
    Row::read("GetDataAccessor", |turn| on(turn, DataAccessor), |turn| get(turn, DataAccessor)),
    Row::read("ListDataAccessors", |turn| on(turn, Application), |turn| list(turn, DataAccessor)),
    Row::write("DeleteDataAccessor", |turn| on(turn, DataAccessor), |turn| delete(turn, DataAccessor)),
    Row::write("CreateWebExperience", |turn| on(turn, Application), |turn| create(turn, WebExperience)),
    Row::read("GetWebExperience", |turn| on(turn, WebExperience), |turn| get(turn, WebExperience)),
    Row::read("ListWebExperiences", |turn| on(turn, Application), |turn| list(turn, WebExperience)),
    Row::write("DeleteWebExperience", |turn| on(turn, WebExperience), |turn| delete(turn, WebExperience)),
];

/// The ids that lead to the thing that a call names.
pub(super) fn path(turn: &Turn<'_>, kind: QKind) -> Vec<String> {
    let id = turn.text(&format!("{}Id", kind.stem())).to_owned();
    [holder(turn, kind), vec![id]].concat()
}

/// The ids that lead to what holds the things of a kind that a call is about.
fn holder(turn: &Turn<'_>, kind: QKind) -> Vec<String> {
    let members: &[&str] = match kind {
        Application => &[],
        DataSource => &["applicationId", "indexId"],
        _ => &["applicationId"],
    };
    members.iter().map(|member| turn.text(member).to_owned()).collect()
}

pub(super) fn on(turn: &Turn<'_>, kind: QKind) -> String {
    turn.account().q_arn(kind, &turn.call.region, &path(turn, kind))
}

fn not_found(kind: QKind, id: &str) -> ApiError {
    let text = format!("The {} {id} does not exist.", kind.word());
    refuse("ResourceNotFoundException", text).with("resourceId", json!(id)).with("resourceType", json!(kind.word()))
}

pub(super) fn conflict(thing: &QThing, why: &str) -> ApiError {
    let text = format!("The {} {} {why}.", thing.kind.word(), thing.id());
    let refusal = refuse("ConflictException", text);
    refusal.with("resourceId", json!(thing.id())).with("resourceType", json!(thing.kind.word()))
}

/// The thing that a call names.
pub(super) fn found<'t>(turn: &'t Turn<'_>, kind: QKind) -> Result<&'t QThing, ApiError> {
    let path = path(turn, kind);
    let missing = not_found(kind, path.last().map_or("", String::as_str));
    let thing = turn.account().q_things.get(&(turn.call.region.clone(), path));
    thing.filter(|thing| thing.kind == kind).ok_or(missing)
}

/// The thing that a call changes.
pub(super) fn found_mut<'t>(turn: &'t mut Turn<'_>, kind: QKind) -> Result<&'t mut QThing, ApiError> {
    let key = (turn.call.region.clone(), path(turn, kind));
    let missing = not_found(kind, turn.text(&format!("{}Id", kind.stem())));
    turn.state.account.q_things.get_mut(&key).filter(|thing| thing.kind == kind).ok_or(missing)
}

/// What has to be there for things of a kind to be listed or made.
fn holder_stands(turn: &Turn<'_>, kind: QKind) -> Result<(), ApiError> {
    match kind {
        Application => Ok(()),
        DataSource => found(turn, Index).map(drop),
        _ => found(turn, Application).map(drop),
    }
}

/// Refuses to change what is changing by itself. FACT q-conflict-while-changing
pub(super) fn at_rest(thing: &QThing) -> Result<(), ApiError> {
    match thing.status {
        QStatus::Active => Ok(()),
        QStatus::Creating => Err(conflict(thing, "is being created")),
        QStatus::Updating => Err(conflict(thing, "is being updated")),
        QStatus::Deleting => Err(conflict(thing, "is being deleted")),
    }
}

/// The member that says how far it is, and the word for it.
fn status(thing: &QThing) -> (&'static str, Value) {
    match (thing.kind, thing.status) {
        // FACT q-plugin-status
        (Plugin, QStatus::Creating) => ("buildStatus", json!("CREATE_IN_PROGRESS")),
        (Plugin, QStatus::Updating) => ("buildStatus", json!("UPDATE_IN_PROGRESS")),
        (Plugin, QStatus::Active) => ("buildStatus", json!("READY")),
        (Plugin, QStatus::Deleting) => ("buildStatus", json!("DELETE_IN_PROGRESS")),
        // FACT q-retriever-going
        (Retriever, QStatus::Deleting) => ("status", json!(QStatus::Active)),
        (_, status) => ("status", json!(status)),
    }
}

fn create(turn: &mut Turn<'_>, kind: QKind) -> Handled {
    holder_stands(turn, kind)?;
    let token = turn.maybe("clientToken").map(|token| format!("{} q {} {token}", turn.call.region, kind.word()));
    let known = token.as_ref().and_then(|token| turn.account().client_tokens.get(token)).cloned();
    let mut config = turn.members(kind.config());
    let preset = match kind {
        Application => Some(("identityType", "AWS_IAM_IDC")),
        Index => Some(("type", "ENTERPRISE")),
        Plugin => Some(("state", "ENABLED")),
        _ => None,
    };
    if let Some((member, value)) = preset {
        config.entry(member).or_insert(json!(value));
    }
    let name = turn.maybe("displayName").or_else(|| turn.maybe("title")).unwrap_or_default();
    // FACT q-client-token
    let id = match &known {
        Some(id) => id.clone(),
        None => turn.state.dice.uuid(&format!("q {} {} {name}", kind.word(), turn.call.region)),
    };
    let path = [holder(turn, kind), vec![id.clone()]].concat();
    let arn = turn.account().q_arn(kind, &turn.call.region, &path);
    if known.is_none() {
        // FACT q-change-time
        let due = turn.state.after("create in q", turn.state.knobs.q_change.0, turn.now);
        let (region, now) = (turn.call.region.clone(), turn.now);
        let made = QThing {
            kind,
            region: region.clone(),
            path: path.clone(),
            config,
            status: QStatus::Creating,
            due: Some(due),
            jobs: vec![],
            documents: BTreeMap::new(),
            chat: if kind == Application { QThing::chat_controls() } else { Map::new() },
            users: BTreeMap::new(),
            leaving: BTreeMap::new(),
            conversations: BTreeMap::new(),
            groups: BTreeMap::new(),
            created: now,
            updated: now,
        };
        turn.keep_tags(&arn);
        turn.state.account.q_things.insert((region, path), made);
        if let Some(token) = token {
            turn.state.account.client_tokens.insert(token, id.clone());
        }
    }
    let stem = kind.stem();
    let mut reply = json!({ (format!("{stem}Id")): &id, (format!("{stem}Arn")): arn });
    if kind == Plugin {
        reply["buildStatus"] = json!("CREATE_IN_PROGRESS");
    }
    if kind == DataAccessor {
        reply["idcApplicationArn"] = json!(accessor_application(turn, &id));
    }
    Ok(reply)
}

fn get(turn: &mut Turn<'_>, kind: QKind) -> Handled {
    let thing = found(turn, kind)?;
    let mut shown = json!({
        "applicationId": thing.path.first(), "createdAt": thing.created, "updatedAt": thing.updated,
        (format!("{}Id", kind.stem())): thing.id(),
        (format!("{}Arn", kind.stem())): turn.account().q_arn(kind, &thing.region, &thing.path),
    });
    // FACT q-accessor-no-status
    if kind != DataAccessor {
        let (member, word) = status(thing);
        shown[member] = word;
    }
    for (member, value) in &thing.config {
        shown[member] = value.clone();
    }
    match kind {
        DataSource => {
            shown["indexId"] = json!(thing.path.get(1));
            shown["type"] = thing.config["configuration"]["type"].clone();
        }
        Index => {
            let count = thing.documents.len();
            shown["indexStatistics"] =
                json!({ "textDocumentStatistics": { "indexedTextBytes": 0, "indexedTextDocumentCount": count } });
        }
        WebExperience => shown["defaultEndpoint"] = json!(endpoint(thing)),
        DataAccessor => shown["idcApplicationArn"] = json!(accessor_application(turn, thing.id())),
        Application | Retriever | Plugin => {}
    }
    Ok(shown)
}

/// The application in IAM Identity Center that belongs to a data accessor.
fn accessor_application(turn: &Turn<'_>, id: &str) -> String {
    let id: String = id.chars().filter(|c| *c != '-').take(16).collect();
    format!("arn:aws:sso::{}:application/ssoins-{id}/apl-{id}", turn.account().id)
}

fn endpoint(thing: &QThing) -> String {
    format!("https://{}.chat.qbusiness.{}.on.aws/", &thing.id()[..8], thing.region)
}

fn list(turn: &mut Turn<'_>, kind: QKind) -> Handled {
    holder_stands(turn, kind)?;
    let within = holder(turn, kind);
    let (account, region) = (turn.account(), turn.call.region.as_str());
    let listed = account.q_things.values().filter(|thing| {
        thing.kind == kind
            && thing.region == region
            && thing.path.len() == within.len() + 1
            && thing.path.starts_with(&within)
    });
    let shown = listed.map(|thing| {
        let (member, word) = status(thing);
        let mut shown = json!({ (format!("{}Id", kind.stem())): thing.id() });
        if kind != DataAccessor {
            shown[member] = word;
        }
        // FACT q-retrievers-list-no-time
        if kind == Retriever {
            shown["applicationId"] = json!(thing.path.first());
        } else {
            shown["createdAt"] = json!(thing.created);
            shown["updatedAt"] = json!(thing.updated);
        }
        let members: &[&str] = match kind {
            Application => &["displayName", "identityType"],
            Index => &["displayName"],
            DataSource => &["displayName"],
            Retriever => &["displayName", "type"],
            Plugin => &["displayName", "type", "serverUrl", "state"],
            WebExperience => &[],
            DataAccessor => &["displayName", "principal"],
        };
        for member in members {
            if let Some(value) = thing.config.get(*member) {
                shown[*member] = value.clone();
            }
        }
        if kind == DataSource {
            shown["type"] = thing.config["configuration"]["type"].clone();
        }
        if kind == WebExperience {
            shown["defaultEndpoint"] = json!(endpoint(thing));
        }
        shown
    });
    turn.page(kind.listed_as(), shown.collect())
}

/// What a thing still holds, or what still looks into it.
fn contents<'t>(turn: &'t Turn<'_>, thing: &QThing) -> Option<&'t QThing> {
    turn.account().q_things.values().filter(|other| other.region == thing.region).find(|other| {
        let inside = other.path.len() > thing.path.len() && other.path.starts_with(&thing.path);
        let index = other.config.get("configuration").and_then(|it| it.pointer("/nativeIndexConfiguration/indexId"));
        inside || (thing.kind == Index && index == Some(&json!(thing.id())))
    })
}

fn delete(turn: &mut Turn<'_>, kind: QKind) -> Handled {
    let thing = found(turn, kind)?;
    // FACT q-delete-again
    if thing.status == QStatus::Deleting && !turn.state.knobs.deleting_again_conflicts {
        return Ok(json!({}));
    }
    at_rest(thing)?;
    // FACT q-contents-block-deletion
    if turn.state.knobs.q_contents_block_deletion
        && let Some(other) = contents(turn, thing)
    {
        return Err(conflict(thing, &format!("is still in use by the {} {}", other.kind.word(), other.id())));
    }
    // FACT q-sync-blocks-deletion
    if turn.state.knobs.q_sync_blocks_deletion && thing.open_job().is_some() {
        return Err(conflict(thing, "is being synchronised"));
    }
    // FACT q-deletion-time
    let due = turn.state.after("delete in q", turn.state.knobs.q_deletion.0, turn.now);
    let thing = found_mut(turn, kind)?;
    thing.status = QStatus::Deleting;
    thing.due = Some(due);
    forget_documents(turn, kind);
    Ok(json!({}))
}

/// A data source that goes takes its documents out of the index.
fn forget_documents(turn: &mut Turn<'_>, kind: QKind) {
    if kind != DataSource {
        return;
    }
    let source = turn.text("dataSourceId");
    if let Ok(index) = found_mut(turn, Index) {
        index.documents.retain(|_, document| document.data_source.as_deref() != Some(source));
    }
}
