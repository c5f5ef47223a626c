//! What hangs on agents: action groups, knowledge bases, collaborators.

use serde_json::{Value, json};

use crate::range::model::{ActionGroup, Agent, AgentStatus, DRAFT, Parts};
use crate::range::services::Row;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{agent, agent_mut, at_rest, not_found, on_agent};
use super::versions::number;

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateAgentActionGroup", on_agent, create_action_group),
    Row::read("ListAgentActionGroups", on_agent, list_action_groups),
    Row::read("GetAgentActionGroup", on_agent, get_action_group),
    Row::write("UpdateAgentActionGroup", on_agent, update_action_group),
    Row::read("ListAgentKnowledgeBases", on_agent, list_knowledge_bases),
    Row::write("UpdateAgentKnowledgeBase", on_agent, update_knowledge_base),
    Row::write("DisassociateAgentKnowledgeBase", on_agent, disassociate_knowledge_base),
    Row::read("ListAgentCollaborators", on_agent, list_collaborators),
];

const ACTION_GROUP: &[&str] = &[
    "actionGroupExecutor",
    "actionGroupName",
    "actionGroupState",
    "apiSchema",
    "description",
    "functionSchema",
    "parentActionGroupSignature",
    "parentActionGroupSignatureParams",
];

/// The parts of the draft or version that a call names.
fn parts<'t>(turn: &'t Turn<'_>) -> Result<&'t Parts, ApiError> {
    let agent = agent(turn)?;
    if turn.text("agentVersion") == DRAFT {
        return Ok(&agent.parts);
    }
    Ok(&agent.versions[&number(turn, agent)?].parts)
}

/// The draft of the agent that a call changes.
fn draft(turn: &Turn<'_>) -> Result<(), ApiError> {
    at_rest(agent(turn)?)?;
    // FACT agents-children-of-draft
    if turn.text("agentVersion") != DRAFT {
        return Err(refuse("ValidationException", "Only the DRAFT version can be changed."));
    }
    Ok(())
}

/// A change of the draft's parts takes effect when the agent is prepared.
fn unprepare(agent: &mut Agent, knob: bool) {
    // FACT agents-parts-unprepare
    if knob && agent.status == AgentStatus::Prepared {
        agent.status = AgentStatus::NotPrepared;
    }
}

fn group_full(turn: &Turn<'_>, group: &ActionGroup) -> Value {
    let mut shown = json!({
        "agentId": turn.text("agentId"), "agentVersion": turn.text("agentVersion"), "actionGroupId": group.id,
        "createdAt": group.created, "updatedAt": group.updated,
    });
    for (member, value) in &group.config {
        let member = if member == "parentActionGroupSignature" { "parentActionSignature" } else { member };
        shown[member] = value.clone();
    }
    shown
}

/// Refuses what a group with a parent signature must leave out.
fn signature_stands_alone(turn: &Turn<'_>) -> Result<(), ApiError> {
    // FACT agents-signature-alone
    let others = ["description", "apiSchema", "actionGroupExecutor"];
    let given = others.iter().find(|member| turn.call.input.get(**member).is_some());
    match given.filter(|_| turn.maybe("parentActionGroupSignature").is_some()) {
        Some(member) => {
            Err(refuse("ValidationException", format!("{member} must be blank with a parent action group signature.")))
        }
        None => Ok(()),
    }
}

fn create_action_group(turn: &mut Turn<'_>) -> Handled {
    draft(turn)?;
    signature_stands_alone(turn)?;
    let found = agent(turn)?;
    let name = turn.text("actionGroupName");
    if found.parts.action_groups.values().any(|group| group.config["actionGroupName"] == name) {
        return Err(refuse("ConflictException", format!("An action group named {name} already exists.")));
    }
    let owner = found.id.clone();
    let mut config = turn.members(ACTION_GROUP);
    config.entry("actionGroupState").or_insert(json!("ENABLED"));
    let id = turn.state.dice.agent_id("action group", &format!("{owner} {name}"));
    let group = ActionGroup { id: id.clone(), config, created: turn.now, updated: turn.now };
    let reply = json!({ "agentActionGroup": group_full(turn, &group) });
    let knob = turn.state.knobs.parts_unprepare;
    let agent = agent_mut(turn)?;
    agent.parts.action_groups.insert(id, group);
    unprepare(agent, knob);
    Ok(reply)
}

