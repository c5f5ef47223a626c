//! Finding agents, and how they stand in replies.

use serde_json::{Value, json};

use crate::range::model::{Account, Agent, Alias, DRAFT, Invocations};
use crate::range::wire::ApiError;
use crate::range::world::{Turn, refuse};

/// The refusal for a thing that is not there.
pub(super) fn not_found(what: &str, id: &str) -> ApiError {
    refuse(
        "ResourceNotFoundException",
        format!("{what} {id} could not be found. Check that the id is right and retry."),
    )
}

/// The agent that a call names.
pub(super) fn agent<'t>(turn: &'t Turn<'_>) -> Result<&'t Agent, ApiError> {
    let id = turn.text("agentId");
    turn.account().agents.get(&(turn.call.region.clone(), id.to_owned())).ok_or_else(|| not_found("Agent", id))
}

/// The agent that a call changes.
pub(super) fn agent_mut<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut Agent, ApiError> {
    let id = turn.text("agentId");
    let key = (turn.call.region.clone(), id.to_owned());
    turn.state.account.agents.get_mut(&key).ok_or_else(|| not_found("Agent", id))
}

/// Refuses to change an agent that is changing by itself.
pub(super) fn at_rest(agent: &Agent) -> Result<(), ApiError> {
    // FACT agents-conflict-while-changing
    if agent.status.is_transient() {
        let text = format!(
            "Agent {} is in {} state. Retry when it has reached a stable state.",
            agent.id,
            json!(agent.status)
        );
        return Err(refuse("ConflictException", text.replace('"', "")));
    }
    Ok(())
}

/// Whether a document says an ARN that starts like this.
pub(super) fn names_arn(document: &Value, start: &str) -> bool {
    match document {
        Value::String(text) => text.starts_with(start),
        Value::Array(items) => items.iter().any(|item| names_arn(item, start)),
        Value::Object(members) => members.values().any(|member| names_arn(member, start)),
        _ => false,
    }
}

/// The ARN of the agent that a call names.
pub(super) fn on_agent(turn: &Turn<'_>) -> String {
    turn.account().agent_arn(&turn.call.region, turn.text("agentId"))
}

/// The ARN of the alias that a call names.
pub(super) fn on_alias(turn: &Turn<'_>) -> String {
    turn.account().alias_arn(&turn.call.region, turn.text("agentId"), turn.text("agentAliasId"))
}

/// An agent as GetAgent shows it.
pub(super) fn full(account: &Account, agent: &Agent) -> Value {
    let mut shown = json!({
        "agentId": agent.id, "agentName": agent.name, "agentArn": account.agent_arn(&agent.region, &agent.id),
        "agentVersion": DRAFT, "agentStatus": agent.status, "createdAt": agent.created, "updatedAt": agent.updated,
    });
    if let Some(failure) = &agent.failure {
        shown["failureReasons"] = json!([failure]);
    }
    if let Some(prepared) = agent.prepared {
        shown["preparedAt"] = json!(prepared);
    }
    for (member, value) in &agent.config {
        shown[member] = value.clone();
    }
    shown
}

/// An agent as ListAgents shows it.
pub(super) fn summary(agent: &Agent) -> Value {
    let mut shown = json!({
        "agentId": agent.id, "agentName": agent.name, "agentStatus": agent.status, "updatedAt": agent.updated,
    });
    if let Some(latest) = agent.versions.keys().last() {
        shown["latestAgentVersion"] = json!(latest.to_string());
    }
    for member in ["description", "guardrailConfiguration"] {
        if let Some(value) = agent.config.get(member) {
            shown[member] = value.clone();
        }
    }
    shown
}

/// An alias as ListAgentAliases shows it.
pub(super) fn alias_summary(turn: &Turn<'_>, alias: &Alias) -> Value {
    let accepting_shown = turn.state.knobs.accepting_state_shown;
    let mut shown = json!({
        "agentAliasId": alias.id, "agentAliasName": alias.name, "agentAliasStatus": alias.status,
        "routingConfiguration": alias.routing, "createdAt": alias.created, "updatedAt": alias.updated,
    });
    if let Some(description) = &alias.description {
        shown["description"] = json!(description);
    }
    // FACT alias-state-shown
    if accepting_shown || alias.invocations == Invocations::RejectInvocations {
        shown["aliasInvocationState"] = json!(alias.invocations);
    }
    shown
}

/// An alias as GetAgentAlias shows it.
pub(super) fn alias_full(turn: &Turn<'_>, agent: &Agent, alias: &Alias) -> Value {
    let mut shown = alias_summary(turn, alias);
    shown["agentId"] = json!(agent.id);
    shown["agentAliasArn"] = json!(turn.account().alias_arn(&agent.region, &agent.id, &alias.id));
    shown
}
