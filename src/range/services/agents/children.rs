//! What hangs on agents: action groups, knowledge bases, collaborators, and the flows that use them.

use serde_json::{Value, json};

use crate::range::model::{ActionGroup, DRAFT, Flow};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::{agent, agent_mut, at_rest, not_found, on_agent};

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateAgentActionGroup", on_agent, create_action_group),
    Row::read("ListAgentActionGroups", on_agent, list_action_groups),
    Row::read("GetAgentActionGroup", on_agent, get_action_group),
    Row::read("ListAgentKnowledgeBases", on_agent, list_knowledge_bases),
    Row::read("ListAgentCollaborators", on_agent, list_collaborators),
    Row::read("ListFlows", anything, list_flows),
    Row::read("GetFlow", on_flow, get_flow),
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

fn group_full(turn: &Turn<'_>, group: &ActionGroup) -> Value {
    let mut shown = json!({
        "agentId": turn.text("agentId"), "agentVersion": turn.text("agentVersion"), "actionGroupId": group.id,
        "createdAt": group.created, "updatedAt": group.created,
    });
    for (member, value) in &group.config {
        let member = if member == "parentActionGroupSignature" { "parentActionSignature" } else { member };
        shown[member] = value.clone();
    }
    shown
}

fn create_action_group(turn: &mut Turn<'_>) -> Handled {
    let found = agent(turn)?;
    at_rest(found)?;
    // FACT agents-children-of-draft
    if turn.text("agentVersion") != DRAFT {
        return Err(refuse("ValidationException", "Action groups can only be made for the DRAFT version."));
    }
    let name = turn.text("actionGroupName");
    if found.action_groups.values().any(|group| group.config["actionGroupName"] == name) {
        return Err(refuse("ConflictException", format!("An action group named {name} already exists.")));
    }
    let owner = found.id.clone();
    let mut config = turn.members(ACTION_GROUP);
    config.entry("actionGroupState").or_insert(json!("ENABLED"));
    let id = turn.state.dice.agent_id("action group", &format!("{owner} {name}"));
    let group = ActionGroup { id: id.clone(), config, created: turn.now };
    let reply = json!({ "agentActionGroup": group_full(turn, &group) });
    agent_mut(turn)?.action_groups.insert(id, group);
    Ok(reply)
}

fn list_action_groups(turn: &mut Turn<'_>) -> Handled {
    let groups = agent(turn)?.action_groups.values();
    let shown = groups.map(|group| {
        let mut shown = json!({ "actionGroupId": group.id, "updatedAt": group.created });
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
    let group = agent(turn)?.action_groups.get(id).ok_or_else(|| not_found("Action group", id))?;
    Ok(json!({ "agentActionGroup": group_full(turn, group) }))
}

fn list_knowledge_bases(turn: &mut Turn<'_>) -> Handled {
    let agent = agent(turn)?;
    let shown =
        |id: &String| json!({ "knowledgeBaseId": id, "knowledgeBaseState": "ENABLED", "updatedAt": agent.created });
    turn.page("agentKnowledgeBaseSummaries", agent.knowledge_bases.iter().map(shown).collect())
}

fn list_collaborators(turn: &mut Turn<'_>) -> Handled {
    let agent = agent(turn)?;
    let shown = agent.collaborators.iter().enumerate().map(|(index, arn)| {
        json!({
            "agentId": agent.id, "agentVersion": turn.text("agentVersion"), "collaboratorId": format!("COLLAB{index:04}"),
            "agentDescriptor": { "aliasArn": arn }, "collaborationInstruction": "Help where you can.",
            "relayConversationHistory": "DISABLED", "collaboratorName": format!("collaborator-{}", index + 1),
            "createdAt": agent.created, "lastUpdatedAt": agent.created,
        })
    });
    turn.page("agentCollaboratorSummaries", shown.collect())
}

fn flow_arn(turn: &Turn<'_>, id: &str) -> String {
    format!("arn:aws:bedrock:{}:{}:flow/{id}", turn.call.region, turn.account().id)
}

fn on_flow(turn: &Turn<'_>) -> String {
    flow_arn(turn, turn.text("flowIdentifier"))
}

fn flow_shown(turn: &Turn<'_>, flow: &Flow) -> Value {
    json!({
        "name": flow.name, "id": flow.id, "arn": flow_arn(turn, &flow.id), "status": "Prepared",
        "createdAt": flow.created, "updatedAt": flow.created, "version": DRAFT,
    })
}

fn list_flows(turn: &mut Turn<'_>) -> Handled {
    let flows = turn.account().flows.values().filter(|flow| flow.region == turn.call.region);
    turn.page("flowSummaries", flows.map(|flow| flow_shown(turn, flow)).collect())
}

fn get_flow(turn: &mut Turn<'_>) -> Handled {
    let given = turn.text("flowIdentifier");
    let id = given.rsplit('/').next().unwrap_or(given);
    let flow =
        turn.account().flows.get(&(turn.call.region.clone(), id.to_owned())).ok_or_else(|| not_found("Flow", id))?;
    let node = |(index, arn): (usize, &String)| json!({ "name": format!("Agent_{}", index + 1), "type": "Agent", "configuration": { "agent": { "agentAliasArn": arn } } });
    let mut shown = flow_shown(turn, flow);
    shown["executionRoleArn"] =
        json!(format!("arn:aws:iam::{}:role/service-role/AmazonBedrockExecutionRoleForFlows", turn.account().id));
    shown["definition"] =
        json!({ "nodes": flow.agent_aliases.iter().enumerate().map(node).collect::<Vec<_>>(), "connections": [] });
    Ok(shown)
}
