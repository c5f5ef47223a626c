//! AWS Support: what it offers, and cases.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ear::hear;
use super::late::Late;
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, FaultKind, Operation, Page, Paged, RateClass, Request, Service};
use crate::base::{Digest, Entity, EntityKind};

/// The issue type of account and security cases; AWS takes `technical` where it is left out.
const ISSUE_TYPE: &str = "customer-service";
pub(super) const READS: RateClass = RateClass { name: "support:read", per_second: 5.0 };
pub(super) const WRITES: RateClass = RateClass { name: "support:write", per_second: 1.0 };
/// AWS counts each operation on its own: the second message of a case does not wait for the first.
pub(super) const MESSAGES: RateClass = RateClass { name: "support:message", per_second: 1.0 };

fn cases() -> Entity {
    Entity::new(EntityKind::SupportCase, "cases")
}

/// One case, by its id.
pub(super) fn case_entity(id: &str) -> Entity {
    cases().child(EntityKind::SupportCase, id)
}

/// A code and the name that people see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The code that the API takes.
    pub code: String,
    /// The name that people see.
    pub name: String,
}

/// A service that a case can be about, with its categories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportService {
    /// The code and name of the service.
    pub service: Named,
    /// Its categories.
    pub categories: Vec<Named>,
}

/// What lacks its code or its name cannot be chosen: it is no part of the offer, and keeps no case from being opened.
fn named(code: Option<String>, name: Option<String>) -> Option<Named> {
    Some(Named { code: code?, name: name? })
}

/// Lists the services and categories of cases in a language (`support:DescribeServices`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DescribeServices {
    /// The language, as an ISO 639-1 code.
    pub language: String,
}

impl Request for DescribeServices {
    const OPERATION: &'static Operation =
        &Operation::read(Service::Support, "DescribeServices").needs(&["support:DescribeServices"], "*").paced(READS);

    type Reply = Vec<SupportService>;

    fn entity(&self) -> Entity {
        cases()
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to.support(None).describe_services().language(&self.language);
        hear!(Self::OPERATION, request, |out| {
            let services = out.services.unwrap_or_default().into_iter();
            let described = services.filter_map(|service| {
                let categories = service.categories.unwrap_or_default().into_iter();
                Some(SupportService {
                    service: named(service.code, service.name)?,
                    categories: categories.filter_map(|one| named(one.code, one.name)).collect(),
                })
            });
            described.collect()
        })
    }
}

impl Ask for DescribeServices {}

/// Lists the severities that the support plan offers (`support:DescribeSeverityLevels`). Without a paid plan AWS answers
/// SubscriptionRequiredException, to this and to everything else here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DescribeSeverityLevels {
    /// The language, as an ISO 639-1 code.
    pub language: String,
}

impl Request for DescribeSeverityLevels {
    const OPERATION: &'static Operation = &Operation::read(Service::Support, "DescribeSeverityLevels")
        .needs(&["support:DescribeSeverityLevels"], "*")
        .paced(READS);

    type Reply = Vec<Named>;

    fn entity(&self) -> Entity {
        cases()
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to.support(None).describe_severity_levels().language(&self.language);
        hear!(Self::OPERATION, request, |out| {
            let levels = out.severity_levels.unwrap_or_default().into_iter();
            levels.filter_map(|level| named(level.code, level.name)).collect()
        })
    }
}

impl Ask for DescribeSeverityLevels {}

/// Lists the languages in which a kind of case is answered at this moment (`support:DescribeSupportedLanguages`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DescribeSupportedLanguages {
    /// The service's code.
    pub service: String,
    /// The category's code.
    pub category: String,
}

impl Request for DescribeSupportedLanguages {
    const OPERATION: &'static Operation = &Operation::read(Service::Support, "DescribeSupportedLanguages")
        .needs(&["support:DescribeSupportedLanguages"], "*")
        .paced(READS);

    type Reply = Vec<Named>;

    fn entity(&self) -> Entity {
        cases()
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to
            .support(None)
            .describe_supported_languages()
            .issue_type(ISSUE_TYPE)
            .service_code(&self.service)
            .category_code(&self.category);
        hear!(Self::OPERATION, request, |out| {
            let languages = out.supported_languages.unwrap_or_default().into_iter();
            languages.filter_map(|one| named(one.code, one.language)).collect()
        })
    }
}

impl Ask for DescribeSupportedLanguages {}

/// A case as AWS Support describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportCase {
    /// The id that the API takes.
    pub id: String,
    /// The number that people use.
    pub number: String,
    /// The subject.
    pub subject: String,
    /// Whether it is open, and whose turn it is.
    pub status: String,
    /// The severity's code.
    pub severity: String,
    /// The part of its text that is still to be said: its last messages announce it, and none of them is it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsaid: Option<u32>,
}

/// What begins a part of a case's text that is not the first one.
pub fn part_begins(part: u32) -> String {
    format!("[part {part}]")
}

/// What the announcement of another part begins with.
const GOES_ON: &str = "[goes on in part ";

/// What ends a message that goes on in another part.
pub fn goes_on_in(part: u32) -> String {
    format!("{GOES_ON}{part}]")
}

/// The part that these messages announce and that is none of them.
fn unsaid(messages: &[String]) -> Option<u32> {
    let announced = messages.iter().filter_map(|body| {
        let (_, part) = body.trim_end().strip_suffix(']')?.rsplit_once(GOES_ON)?;
        part.parse().ok()
    });
    announced.max().filter(|part| !messages.iter().any(|body| body.starts_with(&part_begins(*part))))
}

