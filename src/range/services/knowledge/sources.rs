//! Data sources of knowledge bases.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::range::model::{DataSource, SourceStatus};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{base, base_mut, on_base, source, source_full, source_mut, summary};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateDataSource", on_base, create),
    Row::read("GetDataSource", on_base, get),
    Row::read("ListDataSources", on_base, list),
    Row::write("UpdateDataSource", on_base, update),
    Row::write("DeleteDataSource", on_base, delete),
];

/// What UpdateDataSource replaces.
const CONFIG: &[&str] = &[
    "name",
    "description",
    "dataSourceConfiguration",
    "dataDeletionPolicy",
    "serverSideEncryptionConfiguration",
    "vectorIngestionConfiguration",
];

fn config(turn: &Turn<'_>) -> Map<String, Value> {
    let mut config = turn.members(CONFIG);
    config.entry("dataDeletionPolicy").or_insert(json!("DELETE"));
    config
}

fn get(turn: &mut Turn<'_>) -> Handled {
    Ok(json!({ "dataSource": source_full(&base(turn)?.id, source(turn)?) }))
}

fn create(turn: &mut Turn<'_>) -> Handled {
    let name = turn.text("name");
    let owner = base(turn)?;
    if owner.sources.values().any(|source| source.config["name"] == name) {
        return Err(refuse("ConflictException", format!("DataSource with name {name} already exists.")));
    }
    let owner = owner.id.clone();
    let id = turn.state.dice.agent_id("data source", &format!("{owner} {name}"));
    let made = DataSource {
        id: id.clone(),
        config: config(turn),
        status: SourceStatus::Available,
        failures: vec![],
        due: None,
        jobs: BTreeMap::new(),
        documents: BTreeMap::new(),
        objects: vec![],
        created: turn.now,
        updated: turn.now,
    };
    let reply = json!({ "dataSource": source_full(&owner, &made) });
    base_mut(turn)?.sources.insert(id, made);
    Ok(reply)
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let base = base(turn)?;
    let members = ["knowledgeBaseId", "dataSourceId", "name", "description", "status", "updatedAt"];
    let shown = base.sources.values().map(|source| summary(&source_full(&base.id, source), &members));
    turn.page("dataSourceSummaries", shown.collect())
}

fn at_rest(turn: &Turn<'_>, conflicts: bool) -> Result<(), ApiError> {
    let source = source(turn)?;
    let busy = source.status == SourceStatus::Deleting
        || conflicts && source.jobs.values().any(|job| job.status.is_in_flight());
    match busy {
        true => Err(refuse("ConflictException", format!("DataSource {} is in use. Retry later.", source.id))),
        false => Ok(()),
    }
}

fn update(turn: &mut Turn<'_>) -> Handled {
    // FACT sources-update-while-ingesting
    at_rest(turn, turn.state.knobs.update_while_ingesting_conflicts)?;
    let chunking = |config: &Map<String, Value>| {
        let ingestion = config.get("vectorIngestionConfiguration")?;
        ingestion.get("chunkingConfiguration").cloned()
    };
    // FACT sources-update-replaces
    let (config, now) = (config(turn), turn.now);
    // FACT sources-chunking-fixed
    if chunking(&config) != chunking(&source(turn)?.config) {
        return Err(refuse("ValidationException", "The chunking configuration of a data source cannot be changed."));
    }
    let changed = source_mut(turn)?;
    (changed.config, changed.updated) = (config, now);
    get(turn)
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let found = source(turn)?;
    let id = found.id.clone();
    if found.status != SourceStatus::Deleting {
        // FACT sources-delete-while-ingesting
        at_rest(turn, turn.state.knobs.deleting_while_ingesting_conflicts)?;
        let due = turn.state.after("delete data source", turn.state.knobs.knowledge_deletion.0, turn.now);
        let now = turn.now;
        let source = source_mut(turn)?;
        (source.status, source.due, source.updated) = (SourceStatus::Deleting, Some(due), now);
        source.failures.clear();
    }
    Ok(json!({
        "knowledgeBaseId": turn.text("knowledgeBaseId"), "dataSourceId": id, "status": SourceStatus::Deleting,
    }))
}
