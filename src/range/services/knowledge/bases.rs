//! How knowledge bases come and go.

use std::collections::BTreeMap;

use serde_json::json;

use crate::range::model::{BaseStatus, KnowledgeBase, SourceStatus};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{base, base_full, base_mut, on_base, summary};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateKnowledgeBase", anything, create),
    Row::read("GetKnowledgeBase", on_base, |turn| Ok(json!({ "knowledgeBase": base_full(turn, base(turn)?) }))),
    Row::read("ListKnowledgeBases", anything, list),
    Row::write("DeleteKnowledgeBase", on_base, delete),
];

const CONFIG: &[&str] = &["name", "description", "roleArn", "knowledgeBaseConfiguration", "storageConfiguration"];

fn create(turn: &mut Turn<'_>) -> Handled {
    let name = turn.text("name");
    let region = turn.call.region.clone();
    let mut others = turn.account().knowledge_bases.values().filter(|base| base.region == region);
    if others.any(|base| base.config["name"] == name) {
        return Err(refuse("ConflictException", format!("KnowledgeBase with name {name} already exists.")));
    }
    let id = turn.state.dice.agent_id("knowledge base", &format!("{region} {name}"));
    // FACT bases-change-time
    let due = turn.state.after("create knowledge base", turn.state.knobs.knowledge_change.0, turn.now);
    let made = KnowledgeBase {
        id: id.clone(),
        region: region.clone(),
        config: turn.members(CONFIG),
        status: BaseStatus::Creating,
        failures: vec![],
        due: Some(due),
        sources: BTreeMap::new(),
        left_in_store: vec![],
        created: turn.now,
        updated: turn.now,
    };
    let reply = json!({ "knowledgeBase": base_full(turn, &made) });
    let arn = turn.account().knowledge_base_arn(&region, &id);
    turn.keep_tags(&arn);
    turn.state.account.knowledge_bases.insert((region, id), made);
    Ok(reply)
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let bases = turn.account().knowledge_bases.values().filter(|base| base.region == turn.call.region);
    let members = ["knowledgeBaseId", "name", "description", "status", "updatedAt"];
    turn.page("knowledgeBaseSummaries", bases.map(|base| summary(&base_full(turn, base), &members)).collect())
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let found = base(turn)?;
    let id = found.id.clone();
    if found.status != BaseStatus::Deleting {
        if found.status == BaseStatus::Creating {
            return Err(refuse("ConflictException", format!("KnowledgeBase {id} is being created.")));
        }
        let region = turn.call.region.clone();
        let drafts = turn.account().agents.values().filter(|agent| agent.region == region);
        let linked: Vec<&str> = drafts
            .filter(|agent| agent.parts.knowledge_bases.contains_key(&id))
            .map(|agent| agent.id.as_str())
            .collect();
        // FACT bases-linked-drafts
        if turn.state.knobs.linked_drafts_hold_knowledge_bases && !linked.is_empty() {
            let text = format!("KnowledgeBase {id} is associated with the agents {}.", linked.join(", "));
            return Err(refuse("ConflictException", text));
        }
        if found.sources.values().any(|source| source.jobs.values().any(|job| job.status.is_in_flight())) {
            // FACT sources-delete-while-ingesting
            return Err(refuse("ConflictException", format!("KnowledgeBase {id} has an ingestion job in progress.")));
        }
        // FACT bases-deletion-time
        let due = turn.state.after("delete knowledge base", turn.state.knobs.knowledge_deletion.0, turn.now);
        let now = turn.now;
        let base = base_mut(turn)?;
        (base.status, base.due, base.updated) = (BaseStatus::Deleting, Some(due), now);
        base.failures.clear();
        base.sources.values_mut().for_each(|source| source.status = SourceStatus::Deleting);
    }
    Ok(json!({ "knowledgeBaseId": id, "status": BaseStatus::Deleting }))
}
