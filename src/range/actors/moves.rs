//! What the adversary does.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::range::scenario::{MoveKind, MoveSpec, MoveTrigger};
use crate::range::wire::{ApiError, ServiceName};

use super::adversary::{Adversary, Held, OwnAgent};

const AGENTS: ServiceName = ServiceName::BedrockAgent;
const HOME: &str = "us-east-1";

/// Plays one move of the script: at the start, again and again, or whenever its trigger fires.
pub(super) async fn play(adversary: Arc<Adversary>, spec: MoveSpec) {
    let clock = adversary.hand.range.clock().clone();
    let mut left = spec.times.unwrap_or(if spec.every.is_some() { u32::MAX } else { 1 });
    let Some(mut trigger) = adversary.listen(spec.on) else {
        clock.sleep(spec.after.0).await;
        while left > 0 {
            left = left.saturating_sub(act(&adversary, &spec).await);
            match spec.every {
                Some(every) => clock.sleep(every.0).await,
                None => return,
            }
        }
        return;
    };
    while left > 0 && trigger.changed().await.is_ok() {
        clock.sleep(spec.after.0).await;
        left = left.saturating_sub(act(&adversary, &spec).await);
    }
}

/// Does it once; says how many of its times that took.
async fn act(adversary: &Adversary, spec: &MoveSpec) -> u32 {
    match spec.action {
        MoveKind::CreateAgent => drop(create_agent(adversary, spec).await),
        MoveKind::InvokeAgents => invoke_agents(adversary, spec).await,
        MoveKind::UndoDeny => return undo_deny(adversary, spec).await,
        MoveKind::AssumeRole => assume_role(adversary, spec).await,
        MoveKind::CreateAccessKey => create_access_key(adversary, spec).await,
        MoveKind::Call => call(adversary, spec).await,
    }
    1
}

async fn create_agent(adversary: &Adversary, spec: &MoveSpec) -> Result<(), ApiError> {
    let (Some(region), Some(role)) = (&spec.region, &spec.role) else { return Ok(()) };
    let first = spec.using.as_deref();
    let role_arn = {
        let state = adversary.hand.range.lock();
        state.account.roles.latest(role).map(|role| state.account.role_arn(role))
    };
    let name = spec.agent.clone().unwrap_or_else(|| "assistant".to_owned());
    let input = json!({
        "agentName": name, "agentResourceRoleArn": role_arn, "instruction": "Answer every question that you are asked, at any length.",
        "foundationModel": "anthropic.claude-3-5-sonnet-20241022-v2:0",
    });
    let made = adversary.try_all(first, (AGENTS, "CreateAgent"), region, &input).await?;
    let id = json!({ "agentId": made["agent"]["agentId"] });
    rest(adversary, spec, region, &id).await?;
    adversary.try_all(first, (AGENTS, "PrepareAgent"), region, &id).await?;
    rest(adversary, spec, region, &id).await?;
    let input = json!({ "agentId": id["agentId"], "agentAliasName": "live" });
    let alias = adversary.try_all(first, (AGENTS, "CreateAgentAlias"), region, &input).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let own = OwnAgent {
        region: region.clone(),
        agent: text(&id["agentId"]),
        alias: text(&alias["agentAlias"]["agentAliasId"]),
    };
    adversary.knowledge().agents.push(own);
    Ok(())
}

/// Waits until an agent is at rest.
async fn rest(adversary: &Adversary, spec: &MoveSpec, region: &str, id: &Value) -> Result<(), ApiError> {
    for _ in 0..20 {
        adversary.hand.range.clock().sleep(Duration::from_secs(1)).await;
        let agent = adversary.try_all(spec.using.as_deref(), (AGENTS, "GetAgent"), region, id).await?;
        if matches!(agent["agent"]["agentStatus"].as_str(), Some("NOT_PREPARED" | "PREPARED")) {
            break;
        }
    }
    Ok(())
}

async fn invoke_agents(adversary: &Adversary, spec: &MoveSpec) {
    let agents = adversary.knowledge().agents.clone();
    for own in agents {
        let input = json!({
            "agentId": own.agent, "agentAliasId": own.alias, "sessionId": "s-1", "inputText": "Go on.",
        });
        let what = (ServiceName::BedrockAgentRuntime, "InvokeAgent");
        let answer = adversary.try_all(spec.using.as_deref(), what, &own.region, &input).await;
        let Err(error) = answer else { continue };
        let gone = error.code == "ResourceNotFoundException";
        if gone {
            adversary.knowledge().agents.retain(|other| *other != own);
        }
        // What IAM refuses says nothing about the agent; a paused alias is known by this error.
        let shut = error.code == "ValidationException";
        if (gone || shut) && adversary.knowledge().lost.insert(own.agent) {
            adversary.fire(MoveTrigger::AgentLost);
        }
    }
}

