//! Scenarios with everybody in them.

use std::time::Duration;

use serde_json::json;

use crate::base::{Clock, canonical_string};
use crate::range::{Actors, Judgement, Range, Scenario};

use super::bench::Bench;

const EXAMPLE: &str = include_str!("../../../examples/rogue-bedrock-agent.yaml");
const ROLE: &str = "ml-pipeline";

fn example() -> Scenario {
    Scenario::parse(EXAMPLE).expect("the example")
}

/// What a good responder does by hand: deny, lock, deactivate; and deny again, since somebody takes it away.
async fn contain(bench: &Bench) {
    let deny = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": "2026-11-22T03:02:00Z" } },
    }]});
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" },
    ]});
    let put = json!({ "RoleName": ROLE, "PolicyName": "quell", "PolicyDocument": deny.to_string() });
    let lock = json!({ "RoleName": ROLE, "PolicyDocument": trust.to_string() });
    let off = json!({ "UserName": "ci-deploy", "AccessKeyId": "AKIARTX3GSDSXR4W2QZ6", "Status": "Inactive" });
    bench.iam("UpdateAssumeRolePolicy", lock).await.expect("locked");
    bench.iam("PutRolePolicy", put.clone()).await.expect("denied");
    bench.iam("UpdateAccessKey", off).await.expect("off");
    bench.wait(10).await;
    bench.iam("PutRolePolicy", put).await.expect("denied again");
}

async fn played(scenario: &Scenario, seed: u64, contained: bool) -> (Range, Judgement) {
    let range = Range::open(scenario, seed, Clock::starting_at(scenario.start));
    let bench = Bench { who: range.responder(), range: range.clone() };
    let actors = Actors::start(&range, scenario);
    bench.wait(10).await;
    if contained {
        contain(&bench).await;
    }
    bench.wait(180).await;
    actors.stop().await;
    let judgement = range.judgement();
    (range, judgement)
}

#[tokio::test(start_paused = true)]
async fn an_attack_that_nobody_stops_goes_on() {
    let (range, judgement) = played(&example(), 7, false).await;
    assert_eq!(judgement.time_to_first_deny_seconds, None);
    assert_eq!(judgement.time_to_contain_seconds, None);
    assert_eq!(judgement.still_allowed.len(), 5, "{:?}", judgement.still_allowed);
    assert!(judgement.adversary_calls > 100);
    assert_eq!(judgement.workload_refused, []);
    assert!(judgement.workload_calls > 80);
    assert!(range.trail().iter().any(|event| event.event_name == "InvokeAgent" && event.error_code.is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_responder_who_comes_back_contains_it() {
    let (range, judgement) = played(&example(), 7, true).await;
    let deny = judgement.time_to_first_deny_seconds.expect("a deny");
    let contained = judgement.time_to_contain_seconds.expect("contained");
    assert!(deny > 10.0 && deny < 18.0, "{deny}");
    assert!(contained > deny && contained < 40.0, "{contained}");
    assert_eq!(judgement.still_allowed, Vec::<String>::new());
    assert_eq!(judgement.succeeded_after_containment, []);
    assert_eq!(judgement.workload_refused, []);
    assert!(judgement.expected_interruptions > 0, "the role's own workload was in the way");
    let trail = range.trail();
    let by_adversary = |name: &str| {
        trail.iter().filter(|e| e.event_name == name && e.source_ip_address == "185.220.101.7").collect::<Vec<_>>()
    };
    assert!(by_adversary("DeleteRolePolicy").iter().any(|event| event.error_code.is_none()), "it took the deny away");
    assert!(by_adversary("CreateAgent").iter().any(|event| event.error_code.is_none()), "it made one more agent");
    assert!(
        by_adversary("CreateAccessKey").iter().all(|event| event.error_code.is_some()),
        "there are two keys already"
    );
    assert!(range.state()["agents"].as_array().expect("a list").iter().any(|agent| agent["name"] == "helper-two"));
}

#[tokio::test(start_paused = true)]
async fn what_is_deleted_without_containment_comes_back() {
    let scenario = example();
    let range = Range::open(&scenario, 7, Clock::starting_at(scenario.start));
    let bench = Bench { who: range.responder(), range: range.clone() };
    let actors = Actors::start(&range, &scenario);
    bench.wait(10).await;
    let agents = bench.agents("ListAgents", json!({})).await.expect("agents");
    let rogue = agents["agentSummaries"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|agent| agent["agentName"] == "summary-helper");
    let id = rogue.expect("the agent")["agentId"].clone();
    let delete = json!({ "agentId": id, "skipResourceInUseCheck": true });
    bench.agents("DeleteAgent", delete).await.expect("deleting");
    bench.wait(60).await;
    actors.stop().await;
    let names: Vec<_> =
        range.state()["agents"].as_array().expect("a list").iter().map(|agent| agent["name"].clone()).collect();
    assert!(!names.contains(&json!("summary-helper")) && names.contains(&json!("market-research-2")), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn half_a_containment_is_none() {
    let scenario = example();
    let range = Range::open(&scenario, 7, Clock::starting_at(scenario.start));
    let bench = Bench { who: range.responder(), range: range.clone() };
    range.start_watch();
    let off = json!({ "UserName": "ci-deploy", "AccessKeyId": "AKIARTX3GSDSXR4W2QZ6", "Status": "Inactive" });
    bench.iam("UpdateAccessKey", off).await.expect("off");
    bench.wait(20).await;
    let judgement = range.judgement();
    assert!(judgement.time_to_first_deny_seconds.is_some_and(|time| time > 1.0 && time < 7.0));
    assert_eq!(judgement.time_to_contain_seconds, None, "the session goes on");
}

#[tokio::test(start_paused = true)]
async fn a_session_after_the_cut_off_breaks_containment_again() {
    let mut scenario = example();
    scenario.adversary.moves.clear();
    let range = Range::open(&scenario, 7, Clock::starting_at(scenario.start));
    let bench = Bench { who: range.responder(), range: range.clone() };
    range.start_watch();
    let off = json!({ "UserName": "ci-deploy", "AccessKeyId": "AKIARTX3GSDSXR4W2QZ6", "Status": "Inactive" });
    bench.iam("UpdateAccessKey", off).await.expect("off");
    let deny = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": "2026-11-22T03:00:30Z" } },
    }]});
    let put = json!({ "RoleName": ROLE, "PolicyName": "quell", "PolicyDocument": deny.to_string() });
    bench.iam("PutRolePolicy", put).await.expect("denied");
    bench.wait(20).await;
    assert!(range.judgement().time_to_contain_seconds.is_some(), "no session can be newer than the cut-off yet");
    bench.wait(20).await;
    let later = range.judgement();
    assert_eq!(later.time_to_contain_seconds, None, "the outside can assume the role again");
    assert!(later.still_allowed[0].contains("a fresh session of role ml-pipeline"), "{:?}", later.still_allowed);
}

#[tokio::test(start_paused = true)]
async fn pausing_counts_for_invocations() {
    let scenario = Scenario::parse(
        r#"
scenario: 1
knobs: { test_alias_pausable: true }
account:
  roles:
    - name: r
      trust: { Version: "2012-10-17", Statement: [] }
      inline: { all: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "bedrock:InvokeAgent", Resource: "*" }] } }
  agents: [{ name: a, id: AAAAAAAAAA, region: us-east-1, role: r }]
