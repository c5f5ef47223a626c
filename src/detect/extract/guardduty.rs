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
    let said = |name: &str| text(key.value, &[name]).filter(|text| !text.is_empty());
    let who = Named {
        kind: said("userType"),
        name: said("userName"),
        id: said("principalId"),
        at: key.at.clone(),
        members: ["userName", "principalId"],
        partition,
    };
    let is_somebody = identity::named(reader, &who);
    if let Some(id) = said("accessKeyId").filter(|_| is_somebody) {
        identity::access_key(reader, id, &format!("{}.accessKeyId", key.at));
    }
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
    // The keys of sessions that services have stand among the resources as well.
    let mut of_services = Vec::new();
    for actor in list(sequence.value, &sequence.at, &["actors"]) {
        let Some(user) = find(actor.value, &actor.at, &["user"]) else { continue };
        let said = |path: &[&str]| text(user.value, path).filter(|text| !text.is_empty());
        if let (Some(theirs), Some(ours)) = (said(&["account", "uid"]), reader.account())
            && theirs != ours
        {
            let why = format!("`{}.account.uid` is another account than `{ours}`", user.at);
            reader.miss(Fact::Principal, why);
            continue;
        }
        let who = Named {
            kind: said(&["type"]),
            name: said(&["name"]),
            id: said(&["uid"]),
            at: user.at.clone(),
            members: ["name", "uid"],
            partition,
        };
        let is_somebody = identity::named(reader, &who);
        match said(&["credentialUid"]) {
            Some(id) if is_somebody => identity::access_key(reader, id, &format!("{}.credentialUid", user.at)),
            Some(id) => of_services.push(id),
            None => {}
        }
    }
    for endpoint in list(sequence.value, &sequence.at, &["endpoints"]) {
        reader.say(Fact::SourceAddress, endpoint.value, &endpoint.at, &["ip"]);
    }
    for resource in list(sequence.value, &sequence.at, &["resources"]) {
        let Some(uid) = find(resource.value, &resource.at, &["uid"]) else { continue };
        match (text(resource.value, &["resourceType"]), uid.value.text()) {
            (Some("ACCESS_KEY"), Some(id)) if of_services.contains(&id) => {}
            (Some("ACCESS_KEY"), Some(id)) => identity::access_key(reader, id, &uid.at),
            (Some("BEDROCK_GUARDRAIL"), _) => reader.bedrock(Fact::Guardrail, "guardrail", &uid),
            (Some(kind), _) if kind.starts_with("BEDROCK_") && kind.contains("MODEL") => {
                reader.found(Fact::Model, &uid)
            }
            _ => {}
        }
    }
}