/// One page of the cases that are not resolved, or of all (`support:DescribeCases`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DescribeCases {
    /// Whether resolved cases are listed as well.
    pub resolved: bool,
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for DescribeCases {
    const OPERATION: &'static Operation =
        &Operation::read(Service::Support, "DescribeCases").needs(&["support:DescribeCases"], "*").paced(READS);

    type Reply = Page<SupportCase>;

    fn entity(&self) -> Entity {
        cases()
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to
            .support(None)
            .describe_cases()
            .include_resolved_cases(self.resolved)
            .include_communications(true)
            .max_results(100)
            .set_next_token(self.next.clone());
        let heard = hear!(Self::OPERATION, request, |out| {
            let cases: Result<Vec<SupportCase>, String> = out.cases.unwrap_or_default().into_iter().map(case).collect();
            cases.map(|items| Page { items, next: out.next_token })
        })?;
        heard.read(Self::OPERATION, |reply| reply)
    }
}

/// A case without an id or a subject might be the incident's own: another one must not be opened beside it.
fn case(case: aws_sdk_support::types::CaseDetails) -> Result<SupportCase, String> {
    let id = case.case_id.ok_or("a support case has no id")?;
    let subject = case.subject.ok_or_else(|| format!("support case {id} has no subject"))?;
    let messages = case.recent_communications.and_then(|recent| recent.communications).unwrap_or_default();
    let messages: Vec<String> = messages.into_iter().filter_map(|message| message.body).collect();
    Ok(SupportCase {
        unsaid: unsaid(&messages),
        id,
        number: case.display_id.unwrap_or_default(),
        subject,
        status: case.status.unwrap_or_default(),
        severity: case.severity_code.unwrap_or_default(),
    })
}

impl Ask for DescribeCases {}

impl Paged for DescribeCases {
    type Item = SupportCase;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..*self }
    }
}

/// A file that goes with a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// The digest of its bytes: which file was approved. Nothing for what is only written when it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Its bytes, base64.
    pub data: Late<String>,
}

impl Attachment {
    /// Its bytes, once they are known.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        STANDARD.decode(self.data.known()?).ok()
    }
}

/// Uploads files for a case (`support:AddAttachmentsToSet`). The set lives for an hour. There is no idempotency token: a
/// second upload makes a second set, which harms nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AddAttachmentsToSet {
    /// The files: three at most, 5 MB each.
    pub attachments: Vec<Attachment>,
}

impl Request for AddAttachmentsToSet {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Support, "AddAttachmentsToSet")
        .needs(&["support:AddAttachmentsToSet"], "*")
        .unseen("a set of attachments shows nowhere, and one that nothing uses is gone within the hour")
        .paced(WRITES);

    type Reply = Made;

    fn entity(&self) -> Entity {
        cases()
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let mut request = to.support(None).add_attachments_to_set();
        for attachment in &self.attachments {
            let bytes = STANDARD
                .decode(attachment.data.settled(Self::OPERATION)?)
                .map_err(|error| Fault::of(Self::OPERATION, FaultKind::BadRequest, "NotBase64", error.to_string()))?;
            request = request.attachments(
                aws_sdk_support::types::Attachment::builder()
                    .file_name(&attachment.name)
                    .data(aws_smithy_types::Blob::new(bytes))
                    .build(),
            );
        }
        hear!(Self::OPERATION, request, |out| out
            .attachment_set_id
            .map(|id| ("attachment-set".to_owned(), json!(id)))
            .into_iter()
            .collect())
    }
}

/// Opens a case (`support:CreateCase`). It has no idempotency token, so in doubt quell looks for the case by its tag
/// instead of opening a second one. It counts as reversible: nothing in the account is lost by it, and it ends when a person
/// resolves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CreateCase {
    /// The subject, with the tag by which the case is found again.
    pub subject: String,
    /// The service's code.
    pub service: String,
    /// The category's code.
    pub category: String,
    /// The severity's code.
    pub severity: String,
    /// The language, as an ISO 639-1 code.
    pub language: String,
    /// The text, up to 8,000 characters.
    pub body: Late<String>,
    /// Who gets copies, ten at most.
    pub cc: Vec<String>,
    /// The uploaded files.
    pub attachment_set: Option<Late<String>>,
}

impl Request for CreateCase {
    const OPERATION: &'static Operation = &Operation::reversible(Service::Support, "CreateCase")
        .needs(&["support:CreateCase"], "*")
        .paced(WRITES)
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        cases()
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let set = self.attachment_set.as_ref().map(|set| set.settled(Self::OPERATION)).transpose()?;
        let request = to
            .support(None)
            .create_case()
            .subject(&self.subject)
            .service_code(&self.service)
            .category_code(&self.category)
            .severity_code(&self.severity)
            .language(&self.language)
            .issue_type(ISSUE_TYPE)
            .communication_body(self.body.settled(Self::OPERATION)?)
            .set_cc_email_addresses((!self.cc.is_empty()).then(|| self.cc.clone()))
            .set_attachment_set_id(set.cloned());
        hear!(Self::OPERATION, request, |out| out
            .case_id
            .map(|id| ("case-id".to_owned(), json!(id)))
            .into_iter()
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_part_is_the_one_that_is_announced_and_not_said() {
        let messages = |bodies: &[&str]| bodies.iter().map(|body| (*body).to_owned()).collect::<Vec<_>>();
        for (said, next) in [
            (&["all of it"][..], None),
            (&["a [goes on in part 2]"], Some(2)),
            (&["[part 2]\nb", "a [goes on in part 2]\n"], None),
            (&["thank you", "[part 2]\nb\n[goes on in part 3]", "a [goes on in part 2]"], Some(3)),
            (&["[goes on in part two]"], None),
        ] {
            assert_eq!(unsaid(&messages(said)), next, "{said:?}");
        }
    }
}
