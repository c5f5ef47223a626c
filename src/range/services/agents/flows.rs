//! Flows, their versions and aliases.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::range::model::{DRAFT, Flow, FlowAlias, Snapshot, TEST_ALIAS};
use crate::range::services::Row;
use crate::range::services::row::anything;
use crate::range::wire::ApiError;
use crate::range::world::{Handled, Turn, refuse};

use super::shown::not_found;

pub(super) const ROWS: &[Row] = &[
    Row::write("CreateFlow", anything, create),
    Row::read("GetFlow", on_flow, |turn| flow(turn).map(|flow| full(turn, flow))),
    Row::read("ListFlows", anything, list),
    Row::write("DeleteFlow", on_flow, delete),
    Row::write("CreateFlowVersion", on_flow, create_version),
    Row::read("GetFlowVersion", on_flow, get_version),
    Row::read("ListFlowVersions", on_flow, list_versions),
    Row::write("DeleteFlowVersion", on_flow, delete_version),
    Row::write("CreateFlowAlias", on_flow, create_alias),
    Row::read("ListFlowAliases", on_flow, list_aliases),
    Row::write("UpdateFlowAlias", on_alias, update_alias),
    Row::write("DeleteFlowAlias", on_alias, delete_alias),
];

/// What a flow is made of.
const CONFIG: &[&str] = &["customerEncryptionKeyArn", "definition", "description", "executionRoleArn", "name"];

/// The id of the flow that a call names, by id or ARN.
fn id<'t>(turn: &Turn<'t>) -> &'t str {
    let given = turn.text("flowIdentifier");
    given.rsplit('/').next().unwrap_or(given)
}

fn on_flow(turn: &Turn<'_>) -> String {
    turn.account().flow_arn(&turn.call.region, id(turn))
}

fn on_alias(turn: &Turn<'_>) -> String {
    format!("{}/alias/{}", on_flow(turn), turn.text("aliasIdentifier"))
}

fn flow<'t>(turn: &'t Turn<'_>) -> Result<&'t Flow, ApiError> {
    let id = id(turn);
    turn.account().flows.get(&(turn.call.region.clone(), id.to_owned())).ok_or_else(|| not_found("Flow", id))
}

fn flow_mut<'t>(turn: &'t mut Turn<'_>) -> Result<&'t mut Flow, ApiError> {
    let id = id(turn);
    let key = (turn.call.region.clone(), id.to_owned());
    turn.state.account.flows.get_mut(&key).ok_or_else(|| not_found("Flow", id))
}

fn summary(turn: &Turn<'_>, flow: &Flow) -> Value {
    let mut shown = json!({
        "id": flow.id, "arn": turn.account().flow_arn(&flow.region, &flow.id), "name": flow.config["name"],
        "status": "Prepared", "createdAt": flow.created, "updatedAt": flow.created, "version": DRAFT,
    });
    if let Some(description) = flow.config.get("description") {
        shown["description"] = description.clone();
    }
    shown
}

fn full(turn: &Turn<'_>, flow: &Flow) -> Value {
    let mut shown = summary(turn, flow);
    for (member, value) in &flow.config {
        shown[member] = value.clone();
    }
    shown
}

fn create(turn: &mut Turn<'_>) -> Handled {
    let mut config = turn.members(CONFIG);
    config.entry("definition").or_insert(json!({ "nodes": [], "connections": [] }));
    let name = turn.text("name");
    let made = Flow {
        id: turn.state.dice.agent_id("flow", &format!("{} {name}", turn.call.region)),
        region: turn.call.region.clone(),
        config,
        versions: BTreeMap::new(),
        next_version: 1,
        aliases: BTreeMap::new(),
        created: turn.now,
    };
    let reply = full(turn, &made);
    let arn = turn.account().flow_arn(&made.region, &made.id);
    turn.keep_tags(&arn);
    turn.state.account.flows.insert((made.region.clone(), made.id.clone()), made);
    Ok(reply)
}

fn list(turn: &mut Turn<'_>) -> Handled {
    let flows = turn.account().flows.values().filter(|flow| flow.region == turn.call.region);
    turn.page("flowSummaries", flows.map(|flow| summary(turn, flow)).collect())
}

fn delete(turn: &mut Turn<'_>) -> Handled {
    let found = flow(turn)?;
    let aliases: Vec<&str> = found.aliases.keys().map(String::as_str).filter(|id| *id != TEST_ALIAS).collect();
    // FACT flows-in-use-aliases
    if turn.state.knobs.flow_aliases_count_as_use && !aliases.is_empty() && !turn.flag("skipResourceInUseCheck") {
        let text = format!("Flow {} is in use by its aliases {}.", found.id, aliases.join(", "));
        return Err(refuse("ConflictException", text));
    }
    let key = (found.region.clone(), found.id.clone());
    // FACT flows-deleted-at-once
    turn.state.account.flows.remove(&key);
    Ok(json!({ "id": key.1 }))
}

fn version_shown(turn: &Turn<'_>, flow: &Flow, number: u32, version: &Snapshot) -> Value {
    let mut shown = json!({
        "id": flow.id, "arn": format!("{}:{number}", turn.account().flow_arn(&flow.region, &flow.id)),
        "status": "Prepared", "createdAt": version.created, "version": number.to_string(),
    });
    for (member, value) in &version.config {
        shown[member] = value.clone();
    }
    shown
}

