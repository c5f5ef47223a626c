//! What a JSON object is, told by the members that it has.

use jiff::Timestamp;

use super::node::Node;

/// What events and findings look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An event of Amazon EventBridge.
    EventBridge,
    /// A finding of Amazon GuardDuty as EventBridge has it.
    GuardDuty,
    /// The same as GetFindings has it: members start with capital letters.
    GuardDutyOfApi,
    /// A finding in the AWS Security Finding Format.
    Asff,
    /// A finding in the Open Cybersecurity Schema Framework.
    Ocsf,
    /// A record of AWS CloudTrail.
    CloudTrail,
}

impl Shape {
    pub(super) fn of(node: &Node) -> Option<Self> {
        let has = |names: &[&str]| names.iter().all(|name| node.get(name).is_some());
        if has(&["detail-type", "detail"]) {
            Some(Self::EventBridge)
        } else if has(&["ProductArn", "AwsAccountId", "Id"]) {
            Some(Self::Asff)
        } else if has(&["class_uid", "finding_info"]) {
            Some(Self::Ocsf)
        } else if has(&["eventSource", "eventName", "eventTime"]) {
            Some(Self::CloudTrail)
        } else if has(&["id", "type", "accountId"]) && (has(&["service"]) || has(&["resource"])) {
            Some(Self::GuardDuty)
        } else if has(&["Id", "Type", "AccountId"]) && (has(&["Service"]) || has(&["Resource"])) {
            Some(Self::GuardDutyOfApi)
        } else {
            None
        }
    }

    /// How people call one that came without an envelope.
    pub(super) fn bare(self) -> &'static str {
        match self {
            Self::EventBridge => "EventBridge",
            Self::GuardDuty | Self::GuardDutyOfApi => "GuardDuty finding",
            Self::Asff => "ASFF finding",
            Self::Ocsf => "OCSF finding",
            Self::CloudTrail => "CloudTrail record",
        }
    }
}

/// The id of the finding or record in a detail.
pub(super) fn subject(detail: &Node) -> Option<&str> {
    let of = match detail.get("findings") {
        Some(Node::Array(findings)) => findings.first()?,
        _ => detail,
    };
    match Shape::of(of)? {
        Shape::GuardDuty => of.text_of("id"),
        Shape::GuardDutyOfApi | Shape::Asff => of.text_of("Id"),
        Shape::Ocsf => of.get("finding_info")?.text_of("uid"),
        Shape::CloudTrail => of.text_of("eventID"),
        Shape::EventBridge => None,
    }
}

/// The envelope that AWS would deliver a bare finding or record in. What it does not say is left out.
///
/// # Errors
/// Where it has no id, or a record no service.
pub(super) fn enveloped(shape: Shape, bare: Node) -> Result<Node, &'static str> {
    if shape == Shape::EventBridge {
        return Ok(bare);
    }
    let text = |name: &str| bare.text_of(name).map(str::to_owned);
    let below = |names: &[&str]| {
        names.iter().try_fold(&bare, |node, name| node.get(name)).and_then(Node::text).map(str::to_owned)
    };
    let id = subject(&bare).ok_or("it has no id")?.to_owned();
    let (kind, source, account, time, region) = match shape {
        Shape::GuardDuty | Shape::GuardDutyOfApi | Shape::EventBridge => (
            "GuardDuty Finding".to_owned(),
            "aws.guardduty".to_owned(),
            text("accountId"),
            text("updatedAt"),
            text("region"),
        ),
        Shape::Asff => (
            "Security Hub Findings - Imported".to_owned(),
            "aws.securityhub".to_owned(),
            text("AwsAccountId"),
            text("UpdatedAt"),
            text("Region"),
        ),
        Shape::Ocsf => (
            "Findings Imported V2".to_owned(),
            "aws.securityhub".to_owned(),
            below(&["cloud", "account", "uid"]),
            text("time_dt").or_else(|| epoch(bare.get("time")?)),
            below(&["cloud", "region"]),
        ),
        Shape::CloudTrail => {
            let service = bare.text_of("eventSource").and_then(service_of);
            let service = service.ok_or("its `eventSource` is no service of AWS")?;
            let kind = match (bare.text_of("eventType"), service) {
                (Some("AwsConsoleSignIn"), _) | (None, "signin") => "AWS Console Sign In via CloudTrail",
                (Some("AwsServiceEvent"), _) => "AWS Service Event via CloudTrail",
                (Some("AwsConsoleAction"), _) => "AWS Console Action via CloudTrail",
                (Some("AwsCloudTrailInsight"), _) => "AWS Insight via CloudTrail",
                _ => "AWS API Call via CloudTrail",
            };
            let source = format!("aws.{service}");
            (kind.to_owned(), source, text("recipientAccountId"), text("eventTime"), text("awsRegion"))
        }
    };
    let mut members = vec![
        ("version".to_owned(), Node::Text("0".to_owned())),
        ("id".to_owned(), Node::Text(id)),
        ("detail-type".to_owned(), Node::Text(kind)),
        ("source".to_owned(), Node::Text(source)),
    ];
    for (name, said) in [("account", account), ("time", time), ("region", region)] {
        members.extend(said.map(|said| (name.to_owned(), Node::Text(said))));
    }
    members.push(("resources".to_owned(), Node::Array(Vec::new())));
    let detail = match shape {
        Shape::Asff | Shape::Ocsf => Node::Object(vec![("findings".to_owned(), Node::Array(vec![bare]))]),
        _ => bare,
    };
    members.push(("detail".to_owned(), detail));
    Ok(Node::Object(members))
}

/// The name of a service in a host name of AWS.
fn service_of(host: &str) -> Option<&str> {
    let name = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (!name.is_empty() && name.bytes().all(plain)).then_some(name)
}

/// A time that is milliseconds since 1970, as RFC 3339.
pub(super) fn epoch(time: &Node) -> Option<String> {
    let Node::Number(digits) = time else { return None };
    Some(Timestamp::from_millisecond(digits.parse().ok()?).ok()?.to_string())
}

/// A finding of the API as EventBridge has it: the first letter of every member is small. Maps whose names are data stay as they are.
pub(super) fn small_letters(node: Node) -> Node {
    match node {
        Node::Array(items) => Node::Array(items.into_iter().map(small_letters).collect()),
        Node::Object(members) => {
            let small = |(name, value): (String, Node)| match name.as_str() {
                "AffectedResources" | "Profiles" | "Behavior" => (small_letter(&name), value),
                _ => (small_letter(&name), small_letters(value)),
            };
            Node::Object(members.into_iter().map(small).collect())
        }
        other => other,
    }
}

fn small_letter(name: &str) -> String {
    match name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        true => name.chars().take(1).map(|c| c.to_ascii_lowercase()).chain(name.chars().skip(1)).collect(),
        false => name.to_owned(),
    }
}
