//! Support cases.

use serde_json::json;

use super::bench::{Bench, code};

#[tokio::test(start_paused = true)]
async fn the_plan_decides_what_there_is() {
    for (plan, severities) in [("developer", 2), ("business", 4), ("enterprise", 5)] {
        let bench = Bench::open(&format!("account: {{ support_plan: {plan} }}"));
        let levels = bench.support("DescribeSeverityLevels", json!({})).await.expect("levels");
        assert_eq!(levels["severityLevels"].as_array().map(Vec::len), Some(severities), "{plan}");
    }
    let bench = Bench::open("account: { support_plan: basic }");
    for operation in ["DescribeSeverityLevels", "DescribeCases", "DescribeServices"] {
        assert_eq!(code(bench.support(operation, json!({})).await), "SubscriptionRequiredException");
    }
}

#[tokio::test(start_paused = true)]
async fn a_case_is_opened_found_answered_and_resolved() {
    let bench = Bench::open("account: { support_plan: enterprise }");
    let set =
        bench.support("AddAttachmentsToSet", json!({ "attachments": [{ "fileName": "a.log", "data": "aGk=" }] })).await;
    let set = set.expect("a set")["attachmentSetId"].clone();
    let case = json!({
        "subject": "[quell:INC-1] help", "serviceCode": "customer-account", "categoryCode": "security", "severityCode": "critical",
        "communicationBody": "hello", "language": "ja", "issueType": "customer-service", "attachmentSetId": set,
    });
    let made = bench.support("CreateCase", case.clone()).await.expect("a case");
    let id = made["caseId"].clone();
    let found = bench.support("DescribeCases", json!({ "includeResolvedCases": false })).await.expect("cases");
    assert_eq!(found["cases"][0]["caseId"], id);
    assert_eq!(found["cases"][0]["recentCommunications"]["communications"][0]["attachmentSet"][0]["fileName"], "a.log");
    bench.support("AddCommunicationToCase", json!({ "caseId": id, "communicationBody": "more" })).await.expect("added");
    let said = bench.support("DescribeCommunications", json!({ "caseId": id })).await.expect("communications");
    assert_eq!(said["communications"][0]["body"], "more");
    let resolved = bench.support("ResolveCase", json!({ "caseId": id })).await.expect("resolved");
    assert_eq!(resolved["finalCaseStatus"], "resolved");
    let open = bench.support("DescribeCases", json!({})).await.expect("cases");
    assert_eq!(open["cases"], json!([]));
    let again = bench.support("CreateCase", case).await.expect("no token: another case");
    assert_ne!(again["caseId"], id);
}

#[tokio::test(start_paused = true)]
async fn what_support_refuses() {
    let bench = Bench::open("knobs: { support_in_japanese: false, cases_per_hour: 1 }");
    let case = |member: &str, value: serde_json::Value| {
        let mut case = json!({
            "subject": "s", "serviceCode": "customer-account", "categoryCode": "security", "severityCode": "urgent",
            "communicationBody": "b", "language": "en",
        });
        case[member] = value;
        case
    };
    for (member, value) in [
        ("serviceCode", json!("nonsense")),
        ("categoryCode", json!("nonsense")),
        ("severityCode", json!("critical")),
        ("language", json!("ja")),
    ] {
        assert_eq!(code(bench.support("CreateCase", case(member, value)).await), "ValidationException", "{member}");
    }
    let attachments = json!({ "attachments": [{ "fileName": "a.log", "data": "aGk=" }] });
    let set = bench.support("AddAttachmentsToSet", attachments).await.expect("a set")["attachmentSetId"].clone();
    bench.wait(3_601).await;
    assert_eq!(code(bench.support("CreateCase", case("attachmentSetId", set)).await), "AttachmentSetExpired");
    let unknown = case("attachmentSetId", json!("as-unknown"));
    assert_eq!(code(bench.support("CreateCase", unknown).await), "AttachmentSetIdNotFound");
    bench.support("CreateCase", case("subject", json!("t"))).await.expect("a case");
    assert_eq!(code(bench.support("CreateCase", case("subject", json!("u"))).await), "CaseCreationLimitExceeded");
    assert_eq!(code(bench.support("ResolveCase", json!({ "caseId": "case-nobody" })).await), "CaseIdNotFound");
}

#[tokio::test(start_paused = true)]
async fn services_languages_and_contacts_are_discovered() {
    let bench = Bench::open("account: { security_contact: { name: s, email: s@example.com, phone: \"1\" } }");
    let services = bench.support("DescribeServices", json!({ "language": "en" })).await.expect("services");
    assert!(services["services"].as_array().expect("a list").iter().any(|service| service["name"] == "Account"));
    let asked =
        json!({ "issueType": "customer-service", "serviceCode": "customer-account", "categoryCode": "security" });
    let languages = bench.support("DescribeSupportedLanguages", asked).await.expect("languages");
    assert!(
        languages["supportedLanguages"].as_array().expect("a list").iter().any(|language| language["code"] == "ja")
    );
    let contact = bench.account("GetAlternateContact", json!({ "AlternateContactType": "SECURITY" })).await;
    assert_eq!(contact.expect("a contact")["AlternateContact"]["EmailAddress"], "s@example.com");
    let none = bench.account("GetAlternateContact", json!({ "AlternateContactType": "BILLING" })).await;
    assert_eq!(code(none), "ResourceNotFoundException");
}
