//! How agents come, change and go.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::range::model::{Agent, AgentStatus, Alias, AliasStatus, DRAFT, Invocations, Parts, TEST_ALIAS};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{agent, agent_mut, at_rest, full, names_arn, on_agent, summary};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateAgent", anything, create),
    Row::read("GetAgent", on_agent, |turn| Ok(json!({ "agent": full(turn.account(), agent(turn)?) }))),
    Row::read("ListAgents", anything, list),
    Row::write("UpdateAgent", on_agent, update),
    Row::write("PrepareAgent", on_agent, prepare),
    Row::write("DeleteAgent", on_agent, delete),
];

/// What UpdateAgent replaces.
const CONFIG: &[&str] = &[
    "agentCollaboration",
    "agentResourceRoleArn",
    "customOrchestration",
    "customerEncryptionKeyArn",
    "description",
    "foundationModel",
    "guardrailConfiguration",
    "idleSessionTTLInSeconds",
    "instruction",
    "memoryConfiguration",
    "orchestrationType",
    "promptOverrideConfiguration",
];

fn config(turn: &Turn<'_>) -> Map<String, Value> {
    let mut config = turn.members(CONFIG);
    config.entry("idleSessionTTLInSeconds").or_insert(json!(600));
    config.entry("agentResourceRoleArn").or_insert_with(|| {
        json!(format!("arn:aws:iam::{}:role/service-role/AmazonBedrockExecutionRoleForAgents", turn.account().id))
    });
    config
}

fn create(turn: &mut Turn<'_>) -> Handled {
    // FACT agents-client-token
    let token = turn.maybe("clientToken").map(|token| format!("{} agent {token}", turn.call.region));
    if let Some(id) = token.as_ref().and_then(|token| turn.account().client_tokens.get(token)) {
        let made = turn.account().agents.get(&(turn.call.region.clone(), id.clone()));
        if let Some(agent) = made {
            return Ok(json!({ "agent": full(turn.account(), agent) }));
        }
    }
    let name = turn.text("agentName").to_owned();
    // FACT agents-duplicate-name: the call succeeds, and the agent fails.
    let mut others = turn.account().agents.values().filter(|agent| agent.region == turn.call.region);
    let failure = others
        .any(|agent| agent.name == name && agent.failure.is_none())
        .then(|| "Cannot create a new agent as an agent with the same name already exists.".to_owned());
    let id = turn.state.dice.agent_id("agent", &format!("{} {name}", turn.call.region));
    // FACT agents-change-time
    let due = turn.state.after("create agent", turn.state.knobs.agent_change.0, turn.now);
    let agent = Agent {
        id: id.clone(),
        name,
        region: turn.call.region.clone(),
        config: config(turn),
        status: AgentStatus::Creating,
        failure,
        due: Some(due),
        versions: BTreeMap::new(),
        next_version: 1,
        aliases: BTreeMap::new(),
        parts: Parts::default(),
        created: turn.now,
        updated: turn.now,
        prepared: None,
    };
    let reply = json!({ "agent": full(turn.account(), &agent) });
    if let Some(token) = token {
        turn.state.account.client_tokens.insert(token, id.clone());
    }
    let arn = turn.account().agent_arn(&turn.call.region, &id);
    turn.keep_tags(&arn);
    turn.state.account.agents.insert((turn.call.region.clone(), id), agent);
    Ok(reply)
}

fn list(turn: &mut Turn<'_>) -> Handled {
    // FACT agents-list-no-creation-time
    let agents = turn.account().agents.values().filter(|agent| agent.region == turn.call.region);
    turn.page("agentSummaries", agents.map(summary).collect())
}

fn update(turn: &mut Turn<'_>) -> Handled {
    at_rest(agent(turn)?)?;
    let due = turn.state.after("update agent", turn.state.knobs.agent_change.0, turn.now);
    // FACT agents-update-replaces
    let (name, config, now) = (turn.text("agentName").to_owned(), config(turn), turn.now);
    let agent = agent_mut(turn)?;
    agent.name = name;
    agent.config = config;
    agent.updated = now;
    agent.status = AgentStatus::Updating;
    agent.due = Some(due);
    let agent = agent.clone();
    Ok(json!({ "agent": full(turn.account(), &agent) }))
}

fn prepare(turn: &mut Turn<'_>) -> Handled {
    at_rest(agent(turn)?)?;
    let due = turn.state.after("prepare agent", turn.state.knobs.agent_change.0, turn.now);
    let now = turn.now;
    let agent = agent_mut(turn)?;
    agent.status = AgentStatus::Preparing;
    agent.due = Some(due);
    agent.updated = now;
    // FACT alias-test: the alias of the draft comes with the first preparation.
    agent.aliases.entry(TEST_ALIAS.to_owned()).or_insert_with(|| Alias {
        id: TEST_ALIAS.to_owned(),
        name: "AgentTestAlias".to_owned(),
        description: Some("Test Alias for Agent".to_owned()),
        routing: vec![json!({ "agentVersion": DRAFT })],
        invocations: Invocations::AcceptInvocations,
        status: AliasStatus::Prepared,
        due: None,
        created: now,
        updated: now,
    });
    Ok(json!({ "agentId": agent.id, "agentStatus": agent.status, "agentVersion": DRAFT, "preparedAt": now }))
}

/// What keeps an agent from being deleted, in words.
fn users_of(turn: &Turn<'_>, agent: &Agent) -> Vec<String> {
    let account = turn.account();
    let knobs = &turn.state.knobs;
    let ours = account.alias_arn(&agent.region, &agent.id, "");
    let supervises = |parts: &Parts| parts.collaborators.iter().any(|arn| arn.starts_with(&ours));
    let mut users = Vec::new();
    // FACT agents-in-use-aliases
    let standing = agent.aliases.values().filter(|alias| alias.id != TEST_ALIAS);
    users.extend(standing.map(|alias| format!("alias {}", alias.id)));
    // FACT agents-in-use-supervisors
    if knobs.supervisors_count_as_use {
        let versions = |other: &Agent| other.versions.values().any(|version| supervises(&version.parts));
        let supervisors = account.agents.values().filter(|other| supervises(&other.parts) || versions(other));
        users.extend(supervisors.map(|supervisor| format!("agent {}", supervisor.id)));
    }
    // FACT agents-in-use-flows
    if knobs.flows_count_as_use {
        let flows = account.flows.values().filter(|flow| flow.definitions().any(|it| names_arn(it, &ours)));
        users.extend(flows.map(|flow| format!("flow {}", flow.id)));
    }
    users
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let found = agent(turn)?;
    // FACT agents-delete-again
    if found.status != AgentStatus::Deleting || turn.state.knobs.deleting_again_conflicts {
        at_rest(found)?;
        let users = users_of(turn, found);
        // FACT agents-in-use-check
        if !turn.flag("skipResourceInUseCheck") && !users.is_empty() {
            let text = format!("Could not delete Agent with ID {}, since it is used by {}", found.id, users.join(", "));
            return Err(refuse("ConflictException", text));
        }
        // FACT agents-deletion-time
        let due = turn.state.after("delete agent", turn.state.knobs.agent_deletion.0, turn.now);
        let agent = agent_mut(turn)?;
        agent.status = AgentStatus::Deleting;
        agent.due = Some(due);
    }
    Ok(json!({ "agentId": turn.text("agentId"), "agentStatus": AgentStatus::Deleting }))
}
