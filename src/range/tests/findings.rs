//! GuardDuty confirms what it has found, each Region its own.

use serde_json::{Value, json};

use crate::range::Scenario;
use crate::range::wire::{ApiError, ServiceName};

use super::bench::{Bench, code};

/// One finding in the form of the wire, and one in that of the AWS CLI.
const TWO_REGIONS: &str = r#"
account:
  guardduty:
    - detector: aaaa0000
      findings:
        - { id: f1, accountId: "111122223333", arn: a, createdAt: "2026-11-22T02:00:00Z", updatedAt: "2026-11-22T02:10:00Z",
            region: us-east-1, schemaVersion: "2.0", severity: 2.0, type: "Impact:IAMUser/AnomalousModelInvocation",
            resource: { accessKeyDetails: { accessKeyId: AKIAIOSFODNN7EXAMPLE, principalId: AIDAX, userName: u, userType: IAMUser },
                        modelDetails: [{ modelId: m }] },
            service: { archived: false, count: 3 } }
    - detector: bbbb0000
      region: eu-west-1
      findings:
        - { Id: f2, AccountId: "111122223333", Arn: a, CreatedAt: c, UpdatedAt: u, Region: eu-west-1, SchemaVersion: "2.0",
            Severity: 8, Type: t, Resource: { ResourceType: AccessKey }, Service: { Archived: true } }
"#;

async fn ask(bench: &Bench, region: &str, detector: &str, ids: &[&str]) -> Result<Value, ApiError> {
    let input = json!({ "DetectorId": detector, "FindingIds": ids });
    bench.in_region(ServiceName::Guardduty, "GetFindings", region, input).await
}

#[tokio::test(start_paused = true)]
async fn a_region_shows_its_own_findings_and_leaves_out_what_it_does_not_know() {
    let bench = Bench::open(TWO_REGIONS);
    let found = ask(&bench, "us-east-1", "aaaa0000", &["f1", "f2", "nothing"]).await.expect("findings");
    let found = found["Findings"].as_array().expect("a list");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["Resource"]["AccessKeyDetails"]["UserName"], "u");
    let found = ask(&bench, "eu-west-1", "bbbb0000", &["f2"]).await.expect("findings");
    assert_eq!(found["Findings"][0]["Service"]["Archived"], true);
}

#[tokio::test(start_paused = true)]
async fn a_detector_of_another_region_is_refused() {
    let bench = Bench::open(TWO_REGIONS);
    assert_eq!(code(ask(&bench, "eu-west-1", "aaaa0000", &["f1"]).await), "BadRequestException");
    assert_eq!(code(ask(&bench, "us-west-2", "aaaa0000", &["f1"]).await), "BadRequestException");
    for (region, detectors) in
        [("us-east-1", json!(["aaaa0000"])), ("eu-west-1", json!(["bbbb0000"])), ("us-west-2", json!([]))]
    {
        let listed = bench.in_region(ServiceName::Guardduty, "ListDetectors", region, json!({})).await;
        assert_eq!(listed.expect("a list")["DetectorIds"], detectors, "{region}");
    }
}

#[test]
fn a_scenario_says_where_queues_and_findings_are_wrong() {
    let text = r#"scenario: 1
account:
  queues:
    - { name: events, dead_letter: { queue: dead, after: 0 } }
    - { name: "no name", region: mars-1 }
    - { name: twice }
    - { name: twice }
  guardduty:
    - { detector: a, findings: [{ id: f1, severity: high }] }
    - { detector: b, region: us-east-1, findings: [{ id: f1 }] }
"#;
    let all = Scenario::parse(text).expect_err("not a scenario");
    let places: Vec<&str> = all.iter().map(|one| one.place.as_str()).collect();
    let wanted = [
        "account.queues[0].dead_letter.queue",
        "account.queues[0].dead_letter.after",
        "account.queues[1].region",
        "account.queues[1].name",
        "account.queues[2].name",
        "account.queues[3].name",
        "account.guardduty[0].region",
        "account.guardduty[0].findings[0]",
        "account.guardduty[1].region",
        "account.guardduty[1].findings[0]",
    ];
    assert_eq!(places, wanted);
}
