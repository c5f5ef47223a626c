//! Documents in the index of a knowledge base.

use serde_json::{Value, json};

use crate::range::model::Document;
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{base, on_base, source, source_mut};

pub(super) const ROWS: &[Row] = &[
    Row::write("IngestKnowledgeBaseDocuments", on_base, ingest),
    Row::read("GetKnowledgeBaseDocuments", on_base, get),
    Row::read("ListKnowledgeBaseDocuments", on_base, list),
    Row::write("DeleteKnowledgeBaseDocuments", on_base, delete),
];

fn detail(turn: &Turn<'_>, identifier: &Value, document: Option<&Document>) -> Value {
    json!({
        "knowledgeBaseId": turn.text("knowledgeBaseId"), "dataSourceId": turn.text("dataSourceId"),
        "identifier": identifier, "status": document.map_or("NOT_FOUND", |document| document.status),
        "updatedAt": document.map_or(turn.now, |document| document.updated),
    })
}

/// The documents that a call names, ten at most.
fn named<'t>(turn: &Turn<'t>) -> Result<&'t [Value], ApiError> {
    let list = turn.call.input.get("documentIdentifiers").and_then(Value::as_array);
    let list = list.map(Vec::as_slice).unwrap_or_default();
    // FACT documents-ten-a-call
    if list.len() > 10 {
        return Err(refuse("ValidationException", "A call names ten documents at most."));
    }
    Ok(list)
}

fn get(turn: &mut Turn<'_>) -> Handled {
    let (source, named) = (source(turn)?, named(turn)?);
    let shown = named.iter().map(|one| detail(turn, one, source.documents.get(&one.to_string())));
    Ok(json!({ "documentDetails": shown.collect::<Vec<_>>() }))
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let shown = source(turn)?.documents.values().map(|one| detail(turn, &one.identifier, Some(one)));
    turn.page("documentDetails", shown.collect())
}

fn ingest(turn: &mut Turn<'_>) -> Handled {
    base(turn)?;
    let given = turn.call.input.get("documents").and_then(Value::as_array).cloned().unwrap_or_default();
    if given.len() > 10 {
        return Err(refuse("ValidationException", "A call names ten documents at most."));
    }
    let mut shown = Vec::new();
    for one in given {
        let content = &one["content"];
        let identifier = match content["dataSourceType"].as_str() {
            Some("S3") => json!({ "dataSourceType": "S3", "s3": { "uri": content["s3"]["s3Location"]["uri"] } }),
            _ => json!({ "dataSourceType": "CUSTOM", "custom": content["custom"]["customDocumentIdentifier"] }),
        };
        let made = Document { identifier, status: "INDEXED", due: None, updated: turn.now };
        shown.push(detail(turn, &made.identifier, Some(&made)));
        source_mut(turn)?.documents.insert(made.identifier.to_string(), made);
    }
    Ok(json!({ "documentDetails": shown }))
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let named = named(turn)?;
    // FACT documents-delete-later
    for one in named {
        let purpose = format!("delete document {one}");
        let due = turn.state.after(&purpose, turn.state.knobs.knowledge_deletion.0, turn.now);
        let now = turn.now;
        if let Some(document) = source_mut(turn)?.documents.get_mut(&one.to_string())
            && document.due.is_none()
        {
            (document.status, document.due, document.updated) = ("DELETING", Some(due), now);
        }
    }
    get(turn)
}
