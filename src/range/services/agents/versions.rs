//! Numbered versions of agents.

use serde_json::{Value, json};

use crate::range::model::{Agent, AgentStatus, DRAFT, Version};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{agent, agent_mut, not_found, on_agent};

pub(super) const ROWS: &[Row] = &[
    Row::read("ListAgentVersions", on_agent, list),
    Row::read("GetAgentVersion", on_agent, get),
    Row::write("DeleteAgentVersion", on_agent, delete),
];

fn list(turn: &mut Turn<'_>) -> Handled {
    let agent = agent(turn)?;
    let draft = json!({
        "agentName": agent.name, "agentStatus": agent.status, "agentVersion": DRAFT, "createdAt": agent.created,
        "updatedAt": agent.updated,
    });
    let shown = |(number, version): (&u32, &Version)| -> Value {
        json!({
            "agentName": version.name, "agentStatus": AgentStatus::Prepared, "agentVersion": number.to_string(),
            "createdAt": version.created, "updatedAt": version.created,
        })
    };
    turn.page("agentVersionSummaries", std::iter::once(draft).chain(agent.versions.iter().map(shown)).collect())
}

/// The number of the version that a call names.
pub(super) fn number(turn: &Turn<'_>, agent: &Agent) -> Result<u32, ApiError> {
    let text = turn.text("agentVersion");
    let number = text.parse().ok().filter(|number| agent.versions.contains_key(number));
    number.ok_or_else(|| not_found("Agent version", text))
}

fn get(turn: &mut Turn<'_>) -> Handled {
    let agent = agent(turn)?;
    let number = number(turn, agent)?;
    let version = &agent.versions[&number];
    let mut shown = json!({
        "agentId": agent.id, "agentName": version.name, "agentArn": turn.account().agent_arn(&agent.region, &agent.id),
        "version": number.to_string(), "agentStatus": AgentStatus::Prepared, "createdAt": version.created,
        "updatedAt": version.created,
    });
    for (member, value) in version
        .config
        .iter()
        .filter(|(member, _)| !matches!(member.as_str(), "orchestrationType" | "customOrchestration"))
    {
        shown[member] = value.clone();
    }
    Ok(json!({ "agentVersion": shown }))
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let found = agent(turn)?;
    let number = number(turn, found)?;
    let text = number.to_string();
    let in_use = found.aliases.values().find(|alias| alias.routing.iter().any(|route| route["agentVersion"] == text));
    // FACT agents-version-in-use
    if let Some(alias) = in_use.filter(|_| !turn.flag("skipResourceInUseCheck")) {
        return Err(refuse("ConflictException", format!("Version {text} is in use by alias {}.", alias.id)));
    }
    agent_mut(turn)?.versions.remove(&number);
    Ok(json!({ "agentId": turn.text("agentId"), "agentVersion": text, "agentStatus": AgentStatus::Deleting }))
}
