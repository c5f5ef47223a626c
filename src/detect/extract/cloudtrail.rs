//! A record of AWS CloudTrail.

use super::identity::{self, Acting};
use super::reader::{Found, Reader, find, text};
use crate::base::{Arn, PrincipalKind};
use crate::detect::Fact;
use crate::detect::node::Node;
use crate::detect::unwrap::short;

pub(super) fn read<'e>(reader: &mut Reader<'e>, record: &'e Node, base: &str) {
    reader.place(record, base, &["recipientAccountId"], &["awsRegion"]);
    // Of a call, the envelope has the record's own time: one that has another says two.
    reader.say(Fact::Time, record, base, &["eventTime"]);
    reader.say_of_envelope(Fact::Time, &["time"]);
    reader.say(Fact::RecordId, record, base, &["eventID"]);
    reader.say(Fact::EventName, record, base, &["eventName"]);
    reader.say(Fact::EventSource, record, base, &["eventSource"]);
    // Of a call that a service made, the service's name stands where the address would.
    let service =
        text(record, &["sourceIPAddress"]).filter(|source| super::forms::is_host(source) || *source == "AWS Internal");
    match service {
        Some(service) => reader.miss(Fact::SourceAddress, format!("`{}` called", short(service))),
        None => reader.say(Fact::SourceAddress, record, base, &["sourceIPAddress"]),
    }
    // AWS writes truth values as such and as texts.
    if let Some(found) = find(record, base, &["additionalEventData", "callWithBearerToken"]) {
        let says_so = match found.value {
            Node::Bool(says) => *says,
            other => other.text().is_some_and(|text| text.eq_ignore_ascii_case("true")),
        };
        if says_so {
            reader.value(Fact::WithApiKey, "true", &found.at);
        }
    }
    match find(record, base, &["userIdentity"]) {
        Some(who) if who.value.is_object() => caller(reader, &who, service),
        Some(who) => reader.miss(Fact::Principal, format!("`{}` is {}", who.at, who.value.kind())),
        None => reader.miss(Fact::Principal, "the record has no `userIdentity`"),
    }
    match text(record, &["eventSource"]) {
        Some("bedrock.amazonaws.com" | "bedrock.amazonaws.com.cn") => bedrock(reader, record, base),
        Some("qbusiness.amazonaws.com") => q_business(reader, record, base),
        _ => {}
    }
}

fn caller(reader: &mut Reader<'_>, who: &Found<'_>, service: Option<&str>) {
    let said = |path: &[&str]| text(who.value, path).filter(|text| !text.is_empty());
    let at = |member: &str| format!("{}.{member}", who.at);
    reader.say(Fact::Credential, who.value, &who.at, &["credentialId"]);
    if acted(reader, who, said(&["invokedBy"]).or(service))
        && let Some(id) = said(&["accessKeyId"])
    {
        identity::access_key(reader, id, &at("accessKeyId"));
    }
}

