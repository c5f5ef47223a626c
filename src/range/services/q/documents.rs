//! Documents in an index of Q Business.

use serde_json::{Value, json};

use crate::range::model::{QDocument, QKind};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::life::{found, found_mut, on};

pub(super) const ROWS: &[Row] = &[
    Row::write("BatchPutDocument", on_index, put),
    Row::read("ListDocuments", on_index, list),
    Row::write("BatchDeleteDocument", on_index, delete),
];

fn on_index(turn: &Turn<'_>) -> String {
    on(turn, QKind::Index)
}

/// The documents of a batch.
fn batch<'t>(turn: &Turn<'t>) -> Result<&'t [Value], ApiError> {
    let list = turn.call.input.get("documents").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    // FACT q-documents-ten-a-call
    if list.len() > 10 {
        return Err(refuse("ValidationException", "A batch holds ten documents at most."));
    }
    Ok(list)
}

fn put(turn: &mut Turn<'_>) -> Handled {
    let (documents, now) = (batch(turn)?, turn.now);
    let index = found_mut(turn, QKind::Index)?;
    // FACT q-documents-put-at-once
    for id in documents.iter().filter_map(|one| one["id"].as_str()) {
        let made = QDocument { data_source: None, status: "INDEXED", due: None, stumbles: 0, created: now };
        index.documents.insert(id.to_owned(), made);
    }
    Ok(json!({ "failedDocuments": [] }))
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let index = found(turn, QKind::Index)?;
    let sources = turn.texts("dataSourceIds");
    // FACT q-documents-of-all
    let all = turn.state.knobs.q_documents_of_all;
    let fits = |document: &QDocument| match (&document.data_source, sources.first()) {
        (Some(source), Some(asked)) => source == asked,
        (Some(_), None) => all,
        (None, asked) => asked.is_none(),
    };
    let shown = index.documents.iter().filter(|(_, document)| fits(document)).map(|(id, document)| {
        json!({
            "documentId": id, "status": document.status, "createdAt": document.created, "updatedAt": document.created,
        })
    });
    turn.page("documentDetailList", shown.collect())
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let documents = batch(turn)?;
    let due = turn.state.after("delete documents in q", turn.state.knobs.q_deletion.0, turn.now);
    let refuses = turn.state.knobs.q_source_documents_refused;
    let absent = turn.state.knobs.q_absent_documents_fail;
    let index = found_mut(turn, QKind::Index)?;
    let mut failed = Vec::new();
    // FACT q-documents-partial
    for id in documents.iter().filter_map(|one| one["documentId"].as_str()) {
        let mut fails = |code: &str, source: Option<&String>| {
            let mut one = json!({ "id": id, "error": { "errorCode": code, "errorMessage": "It was not deleted." } });
            if let Some(source) = source {
                one["dataSourceId"] = json!(source);
            }
            failed.push(one);
        };
        match index.documents.get_mut(id) {
            // FACT q-documents-absent
            None if absent => fails("ResourceNotFound", None),
            None => {}
            // FACT q-documents-of-sources
            Some(document) if document.data_source.is_some() && !refuses => {}
            Some(document) if document.data_source.is_some() => {
                fails("InvalidRequest", document.data_source.as_ref());
            }
            Some(document) if document.stumbles > 0 => {
                document.stumbles -= 1;
                fails("InternalError", None);
            }
            Some(document) if document.status == "INDEXED" => {
                // FACT q-documents-delete-later
                (document.status, document.due) = ("DELETING", Some(due));
            }
            Some(_) => {}
        }
    }
    Ok(json!({ "failedDocuments": failed }))
}
