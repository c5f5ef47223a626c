//! Cases of Bedrock agents.

use serde_json::json;

use super::account::{self, AGENT};
use super::case::{Case, Undone, case};

pub(super) fn cases() -> Vec<Case> {
    [pausing(), deleting()].concat()
}

fn pausing() -> Vec<Case> {
    let agent = json!({ "agent": { "region": "us-east-1", "id": AGENT } });
    let case = |name| case(name, "bedrock.pause-agent", agent.clone(), Undone::Exactly);
    vec![
        case("pause an agent"),
        case("pause an agent whose test alias is not listed").with("/knobs/test_alias_listed", json!(false)),
        case("pause an agent where the state of open aliases is not shown")
            .with("/knobs/accepting_state_shown", json!(false)),
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
        case("delete an agent where deleting again conflicts", json!({ "agent": agent }))
            .with("/knobs/deleting_again_conflicts", json!(true)),
    ]
}
