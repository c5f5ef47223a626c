//! `bedrock.model-callers`: who called models, and what may be behind it.

use quell::actions::Answered;
use quell::base::Phase;
use quell::plan::PlannedWork;
use serde_json::{Value, json};

use super::trail::ask;
use super::{AGENT, BASE, Bench, OTHERS_KEY, ROLE, role, scenario, set};
use crate::drill::scenario_of;
use crate::stage::Stage;

const MALLORY: &str = "arn:aws:iam::111122223333:user/mallory";
const BEDROCK: &str = "bedrock.amazonaws.com";
const SINCE: &str = "2026-11-22T00:00:00Z";
const MODEL: &str = "amazon.nova-pro-v1:0";

/// A role that Bedrock alone may take on.
fn service_role(name: &str) -> Value {
    let mut of = role(name, "/service-role/");
    of["trust"] = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": BEDROCK }, "Action": "sts:AssumeRole" },
    ]});
    of
}

/// An account in which an agent works with one role, a knowledge base and a flow share another, and nothing works with a third.
fn account(past: Value) -> Value {
    let mut account = scenario();
    set(&mut account, "/knobs/trail_delay", json!("0s"));
    set(&mut account, "/knobs/page_size", json!(2));
    set(&mut account, "/account/past", past);
    let roles = account["account"]["roles"].as_array_mut().expect("roles");
    roles.extend(["kb-service", "AmazonBedrockExecutionRoleForFlows", "left-behind"].map(service_role));
    let mut base = super::cases::knowledge::base();
    base["role"] = json!("AmazonBedrockExecutionRoleForFlows");
    set(&mut account, "/account/knowledge_bases", json!([base]));
    set(&mut account, "/account/flows", json!([{ "name": "journey", "id": "JOURNEY001", "region": "us-east-1" }]));
    account
}

fn bench(account: &Value) -> Bench {
    Bench::of_action("iam.revoke-sessions", &json!({ "principal": ROLE }), account, 1)
}

fn session(role: &str, name: &str) -> String {
    format!("arn:aws:sts::111122223333:assumed-role/{role}/{name}")
}

fn called(call: &str, by: &str, more: Value) -> Value {
    let mut event = json!({
        "ago": "1h", "source": BEDROCK, "call": call, "by": by, "reads": true, "request": { "modelId": MODEL },
    });
    for (member, value) in more.as_object().expect("members") {
        event[member] = value.clone();
    }
    event
}

async fn callers(bench: &Bench, region: &str, with: Value) -> Answered {
    ask(bench, "bedrock.model-callers", Some(region), with).await
}

async fn whole(bench: &Bench, region: &str) -> Vec<Value> {
    let answer = callers(bench, region, json!({ "since": SINCE })).await;
    assert_eq!(answer.truncated, None);
    answer.items
}

