//! A finding in the AWS Security Finding Format.

use super::identity::{self, Acting, Kind, Named};
use super::reader::{Found, Reader, find, list, text};
use crate::detect::Fact;
use crate::detect::node::Node;

/// What GuardDuty says of the call, in the flat members of its product.
const CALL: &str = "aws/guardduty/service/action/awsApiCallAction";

pub(super) fn read<'e>(reader: &mut Reader<'e>, finding: &'e Node, base: &str) {
    reader.place(finding, base, &["AwsAccountId"], &["Region"]);
    reader.say_first(Fact::Time, finding, base, &[&["LastObservedAt"], &["UpdatedAt"]]);
    reader.say_first(Fact::FirstSeen, finding, base, &[&["FirstObservedAt"], &["CreatedAt"]]);
    reader.say(Fact::FindingId, finding, base, &["Id"]);
    for kind in list(finding, base, &["Types"]) {
        reader.found(Fact::FindingType, &kind);
    }
    reader.say(Fact::Severity, finding, base, &["Severity", "Label"]);
    reader.say(Fact::Detector, finding, base, &["ProductFields", "aws/guardduty/service/detectorId"]);
    let flat = |member: &str| format!("{CALL}/{member}");
    reader.say(Fact::EventName, finding, base, &["ProductFields", &flat("api")]);
    reader.say(Fact::EventSource, finding, base, &["ProductFields", &flat("serviceName")]);
    reader.say(Fact::SourceAddress, finding, base, &["ProductFields", &flat("remoteIpDetails/ipAddressV4")]);
    for resource in list(finding, base, &["Resources"]) {
        if text(resource.value, &["Type"]) == Some("AwsIamAccessKey") {
            access_key(reader, &resource, text(finding, &["ProductArn"]));
        }
    }
}

fn access_key(reader: &mut Reader<'_>, resource: &Found<'_>, product: Option<&str>) {
    let (is_somebody, key) = match find(resource.value, &resource.at, &["Details", "AwsIamAccessKey"]) {
        Some(details) => {
            let key = text(details.value, &["AccessKeyId"]).filter(|id| !id.is_empty());
            (holder(reader, resource, &details, product), key.map(|id| (id, format!("{}.AccessKeyId", details.at))))
        }
        None => {
            reader.miss(Fact::Principal, format!("`{}` has no details of the key", resource.at));
            (true, None)
        }
    };
    // A finding of GuardDuty has the key behind the type in the resource's id, and in its details only sometimes.
    let id = text(resource.value, &["Id"]).and_then(|id| id.strip_prefix("AWS::IAM::AccessKey:"));
    let of_resource = id.filter(|id| !id.is_empty()).map(|id| (id, format!("{}.Id", resource.at)));
    for (id, at) in of_resource.into_iter().chain(key).filter(|_| is_somebody) {
        identity::access_key(reader, id, &at);
    }
}

/// Says whose key it is, and tells whether somebody acted.
fn holder(reader: &mut Reader<'_>, resource: &Found<'_>, details: &Found<'_>, product: Option<&str>) -> bool {
    let said = |path: &[&str]| text(details.value, path).filter(|text| !text.is_empty());
    if let (Some(theirs), Some(ours)) = (said(&["AccountId"]), reader.account())
        && theirs != ours
    {
        let why = format!("`{}.AccountId` is another account than `{ours}`", details.at);
        reader.miss(Fact::Principal, why);
        return true;
    }
    let (kind, id) = (said(&["PrincipalType"]), said(&["PrincipalId"]));
    let issuer = said(&["SessionContext", "SessionIssuer", "Arn"]);
    if let (Some(Kind::Role), Some(arn)) = (Kind::of(kind, id), issuer) {
        let at = format!("{}.SessionContext.SessionIssuer.Arn", details.at);
        let id_at = format!("{}.PrincipalId", details.at);
        let id = id.map(|id| (id, id_at.as_str()));
        return identity::role(reader, &Acting { arn, at: &at, by: None, session: None, id });
    }
    let name_at = if said(&["PrincipalName"]).is_some() { "PrincipalName" } else { "UserName" };
    let who = Named {
        kind,
        name: said(&[name_at]),
        id,
        at: details.at.clone(),
        members: [name_at, "PrincipalId"],
        partition: Reader::partition(text(resource.value, &["Partition"]), product),
    };
    identity::named(reader, &who)
}
