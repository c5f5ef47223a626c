//! IAM and STS.

use serde_json::{Value, json};

use crate::range::wire::{Answer, ServiceName};

use super::bench::{Bench, code};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

const EMPTY: &str = "knobs: { iam_stale_reads: false }";

#[tokio::test(start_paused = true)]
async fn an_empty_account_holds_the_responder_and_no_surprise() {
    let bench = Bench::open("");
    let who = bench.sts("GetCallerIdentity", json!({})).await.expect("a reply");
    assert_eq!(who["Arn"], "arn:aws:iam::111122223333:user/incident-responder");
    assert_eq!(bench.iam("ListRoles", json!({})).await.expect("a reply")["Roles"], json!([]));
    assert_eq!(bench.iam("ListUsers", json!({})).await.expect("a reply")["Users"].as_array().map(Vec::len), Some(1));
    assert_eq!(bench.agents("ListAgents", json!({})).await.expect("a reply")["agentSummaries"], json!([]));
    assert_eq!(bench.support("DescribeCases", json!({})).await.expect("a reply")["cases"], json!([]));
    let regions = bench.account("ListRegions", json!({ "RegionOptStatusContains": ["ENABLED_BY_DEFAULT"] })).await;
    assert_eq!(regions.expect("a reply")["Regions"].as_array().map(Vec::len), Some(17));
    let elsewhere = bench.answer(ServiceName::BedrockAgent, "ListAgents", "me-south-1", json!({})).await;
    assert!(matches!(elsewhere, Answer::Error(error) if error.code == "UnrecognizedClientException"));
}

#[tokio::test(start_paused = true)]
async fn roles_come_change_and_go() {
    let bench = Bench::open(EMPTY);
    let role = json!({ "RoleName": "r", "Path": "/service/", "AssumeRolePolicyDocument": TRUST });
    let made = bench.iam("CreateRole", role.clone()).await.expect("a role");
    assert_eq!(made["Role"]["Arn"], "arn:aws:iam::111122223333:role/service/r");
    assert!(made["Role"]["RoleId"].as_str().is_some_and(|id| id.starts_with("AROA") && id.len() == 21));
    assert_eq!(code(bench.iam("CreateRole", role).await), "EntityAlreadyExists");
    let policy = json!({ "RoleName": "r", "PolicyName": "p", "PolicyDocument": DENY });
    bench.iam("PutRolePolicy", policy.clone()).await.expect("a policy");
    bench.iam("PutRolePolicy", policy).await.expect("the same again");
    let read = bench.iam("GetRolePolicy", json!({ "RoleName": "r", "PolicyName": "p" })).await.expect("a policy");
    assert_eq!(read["PolicyDocument"], DENY);
    assert_eq!(code(bench.iam("DeleteRole", json!({ "RoleName": "r" })).await), "DeleteConflict");
    bench.iam("DeleteRolePolicy", json!({ "RoleName": "r", "PolicyName": "p" })).await.expect("gone");
    assert_eq!(
        code(bench.iam("DeleteRolePolicy", json!({ "RoleName": "r", "PolicyName": "p" })).await),
        "NoSuchEntity"
    );
    let attach = json!({ "RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll" });
    bench.iam("AttachRolePolicy", attach.clone()).await.expect("attached");
    bench.iam("AttachRolePolicy", attach.clone()).await.expect("attached already");
    bench.iam("DetachRolePolicy", attach.clone()).await.expect("detached");
    assert_eq!(code(bench.iam("DetachRolePolicy", attach).await), "NoSuchEntity");
    let boundary = json!({ "RoleName": "r", "PermissionsBoundary": "arn:aws:iam::aws:policy/AWSDenyAll" });
    bench.iam("PutRolePermissionsBoundary", boundary).await.expect("bounded");
    let role = bench.iam("GetRole", json!({ "RoleName": "r" })).await.expect("a role");
    assert_eq!(role["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"], "arn:aws:iam::aws:policy/AWSDenyAll");
    bench.iam("DeleteRolePermissionsBoundary", json!({ "RoleName": "r" })).await.expect("unbounded");
    bench.iam("DeleteRole", json!({ "RoleName": "r" })).await.expect("gone");
    assert_eq!(code(bench.iam("GetRole", json!({ "RoleName": "r" })).await), "NoSuchEntity");
}