fn told(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["told"].as_str().unwrap_or("-")).collect()
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_caller_is_counted_with_what_it_called_from_where() {
    let key = json!({ "key": OTHERS_KEY });
    let refused = json!({ "key": OTHERS_KEY, "ago": "2h", "error": "AccessDeniedException", "from": "198.51.100.9" });
    let bearer = json!({ "with_api_key": true, "credential": "ACCAEXAMPLE0000000001", "program": "curl/8.5.0" });
    let account = account(json!([
        called("InvokeModel", MALLORY, key.clone()),
        called("Converse", MALLORY, refused),
        called("ConverseStream", MALLORY, bearer),
        called("InvokeModelWithResponseStream", MALLORY, key),
        // Before, elsewhere, of another service, and no call of a model.
        called("Converse", MALLORY, json!({ "ago": "9h" })),
        called("Converse", MALLORY, json!({ "region": "eu-west-1" })),
        called("Converse", MALLORY, json!({ "source": "example.amazonaws.com" })),
        called("ListFoundationModels", MALLORY, json!({})),
    ]));
    let bench = bench(&account);
    let items = whole(&bench, "us-east-1").await;
    assert_eq!(
        told(&items),
        ["user mallory: 4 calls in us-east-1, 1 refused, 1 with an API key of Amazon Bedrock"],
        "{items:?}"
    );
    let one = &items[0];
    assert_eq!((&one["principal"], &one["by"], &one["behind"]), (&json!(MALLORY), &json!("user"), &json!([])));
    assert!(one["id"].as_str().is_some_and(|id| id.starts_with("AIDA")), "{one}");
    assert_eq!((&one["models"], &one["api_keys"]), (&json!([MODEL]), &json!(["ACCAEXAMPLE0000000001"])));
    assert_eq!(one["addresses"], json!(["185.220.101.7", "198.51.100.9"]));
    assert_eq!(one["programs"], json!(["Boto3/1.35.36 Python/3.11", "curl/8.5.0"]));
    assert_eq!((&one["access_keys"], &one["more"]), (&json!([OTHERS_KEY]), &json!(false)));
    assert_eq!((&one["first_at"], &one["last_at"]), (&json!("2026-11-22T01:00:00Z"), &json!("2026-11-22T02:00:00Z")));
    assert_eq!(told(&whole(&bench, "eu-west-1").await), ["user mallory: 1 call in eu-west-1"]);
    // What is asked for of one caller is the same whichever way CloudTrail finds it.
    for (of, calls) in [(OTHERS_KEY, 3), (MALLORY, 4), (ROLE, 0)] {
        let found = callers(&bench, "us-east-1", json!({ "since": SINCE, "of": of })).await.items;
        assert_eq!(found.iter().filter_map(|item| item["calls"].as_u64()).sum::<u64>(), calls, "{of}");
    }
    let until = json!({ "since": SINCE, "until": "2026-11-22T01:30:00Z" });
    assert_eq!(
        told(&callers(&bench, "us-east-1", until).await.items),
        ["user mallory: 1 call in us-east-1, 1 refused"]
    );
}

/// Nobody guesses which of several it was, and what the record does not say is not made up.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_role_leads_to_what_works_with_it() {
    let through = json!({ "through": BEDROCK, "from": BEDROCK });
    let account = account(json!([
        called("InvokeModel", &session("ml-pipeline", "task-1"), through.clone()),
        called("InvokeModel", &session("ml-pipeline", "task-1"), json!({})),
        called("Converse", &session("AmazonBedrockExecutionRoleForFlows", "x"), through.clone()),
        called("Converse", &session("left-behind", "y"), json!({})),
        called("Converse", &session("left-behind", "y"), through),
        called("Converse", &session("was-deleted", "z"), json!({})),
        called("Converse", &session("kb-service", "k"), json!({ "region": "eu-west-1" })),
    ]));
    let bench = bench(&account);
    let items = whole(&bench, "us-east-1").await;
    let agent = format!("agent market-research ({AGENT})");
    let shared = format!("knowledge base handbook ({BASE}) and flow journey (JOURNEY001)");
    let gone = "nothing that is in us-east-1 now works with the role";
    assert_eq!(
        told(&items),
        [
            format!("role AmazonBedrockExecutionRoleForFlows: 1 call in us-east-1, through {BEDROCK}; with the role work {shared}"),
            format!("role left-behind: 1 call in us-east-1; not known what is behind: {BEDROCK} may take the role on, and {gone}"),
            format!(
                "role left-behind: 1 call in us-east-1, through {BEDROCK}; not known what is behind: {BEDROCK} made the calls, and {gone}"
            ),
            format!("role ml-pipeline: 1 call in us-east-1; with the role work {agent}"),
            format!("role ml-pipeline: 1 call in us-east-1, through {BEDROCK}; with the role work {agent}"),
            "role was-deleted: 1 call in us-east-1; not known what is behind: the role is gone, and with it who could take it on"
                .to_owned(),
        ]
    );
    let sessions: Vec<&Value> = items.iter().map(|item| &item["sessions"]).collect();
    assert_eq!(sessions[3], &json!(["task-1"]));
    let of = json!({ "since": SINCE, "of": session("ml-pipeline", "task-1") });
    assert_eq!(callers(&bench, "us-east-1", of).await.items, items[3..5]);
    let query = quell::actions::registry().query("bedrock.model-callers").expect("a query");
    let keys: std::collections::BTreeSet<String> = items.iter().map(|item| query.key(item).expect("a key")).collect();
    assert_eq!(keys.len(), items.len(), "{keys:?}");
}

