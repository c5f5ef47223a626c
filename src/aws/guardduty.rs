//! Amazon GuardDuty: whether a finding that somebody speaks of is there, and about whom it is.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use aws_sdk_guardduty::types;

use super::declare::request;
use super::{Operation, Page, RateClass, Service};
use crate::base::{AccountId, DetectorId, Entity, EntityKind, FindingId, Region};

/// How many findings may be asked for at once.
pub const MOST_FINDINGS: usize = 50;

/// AWS publishes no rates: what every other caller in the account needs is left to them.
const READS: RateClass = RateClass { name: "guardduty:read", per_second: 5.0 };

/// A finding, as GuardDuty holds it now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The id.
    pub id: FindingId,
    /// The type, such as `Impact:IAMUser/AnomalousModelInvocation`.
    pub kind: String,
    /// From 1 to 10.
    pub severity: f64,
    /// The account that it is about.
    pub account: AccountId,
    /// The Region in which it was found.
    pub region: Region,
    /// When it was found first.
    pub created: Timestamp,
    /// When it was last added to.
    pub updated: Timestamp,
    /// When the first event was seen that it is about.
    pub first_seen: Option<Timestamp>,
    /// When the last one was.
    pub last_seen: Option<Timestamp>,
    /// Whether somebody has put it away.
    pub archived: bool,
    /// The credentials that it is about. Attack sequences and what concerns machines name none here.
    pub access_key: Option<FindingKey>,
}

/// The credentials that a finding is about, as far as GuardDuty tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingKey {
    /// The key id, long-term or of a session.
    pub id: Option<String>,
    /// The immutable id, such as `AIDA…`; of a session of a role that of the role, a colon and the session's name.
    pub principal: Option<String>,
    /// The name of the user, or that of the role.
    pub user: Option<String>,
    /// `IAMUser`, `Role`, `AssumedRole`, `Root`, `FederatedUser`, …
    pub kind: Option<String>,
}

impl From<types::AccessKeyDetails> for FindingKey {
    fn from(details: types::AccessKeyDetails) -> Self {
        // What GuardDuty does not know is present and empty.
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            id: some(details.access_key_id),
            principal: some(details.principal_id),
            user: some(details.user_name),
            kind: some(details.user_type),
        }
    }
}

/// Reads a finding of the reply; the error says which member makes no sense.
fn read(finding: types::Finding) -> Result<Finding, String> {
    let id = FindingId::new(finding.id.unwrap_or_default()).map_err(|error| error.to_string())?;
    let missing = |member: &str| format!("finding `{id}` has no {member}");
    let time = |text: Option<String>, member: &str| {
        text.and_then(|text| text.parse::<Timestamp>().ok())
            .ok_or_else(|| format!("{} that is a time", missing(member)))
    };
    let service = finding.service;
    let seen = |text: Option<&str>| text.and_then(|text| text.parse::<Timestamp>().ok());
    Ok(Finding {
        first_seen: seen(service.as_ref().and_then(|service| service.event_first_seen())),
        last_seen: seen(service.as_ref().and_then(|service| service.event_last_seen())),
        kind: finding.r#type.ok_or_else(|| missing("type"))?,
        severity: finding.severity.ok_or_else(|| missing("severity"))?,
        account: AccountId::new(finding.account_id.unwrap_or_default()).map_err(|error| error.to_string())?,
        region: Region::new(finding.region.unwrap_or_default()).map_err(|error| error.to_string())?,
        created: time(finding.created_at, "`createdAt`")?,
        updated: time(finding.updated_at, "`updatedAt`")?,
        archived: service.and_then(|service| service.archived).unwrap_or(false),
        access_key: finding.resource.and_then(|resource| resource.access_key_details).map(FindingKey::from),
        id,
    })
}

request! {
    /// One page of the detectors of a Region (`guardduty:ListDetectors`). A Region has one, or none where GuardDuty is off.
    list ListDetectors in a Region {} of DetectorId,
    row: Operation::read(Service::GuardDuty, "ListDetectors").needs(&["guardduty:ListDetectors"], "*").paced(READS),
    about: |_it| Entity::new(EntityKind::Account, "detectors"),
    send: |it, to| to.guardduty(Some(&it.region)).list_detectors().max_results(50).set_next_token(it.next.clone()),
    reply: |out| {
        let ids = out.detector_ids.unwrap_or_default().into_iter().map(DetectorId::new);
        let items: Result<Vec<DetectorId>, _> = ids.collect();
        // After the last page GuardDuty may give an empty text instead of nothing.
        let next = out.next_token.filter(|next| !next.is_empty());
        Ok(Page { items: items.map_err(|error| error.to_string())?, next })
    },
}

request! {
    /// Reads findings of a detector by their ids, [`MOST_FINDINGS`] at most (`guardduty:GetFindings`). An id that GuardDuty does not know
    /// is missing in the answer.
    read GetFindings in a Region {
        /// The detector.
        detector: DetectorId,
        /// The findings.
        findings: Vec<FindingId>,
    } of Vec<Finding>,
    row: Operation::read(Service::GuardDuty, "GetFindings")
        .needs(&["guardduty:GetFindings"], "arn:{partition}:guardduty:{region}:{account}:detector/*")
        .paced(READS),
    about: |_it| Entity::new(EntityKind::Account, "findings"),
    send: |it, to| to
        .guardduty(Some(&it.region))
        .get_findings()
        .detector_id(it.detector.as_str())
        .set_finding_ids(Some(it.findings.iter().map(ToString::to_string).collect())),
    reply: |out| out.findings.unwrap_or_default().into_iter().map(read).collect(),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> aws_sdk_guardduty::types::builders::FindingBuilder {
        types::Finding::builder()
            .id("8eb9a3a6c1c04a4cb2a3e1c5c1b0e5d1")
            .r#type("Impact:IAMUser/AnomalousModelInvocation")
            .severity(2.0)
            .account_id("111122223333")
            .region("us-east-1")
            .created_at("2026-11-22T03:00:00.123Z")
            .updated_at("2026-11-22T03:10:00.000Z")
    }

    #[test]
    fn what_guardduty_does_not_know_is_nothing() {
        let key =
            types::AccessKeyDetails::builder().access_key_id("").principal_id("AROAEXAMPLE:s").user_name("r").build();
        let resource = types::Resource::builder().access_key_details(key).build();
        let read = read(finding().resource(resource).build()).expect("a finding");
        let key = read.access_key.expect("credentials");
        assert_eq!((key.id, key.principal.as_deref(), key.kind), (None, Some("AROAEXAMPLE:s"), None));
        assert!(!read.archived);
    }

    #[test]
    fn nonsense_is_an_error_that_names_the_member() {
        let why = read(finding().created_at("yesterday").build()).expect_err("no time");
        assert!(why.contains("`createdAt`"), "{why}");
        for broken in [finding().id(""), finding().account_id("1"), finding().region("nowhere else")] {
            assert!(read(broken.build()).is_err());
        }
        assert!(read(types::Finding::builder().build()).is_err());
    }
}
