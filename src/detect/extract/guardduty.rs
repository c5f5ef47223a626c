//! A finding of Amazon GuardDuty.

use super::identity::{self, Named};
use super::reader::{Found, Reader, find, list, text};
use crate::base::Partition;
use crate::detect::Fact;
use crate::detect::node::Node;

const ACTION: [&str; 3] = ["service", "action", "awsApiCallAction"];

pub(super) fn read<'e>(reader: &mut Reader<'e>, finding: &'e Node, base: &str) {
    reader.place(finding, base, &["accountId"], &["region"]);
    reader.say_first(Fact::Time, finding, base, &[&["service", "eventLastSeen"], &["updatedAt"]]);
    reader.say_first(Fact::FirstSeen, finding, base, &[&["service", "eventFirstSeen"], &["createdAt"]]);
    reader.say(Fact::FindingId, finding, base, &["id"]);
    reader.say(Fact::FindingType, finding, base, &["type"]);
    reader.say(Fact::Severity, finding, base, &["severity"]);
    reader.say(Fact::Detector, finding, base, &["service", "detectorId"]);
    reader.say(Fact::EventName, finding, base, &[ACTION[0], ACTION[1], ACTION[2], "api"]);
    reader.say(Fact::EventSource, finding, base, &[ACTION[0], ACTION[1], ACTION[2], "serviceName"]);
    for version in ["ipAddressV4", "ipAddressV6"] {
        reader.say(Fact::SourceAddress, finding, base, &[ACTION[0], ACTION[1], ACTION[2], "remoteIpDetails", version]);
    }
    let partition = Reader::partition(text(finding, &["partition"]), text(finding, &["arn"]));
    if let Some(key) = find(finding, base, &["resource", "accessKeyDetails"]) {
        access_key_details(reader, &key, partition);
    }
    for model in list(finding, base, &["resource", "modelDetails"]) {
        reader.say(Fact::Model, model.value, &model.at, &["modelId"]);
    }
    guardrails(reader, finding, base);
    if let Some(sequence) = find(finding, base, &["service", "detection", "sequence"]) {
        read_sequence(reader, &sequence, partition);
    }
}

fn access_key_details(reader: &mut Reader<'_>, key: &Found<'_>, partition: Option<Partition>) {
    let said = |name: &str| text(key.value, &[name]);
    if let Some(id) = said("accessKeyId").filter(|id| !id.is_empty()) {
        identity::access_key(reader, id, &format!("{}.accessKeyId", key.at));
    }
    let who = Named {
        kind: said("userType"),
        name: said("userName"),
        id: said("principalId"),
        at: key.at.clone(),
        name_at: "userName",
        partition,
    };
    identity::named(reader, &who);
}

fn guardrails(reader: &mut Reader<'_>, finding: &Node, base: &str) {
    let details = ["resource", "bedrockGuardrailDetails"];
    let listed = list(finding, base, &[details[0], details[1], "guardrails"]);
    let each = listed.iter().filter_map(|guardrail| find(guardrail.value, &guardrail.at, &["arn"]));
    // The older member has the first of them.
    let older = find(finding, base, &[details[0], details[1], "guardrailArn"]);
    for found in each.chain(older) {
        reader.bedrock(Fact::Guardrail, "guardrail", &found);
    }
}

/// Reads a sequence of an attack: many signals, with everybody and everything in them beside each other.
fn read_sequence(reader: &mut Reader<'_>, sequence: &Found<'_>, partition: Option<Partition>) {
    for actor in list(sequence.value, &sequence.at, &["actors"]) {
        let Some(user) = find(actor.value, &actor.at, &["user"]) else { continue };
        if let Some(id) = text(user.value, &["credentialUid"]).filter(|id| !id.is_empty()) {
            identity::access_key(reader, id, &format!("{}.credentialUid", user.at));
        }
        let theirs = text(user.value, &["account", "uid"]).map(str::to_owned);
        if let (Some(theirs), Some(ours)) = (&theirs, reader.account())
            && theirs != ours
        {
            let why = format!("`{}.account.uid` is another account than `{ours}`", user.at);
            reader.miss(Fact::Principal, why);
            continue;
        }
        let who = Named {
            kind: text(user.value, &["type"]),
            name: text(user.value, &["name"]),
            id: text(user.value, &["uid"]),
            at: user.at,
            name_at: "name",
            partition,
        };
        identity::named(reader, &who);
    }
    for endpoint in list(sequence.value, &sequence.at, &["endpoints"]) {
        reader.say(Fact::SourceAddress, endpoint.value, &endpoint.at, &["ip"]);
    }
    for resource in list(sequence.value, &sequence.at, &["resources"]) {
        let Some(uid) = find(resource.value, &resource.at, &["uid"]) else { continue };
        match (text(resource.value, &["resourceType"]), uid.value.text()) {
            (Some("ACCESS_KEY"), Some(id)) => identity::access_key(reader, id, &uid.at),
            (Some("BEDROCK_GUARDRAIL"), _) => reader.bedrock(Fact::Guardrail, "guardrail", &uid),
            (Some(kind), _) if kind.starts_with("BEDROCK_") && kind.contains("MODEL") => {
                reader.found(Fact::Model, &uid)
            }
            _ => {}
        }
    }
}