/// A role that works for whoever may take it on is no service role: its calls are its own.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_role_that_no_service_of_bedrock_takes_on_calls_by_itself() {
    let mut account = account(json!([called("Converse", &session("ml-pipeline", "task-1"), json!({}))]));
    set(&mut account, "/account/agents", json!([]));
    assert_eq!(told(&whole(&bench(&account), "us-east-1").await), ["role ml-pipeline: 1 call in us-east-1"]);
}

/// What an agent is asked to do by somebody is called with the agent's role, whatever the trail tells of it.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_call_that_an_agent_makes_for_somebody_leads_to_the_agent() {
    for told_by_trail in [true, false] {
        let mut account = account(json!([]));
        set(&mut account, "/knobs/service_calls_told", json!(told_by_trail));
        set(&mut account, "/adversary/agents", json!(["market-research"]));
        set(&mut account, "/adversary/moves", json!([{ "do": "invoke_agents", "times": 1 }]));
        let bench = bench(&account);
        let actors = quell::range::Actors::start(&bench.stage.range, &bench.stage.scenario);
        bench.rest().await;
        actors.stop().await;
        let items = whole(&bench, "us-east-1").await;
        let [one] = &items[..] else { panic!("the agent alone: {items:?}") };
        assert_eq!(one["principal"], ROLE);
        assert_eq!(one["behind"], json!([format!("agent market-research ({AGENT})")]));
        assert_eq!(one["via"].as_str(), told_by_trail.then_some(BEDROCK));
        assert_eq!(one["sessions"] == json!([format!("BedrockAgents-{AGENT}")]), told_by_trail, "{one}");
        assert_eq!(one["by"], "role");
    }
}

/// Where AWS does not show what works with roles, the callers are told all the same, and what could not be read.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn what_cannot_be_read_is_said_of_the_caller_it_concerns() {
    let past = json!([
        called("Converse", &session("ml-pipeline", "task-1"), json!({})),
        called("Converse", MALLORY, json!({ "key": OTHERS_KEY })),
    ]);
    let mut account = account(past);
    set(
        &mut account,
        "/faults",
        json!([{ "operation": "ListFlows", "kind": "access_denied", "repeat": "persistent" }]),
    );
    let items = whole(&bench(&account), "us-east-1").await;
    let [role, user] = &items[..] else { panic!("two: {items:?}") };
    let why = role["not_known"].as_str().unwrap_or_default();
    assert!(why.starts_with("what works with the role in us-east-1 could not be read (AccessDenied"), "{why}");
    assert_eq!((&user["not_known"], &user["behind"]), (&Value::Null, &json!([])));
}

/// A list that may be longer than what was read says so.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn more_calls_than_can_be_read_are_said() {
    let one = called("Converse", MALLORY, json!({ "key": OTHERS_KEY }));
    let bench = bench(&account(json!(vec![one; 401])));
    let answer = callers(&bench, "us-east-1", json!({ "since": SINCE })).await;
    assert!(answer.truncated.is_some_and(|why| why.contains("ask for a shorter time")));
    let answer = callers(&bench, "eu-west-1", json!({ "since": "2026-07-01T00:00:00Z" })).await;
    assert!(answer.truncated.is_some_and(|why| why.starts_with("CloudTrail remembers 90 days")));
}

/// The gate of the shipped runbook tells the commander who is behind, and asks nothing of anybody else.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_runbook_names_the_callers() {
    let text = quell::runbook::find("llmjacking").expect("a shipped runbook").text().to_owned();
    let scenario = quell::range::Scenario::parse(&scenario_of(&text)).expect("a scenario");
    let stage = Stage::with(&text, scenario, 7);
    let plan = stage.plan(Phase::Recover).await;
    let gate = plan.steps.iter().find(|step| step.key.step.as_str() == "who_called").expect("the gate");
    let PlannedWork::Gate { message, .. } = &gate.work else { panic!("{:?}", gate.work) };
    for told in [
        "user translator: 2 calls in us-east-1, 1 refused.",
        "user BedrockAPIKey-x7k2: 1 call in us-east-1, 1 with an API key of Amazon Bedrock",
        "role data-team: 1 call in us-east-1;",
        "role shop-agent: 1 call in us-east-1, through bedrock.amazonaws.com; with the role work agent shop (SHOPAGENT1)",
    ] {
        assert!(message.contains(told), "{told}: {message}");
    }
}
