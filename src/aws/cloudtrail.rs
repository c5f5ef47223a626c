//! AWS CloudTrail: looking up who did what.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};

use super::ear::hear;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, RateClass, Request, Service};
use crate::base::{Entity, EntityKind, Region};

/// How long it may take until what happened can be looked up. AWS speaks of minutes and promises nothing: what is younger
/// than this may be missing from every answer.
pub const TRAIL_LAG: SignedDuration = SignedDuration::from_mins(15);

/// How far back events can be looked up.
pub const TRAIL_REACH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// By what events are looked up; AWS takes one at a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventBy {
    /// The id of the access key, long-term or of a session, that the call was signed with.
    AccessKey(String),
    /// The id of the event.
    Id(String),
    /// The name of the operation, such as `DeleteRolePolicy`.
    Name(String),
    /// Whether the operation only reads.
    ReadOnly(bool),
    /// The name of a resource that CloudTrail counts as concerned.
    Resource(String),
    /// The service, such as `iam.amazonaws.com`.
    Source(String),
    /// The name of the user, or that of the session of a role.
    User(String),
}

impl EventBy {
    fn key_and_value(&self) -> (LookupAttributeKey, String) {
        match self {
            Self::AccessKey(key) => (LookupAttributeKey::AccessKeyId, key.clone()),
            Self::Id(id) => (LookupAttributeKey::EventId, id.clone()),
            Self::Name(name) => (LookupAttributeKey::EventName, name.clone()),
            Self::ReadOnly(only) => (LookupAttributeKey::ReadOnly, only.to_string()),
            Self::Resource(name) => (LookupAttributeKey::ResourceName, name.clone()),
            Self::Source(source) => (LookupAttributeKey::EventSource, source.clone()),
            Self::User(name) => (LookupAttributeKey::Username, name.clone()),
        }
    }
}

/// One page of the management events of a Region, newest first (`cloudtrail:LookupEvents`). Of the last 90 days; data events,
/// such as InvokeAgent, are never among them. Works without a trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookupEvents {
    /// The Region. What IAM does is in the partition's global Region alone.
    pub region: Region,
    /// By what; nothing for all events.
    pub by: Option<EventBy>,
    /// At this moment or later, to the second.
    pub from: Option<Timestamp>,
    /// At this moment or earlier, to the second.
    pub to: Option<Timestamp>,
    /// Where the last page ended.
    pub next: Option<String>,
}

/// What one entry of the answer holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookedUp {
    /// An event.
    Event(Box<TrailEvent>),
    /// An entry whose record cannot be read. Whoever uses the answer has to say so.
    Unreadable {
        /// The id of the event.
        id: String,
        /// Why, as a fragment.
        why: String,
    },
}

/// Something that happened, as CloudTrail recorded it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrailEvent {
    /// The id of the event.
    pub id: String,
    /// When, to the second.
    pub time: Timestamp,
    /// The operation, such as `DeleteRolePolicy`.
    pub name: String,
    /// The service, such as `iam.amazonaws.com`.
    pub source: String,
    /// The Region that answered.
    pub region: String,
    /// Whether the operation only reads.
    pub read_only: bool,
    /// Who.
    pub who: TrailIdentity,
    /// The name by which [`EventBy::User`] finds it: of the user, or of the session of a role.
    pub user_name: Option<String>,
    /// From where: an address, or the name of an AWS service.
    pub source_ip: Option<String>,
    /// How the caller's program describes itself.
    pub user_agent: Option<String>,
    /// Whether it was made with an API key of Amazon Bedrock instead of a signature.
    pub with_api_key: bool,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// The error's code, where it was refused.
    pub error_code: Option<String>,
    /// What CloudTrail counts as concerned. It need not be all.
    pub resources: Vec<TrailResource>,
    /// The request as recorded; null where there is none.
    pub request: Value,
    /// The reply as recorded, secrets left out by CloudTrail; null for most reads.
    pub response: Value,
    /// The whole record as CloudTrail wrote it, JSON; kept only where the event was looked up by its id, since records are long.
    pub record: Option<String>,
}

/// A resource that an event concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TrailResource {
    /// The kind, such as `AWS::IAM::Role`.
    pub kind: String,
    /// The name, id or ARN.
    pub name: String,
}

/// Who did something. CloudTrail knows less of some than of others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailIdentity {
    /// `IAMUser`, `AssumedRole`, `AWSService`, `Root`, …
    pub kind: String,
    /// The immutable id, such as `AIDA…`; of a session of a role that of the role, a colon and the session's name.
    pub id: Option<String>,
    /// The ARN; of a session its own.
    pub arn: Option<String>,
    /// The id of the service-specific credential whose token was sent instead of a signature, where CloudTrail tells it.
    pub credential: Option<String>,
    /// The key id that the call was signed with.
    pub access_key: Option<String>,
    /// The ARN of the role or user that the session is of.
    pub issuer: Option<String>,
    /// When the session was issued.
    pub issued: Option<Timestamp>,
    /// The AWS service that acted, for itself or for somebody.
    pub invoked_by: Option<String>,
}