/// Says who called, and tells whether somebody did.
fn acted(reader: &mut Reader<'_>, who: &Found<'_>, by: Option<&str>) -> bool {
    let said = |path: &[&str]| text(who.value, path).filter(|text| !text.is_empty());
    let [arn_at, id_at, issuer_at, issuer_id_at] =
        ["arn", "principalId", "sessionContext.sessionIssuer.arn", "sessionContext.sessionIssuer.principalId"]
            .map(|member| format!("{}.{member}", who.at));
    let arn = said(&["arn"]).map(|arn| (arn, arn_at.as_str()));
    let id = said(&["principalId"]).map(|id| (id, id_at.as_str()));
    let issuer = said(&["sessionContext", "sessionIssuer", "arn"]).map(|arn| (arn, issuer_at.as_str()));
    let issuer_id = said(&["sessionContext", "sessionIssuer", "principalId"]).map(|id| (id, issuer_id_at.as_str()));
    let issuer_kind = said(&["sessionContext", "sessionIssuer", "type"]);
    let why = match (said(&["type"]), arn, issuer) {
        (Some("IAMUser"), Some(arn), _) => return identity::lasting(reader, Fact::User, arn, id),
        (Some("Root"), Some(arn), _) => return identity::lasting(reader, Fact::Root, arn, id),
        (Some("AssumedRole"), Some(session), Some(issuer)) => {
            return assumed(reader, session, issuer, by, issuer_id.or(id));
        }
        (Some("Role"), Some((arn, at)), _) => {
            return identity::role(reader, &Acting { arn, at, by, session: None, id });
        }
        // Whoever let it in lasts, and decides what it may do.
        (Some("FederatedUser"), _, Some(issuer)) if issuer_kind == Some("IAMUser") => {
            return identity::lasting(reader, Fact::User, issuer, issuer_id);
        }
        (Some("FederatedUser"), _, Some(issuer)) if issuer_kind == Some("Root") => {
            return identity::lasting(reader, Fact::Root, issuer, issuer_id);
        }
        (Some("FederatedUser"), ..) => {
            "it was a federated user, and the record does not name the user who let it in".to_owned()
        }
        (Some("AWSService"), ..) => {
            let by = by.map_or("a service of AWS".to_owned(), |by| format!("`{}`", short(by)));
            format!("{by} acted by itself or for somebody whom the record does not name")
        }
        (Some("AWSAccount"), ..) => "it was somebody of another account".to_owned(),
        (Some("IdentityCenterUser"), ..) => "it was a person of IAM Identity Center, whom IAM does not know".to_owned(),
        (Some("SAMLUser" | "WebIdentityUser"), ..) => {
            "it was a person of an identity provider, whom IAM does not know".to_owned()
        }
        (Some(kind @ ("IAMUser" | "Root" | "Role" | "AssumedRole")), ..) => {
            format!("it was `{kind}`, and the record does not say which")
        }
        (Some(other), ..) => {
            format!("`{}.type` is `{}`, and neither a user, a role nor the root user", who.at, short(other))
        }
        (None, ..) => format!("`{}.type` is missing", who.at),
    };
    reader.miss(Fact::Principal, why);
    true
}

/// Says the session of a role, and the role: only its issuer has the role's path. One that names another role than the session is
/// not believed.
fn assumed(
    reader: &mut Reader<'_>,
    session: (&str, &str),
    (issuer, at): (&str, &str),
    by: Option<&str>,
    id: Option<(&str, &str)>,
) -> bool {
    let kind = |text: &str| text.parse::<Arn>().ok()?.principal();
    match (kind(session.0), kind(issuer)) {
        (Some(PrincipalKind::AssumedRole { role, .. }), Some(PrincipalKind::Role { name, .. })) if role == name => {
            identity::role(reader, &Acting { arn: issuer, at, by, session: Some(session), id })
        }
        _ => {
            let why = format!("`{}` is no session of the role `{}`", short(session.0), short(issuer));
            [Fact::Principal, Fact::Session].into_iter().for_each(|fact| reader.miss(fact, why.clone()));
            true
        }
    }
}

/// What a call of Amazon Bedrock is about: control plane, agents and models have one event source.
fn bedrock(reader: &mut Reader<'_>, record: &Node, base: &str) {
    const AGENTS: [&[&str]; 2] = [&["requestParameters", "agentId"], &["responseElements", "agent", "agentId"]];
    const BASES: [&[&str]; 3] = [
        &["requestParameters", "knowledgeBaseId"],
        &["requestParameters", "retrieveAndGenerateConfiguration", "knowledgeBaseConfiguration", "knowledgeBaseId"],
        &["responseElements", "knowledgeBase", "knowledgeBaseId"],
    ];
    const SOURCES: [&[&str]; 2] =
        [&["requestParameters", "dataSourceId"], &["responseElements", "dataSource", "dataSourceId"]];
    AGENTS.iter().for_each(|path| reader.say(Fact::Agent, record, base, path));
    BASES.iter().for_each(|path| reader.say(Fact::KnowledgeBase, record, base, path));
    SOURCES.iter().for_each(|path| reader.say(Fact::DataSource, record, base, path));
    reader.say(Fact::Model, record, base, &["requestParameters", "modelId"]);
    for member in ["guardrailIdentifier", "guardrailId"] {
        if let Some(found) = find(record, base, &["requestParameters", member]) {
            reader.bedrock(Fact::Guardrail, "guardrail", &found);
        }
    }
    if let Some(found) = find(record, base, &["responseElements", "guardrailId"]) {
        reader.bedrock(Fact::Guardrail, "guardrail", &found);
    }
}

/// What a call of Amazon Q Business is about; its names are also Bedrock's.
fn q_business(reader: &mut Reader<'_>, record: &Node, base: &str) {
    for side in ["requestParameters", "responseElements"] {
        reader.say(Fact::Application, record, base, &[side, "applicationId"]);
        reader.say(Fact::QDataSource, record, base, &[side, "dataSourceId"]);
    }
}
