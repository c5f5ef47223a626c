//! A finding in the Open Cybersecurity Schema Framework.

use super::identity::{self, Acting, Named};
use super::reader::{Found, Reader, find, list, text};
use crate::base::{Arn, Partition, PrincipalKind};
use crate::detect::Fact;
use crate::detect::node::Node;
use crate::detect::shape::epoch;

pub(super) fn read<'e>(reader: &mut Reader<'e>, finding: &'e Node, base: &str) {
    reader.place(finding, base, &["cloud", "account", "uid"], &["cloud", "region"]);
    time(reader, Fact::Time, finding, base, &[&["finding_info", "last_seen_time"], &["time"]]);
    time(reader, Fact::FirstSeen, finding, base, &[&["finding_info", "first_seen_time"]]);
    reader.say(Fact::FindingId, finding, base, &["finding_info", "uid"]);
    for kind in list(finding, base, &["finding_info", "types"]) {
        reader.found(Fact::FindingType, &kind);
    }
    reader.say(Fact::Severity, finding, base, &["severity"]);
    let uid = text(finding, &["finding_info", "uid"]);
    let partition = Reader::partition(text(finding, &["cloud", "cloud_partition"]), uid);
    for evidence in list(finding, base, &["evidences"]) {
        reader.say(Fact::EventName, evidence.value, &evidence.at, &["api", "operation"]);
        reader.say(Fact::EventSource, evidence.value, &evidence.at, &["api", "service", "name"]);
        reader.say(Fact::SourceAddress, evidence.value, &evidence.at, &["src_endpoint", "ip"]);
        if let Some(user) = find(evidence.value, &evidence.at, &["actor", "user"]) {
            actor(reader, &user, partition);
        }
    }
    for resource in list(finding, base, &["resources"]) {
        let Some(uid) = find(resource.value, &resource.at, &["uid"]) else { continue };
        match text(resource.value, &["type"]) {
            Some("AwsBedrockGuardrail" | "AWS::Bedrock::Guardrail") => {
                reader.bedrock(Fact::Guardrail, "guardrail", &uid)
            }
            Some("AwsIamAccessKey" | "AWS::IAM::AccessKey") => {
                let key = uid.value.text().map(|id| id.strip_prefix("AWS::IAM::AccessKey:").unwrap_or(id));
                key.into_iter().for_each(|key| identity::access_key(reader, key, &uid.at));
            }
            _ => {}
        }
    }
}

/// Says the first of several times: as text, in the member that ends in `_dt`, or in milliseconds.
fn time(reader: &mut Reader<'_>, fact: Fact, finding: &Node, base: &str, paths: &[&[&str]]) {
    for path in paths {
        let Some((last, above)) = path.split_last() else { continue };
        let named = format!("{last}_dt");
        let as_text: Vec<&str> = above.iter().copied().chain([named.as_str()]).collect();
        if let Some(found) = find(finding, base, &as_text) {
            return reader.found(fact, &found);
        }
        if let Some(found) = find(finding, base, path) {
            return match epoch(found.value) {
                Some(time) => reader.value(fact, &time, &found.at),
                None => reader.miss(fact, format!("`{}` is no time in milliseconds", found.at)),
            };
        }
    }
}

fn actor(reader: &mut Reader<'_>, user: &Found<'_>, partition: Option<Partition>) {
    let said = |path: &[&str]| text(user.value, path).filter(|text| !text.is_empty());
    if let Some(id) = said(&["credential_uid"]) {
        identity::access_key(reader, id, &format!("{}.credential_uid", user.at));
    }
    if let (Some(theirs), Some(ours)) = (said(&["account", "uid"]), reader.account())
        && theirs != ours
    {
        let why = format!("`{}.account.uid` is another account than `{ours}`", user.at);
        return reader.miss(Fact::Principal, why);
    }
    let uid = said(&["uid"]);
    let at = format!("{}.uid", user.at);
    match uid.and_then(|uid| uid.parse::<Arn>().ok()).and_then(|arn| Some((arn.principal()?, arn))) {
        Some((PrincipalKind::Role { .. }, arn)) => {
            identity::role(reader, &Acting { arn: arn.as_str(), at: &at, by: None });
        }
        Some((PrincipalKind::User { .. }, arn)) => {
            if reader.ours(Fact::Principal, arn.as_str(), &at) {
                reader.ours(Fact::User, arn.as_str(), &at);
            }
        }
        Some((PrincipalKind::Root, arn)) => {
            if reader.ours(Fact::Principal, arn.as_str(), &at) {
                reader.ours(Fact::Root, arn.as_str(), &at);
            }
        }
        Some((PrincipalKind::AssumedRole { role, .. }, arn)) => {
            reader.ours(Fact::Session, arn.as_str(), &at);
            let id = said(&["uid_alt"]);
            let partition = Some(arn.partition());
            let who =
                Named { kind: Some("Role"), name: Some(&role), id, at: user.at.clone(), name_at: "uid", partition };
            match arn.account().map(String::from).as_deref() == reader.account() {
                true => identity::named(reader, &who),
                false => reader.miss(Fact::Principal, format!("`{at}` is of another account")),
            }
        }
        Some((PrincipalKind::FederatedUser { .. }, _)) => {
            reader
                .miss(Fact::Principal, "it was a federated user, and the finding does not name the user who let it in");
        }
        None => {
            let (kind, name) = (said(&["type"]), said(&["name"]));
            let id = uid.or_else(|| said(&["uid_alt"]));
            identity::named(reader, &Named { kind, name, id, at: user.at.clone(), name_at: "name", partition });
        }
    }
}
