//! Cases of Bedrock agents, flows and prompts.

use serde_json::{Value, json};

use super::account::{self, AGENT, FLOW, PROMPT};
use super::case::{Case, Undone, case};

pub(super) fn cases() -> Vec<Case> {
    [pausing(), disabling(), deleting(), leading_back(), deleting_flows(), deleting_prompts()].concat()
}

fn pausing() -> Vec<Case> {
    let agent = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    let case = |name| case(name, "bedrock.pause-agent", agent.clone(), Undone::Exactly);
    vec![
        case("pause an agent"),
        case("pause an agent whose test alias is not listed").with("/knobs/test_alias_listed", json!(false)),
        case("pause an agent where the state of open aliases is not shown")
            .with("/knobs/accepting_state_shown", json!(false)),
        self::case(
            "pause what leads to one version of an agent",
            "bedrock.pause-agent",
            json!({ "agent": { "region": "us-east-1", "id": AGENT }, "versions": ["2"] }),
            Undone::Exactly,
        ),
    ]
}

fn disabling() -> Vec<Case> {
    let agent = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    let case = |name| {
        case(name, "bedrock.disable-agent-tools", agent.clone(), Undone::Exactly)
            .with("/account/agents/0/knowledge_bases", json!(["KBASE00001", "KBASE00002"]))
    };
    vec![
        case("disable the tools of an agent"),
        case("disable tools of every kind").with("/account/agents/0/tools", tools()),
        case("disable tools where a change leaves the agent prepared").with("/knobs/parts_unprepare", json!(false)),
    ]
}

/// Action groups in which everything is used that AWS has.
pub(crate) fn tools() -> Value {
    let lambda = json!({ "lambda": "arn:aws:lambda:us-east-1:111122223333:function:book" });
    json!([
        {
            "actionGroupName": "book", "description": "Books a table", "actionGroupExecutor": lambda,
            "apiSchema": { "payload": "{\"openapi\":\"3.0.0\"}" },
        },
        {
            "actionGroupName": "search", "actionGroupExecutor": lambda,
            "apiSchema": { "s3": { "s3BucketName": "schemas", "s3ObjectKey": "search.json" } },
        },
        {
            "actionGroupName": "ask", "actionGroupExecutor": { "customControl": "RETURN_CONTROL" },
            "functionSchema": { "functions": [{
                "name": "find", "description": "Finds it", "requireConfirmation": "ENABLED",
                "parameters": { "what": { "type": "string", "required": true, "description": "What to find" } },
            }, { "name": "stop" }] },
        },
        { "actionGroupName": "user", "parentActionGroupSignature": "AMAZON.UserInput" },
        {
            "actionGroupName": "shell", "parentActionGroupSignature": "ANTHROPIC.Bash",
            "parentActionGroupSignatureParams": { "type": "bash_20241022" },
        },
        { "actionGroupName": "old", "actionGroupState": "DISABLED", "actionGroupExecutor": lambda },
    ])
}

/// A flow that uses the agent in its draft, and nothing in its only version.
fn flow() -> Value {
    json!({
        "name": "journey", "id": FLOW, "region": "us-east-1", "agents": ["market-research"], "versions": [[]],
        "aliases": [{ "name": "live", "description": "What everybody calls" }],
    })
}

/// A flow of which somebody has published a version since, and led an alias there.
fn leading_back() -> Vec<Case> {
    let mut led = flow();
    led["versions"] = json!([[], ["market-research"]]);
    led["last_version_ago"] = json!("3h");
    led["aliases"] =
        json!([{ "name": "live", "description": "What everybody calls", "version": 2 }, { "name": "canary" }]);
    let with = json!({ "flow": { "region": "us-east-1", "id": FLOW }, "before": "2026-11-21T12:00:00Z" });
    vec![case("lead a flow back", "bedrock.lead-flow-back", with, Undone::Exactly).with("/account/flows", json!([led]))]
}

fn deleting_flows() -> Vec<Case> {
    let with = json!({ "flow": { "region": "us-east-1", "id": FLOW } });
    let case =
        |name| case(name, "bedrock.delete-flow", with.clone(), Undone::ForGood).with("/account/flows", json!([flow()]));
    vec![
        case("delete a flow"),
        case("delete a flow that was never published")
            .with("/account/flows/0/versions", json!([]))
            .with("/account/flows/0/aliases", json!([])),
        case("delete a flow whose test alias is not listed").with("/knobs/flow_test_alias_listed", json!(false)),
        case("delete a flow where aliases do not count as use").with("/knobs/flow_aliases_count_as_use", json!(false)),
    ]
}

fn deleting_prompts() -> Vec<Case> {
    let prompt = json!({ "region": "us-east-1", "id": PROMPT });
    let case = |name, with| {
        let made =
            json!({ "name": "summarise", "id": PROMPT, "region": "us-east-1", "text": "Sum it up.", "versions": 2 });
        case(name, "bedrock.delete-prompt", with, Undone::ForGood).with("/account/prompts", json!([made]))
    };
    let flow = json!({ "name": "journey", "region": "us-east-1", "prompts": ["summarise"] });
    vec![
        case("delete a prompt", json!({ "prompt": prompt })),
        case("delete a prompt that a flow uses", json!({ "prompt": prompt, "even_if_used": true }))
            .with("/account/flows", json!([flow])),
    ]
}

fn deleting() -> Vec<Case> {
    let agent = json!({ "region": "us-east-1", "id": AGENT });
    let case = |name, with| case(name, "bedrock.delete-agent", with, Undone::ForGood);
    let agent_itself = account::agent();
    let supervisor = json!([
        agent_itself,
        { "name": "boss", "region": "us-east-1", "role": "ml-pipeline", "supervises": ["market-research"] },
    ]);
    vec![
        case("delete an agent", json!({ "agent": agent })),
        case("delete an agent without aliases", json!({ "agent": agent })).with("/account/agents/0/aliases", json!([])),
        case("delete an agent that a supervisor uses", json!({ "agent": agent, "even_if_used": true }))
            .with("/account/agents", supervisor),
        case("delete an agent that a flow uses", json!({ "agent": agent, "even_if_used": true }))
            .with("/account/flows", json!([flow()])),
        case("delete an agent where deleting again conflicts", json!({ "agent": agent }))
            .with("/knobs/deleting_again_conflicts", json!(true)),
    ]
}