#[tokio::test(start_paused = true)]
async fn policies_have_sizes_and_forms() {
    let bench = Bench::open(EMPTY);
    bench.iam("CreateRole", json!({ "RoleName": "r", "AssumeRolePolicyDocument": TRUST })).await.expect("a role");
    let put = |document: String| json!({ "RoleName": "r", "PolicyName": "p", "PolicyDocument": document });
    assert_eq!(code(bench.iam("PutRolePolicy", put("{".into())).await), "MalformedPolicyDocument");
    let long = DENY.replace("\"*\",\"Resource\"", &format!("\"{}*\",\"Resource\"", "s3:Get".repeat(2_000)));
    assert_eq!(code(bench.iam("PutRolePolicy", put(long)).await), "LimitExceeded");
    let mut wide = DENY.to_owned();
    wide.push_str(&" ".repeat(20_000));
    bench.iam("PutRolePolicy", put(wide)).await.expect("white space is free");
    let trust = TRUST.replace("ec2.amazonaws.com", &"x".repeat(2_048));
    let update = json!({ "RoleName": "r", "PolicyDocument": trust });
    assert_eq!(code(bench.iam("UpdateAssumeRolePolicy", update).await), "LimitExceeded");
    let dead = json!({ "RoleName": "r", "PolicyDocument": TRUST.replace("\"Service\":\"ec2.amazonaws.com\"", "\"AWS\":\"AROAEXAMPLEID\"") });
    assert_eq!(code(bench.iam("UpdateAssumeRolePolicy", dead).await), "MalformedPolicyDocument");
}

#[tokio::test(start_paused = true)]
async fn a_trust_policy_names_whoever_is_there() {
    let bench = Bench::open(EMPTY);
    let admits = |who: &str| TRUST.replace("\"Service\":\"ec2.amazonaws.com\"", &format!("\"AWS\":\"{who}\""));
    let create = |who: &str| json!({ "RoleName": "r", "AssumeRolePolicyDocument": admits(who) });
    let user = "arn:aws:iam::111122223333:user/u";
    assert_eq!(code(bench.iam("CreateRole", create(user)).await), "MalformedPolicyDocument");
    let made = bench.iam("CreateUser", json!({ "UserName": "u" })).await.expect("a user");
    let id = made["User"]["UserId"].as_str().expect("an id").to_owned();
    bench.iam("CreateRole", create(user)).await.expect("a role");
    bench.iam("DeleteUser", json!({ "UserName": "u" })).await.expect("deleted");
    bench.wait(30).await;
    let shown = |role: Value| role["Role"]["AssumeRolePolicyDocument"].to_string();
    let role = shown(bench.iam("GetRole", json!({ "RoleName": "r" })).await.expect("a role"));
    assert!(role.contains(&id) && !role.contains(user), "{role}");
    // A user of the same name is somebody else.
    bench.iam("CreateUser", json!({ "UserName": "u" })).await.expect("another user");
    assert_eq!(shown(bench.iam("GetRole", json!({ "RoleName": "r" })).await.expect("a role")), role);
}

#[tokio::test(start_paused = true)]
async fn roles_of_aws_are_not_ours_to_change() {
    let bench = Bench::open(
        r#"
account:
  roles:
    - { name: AWSReservedSSO_Admin_1, path: /aws-reserved/sso.amazonaws.com/, trust: { Version: "2012-10-17", Statement: [] } }
    - { name: AWSServiceRoleForSupport, path: /aws-service-role/support.amazonaws.com/, trust: { Version: "2012-10-17", Statement: [] } }"#,
    );
    for name in ["AWSReservedSSO_Admin_1", "AWSServiceRoleForSupport"] {
        let put = json!({ "RoleName": name, "PolicyName": "p", "PolicyDocument": DENY });
        assert_eq!(code(bench.iam("PutRolePolicy", put).await), "UnmodifiableEntity");
        assert_eq!(code(bench.iam("DeleteRole", json!({ "RoleName": name })).await), "UnmodifiableEntity");
    }
}

#[tokio::test(start_paused = true)]
async fn users_have_two_keys_at_most() {
    let bench = Bench::open(EMPTY);
    bench.iam("CreateUser", json!({ "UserName": "u" })).await.expect("a user");
    let key = bench.iam("CreateAccessKey", json!({ "UserName": "u" })).await.expect("a key");
    let id = key["AccessKey"]["AccessKeyId"].as_str().expect("an id").to_owned();
    bench.iam("CreateAccessKey", json!({ "UserName": "u" })).await.expect("another key");
    assert_eq!(code(bench.iam("CreateAccessKey", json!({ "UserName": "u" })).await), "LimitExceeded");
    let never = bench.iam("GetAccessKeyLastUsed", json!({ "AccessKeyId": id })).await.expect("a reply");
    assert_eq!(never["AccessKeyLastUsed"], json!({ "ServiceName": "N/A", "Region": "N/A" }));
    assert_eq!(code(bench.iam("DeleteUser", json!({ "UserName": "u" })).await), "DeleteConflict");
    bench.wait(10).await;
    let user = bench.as_key(&id);
    user.sts("GetCallerIdentity", json!({})).await.expect("a reply");
    let used = bench.iam("GetAccessKeyLastUsed", json!({ "AccessKeyId": id })).await.expect("a reply");
    assert_eq!(used["AccessKeyLastUsed"]["ServiceName"], "sts");
    let off = json!({ "UserName": "u", "AccessKeyId": id, "Status": "Inactive" });
    bench.iam("UpdateAccessKey", off.clone()).await.expect("off");
    bench.iam("UpdateAccessKey", off).await.expect("off already");
    bench.wait(10).await;
    assert_eq!(code(user.sts("GetCallerIdentity", json!({})).await), "InvalidClientTokenId");
    bench.iam("DeleteAccessKey", json!({ "UserName": "u", "AccessKeyId": id })).await.expect("gone");
    assert_eq!(code(bench.iam("DeleteAccessKey", json!({ "UserName": "u", "AccessKeyId": id })).await), "NoSuchEntity");
}