impl TrailIdentity {
    /// The name by which to call whoever it was.
    pub fn name(&self) -> &str {
        self.arn.as_deref().or(self.invoked_by.as_deref()).unwrap_or(&self.kind)
    }
}

/// What is read of a record. Members that it does not name are let pass.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_time: Timestamp,
    event_source: String,
    event_name: String,
    aws_region: String,
    #[serde(rename = "sourceIPAddress", default)]
    source_ip: Option<String>,
    #[serde(rename = "requestID", default)]
    request_id: Option<String>,
    #[serde(default)]
    user_agent: Option<String>,
    #[serde(default)]
    additional_event_data: Value,
    #[serde(default)]
    read_only: Option<bool>,
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    user_identity: Option<UserIdentity>,
    #[serde(default)]
    request_parameters: Value,
    #[serde(default)]
    response_elements: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    principal_id: Option<String>,
    #[serde(default)]
    arn: Option<String>,
    #[serde(default)]
    credential_id: Option<String>,
    #[serde(default)]
    access_key_id: Option<String>,
    #[serde(default)]
    invoked_by: Option<String>,
    #[serde(default)]
    session_context: Option<SessionContext>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext {
    #[serde(default)]
    session_issuer: Option<SessionIssuer>,
    #[serde(default)]
    attributes: Option<SessionAttributes>,
}

#[derive(Deserialize)]
struct SessionIssuer {
    #[serde(default)]
    arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionAttributes {
    #[serde(default)]
    creation_date: Option<Timestamp>,
}

impl From<UserIdentity> for TrailIdentity {
    fn from(who: UserIdentity) -> Self {
        let (issuer, attributes) =
            who.session_context.map_or((None, None), |context| (context.session_issuer, context.attributes));
        // The key of a call that a service made for somebody is present and empty.
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            kind: who.kind.unwrap_or_else(|| "Unknown".to_owned()),
            id: some(who.principal_id),
            arn: some(who.arn),
            credential: some(who.credential_id),
            access_key: some(who.access_key_id),
            issuer: issuer.and_then(|issuer| some(issuer.arn)),
            issued: attributes.and_then(|attributes| attributes.creation_date),
            invoked_by: some(who.invoked_by),
        }
    }
}

/// Whether a record says that a token was sent instead of a signature. AWS writes truth values as such and as texts.
fn says_api_key(additional: &Value) -> bool {
    match &additional["callWithBearerToken"] {
        Value::Bool(with) => *with,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// Reads an entry of the answer; `whole` keeps its record.
fn read(entry: aws_sdk_cloudtrail::types::Event, whole: bool) -> LookedUp {
    let id = entry.event_id.unwrap_or_default();
    let text = entry.cloud_trail_event.as_deref().unwrap_or_default();
    let record: Record = match serde_json::from_str(text) {
        Ok(record) => record,
        Err(error) => return LookedUp::Unreadable { id, why: error.to_string() },
    };
    let resources = entry.resources.unwrap_or_default().into_iter().map(|one| TrailResource {
        kind: one.resource_type.unwrap_or_default(),
        name: one.resource_name.unwrap_or_default(),
    });
    LookedUp::Event(Box::new(TrailEvent {
        id,
        time: record.event_time,
        name: record.event_name,
        source: record.event_source,
        region: record.aws_region,
        read_only: record.read_only.unwrap_or_else(|| entry.read_only.as_deref() == Some("true")),
        who: record.user_identity.map(TrailIdentity::from).unwrap_or_default(),
        user_name: entry.username,
        source_ip: record.source_ip,
        user_agent: record.user_agent,
        with_api_key: says_api_key(&record.additional_event_data),
        request_id: record.request_id,
        error_code: record.error_code,
        resources: resources.collect(),
        request: record.request_parameters,
        response: record.response_elements,
        record: entry.cloud_trail_event.filter(|_| whole),
    }))
}

fn sdk_time(time: Timestamp) -> aws_smithy_types::DateTime {
    aws_smithy_types::DateTime::from_secs(time.as_second())
}

impl Request for LookupEvents {
    const OPERATION: &'static Operation = &Operation::read(Service::CloudTrail, "LookupEvents")
        .needs(&["cloudtrail:LookupEvents"], "*")
        .paced(RateClass { name: "cloudtrail:lookup", per_second: 2.0 });

    type Reply = Page<LookedUp>;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Account, "events")
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let by = match &self.by {
            None => None,
            Some(by) => {
                let (key, value) = by.key_and_value();
                let attribute = LookupAttribute::builder().attribute_key(key).attribute_value(value).build();
                Some(vec![attribute.map_err(|error| Fault::nonsense(Self::OPERATION, error))?])
            }
        };
        let request = to
            .cloudtrail(Some(&self.region))
            .lookup_events()
            .set_lookup_attributes(by)
            .set_start_time(self.from.map(sdk_time))
            .set_end_time(self.to.map(sdk_time))
            .max_results(50)
            .set_next_token(self.next.clone());
        let whole = matches!(self.by, Some(EventBy::Id(_)));
        hear!(Self::OPERATION, request, |out| Page {
            items: out.events.unwrap_or_default().into_iter().map(|entry| read(entry, whole)).collect(),
            next: out.next_token,
        })
    }
}