/// Looks for policies that were not there the first time, and takes them away.
async fn undo_deny(adversary: &Adversary, spec: &MoveSpec) -> u32 {
    let (member, name, operations) = match (&spec.role, &spec.user) {
        (Some(role), _) => ("RoleName", role, ROLE_POLICIES),
        (None, Some(user)) => ("UserName", user, USER_POLICIES),
        (None, None) => return 0,
    };
    let [list_inline, delete_inline, list_attached, detach] = operations;
    let first = spec.using.as_deref();
    let iam = |operation| (ServiceName::Iam, operation);
    let owner = json!({ member: name });
    let Ok(inline) = adversary.try_all(first, iam(list_inline), HOME, &owner).await else { return 0 };
    let Ok(attached) = adversary.try_all(first, iam(list_attached), HOME, &owner).await else { return 0 };
    let names = |list: &Value, member: &str| -> Vec<String> {
        let items = list.as_array().into_iter().flatten();
        let name = |item: &Value| item.as_str().or_else(|| item[member].as_str()).map(String::from);
        items.filter_map(name).collect()
    };
    let inline = names(&inline["PolicyNames"], "PolicyName");
    let attached = names(&attached["AttachedPolicies"], "PolicyArn");
    let new = |policies: &[String]| -> Vec<String> {
        let mut knowledge = adversary.knowledge();
        let known = knowledge.known_policies.entry(format!("{member} {name}")).or_default();
        policies.iter().filter(|policy| !known.contains(*policy)).cloned().collect()
    };
    let first_look = !adversary.knowledge().known_policies.contains_key(&format!("{member} {name}"));
    let (new_inline, new_attached) = (new(&inline), new(&attached));
    if first_look {
        let known = new_inline.into_iter().chain(new_attached).collect();
        adversary.knowledge().known_policies.insert(format!("{member} {name}"), known);
        return 0;
    }
    if new_inline.is_empty() && new_attached.is_empty() {
        return 0;
    }
    adversary.fire(MoveTrigger::DenySeen);
    let mut undone = 0;
    for policy in new_inline {
        let input = json!({ member: name, "PolicyName": policy });
        undone += u32::from(adversary.try_all(first, iam(delete_inline), HOME, &input).await.is_ok());
    }
    for policy in new_attached {
        let input = json!({ member: name, "PolicyArn": policy });
        undone += u32::from(adversary.try_all(first, iam(detach), HOME, &input).await.is_ok());
    }
    undone
}

const ROLE_POLICIES: [&str; 4] =
    ["ListRolePolicies", "DeleteRolePolicy", "ListAttachedRolePolicies", "DetachRolePolicy"];
const USER_POLICIES: [&str; 4] =
    ["ListUserPolicies", "DeleteUserPolicy", "ListAttachedUserPolicies", "DetachUserPolicy"];

async fn assume_role(adversary: &Adversary, spec: &MoveSpec) {
    let Some(role) = &spec.role else { return };
    let arn = {
        let state = adversary.hand.range.lock();
        state.account.roles.latest(role).map(|role| state.account.role_arn(role))
    };
    let input = json!({ "RoleArn": arn, "RoleSessionName": "cli" });
    let what = (ServiceName::Sts, "AssumeRole");
    if let Ok(reply) = adversary.try_all(spec.using.as_deref(), what, HOME, &input).await {
        keep(adversary, "assumed", &reply["Credentials"]["AccessKeyId"]);
    }
}

async fn create_access_key(adversary: &Adversary, spec: &MoveSpec) {
    let input = json!({ "UserName": spec.user });
    let what = (ServiceName::Iam, "CreateAccessKey");
    if let Ok(reply) = adversary.try_all(spec.using.as_deref(), what, HOME, &input).await {
        keep(adversary, "created", &reply["AccessKey"]["AccessKeyId"]);
    }
}

async fn call(adversary: &Adversary, spec: &MoveSpec) {
    let Some((what, input)) = spec.call.as_ref().and_then(|call| Some((call.of_table()?, &call.input))) else { return };
    let region = spec.region.as_deref().unwrap_or(HOME);
    if let Ok(reply) = adversary.try_all(spec.using.as_deref(), what, region, input).await {
        keep(adversary, "called for", &reply["Credentials"]["AccessKeyId"]);
        keep(adversary, "called for", &reply["AccessKey"]["AccessKeyId"]);
    }
}

/// Keeps a new credential, to be tried before the others.
fn keep(adversary: &Adversary, name: &str, key: &Value) {
    if let Some(key) = key.as_str() {
        adversary.knowledge().held.insert(0, Held { name: name.to_owned(), key: key.to_owned(), foreign: false });
    }
}
