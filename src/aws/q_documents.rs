//! The documents in an index of Q Business.

use std::collections::BTreeMap;

use aws_sdk_qbusiness::types as sdk;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::request;
use super::ear::hear;
use super::q_things::{IN_APPLICATION, thing};
use super::{Accepted, Clients, Fault, FaultKind, Made, Operation, Page, Request, Service};
use crate::base::{Digest, Entity, EntityKind, QId, Region};

/// A document in an index, as AWS lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QDocument {
    /// The id.
    pub id: String,
    /// How far it is, in AWS's word.
    pub status: String,
    /// When it was put in, where AWS tells.
    pub created: Option<Timestamp>,
}

impl QDocument {
    /// Whether it is on its way out.
    pub fn is_leaving(&self) -> bool {
        self.status == "DELETING"
    }

    /// Whether it is out, and only its name is still listed.
    pub fn is_gone(&self) -> bool {
        self.status == "DELETED"
    }
}

request! {
    /// One page of the documents of an index (`qbusiness:ListDocuments`): of one data source, or without any whatever AWS
    /// lists then.
    list ListQDocuments in a Region {
        /// The application.
        application: QId,
        /// The index.
        index: QId,
        /// The data source that they came through.
        data_source: Option<QId>,
    } of QDocument,
    row: Operation::read(Service::QBusiness, "ListDocuments").needs(&["qbusiness:ListDocuments"], IN_APPLICATION),
    about: |it| thing(EntityKind::QIndex, &[&it.application, &it.index]),
    send: |it, to| to
        .q_business(Some(&it.region))
        .list_documents()
        .application_id(it.application.as_str())
        .index_id(it.index.as_str())
        .set_data_source_ids(it.data_source.as_ref().map(|one| vec![one.to_string()]))
        .max_results(100)
        .set_next_token(it.next.clone()),
    reply: |out| {
        let documents = out.document_detail_list.unwrap_or_default().into_iter().map(|document| {
            Ok(QDocument {
                id: document.document_id.ok_or("a document has no id")?,
                status: document.status.ok_or("a document has no status")?.as_str().to_owned(),
                created: document.created_at.map(|time| super::timestamp(&time)),
            })
        });
        Ok(Page { items: documents.collect::<Result<_, String>>()?, next: out.next_token })
    },
}

/// Takes uploaded documents out of an index (`qbusiness:BatchDeleteDocument`). For good. AWS answers 200 and says in it which
/// documents it did not take: those that are not there need nothing, those that it stumbled over make the whole call fail, so
/// that it is sent again, and the others are kept as a fact of the call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchDeleteQDocuments {
    /// The Region.
    pub region: Region,
    /// The application.
    pub application: QId,
    /// The index.
    pub index: QId,
    /// The documents, ten at most.
    pub documents: Vec<String>,
}

impl BatchDeleteQDocuments {
    /// The name of the fact that says which of its documents AWS refused, and why.
    pub fn refused_fact(&self) -> String {
        format!("refused {}", Digest::of(&self.documents).short())
    }

    /// What a reply comes to: the documents that were refused for good, or why the call has to be sent again.
    fn judge(failed: Vec<sdk::FailedDocument>) -> Result<BTreeMap<String, String>, String> {
        let mut refused = BTreeMap::new();
        let mut stumbled = Vec::new();
        for one in failed {
            let id = one.id.unwrap_or_default();
            let (code, why) = match one.error {
                Some(error) => (error.error_code, error.error_message.unwrap_or_default()),
                None => (None, String::new()),
            };
            match code {
                Some(sdk::ErrorCode::ResourceNotFound) => {}
                Some(sdk::ErrorCode::InternalError) => stumbled.push(format!("{id}: InternalError: {why}")),
                code => {
                    let code = code.as_ref().map_or("no code", |code| code.as_str());
                    refused.insert(id, format!("{code}: {why}"));
                }
            }
        }
        if stumbled.is_empty() { Ok(refused) } else { Err(stumbled.join("; ")) }
    }
}

impl Request for BatchDeleteQDocuments {
    const OPERATION: &'static Operation = &Operation::irreversible(Service::QBusiness, "BatchDeleteDocument")
        .needs(&["qbusiness:BatchDeleteDocument"], IN_APPLICATION)
        .repeatable();

    type Reply = Made;

    fn entity(&self) -> Entity {
        let first = self.documents.first().map(String::as_str).unwrap_or_default();
        thing(EntityKind::QIndex, &[&self.application, &self.index]).child(EntityKind::QDocuments, first)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let unfit = |error: aws_smithy_types::error::operation::BuildError| Fault::nonsense(Self::OPERATION, error);
        let named = self.documents.iter().map(|id| sdk::DeleteDocument::builder().document_id(id).build());
        let named: Vec<sdk::DeleteDocument> = named.collect::<Result<_, _>>().map_err(unfit)?;
        let request = to.q_business(Some(&self.region)).batch_delete_document();
        let request = request.application_id(self.application.as_str()).index_id(self.index.as_str());
        let request = request.set_documents(Some(named));
        let accepted = hear!(Self::OPERATION, request, |out| out.failed_documents.unwrap_or_default())?;
        let request_id = accepted.request_id.clone();
        match Self::judge(accepted.reply) {
            Ok(refused) if refused.is_empty() => {
                Ok(Accepted { reply: Made::new(), request_id, aws_time: accepted.aws_time })
            }
            Ok(refused) => {
                let reply = Made::from([(self.refused_fact(), serde_json::json!(refused))]);
                Ok(Accepted { reply, request_id, aws_time: accepted.aws_time })
            }
            Err(why) => {
                // Some of its documents may be on their way out.
                let stumbled = Fault::of(Self::OPERATION, FaultKind::InDoubt, "InternalError", why);
                Err(Fault { request_id, ..stumbled })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(id: &str, code: &str) -> sdk::FailedDocument {
        let error = sdk::ErrorDetail::builder().error_code(code.into()).error_message("why").build();
        sdk::FailedDocument::builder().id(id).error(error).build()
    }

    #[test]
    fn a_reply_is_read_item_by_item() {
        assert_eq!(BatchDeleteQDocuments::judge(vec![]), Ok(BTreeMap::new()));
        assert_eq!(BatchDeleteQDocuments::judge(vec![failed("gone", "ResourceNotFound")]), Ok(BTreeMap::new()));
        let refused =
            BatchDeleteQDocuments::judge(vec![failed("a", "InvalidRequest"), failed("b", "ResourceNotFound")]);
        assert_eq!(refused, Ok(BTreeMap::from([("a".to_owned(), "InvalidRequest: why".to_owned())])));
        let stumbled = BatchDeleteQDocuments::judge(vec![failed("a", "InvalidRequest"), failed("b", "InternalError")]);
        assert_eq!(stumbled, Err("b: InternalError: why".to_owned()));
    }
}
