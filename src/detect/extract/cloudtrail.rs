//! A record of AWS CloudTrail.

use super::identity::{self, Acting, unique};
use super::reader::{Found, Reader, find, text};
use crate::base::{Arn, PrincipalKind};
use crate::detect::Fact;
use crate::detect::node::Node;
use crate::detect::unwrap::short;

pub(super) fn read<'e>(reader: &mut Reader<'e>, record: &'e Node, base: &str) {
    reader.place(record, base, &["recipientAccountId"], &["awsRegion"]);
    reader.say(Fact::Time, record, base, &["eventTime"]);
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
    if let Some(id) = said(&["accessKeyId"]) {
        identity::access_key(reader, id, &at("accessKeyId"));
    }
    reader.say(Fact::Credential, who.value, &who.at, &["credentialId"]);
    let by = said(&["invokedBy"]).or(service);
    let issuer = said(&["sessionContext", "sessionIssuer", "arn"]);
    let issuer_at = at("sessionContext.sessionIssuer.arn");
    match said(&["type"]) {
        Some("IAMUser") => match said(&["arn"]) {
            Some(arn) => principal(reader, Fact::User, arn, &at("arn")),
            None => reader.miss(Fact::Principal, "the record does not name the user"),
        },
        Some("Root") => match said(&["arn"]) {
            Some(arn) => principal(reader, Fact::Root, arn, &at("arn")),
            None => reader.miss(Fact::Principal, "the record has no ARN of the root user"),
        },
        Some("AssumedRole") => {
            session(reader, said(&["arn"]), issuer, by, who);
        }
        Some("Role") => match said(&["arn"]) {
            Some(arn) => identity::role(reader, &Acting { arn, at: &at("arn"), by }),
            None => reader.miss(Fact::Principal, "the record has no ARN of the role"),
        },
        // Whoever let it in lasts, and decides what it may do.
        Some("FederatedUser") => match (said(&["sessionContext", "sessionIssuer", "type"]), issuer) {
            (Some("IAMUser"), Some(arn)) => principal(reader, Fact::User, arn, &issuer_at),
            (Some("Root"), Some(arn)) => principal(reader, Fact::Root, arn, &issuer_at),
            _ => reader
                .miss(Fact::Principal, "it was a federated user, and the record does not name the user who let it in"),
        },
        Some("AWSService") => {
            let by = by.map_or("a service of AWS".to_owned(), |by| format!("`{}`", short(by)));
            return reader
                .miss(Fact::Principal, format!("{by} acted by itself or for somebody whom the record does not name"));
        }
        Some("AWSAccount") => return reader.miss(Fact::Principal, "it was somebody of another account"),
        Some("IdentityCenterUser") => {
            return reader.miss(Fact::Principal, "it was a person of IAM Identity Center, whom IAM does not know");
        }
        Some("SAMLUser" | "WebIdentityUser") => {
            return reader.miss(Fact::Principal, "it was a person of an identity provider, whom IAM does not know");
        }
        Some(other) => {
            let why = format!("`{}` is `{}`, and neither a user, a role nor the root user", at("type"), short(other));
            return reader.miss(Fact::Principal, why);
        }
        None => return reader.miss(Fact::Principal, format!("`{}` is missing", at("type"))),
    }
    let issuer_id = said(&["sessionContext", "sessionIssuer", "principalId"]);
    match (issuer_id, said(&["principalId"])) {
        (Some(id), _) => reader.value(Fact::PrincipalId, id, &at("sessionContext.sessionIssuer.principalId")),
        (None, Some(id)) => reader.value(Fact::PrincipalId, unique(id), &at("principalId")),
        (None, None) => {}
    }
}

fn principal(reader: &mut Reader<'_>, fact: Fact, arn: &str, at: &str) {
    if reader.ours(fact, arn, at) {
        reader.ours(Fact::Principal, arn, at);
    } else {
        reader.miss(Fact::Principal, format!("`{at}` names nobody of the event's account"));
    }
}

/// Says the session of a role, and the role: only its issuer has the role's path. One that names another role than the session is
/// not believed.
fn session(reader: &mut Reader<'_>, arn: Option<&str>, issuer: Option<&str>, by: Option<&str>, who: &Found<'_>) {
    let kind = |text: Option<&str>| text.and_then(|text| text.parse::<Arn>().ok()?.principal());
    match (kind(arn), kind(issuer), arn, issuer) {
        (
            Some(PrincipalKind::AssumedRole { role, .. }),
            Some(PrincipalKind::Role { name, .. }),
            Some(arn),
            Some(issuer),
        ) if role == name => {
            reader.ours(Fact::Session, arn, &format!("{}.arn", who.at));
            let at = format!("{}.sessionContext.sessionIssuer.arn", who.at);
            identity::role(reader, &Acting { arn: issuer, at: &at, by });
        }
        (.., Some(arn), Some(issuer)) => {
            let why = format!("`{}` is no session of the role `{}`", short(arn), short(issuer));
            [Fact::Principal, Fact::Session].into_iter().for_each(|fact| reader.miss(fact, why.clone()));
        }
        _ => reader.miss(Fact::Principal, "the record does not name the role of the session"),
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
