//! What is looked at before anything happens: the security contact, the credential report, and what is kept of what happens.

use quell::range::wire::ServiceName;
use serde_json::{Value, json};

use super::trail::ask;
use super::{Bench, ROLE, scenario, set};

fn bench(change: impl FnOnce(&mut Value)) -> Bench {
    let mut account = scenario();
    change(&mut account);
    Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), &account, 1)
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_security_contact_is_there_or_not() {
    let nobody = ask(&bench(|_| ()), "account.security-contact", None, json!({})).await;
    assert_eq!((nobody.items.len(), nobody.truncated), (0, None));
    let contact = json!({ "name": "Security on duty", "email": "soc@example.com", "phone": "+49 30 1234" });
    let somebody = bench(|account| set(account, "/account/security_contact", contact));
    let answer = ask(&somebody, "account.security-contact", None, json!({})).await;
    assert_eq!(answer.items[0]["email"], "soc@example.com");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_credential_report_is_waited_for() {
    let bench = bench(|account| {
        set(account, "/knobs/credential_report_time", json!("40s"));
        set(account, "/account/root", json!({ "active_key": true, "mfa": false }));
        set(account, "/account/users/1/console_password", json!(true));
    });
    let of = async |with: Value| ask(&bench, "iam.credential-report", None, with).await;
    let all = of(json!({})).await;
    assert_eq!(all.truncated, None);
    assert_eq!((all.items[0]["is_root"].clone(), all.items[0]["active_keys"].clone()), (json!(true), json!(1)));
    let names = |items: &[Value]| -> Vec<String> {
        items.iter().map(|item| item["user"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let without_mfa = of(json!({ "without_mfa": true, "root": false })).await;
    assert_eq!(names(&without_mfa.items), ["ci-deploy"]);
    assert_eq!(without_mfa.items[0]["active_keys"], 1, "one of its two keys is inactive");
    assert!(without_mfa.items[0]["key_used_at"].is_string());
    let old = of(json!({ "key_made_before": "2020-01-01T00:00:00Z" })).await;
    assert_eq!(names(&old.items), [""; 0]);
}

/// What was used long enough ago shows, with the sessions of the role; what is younger does not yet.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_a_principal_has_used_is_told_by_service() {
    let bench = bench(|account| {
        let by = "arn:aws:sts::111122223333:assumed-role/ml-pipeline/job";
        let deed = |ago: &str, service: &str, call: &str| json!({ "by": by, "source": format!("{service}.amazonaws.com"), "call": call, "ago": ago, "reads": true });
        let deeds = [deed("6h", "bedrock", "ListAgents"), deed("1h", "iam", "ListUsers")];
        set(account, "/account/past", json!(deeds));
    });
    let of = async |with: Value| ask(&bench, "iam.last-accessed", None, with).await;
    let used = of(json!({ "principal": ROLE })).await;
    assert_eq!(used.truncated, None);
    assert_eq!(used.items.len(), 1, "{:?}", used.items);
    assert_eq!((used.items[0]["service"].clone(), used.items[0]["region"].is_string()), (json!("bedrock"), true));
    let at = used.items[0]["used_at"].clone();
    let unused = of(json!({ "principal": ROLE, "services": ["bedrock", "qbusiness"], "unused": true })).await;
    assert_eq!(unused.items[1], json!({ "service": "qbusiness" }));
    assert_eq!(of(json!({ "principal": ROLE, "since": at })).await.items.len(), 1);
    assert_eq!(of(json!({ "principal": ROLE, "since": "2100-01-01T00:00:00Z" })).await.items.len(), 0);
    let gone = of(json!({ "principal": "arn:aws:iam::111122223333:user/nobody" })).await;
    assert_eq!((gone.items.len(), gone.truncated), (0, None));
}

/// A report that does not come is no empty one.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_report_that_does_not_come_is_said() {
    let bench = bench(|account| set(account, "/knobs/credential_report_time", json!("1h")));
    let answer = ask(&bench, "iam.credential-report", None, json!({})).await;
    assert!(answer.truncated.is_some_and(|why| why.contains("not written")));
}

/// A trail is told once, by the Region in which it was made, with whether it is at work and what it keeps.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_trail_says_what_it_keeps_and_since_when_it_does_not() {
    let agents = json!({ "Field": "resources.type", "Equals": ["AWS::Bedrock::AgentAlias"] });
    let data = json!({ "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Data"] }, agents] });
    let bench = bench(|account| {
        let trails = json!([
            { "name": "all-events", "region": "us-east-1", "everywhere": true },
            { "name": "agents", "region": "eu-west-1", "selectors": { "AdvancedEventSelectors": [data] } },
        ]);
        set(account, "/account/trails", trails);
    });
    let of = async |region: &str, with: Value| ask(&bench, "cloudtrail.trails", Some(region), with).await.items;
    let told = |items: &[Value]| items.iter().map(|item| item["told"].to_string()).collect::<Vec<_>>();
    let no_data = "no data events of Amazon Bedrock or Amazon Q";
    let all = format!("\"all-events (us-east-1, of every Region) keeps all management events, {no_data}\"");
    assert_eq!(told(&of("us-east-1", json!({})).await), [all]);
    let other = of("eu-west-1", json!({})).await;
    let agents =
        "\"agents (eu-west-1, of this Region) keeps no management events, data events of AWS::Bedrock::AgentAlias\"";
    assert_eq!(told(&other), [agents]);
    assert_eq!((&other[0]["management"], &other[0]["data"]), (&json!("none"), &json!(["AWS::Bedrock::AgentAlias"])));
    assert_eq!(of("us-east-1", json!({ "logging": false })).await, Vec::<Value>::new());
    let stop = json!({ "Name": "all-events" });
    let elsewhere = bench.other().call(ServiceName::Cloudtrail, "StopLogging", "eu-west-1", stop.clone()).await;
    assert_eq!(elsewhere.expect_err("a name is one of the Region").code, "TrailNotFoundException");
    bench.other().call(ServiceName::Cloudtrail, "StopLogging", "us-east-1", stop).await.expect("it stops");
    let stopped = of("us-east-1", json!({ "logging": false, "stopped_after": "2026-11-22T00:00:00Z" })).await;
    assert!(
        told(&stopped)[0].contains("keeps nothing since 2026-11-22T") && stopped[0]["logging"] == false,
        "{stopped:?}"
    );
    assert_eq!(of("us-east-1", json!({ "logging": true })).await, Vec::<Value>::new());
}
