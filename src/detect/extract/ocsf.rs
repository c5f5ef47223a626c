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
    // The keys of sessions that services have stand among the resources as well.
    let mut of_services = Vec::new();
    for evidence in list(finding, base, &["evidences"]) {
        reader.say(Fact::EventName, evidence.value, &evidence.at, &["api", "operation"]);
        reader.say(Fact::EventSource, evidence.value, &evidence.at, &["api", "service", "name"]);
        reader.say(Fact::SourceAddress, evidence.value, &evidence.at, &["src_endpoint", "ip"]);
        if let Some(user) = find(evidence.value, &evidence.at, &["actor", "user"]) {
            of_services.extend(actor(reader, &user, partition));
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
                key.into_iter()
                    .filter(|key| !of_services.contains(key))
                    .for_each(|key| identity::access_key(reader, key, &uid.at));
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

/// Says who an actor is, and hands back its key where that is a service's.
fn actor<'e>(reader: &mut Reader<'_>, user: &Found<'e>, partition: Option<Partition>) -> Option<&'e str> {
    let said = |path: &[&str]| text(user.value, path).filter(|text| !text.is_empty());
    let is_somebody = match (said(&["account", "uid"]), reader.account()) {
        (Some(theirs), Some(ours)) if theirs != ours => {
            let why = format!("`{}.account.uid` is another account than `{ours}`", user.at);
            reader.miss(Fact::Principal, why);
            true
        }
        _ => whoever(reader, user, partition),
    };
    let key = said(&["credential_uid"])?;
    if is_somebody {
        identity::access_key(reader, key, &format!("{}.credential_uid", user.at));
    }
    (!is_somebody).then_some(key)
}

/// Says who an actor is, by ARN where there is one, and tells whether somebody acted.
fn whoever(reader: &mut Reader<'_>, user: &Found<'_>, partition: Option<Partition>) -> bool {
    let said = |path: &[&str]| text(user.value, path).filter(|text| !text.is_empty());
    let (uid, other_id) = (said(&["uid"]), said(&["uid_alt"]));
    let [at, id_at] = ["uid", "uid_alt"].map(|member| format!("{}.{member}", user.at));
    let id = other_id.map(|id| (id, id_at.as_str()));
    let Some((kind, arn)) = uid.and_then(|uid| uid.parse::<Arn>().ok()).and_then(|arn| Some((arn.principal()?, arn)))
    else {
        let id = uid.or(other_id);
        let members = ["name", if uid.is_some() { "uid" } else { "uid_alt" }];
        let (kind, name) = (said(&["type"]), said(&["name"]));
        return identity::named(reader, &Named { kind, name, id, at: user.at.clone(), members, partition });
    };
    match kind {
        PrincipalKind::Role { .. } => {
            return identity::role(reader, &Acting { arn: arn.as_str(), at: &at, by: None, session: None, id });
        }
        // The ARN of a session has its role's name, without a path.
        PrincipalKind::AssumedRole { role, .. } => {
            let account = arn.account().map(String::from).unwrap_or_default();
            let of = format!("arn:{}:iam::{account}:role/{role}", arn.partition());
            reader.by_name();
            let session = Some((arn.as_str(), at.as_str()));
            return identity::role(reader, &Acting { arn: &of, at: &at, by: None, session, id });
        }
        PrincipalKind::User { .. } => return identity::lasting(reader, Fact::User, (arn.as_str(), &at), id),
        PrincipalKind::Root => return identity::lasting(reader, Fact::Root, (arn.as_str(), &at), id),
        PrincipalKind::FederatedUser { .. } => {
            reader
                .miss(Fact::Principal, "it was a federated user, and the finding does not name the user who let it in");
        }
    }
    true
}
