//! Who may do what, and from when on.

use serde_json::json;

use crate::range::wire::{ApiCall, ServiceName, World as _};

use super::bench::{Bench, code};

const KNOBS: &str = "knobs: { iam_stale_reads: false";
const ACCOUNT: &str = r#"
knobs: { iam_stale_reads: false }
account:
  roles:
    - name: worker
      trust:
        Version: "2012-10-17"
        Statement:
          - { Effect: Allow, Principal: { Service: ecs-tasks.amazonaws.com }, Action: sts:AssumeRole }
          - { Effect: Allow, Principal: { AWS: "arn:aws:iam::444455556666:root" }, Action: sts:AssumeRole }
      inline:
        all: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "bedrock:*", Resource: "*" }] }
  users:
    - name: dev
      inline:
        all: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: ["bedrock:*", "sts:*"], Resource: "*" }] }
      keys: [{ id: AKIARTX3GSDSXDEVDEV1 }]
adversary:
  holds:
    - { name: old, kind: session, role: worker, issued_ago: 1h }
    - { name: outside, kind: foreign, arn: "arn:aws:iam::444455556666:user/x" }
    - { name: key, kind: key, key: AKIARTX3GSDSXDEVDEV1 }"#;

fn revoke(cutoff: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": { "DateLessThan": { "aws:TokenIssueTime": cutoff } },
    }]})
    .to_string()
}

#[tokio::test(start_paused = true)]
async fn a_revocation_stops_old_sessions_after_the_propagation() {
    let bench = Bench::open(ACCOUNT);
    let old = bench.as_key(&bench.range.holding("old").expect("a session"));
    old.agents("ListAgents", json!({})).await.expect("allowed");
    let put = json!({ "RoleName": "worker", "PolicyName": "revoke", "PolicyDocument": revoke("2026-11-22T03:00:10Z") });
    bench.iam("PutRolePolicy", put).await.expect("put");
    old.agents("ListAgents", json!({})).await.expect("still allowed, since the policy is on its way");
    bench.wait(8).await;
    assert_eq!(code(old.agents("ListAgents", json!({})).await), "AccessDeniedException");
    old.sts("GetCallerIdentity", json!({})).await.expect("answered under an explicit deny");
    let outside = bench.as_key(&bench.range.holding("outside").expect("a session"));
    let assume = json!({ "RoleArn": "arn:aws:iam::111122223333:role/worker", "RoleSessionName": "again" });
    bench.wait(10).await;
    let fresh = outside.sts("AssumeRole", assume).await.expect("let in");
    let fresh = bench.as_key(fresh["Credentials"]["AccessKeyId"].as_str().expect("an id"));
    fresh.agents("ListAgents", json!({})).await.expect("a session after the cut-off is not stopped");
    assert_eq!(code(outside.agents("ListAgents", json!({})).await), "AccessDeniedException");
}