impl Ask for LookupEvents {}

impl Paged for LookupEvents {
    type Item = LookedUp;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(record: &str) -> aws_sdk_cloudtrail::types::Event {
        aws_sdk_cloudtrail::types::Event::builder().event_id("e-1").cloud_trail_event(record).build()
    }

    #[test]
    fn a_record_is_read_and_what_is_not_known_is_let_pass() {
        let record = r#"{ "eventVersion": "1.11", "eventTime": "2026-11-22T03:00:01Z", "eventSource": "iam.amazonaws.com",
            "eventName": "DeleteRolePolicy", "awsRegion": "us-east-1", "sourceIPAddress": "198.51.100.7", "later": {},
            "requestParameters": { "roleName": "r" }, "responseElements": null, "requestID": "q", "readOnly": false,
            "userIdentity": { "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/r/s",
                "accessKeyId": "ASIAEXAMPLE", "sessionContext": { "ec2RoleDelivery": "2.0",
                    "sessionIssuer": { "type": "Role", "arn": "arn:aws:iam::111122223333:role/p/r" },
                    "attributes": { "creationDate": "2026-11-22T02:00:00Z", "mfaAuthenticated": "false" } } } }"#;
        let LookedUp::Event(event) = read(entry(record), false) else { panic!("readable") };
        assert_eq!((event.name.as_str(), event.read_only, &event.response), ("DeleteRolePolicy", false, &Value::Null));
        assert_eq!(event.who.issuer.as_deref(), Some("arn:aws:iam::111122223333:role/p/r"));
        assert_eq!(event.who.issued, Some("2026-11-22T02:00:00Z".parse().expect("a time")));
        assert_eq!(event.request["roleName"], "r");
        assert_eq!(event.record, None, "records are long");
        let LookedUp::Event(event) = read(entry(record), true) else { panic!("readable") };
        assert_eq!(event.record.as_deref(), Some(record));
    }

    #[test]
    fn an_api_key_is_told_from_a_signature() {
        let with = |additional: &str| {
            let record = format!(
                r#"{{ "eventTime": "2026-11-22T03:00:01Z", "eventSource": "bedrock.amazonaws.com", "eventName": "Converse",
                    "awsRegion": "us-east-1", "userAgent": "curl/8.5.0", "userIdentity": {{ "type": "IAMUser",
                        "principalId": "AIDAEXAMPLE", "accessKeyId": "", "credentialId": "ACCAEXAMPLE" }} {additional} }}"#
            );
            let LookedUp::Event(event) = read(entry(&record), false) else { panic!("readable") };
            assert_eq!(event.user_agent.as_deref(), Some("curl/8.5.0"));
            assert_eq!(event.who.id.as_deref(), Some("AIDAEXAMPLE"));
            assert_eq!((event.who.credential.as_deref(), event.who.access_key), (Some("ACCAEXAMPLE"), None));
            event.with_api_key
        };
        assert!(with(r#", "additionalEventData": { "callWithBearerToken": true }"#));
        assert!(with(r#", "additionalEventData": { "callWithBearerToken": "true" }"#));
        for without in [
            "",
            r#", "additionalEventData": { "x": 1 }"#,
            r#", "additionalEventData": { "callWithBearerToken": "false" }"#,
        ] {
            assert!(!with(without), "{without}");
        }
    }

    #[test]
    fn services_and_strangers_have_names_as_well() {
        let record = |who: &str| {
            format!(
                r#"{{ "eventTime": "2026-11-22T03:00:01Z", "eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
                    "awsRegion": "us-east-1" {who} }}"#
            )
        };
        let service = r#", "userIdentity": { "type": "AWSService", "invokedBy": "ecs-tasks.amazonaws.com" }"#;
        for (who, name) in [(service, "ecs-tasks.amazonaws.com"), ("", "")] {
            let LookedUp::Event(event) = read(entry(&record(who)), false) else { panic!("readable") };
            assert_eq!(event.who.name(), name);
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_dropped() {
        for record in ["", "{", r#"{ "eventName": "DeleteRolePolicy" }"#] {
            assert!(matches!(read(entry(record), false), LookedUp::Unreadable { id, .. } if id == "e-1"), "{record}");
        }
    }
}
