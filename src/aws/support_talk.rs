//! What is said in a support case, and its end.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::declare::request;
use super::late::Late;
use super::support::{MESSAGES, READS, WRITES, case_entity};
use super::{Made, Operation, Page, Service};

/// Something that was said in a case, by either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Communication {
    /// The text.
    pub body: String,
    /// The names of the attached files.
    pub files: Vec<String>,
}

request! {
    /// One page of what was said in a case, newest first (`support:DescribeCommunications`).
    list DescribeCommunications {
        /// The case's id.
        case: String,
    } of Communication,
    row: Operation::read(Service::Support, "DescribeCommunications").needs(&["support:DescribeCommunications"], "*").paced(READS),
    about: |it| case_entity(&it.case),
    send: |it, to| to
        .support(None)
        .describe_communications()
        .case_id(&it.case)
        .max_results(100)
        .set_next_token(it.next.clone()),
    reply: |out| Ok(Page {
        items: out
            .communications
            .unwrap_or_default()
            .into_iter()
            .map(|said| Communication {
                body: said.body.unwrap_or_default(),
                files: said.attachment_set.unwrap_or_default().into_iter().filter_map(|file| file.file_name).collect(),
            })
            .collect(),
        next: out.next_token,
    }),
}

request! {
    /// Says something in a case (`support:AddCommunicationToCase`); a resolved case is opened again by it. It has no idempotency
    /// token, so in doubt quell looks for what was said by its mark instead of saying it twice. It counts as reversible: nothing in
    /// the account is lost by it.
    change AddCommunicationToCase {
        /// The case's id.
        case: String,
        /// The text, up to 8,000 characters.
        body: Late<String>,
        /// Who gets copies from now on, ten at most.
        cc: Vec<String>,
        /// The uploaded files.
        attachment_set: Option<Late<String>>,
    }
    row: Operation::reversible(Service::Support, "AddCommunicationToCase")
        .needs(&["support:AddCommunicationToCase"], "*")
        .paced(MESSAGES)
        .never_blindly(),
    about: |it| case_entity(&it.case),
    send: |it, to| to
        .support(None)
        .add_communication_to_case()
        .case_id(&it.case)
        .communication_body(it.body.settled(Self::OPERATION)?)
        .set_cc_email_addresses((!it.cc.is_empty()).then(|| it.cc.clone()))
        .set_attachment_set_id(
            it.attachment_set.as_ref().map(|set| set.settled(Self::OPERATION)).transpose()?.cloned(),
        ),
}

request! {
    /// Resolves a case (`support:ResolveCase`). It counts as reversible: saying something in the case opens it again.
    change ResolveCase {
        /// The case's id.
        case: String,
    }
    row: Operation::reversible(Service::Support, "ResolveCase").needs(&["support:ResolveCase"], "*").paced(WRITES),
    about: |it| case_entity(&it.case),
    send: |it, to| to.support(None).resolve_case().case_id(&it.case),
    reply: |out| Ok(Made::from([("was".to_owned(), json!(out.initial_case_status))])),
}
