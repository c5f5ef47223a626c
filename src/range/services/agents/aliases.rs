//! Aliases of agents.

use serde_json::{Value, json};

use crate::range::model::{Agent, AgentStatus, Alias, AliasStatus, Invocations, TEST_ALIAS, Version};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{agent, agent_mut, alias_full, alias_summary, at_rest, not_found, on_agent, on_alias};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateAgentAlias", on_agent, create),
    Row::read("GetAgentAlias", on_alias, get),
    Row::read("ListAgentAliases", on_agent, list),
    Row::write("UpdateAgentAlias", on_alias, update),
    Row::write("DeleteAgentAlias", on_alias, delete),
];

fn alias<'t>(agent: &'t Agent, turn: &Turn<'_>) -> Result<&'t Alias, ApiError> {
    let id = turn.text("agentAliasId");
    agent.aliases.get(id).ok_or_else(|| not_found("Agent alias", id))
}

fn get(turn: &mut Turn<'_>) -> Handled {
    let agent = agent(turn)?;
    Ok(json!({ "agentAlias": alias_full(turn, agent, alias(agent, turn)?) }))
}

fn list(turn: &mut Turn<'_>) -> Handled {
    // FACT alias-test-listed
    let shows_test = turn.state.knobs.test_alias_listed;
    let aliases = agent(turn)?.aliases.values().filter(|alias| shows_test || alias.id != TEST_ALIAS);
    turn.page("agentAliasSummaries", aliases.map(|alias| alias_summary(turn, alias)).collect())
}

/// The routing that the input asks for; without one, the draft becomes a new version and the routing points at it.
fn routing(turn: &mut Turn<'_>) -> Result<Vec<Value>, ApiError> {
    let wanted = turn.call.input.get("routingConfiguration").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(route) = wanted.first() {
        let version = route["agentVersion"].as_str().unwrap_or_default();
        let known =
            version.parse().is_ok_and(|number: u32| agent(turn).is_ok_and(|a| a.versions.contains_key(&number)));
        let is_draft = version == "DRAFT" && turn.text("agentAliasId") == TEST_ALIAS;
        if !known && !is_draft {
            return Err(not_found("Agent version", version));
        }
        return Ok(wanted);
    }
    // FACT alias-publishes-draft
    let due = turn.state.after("version agent", turn.state.knobs.agent_change.0, turn.now);
    let now = turn.now;
    let agent = agent_mut(turn)?;
    if agent.status != AgentStatus::Prepared {
        let text = format!("Agent {} is not prepared. Prepare it before you make a version.", agent.id);
        return Err(refuse("ValidationException", text));
    }
    let number = agent.next_version;
    let (name, config, parts) = (agent.name.clone(), agent.config.clone(), agent.parts.clone());
    agent.versions.insert(number, Version { name, config, parts, created: now });
    agent.next_version += 1;
    agent.status = AgentStatus::Versioning;
    agent.due = Some(due);
    Ok(vec![json!({ "agentVersion": number.to_string() })])
}

fn create(turn: &mut Turn<'_>) -> Handled {
    let found = agent(turn)?;
    // FACT agents-client-token
    let token = turn.maybe("clientToken").map(|token| format!("{} alias {token}", turn.call.region));
    let made = token.as_ref().and_then(|token| turn.account().client_tokens.get(token));
    if let Some(alias) = made.and_then(|id| found.aliases.get(id)) {
        return Ok(json!({ "agentAlias": alias_full(turn, found, alias) }));
    }
    at_rest(found)?;
    let name = turn.text("agentAliasName").to_owned();
    // FACT alias-duplicate-name
    if found.aliases.values().any(|alias| alias.name == name) {
        return Err(refuse("ConflictException", format!("An alias named {name} already exists.")));
    }
    let owner = found.id.clone();
    let routing = routing(turn)?;
    let id = turn.state.dice.agent_id("alias", &format!("{owner} {name}"));
    let due = turn.state.after("create alias", turn.state.knobs.alias_change.0, turn.now);
    let made = Alias {
        id: id.clone(),
        name,
        description: turn.maybe("description").map(String::from),
        routing,
        invocations: Invocations::AcceptInvocations,
        status: AliasStatus::Creating,
        due: Some(due),
        created: turn.now,
        updated: turn.now,
    };
    if let Some(token) = token {
        turn.state.account.client_tokens.insert(token, id.clone());
    }
    let arn = turn.account().alias_arn(&turn.call.region, &owner, &id);
    turn.keep_tags(&arn);
    agent_mut(turn)?.aliases.insert(id.clone(), made);
    let agent = agent(turn)?;
    Ok(json!({ "agentAlias": alias_full(turn, agent, &agent.aliases[&id]) }))
}

fn update(turn: &mut Turn<'_>) -> Handled {
    let found = agent(turn)?;
    let before = alias(found, turn)?;
    let id = before.id.clone();
    if before.status != AliasStatus::Prepared {
        return Err(refuse(
            "ConflictException",
            format!("Agent alias {id} is changing. Retry when it has reached a stable state."),
        ));
    }
    if matches!(found.status, AgentStatus::Deleting | AgentStatus::Versioning) {
        at_rest(found)?;
    }
    let invocations = match turn.maybe("aliasInvocationState") {
        Some("REJECT_INVOCATIONS") => Invocations::RejectInvocations,
        Some(_) => Invocations::AcceptInvocations,
        // FACT alias-state-kept
        None if turn.state.knobs.invocation_state_kept => before.invocations,
        None => Invocations::AcceptInvocations,
    };
    // FACT alias-test-pausable
    if id == TEST_ALIAS && !turn.state.knobs.test_alias_pausable {
        return Err(refuse("ValidationException", "The test alias of an agent cannot be updated."));
    }
    let routing = routing(turn)?;
    // FACT alias-change-time
    let due = turn.state.after("update alias", turn.state.knobs.alias_change.0, turn.now);
    let (now, name) = (turn.now, turn.text("agentAliasName").to_owned());
    // FACT alias-update-replaces: a description that is left out is gone.
    let description = turn.maybe("description").map(String::from);
    let agent = agent_mut(turn)?;
    if let Some(alias) = agent.aliases.get_mut(&id) {
        alias.name = name;
        alias.description = description;
        alias.routing = routing;
        alias.invocations = invocations;
        alias.status = AliasStatus::Updating;
        alias.due = Some(due);
        alias.updated = now;
    }
    get(turn)
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let found = agent(turn)?;
    let id = alias(found, turn)?.id.clone();
    // FACT alias-test-undeletable
    if id == TEST_ALIAS {
        return Err(refuse("ValidationException", "The test alias of an agent cannot be deleted."));
    }
    let due = turn.state.after("delete alias", turn.state.knobs.agent_deletion.0, turn.now);
    let agent = agent_mut(turn)?;
    if let Some(alias) = agent.aliases.get_mut(&id).filter(|alias| alias.status != AliasStatus::Deleting) {
        alias.status = AliasStatus::Deleting;
        alias.due = Some(due);
    }
    Ok(json!({ "agentId": turn.text("agentId"), "agentAliasId": id, "agentAliasStatus": AliasStatus::Deleting }))
}