#[tokio::test(start_paused = true)]
async fn a_key_call_without_a_user_is_about_the_caller() {
    let bench = Bench::open("");
    let keys = bench.iam("ListAccessKeys", json!({})).await.expect("a reply");
    assert_eq!(keys["AccessKeyMetadata"][0]["AccessKeyId"], "AKIAIOSFODNN7EXAMPLE");
}

#[tokio::test(start_paused = true)]
async fn lists_come_in_pages() {
    let bench = Bench::open("knobs: { page_size: 2, iam_stale_reads: false }");
    for name in ["a", "b", "c", "d", "e"] {
        bench.iam("CreateRole", json!({ "RoleName": name, "AssumeRolePolicyDocument": TRUST })).await.expect("a role");
    }
    let (mut names, mut marker) = (Vec::new(), Value::Null);
    loop {
        let input = if marker.is_null() { json!({}) } else { json!({ "Marker": marker }) };
        let page = bench.iam("ListRoles", input).await.expect("a page");
        names.extend(page["Roles"].as_array().expect("a list").iter().map(|role| role["RoleName"].clone()));
        marker = page["Marker"].clone();
        assert_eq!(page["IsTruncated"], json!(!marker.is_null()));
        if marker.is_null() {
            break;
        }
    }
    assert_eq!(json!(names), json!(["a", "b", "c", "d", "e"]));
    assert_eq!(code(bench.iam("ListRoles", json!({ "Marker": "nonsense" })).await), "ValidationError");
}

#[tokio::test(start_paused = true)]
async fn the_simulator_knows_issue_times() {
    let bench = Bench::open(EMPTY);
    bench.iam("CreateRole", json!({ "RoleName": "r", "AssumeRolePolicyDocument": TRUST })).await.expect("a role");
    let attach = json!({ "RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess" });
    bench.iam("AttachRolePolicy", attach).await.expect("attached");
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-11-22T03:00:00Z"}}}]}"#;
    bench
        .iam("PutRolePolicy", json!({ "RoleName": "r", "PolicyName": "p", "PolicyDocument": deny }))
        .await
        .expect("put");
    for (issued, decision) in [("2026-11-22T02:00:00Z", "explicitDeny"), ("2026-11-22T04:00:00Z", "allowed")] {
        let input = json!({
            "PolicySourceArn": "arn:aws:iam::111122223333:role/r", "ActionNames": ["bedrock:InvokeAgent"],
            "ContextEntries": [{ "ContextKeyName": "aws:TokenIssueTime", "ContextKeyType": "date", "ContextKeyValues": [issued] }],
        });
        let reply = bench.iam("SimulatePrincipalPolicy", input).await.expect("a reply");
        assert_eq!(reply["EvaluationResults"][0]["EvalDecision"], decision);
    }
}

#[tokio::test(start_paused = true)]
async fn managed_policies_and_the_account_can_be_looked_at() {
    let bench = Bench::open("account: { alias: prod-web }\nknobs: { iam_stale_reads: false }");
    let made = bench.iam("CreatePolicy", json!({ "PolicyName": "p", "PolicyDocument": DENY })).await.expect("a policy");
    let arn = made["Policy"]["Arn"].clone();
    let version =
        bench.iam("GetPolicyVersion", json!({ "PolicyArn": arn, "VersionId": "v1" })).await.expect("a version");
    assert_eq!(version["PolicyVersion"]["Document"], DENY);
    let local = bench.iam("ListPolicies", json!({ "Scope": "Local" })).await.expect("a list");
    assert_eq!(local["Policies"].as_array().map(Vec::len), Some(1));
    let summary = bench.iam("GetAccountSummary", json!({})).await.expect("a summary");
    assert_eq!(summary["SummaryMap"]["RolePolicySizeQuota"], 10_240);
    assert_eq!(
        bench.iam("ListAccountAliases", json!({})).await.expect("a list")["AccountAliases"],
        json!(["prod-web"])
    );
}