adversary:
  holds: [{ name: s, kind: session, role: r }]
  can: [{ action: "bedrock:InvokeAgent" }]"#,
    )
    .expect("a scenario");
    let bench = Bench::of(&scenario);
    bench.range.start_watch();
    let pause = json!({
        "agentId": "AAAAAAAAAA", "agentAliasId": "TSTALIASID", "agentAliasName": "AgentTestAlias",
        "routingConfiguration": [{ "agentVersion": "DRAFT" }], "aliasInvocationState": "REJECT_INVOCATIONS",
    });
    bench.wait(5).await;
    bench.agents("UpdateAgentAlias", pause).await.expect("paused");
    let judgement = bench.range.judgement();
    assert!(judgement.time_to_contain_seconds.is_some_and(|time| (5.0..5.2).contains(&time)), "{judgement:?}");
    assert_eq!(judgement.time_to_first_deny_seconds, None, "nobody was denied anything");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_is_the_same_world_to_the_byte() {
    let scenario = example();
    let (one, _) = played(&scenario, 7, true).await;
    let (two, _) = played(&scenario, 7, true).await;
    assert_eq!(canonical_string(&one.trail()), canonical_string(&two.trail()));
    assert_eq!(one.state(), two.state());
    let (other, _) = played(&scenario, 8, true).await;
    assert_ne!(canonical_string(&one.trail()), canonical_string(&other.trail()));
}

#[tokio::test(start_paused = true)]
async fn the_state_is_the_same_whenever_it_came_about() {
    let bench = Bench::open("");
    let other = Bench::open("");
    for (bench, wait) in [(&bench, 0), (&other, 100)] {
        bench.range.clock().sleep(Duration::from_secs(wait)).await;
        bench.iam("CreateUser", json!({ "UserName": "u" })).await.expect("a user");
        bench.iam("CreateAccessKey", json!({ "UserName": "u" })).await.expect("a key");
    }
    assert_eq!(bench.range.state(), other.range.state());
}