fn list_action_groups(turn: &mut Turn<'_>) -> Handled {
    let groups = parts(turn)?.action_groups.values();
    let shown = groups.map(|group| {
        let mut shown = json!({ "actionGroupId": group.id, "updatedAt": group.updated });
        for member in ["actionGroupName", "actionGroupState", "description"] {
            if let Some(value) = group.config.get(member) {
                shown[member] = value.clone();
            }
        }
        shown
    });
    turn.page("actionGroupSummaries", shown.collect())
}

fn get_action_group(turn: &mut Turn<'_>) -> Handled {
    let id = turn.text("actionGroupId");
    let group = parts(turn)?.action_groups.get(id).ok_or_else(|| not_found("Action group", id))?;
    Ok(json!({ "agentActionGroup": group_full(turn, group) }))
}

fn update_action_group(turn: &mut Turn<'_>) -> Handled {
    draft(turn)?;
    signature_stands_alone(turn)?;
    let (id, now, knob) = (turn.text("actionGroupId"), turn.now, turn.state.knobs.parts_unprepare);
    // FACT agents-parts-replaced: what is left out is gone.
    let mut config = turn.members(ACTION_GROUP);
    config.entry("actionGroupState").or_insert(json!("ENABLED"));
    let agent = agent_mut(turn)?;
    let group = agent.parts.action_groups.get_mut(id).ok_or_else(|| not_found("Action group", id))?;
    group.config = config;
    group.updated = now;
    unprepare(agent, knob);
    get_action_group(turn)
}

fn list_knowledge_bases(turn: &mut Turn<'_>) -> Handled {
    let shown = parts(turn)?.knowledge_bases.iter().map(|(id, link)| {
        json!({
            "knowledgeBaseId": id, "description": link.description, "knowledgeBaseState": link.state,
            "updatedAt": link.updated,
        })
    });
    turn.page("agentKnowledgeBaseSummaries", shown.collect())
}

fn update_knowledge_base(turn: &mut Turn<'_>) -> Handled {
    draft(turn)?;
    let (id, now, knob) = (turn.text("knowledgeBaseId"), turn.now, turn.state.knobs.parts_unprepare);
    let (description, state) = (turn.maybe("description"), turn.maybe("knowledgeBaseState"));
    let agent = agent_mut(turn)?;
    let owner = agent.id.clone();
    let created = agent.created;
    let link = agent.parts.knowledge_bases.get_mut(id).ok_or_else(|| not_found("Knowledge base", id))?;
    // FACT agents-parts-replaced
    link.description = description.unwrap_or_default().to_owned();
    link.state = state.unwrap_or("ENABLED").to_owned();
    link.updated = now;
    let reply = json!({ "agentKnowledgeBase": {
        "agentId": owner, "agentVersion": DRAFT, "knowledgeBaseId": id, "description": link.description,
        "createdAt": created, "updatedAt": now, "knowledgeBaseState": link.state,
    }});
    unprepare(agent, knob);
    Ok(reply)
}

fn disassociate_knowledge_base(turn: &mut Turn<'_>) -> Handled {
    draft(turn)?;
    let (id, knob) = (turn.text("knowledgeBaseId"), turn.state.knobs.parts_unprepare);
    let agent = agent_mut(turn)?;
    agent.parts.knowledge_bases.remove(id).ok_or_else(|| not_found("Knowledge base", id))?;
    unprepare(agent, knob);
    Ok(json!({}))
}

fn list_collaborators(turn: &mut Turn<'_>) -> Handled {
    let agent = agent(turn)?;
    let shown = parts(turn)?.collaborators.iter().enumerate().map(|(index, arn)| {
        json!({
            "agentId": agent.id, "agentVersion": turn.text("agentVersion"), "collaboratorId": format!("COLLAB{index:04}"),
            "agentDescriptor": { "aliasArn": arn }, "collaborationInstruction": "Help where you can.",
            "relayConversationHistory": "DISABLED", "collaboratorName": format!("collaborator-{}", index + 1),
            "createdAt": agent.created, "lastUpdatedAt": agent.created,
        })
    });
    turn.page("agentCollaboratorSummaries", shown.collect())
}