fn create_version(turn: &mut Turn<'_>) -> Handled {
    let now = turn.now;
    let found = flow_mut(turn)?;
    let number = found.next_version;
    found.versions.insert(number, Snapshot { config: found.config.clone(), created: now });
    found.next_version += 1;
    let flow = flow(turn)?;
    Ok(version_shown(turn, flow, number, &flow.versions[&number]))
}

/// The number of the version that a call names.
fn number(turn: &Turn<'_>, flow: &Flow) -> Result<u32, ApiError> {
    let text = turn.text("flowVersion");
    let number = text.parse().ok().filter(|number| flow.versions.contains_key(number));
    number.ok_or_else(|| not_found("Flow version", text))
}

fn get_version(turn: &mut Turn<'_>) -> Handled {
    let flow = flow(turn)?;
    let number = number(turn, flow)?;
    Ok(version_shown(turn, flow, number, &flow.versions[&number]))
}

fn list_versions(turn: &mut Turn<'_>) -> Handled {
    let flow = flow(turn)?;
    let shown = flow.versions.iter().map(|(number, version)| {
        let whole = version_shown(turn, flow, *number, version);
        let members = ["id", "arn", "status", "createdAt", "version"];
        members.iter().map(|member| ((*member).to_owned(), whole[*member].clone())).collect::<Value>()
    });
    turn.page("flowVersionSummaries", shown.collect())
}

fn delete_version(turn: &mut Turn<'_>) -> Handled {
    let found = flow(turn)?;
    let number = number(turn, found)?;
    let text = number.to_string();
    let in_use = found.aliases.values().find(|alias| alias.routing.iter().any(|route| route["flowVersion"] == text));
    // FACT flows-version-in-use
    if let Some(alias) = in_use.filter(|_| !turn.flag("skipResourceInUseCheck")) {
        return Err(refuse("ConflictException", format!("Version {text} is in use by alias {}.", alias.id)));
    }
    flow_mut(turn)?.versions.remove(&number);
    Ok(json!({ "id": id(turn), "version": text }))
}

fn alias_shown(turn: &Turn<'_>, flow: &Flow, alias: &FlowAlias) -> Value {
    let mut shown = json!({
        "name": alias.name, "routingConfiguration": alias.routing, "flowId": flow.id, "id": alias.id,
        "arn": format!("{}/alias/{}", turn.account().flow_arn(&flow.region, &flow.id), alias.id),
        "createdAt": alias.created, "updatedAt": alias.updated,
    });
    if let Some(description) = &alias.description {
        shown["description"] = json!(description);
    }
    shown
}

fn create_alias(turn: &mut Turn<'_>) -> Handled {
    let owner = flow(turn)?.id.clone();
    let name = turn.text("name").to_owned();
    let made = FlowAlias {
        id: turn.state.dice.agent_id("flow alias", &format!("{owner} {name}")),
        name,
        description: turn.maybe("description").map(String::from),
        routing: turn.call.input["routingConfiguration"].as_array().cloned().unwrap_or_default(),
        created: turn.now,
        updated: turn.now,
    };
    let reply = alias_shown(turn, flow(turn)?, &made);
    flow_mut(turn)?.aliases.insert(made.id.clone(), made);
    Ok(reply)
}

fn update_alias(turn: &mut Turn<'_>) -> Handled {
    let given = turn.text("aliasIdentifier");
    let alias = given.rsplit('/').next().unwrap_or(given);
    // FACT flow-test-alias-fixed
    if alias == TEST_ALIAS && !turn.state.knobs.flow_test_alias_changeable {
        return Err(refuse("ValidationException", "The test alias of a flow cannot be changed."));
    }
    let found = flow(turn)?;
    let routing = turn.call.input["routingConfiguration"].as_array().cloned().unwrap_or_default();
    let known = |route: &Value| {
        let number = route["flowVersion"].as_str().and_then(|number| number.parse::<u32>().ok());
        number.is_some_and(|number| found.versions.contains_key(&number))
    };
    // FACT flow-aliases-lead-to-versions
    if !routing.iter().all(known) {
        return Err(not_found("Flow version", &routing[0]["flowVersion"].to_string()));
    }
    let (name, now) = (turn.text("name").to_owned(), turn.now);
    let description = turn.maybe("description").map(String::from);
    let changed = flow_mut(turn)?.aliases.get_mut(alias).ok_or_else(|| not_found("Flow alias", alias))?;
    // FACT flow-aliases-update-replaces
    (changed.name, changed.description, changed.routing, changed.updated) = (name, description, routing, now);
    let flow = flow(turn)?;
    Ok(alias_shown(turn, flow, &flow.aliases[alias]))
}

fn list_aliases(turn: &mut Turn<'_>) -> Handled {
    // FACT flow-test-alias-listed
    let shows_test = turn.state.knobs.flow_test_alias_listed;
    let flow = flow(turn)?;
    let aliases = flow.aliases.values().filter(|alias| shows_test || alias.id != TEST_ALIAS);
    turn.page("flowAliasSummaries", aliases.map(|alias| alias_shown(turn, flow, alias)).collect())
}

fn delete_alias(turn: &mut Turn<'_>) -> Handled {
    let given = turn.text("aliasIdentifier");
    let alias = given.rsplit('/').next().unwrap_or(given);
    // FACT flow-test-alias-fixed
    if alias == TEST_ALIAS && !turn.state.knobs.flow_test_alias_changeable {
        return Err(refuse("ValidationException", "The test alias of a flow cannot be deleted."));
    }
    let found = flow_mut(turn)?;
    found.aliases.remove(alias).ok_or_else(|| not_found("Flow alias", alias))?;
    Ok(json!({ "flowId": found.id, "id": alias }))
}