#[tokio::test(start_paused = true)]
async fn a_trust_policy_decides_who_comes_in() {
    let bench = Bench::open(ACCOUNT);
    let assume = json!({ "RoleArn": "arn:aws:iam::111122223333:role/worker", "RoleSessionName": "in" });
    assert_eq!(
        code(bench.sts("AssumeRole", assume.clone()).await),
        "AccessDenied",
        "the trust policy does not name us"
    );
    let locked = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root","Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    bench.iam("UpdateAssumeRolePolicy", json!({ "RoleName": "worker", "PolicyDocument": locked })).await.expect("put");
    bench.wait(10).await;
    let outside = bench.as_key(&bench.range.holding("outside").expect("a session"));
    assert_eq!(code(outside.sts("AssumeRole", assume).await), "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn sessions_outlive_the_key_they_come_from() {
    let bench = Bench::open(ACCOUNT);
    let dev = bench.as_key("AKIARTX3GSDSXDEVDEV1");
    let token = dev.sts("GetSessionToken", json!({})).await.expect("a session");
    let session = bench.as_key(token["Credentials"]["AccessKeyId"].as_str().expect("an id"));
    let off = json!({ "UserName": "dev", "AccessKeyId": "AKIARTX3GSDSXDEVDEV1", "Status": "Inactive" });
    bench.iam("UpdateAccessKey", off).await.expect("off");
    dev.agents("ListAgents", json!({})).await.expect("still active for a moment");
    bench.wait(10).await;
    assert_eq!(code(dev.agents("ListAgents", json!({})).await), "UnrecognizedClientException");
    session.agents("ListAgents", json!({})).await.expect("the session goes on");
    let put = json!({ "UserName": "dev", "PolicyName": "revoke", "PolicyDocument": revoke("2026-11-22T04:00:00Z") });
    bench.iam("PutUserPolicy", put).await.expect("put");
    bench.wait(10).await;
    assert_eq!(code(session.agents("ListAgents", json!({})).await), "AccessDeniedException");
    assert_eq!(code(session.sts("GetSessionToken", json!({})).await), "AccessDenied");
    bench.wait(13 * 3_600).await;
    assert_eq!(code(session.agents("ListAgents", json!({})).await), "ExpiredTokenException");
}

#[tokio::test(start_paused = true)]
async fn an_issue_time_deny_spares_long_term_keys() {
    let bench = Bench::open(ACCOUNT);
    let put = json!({ "UserName": "dev", "PolicyName": "revoke", "PolicyDocument": revoke("2026-11-23T00:00:00Z") });
    bench.iam("PutUserPolicy", put).await.expect("put");
    bench.wait(10).await;
    bench.as_key("AKIARTX3GSDSXDEVDEV1").agents("ListAgents", json!({})).await.expect("the key has no issue time");
}

#[tokio::test(start_paused = true)]
async fn federated_users_have_what_the_session_policy_passes() {
    let bench = Bench::open(ACCOUNT);
    let dev = bench.as_key("AKIARTX3GSDSXDEVDEV1");
    let policy =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bedrock:ListAgents","Resource":"*"}]}"#;
    let made = dev.sts("GetFederationToken", json!({ "Name": "bob", "Policy": policy })).await.expect("a session");
    let bob = bench.as_key(made["Credentials"]["AccessKeyId"].as_str().expect("an id"));
    bob.agents("ListAgents", json!({})).await.expect("passed on");
    assert_eq!(code(bob.agents("ListFlows", json!({})).await), "AccessDeniedException");
    let who = bob.sts("GetCallerIdentity", json!({})).await.expect("a reply");
    assert_eq!(who["Arn"], "arn:aws:sts::111122223333:federated-user/bob");
}

#[tokio::test(start_paused = true)]
async fn wrong_credentials_are_refused() {
    let bench = Bench::open(ACCOUNT);
    assert_eq!(code(bench.as_key("AKIAUNKNOWN").iam("ListRoles", json!({})).await), "InvalidClientTokenId");
    let mut old = bench.as_key(&bench.range.holding("old").expect("a session"));
    old.who.session_token = Some("wrong".to_owned());
    assert_eq!(code(old.agents("ListAgents", json!({})).await), "UnrecognizedClientException");
    let unsigned = ApiCall {
        service: ServiceName::Iam,
        operation: "ListRoles",
        region: "us-east-1".into(),
        input: json!({}),
        access_key: None,
        session_token: None,
        request_id: "r".into(),
        user_agent: "t".into(),
        source_ip: "192.0.2.1".into(),
    };
    let answer = bench.range.answer(unsigned).await.answer;
    assert!(format!("{answer:?}").contains("MissingAuthenticationToken"), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn reads_may_be_stale_right_after_a_write() {
    let bench = Bench::open("");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    bench.iam("CreateRole", json!({ "RoleName": "r", "AssumeRolePolicyDocument": trust })).await.expect("a role");
    let mut seen = Vec::new();
    for _ in 0..12 {
        seen.push(bench.iam("GetRole", json!({ "RoleName": "r" })).await.is_ok());
    }
    assert!(seen.contains(&true) && seen.contains(&false), "{seen:?}");
    bench.wait(10).await;
    for _ in 0..12 {
        bench.iam("GetRole", json!({ "RoleName": "r" })).await.expect("settled");
    }
}

#[tokio::test(start_paused = true)]
async fn every_call_is_on_the_trail() {
    let bench = Bench::open(ACCOUNT);
    let old = bench.as_key(&bench.range.holding("old").expect("a session"));
    old.iam("DeleteUser", json!({ "UserName": "dev" })).await.expect_err("not allowed");
    let trail = bench.range.trail();
    let event = trail.last().expect("an event");
    assert_eq!((event.event_name.as_str(), event.error_code.as_deref()), ("DeleteUser", Some("AccessDenied")));
    assert_eq!(event.request_parameters, json!({ "userName": "dev" }));
    assert!(!event.read_only);
    let identity = event.user_identity.as_ref().expect("somebody");
    assert_eq!(identity.arn, "arn:aws:sts::111122223333:assumed-role/worker/old");
    assert_eq!(identity.creation_date.expect("a session").to_string(), "2026-11-22T02:00:00Z");
}

/// With either setting of the knob: an event is there when its time has come and not before.
#[tokio::test(start_paused = true)]
async fn the_trail_can_be_looked_up_after_a_while() {
    for (setting, delay) in [(KNOBS, 300), ("knobs: { trail_delay: 0s, page_size: 2", 0)] {
        let bench = Bench::open(&ACCOUNT.replace(KNOBS, setting));
        bench.iam("GetUser", json!({ "UserName": "dev" })).await.expect("a user");
        let by_name = json!({ "LookupAttributes": [{ "AttributeKey": "EventName", "AttributeValue": "GetUser" }] });
        let early = bench.cloudtrail("LookupEvents", by_name.clone()).await.expect("events");
        assert_eq!(early["Events"].as_array().map(Vec::len), Some(usize::from(delay == 0)));
        bench.wait(delay + 1).await;
        let found = bench.cloudtrail("LookupEvents", by_name).await.expect("events");
        assert_eq!(found["Events"][0]["AccessKeyId"], "AKIAIOSFODNN7EXAMPLE");
        let record: serde_json::Value =
            serde_json::from_str(found["Events"][0]["CloudTrailEvent"].as_str().expect("a record")).expect("JSON");
        assert_eq!((&record["eventVersion"], &record["eventName"]), (&json!("1.11"), &json!("GetUser")));
        assert_eq!(record["requestParameters"], json!({ "userName": "dev" }));
    }
}

/// One attribute at most; pages of the asked size, newest first, each event once; IAM in the global Region alone.
#[tokio::test(start_paused = true)]
async fn the_trail_is_paged() {
    let bench = Bench::open(&ACCOUNT.replace(KNOBS, "knobs: { trail_delay: 0s"));
    for _ in 0..5 {
        bench.iam("GetUser", json!({ "UserName": "dev" })).await.expect("a user");
        bench.wait(2).await;
    }
    let by_name = json!([{ "AttributeKey": "EventName", "AttributeValue": "GetUser" }]);
    let (mut next, mut ids, mut times) = (json!(null), Vec::new(), Vec::new());
    loop {
        let mut input = json!({ "LookupAttributes": by_name, "MaxResults": 2 });
        if !next.is_null() {
            input["NextToken"] = next;
        }
        let page = bench.cloudtrail("LookupEvents", input).await.expect("a page");
        for event in page["Events"].as_array().expect("events") {
            ids.push(event["EventId"].to_string());
            times.push(event["EventTime"].to_string());
        }
        next = page["NextToken"].clone();
        if next.is_null() {
            break;
        }
    }
    let newest_first: Vec<String> = times.iter().rev().cloned().collect();
    assert!(ids.len() == 5 && newest_first.is_sorted(), "{times:?}");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    let two = json!([by_name[0], { "AttributeKey": "ReadOnly", "AttributeValue": "true" }]);
    let refused = bench.cloudtrail("LookupEvents", json!({ "LookupAttributes": two })).await;
    assert_eq!(code(refused), "InvalidLookupAttributesException");
}
