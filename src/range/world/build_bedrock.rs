//! Makes the agents, flows and prompts of a scenario.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::range::model::{
    ActionGroup, Agent, AgentStatus, Alias, AliasStatus, Flow, FlowAlias, Invocations, KnowledgeLink, Parts, Prompt,
    Snapshot, TEST_ALIAS, Version,
};
use crate::range::scenario::{AccountSpec, AgentSpec, FlowSpec, PromptSpec};

use super::build::{Builder, Made};

impl Builder {
    /// Everything of Bedrock that an account holds.
    pub(super) fn bedrock(&mut self, spec: &AccountSpec) {
        for agent in &spec.agents {
            self.agent(agent);
        }
        for supervisor in &spec.agents {
            self.supervision(supervisor);
        }
        for prompt in &spec.prompts {
            self.prompt(prompt);
        }
        for flow in &spec.flows {
            self.flow(flow);
        }
        for base in &spec.knowledge_bases {
            self.knowledge_base(base);
        }
    }

    fn agent(&mut self, spec: &AgentSpec) {
        let created = self.ago(spec.created_ago);
        let id = spec.id.clone().unwrap_or_else(|| self.dice.agent_id("agent", &spec.name));
        let role = self.account.roles.latest(&spec.role).map(|role| self.account.role_arn(role));
        let mut config = Map::new();
        config.insert("foundationModel".into(), json!(spec.model));
        config.insert("agentResourceRoleArn".into(), json!(role));
        config.insert("idleSessionTTLInSeconds".into(), json!(600));
        for (member, value) in [("instruction", &spec.instruction), ("description", &spec.description)] {
            if let Some(value) = value {
                config.insert(member.into(), json!(value));
            }
        }
        let parts = self.parts(spec, created);
        let version = |_| Version { name: spec.name.clone(), config: config.clone(), parts: parts.clone(), created };
        let versions = (1..=spec.versions).map(|number| (number, version(number))).collect();
        let mut aliases = BTreeMap::new();
        for alias in &spec.aliases {
            let id = self.dice.agent_id("alias", &format!("{} {}", spec.name, alias.name));
            let routing = vec![json!({ "agentVersion": alias.version.to_string() })];
            aliases.insert(id.clone(), standing_alias(id, &alias.name, alias.description.clone(), routing, created));
        }
        let routing = vec![json!({ "agentVersion": "DRAFT" })];
        let test = standing_alias(TEST_ALIAS.into(), "AgentTestAlias", None, routing, created);
        aliases.insert(TEST_ALIAS.to_owned(), test);
        let agent = Agent {
            id: id.clone(),
            name: spec.name.clone(),
            region: spec.region.clone(),
            versions,
            next_version: spec.versions + 1,
            config,
            status: AgentStatus::Prepared,
            failure: None,
            due: None,
            aliases,
            parts,
            created,
            updated: created,
            prepared: Some(created),
        };
        let told = json!({ "agent": { "agentId": id, "agentName": spec.name } });
        self.was_made_in_bedrock(spec.created_by.as_ref(), created, "CreateAgent", &spec.region, told);
        let arn = self.account.agent_arn(&spec.region, &id);
        self.account.tag(&arn, spec.tags.clone());
        self.account.agents.insert((spec.region.clone(), id), agent);
    }

    /// Remembers who made something of Bedrock.
    pub(super) fn was_made_in_bedrock(
        &mut self,
        by: Option<&String>,
        created: Timestamp,
        call: &str,
        region: &str,
        reply: Value,
    ) {
        let made = Made { source: "bedrock.amazonaws.com", call, region, request: Value::Null, reply };
        self.was_made(by, created, made);
    }

    /// The action groups and knowledge bases of an agent.
    fn parts(&mut self, spec: &AgentSpec, created: Timestamp) -> Parts {
        let plain = spec.action_groups.iter().map(|name| {
            let lambda = format!("arn:aws:lambda:{}:{}:function:{name}", spec.region, self.account.id);
            json!({ "actionGroupName": name, "actionGroupExecutor": { "lambda": lambda } })
        });
        let tools: Vec<Value> = plain.chain(spec.tools.iter().cloned()).collect();
        let mut action_groups = BTreeMap::new();
        let last = tools.len().saturating_sub(1);
        for (number, tool) in tools.into_iter().enumerate() {
            let created = spec.last_tool_ago.filter(|_| number == last).map_or(created, |ago| self.ago(ago));
            let Value::Object(mut config) = tool else { continue };
            config.entry("actionGroupState").or_insert(json!("ENABLED"));
            let name = config["actionGroupName"].as_str().unwrap_or_default();
            let id = self.dice.agent_id("action group", &format!("{} {name}", spec.name));
            action_groups.insert(id.clone(), ActionGroup { id, config, created, updated: created });
        }
        let link = |id: &String| {
            let description = "What the agent may look up.".to_owned();
            (id.clone(), KnowledgeLink { description, state: "ENABLED".to_owned(), updated: created })
        };
        Parts { action_groups, knowledge_bases: spec.knowledge_bases.iter().map(link).collect(), collaborators: vec![] }
    }

    /// The ARN of the first real alias of an agent, by the agent's name.
    fn first_alias(&self, region: &str, name: &str) -> Option<String> {
        let agent = self.account.agents.values().find(|agent| agent.region == region && agent.name == name)?;
        let alias = agent.aliases.keys().find(|id| *id != TEST_ALIAS)?;
        Some(self.account.alias_arn(region, &agent.id, alias))
    }

    fn first_aliases(&self, region: &str, names: &[String]) -> Vec<String> {
        names.iter().filter_map(|name| self.first_alias(region, name)).collect()
    }

    fn supervision(&mut self, spec: &AgentSpec) {
        let draft = self.first_aliases(&spec.region, &spec.supervises);
        let published = match &spec.published_supervises {
            Some(names) => self.first_aliases(&spec.region, names),
            None => draft.clone(),
        };
        let mut made = self.account.agents.values_mut();
        if let Some(agent) = made.find(|agent| agent.name == spec.name && agent.region == spec.region) {
            agent.parts.collaborators = draft;
            for version in agent.versions.values_mut() {
                version.parts.collaborators.clone_from(&published);
            }
        }
    }

    fn flow(&mut self, spec: &FlowSpec) {
        let created = self.ago(spec.created_ago);
        let id = spec.id.clone().unwrap_or_else(|| self.dice.agent_id("flow", &spec.name));
        let role = format!("arn:aws:iam::{}:role/service-role/AmazonBedrockExecutionRoleForFlows", self.account.id);
        let config = |agents: &[String], prompts: &[String]| {
            let agent = |(index, arn): (usize, String)| {
                json!({ "name": format!("Agent_{}", index + 1), "type": "Agent",
                        "configuration": { "agent": { "agentAliasArn": arn } } })
            };
            let prompt = |(index, arn): (usize, String)| {
                json!({ "name": format!("Prompt_{}", index + 1), "type": "Prompt",
                        "configuration": { "prompt": { "sourceConfiguration": { "resource": { "promptArn": arn } } } } })
            };
            let agents = self.first_aliases(&spec.region, agents).into_iter().enumerate().map(agent);
            let prompts = prompts.iter().filter_map(|name| self.prompt_arn(&spec.region, name)).enumerate().map(prompt);
            let nodes: Vec<Value> = agents.chain(prompts).collect();
            let members = json!({
                "name": spec.name, "executionRoleArn": role, "definition": { "nodes": nodes, "connections": [] },
            });
            members.as_object().cloned().unwrap_or_default()
        };
        let last = u32::try_from(spec.versions.len()).unwrap_or(u32::MAX);
        let last_made = spec.last_version_ago.map_or(created, |ago| self.ago(ago));
        let made = |number: u32| if number == last { last_made } else { created };
        let snapshot = |(number, agents): (u32, &Vec<String>)| {
            (number, Snapshot { config: config(agents, &[]), created: made(number) })
        };
        let versions: BTreeMap<u32, Snapshot> = (1..).zip(&spec.versions).map(snapshot).collect();
        let config = config(&spec.agents, &spec.prompts);
        let mut aliases = BTreeMap::from([(
            TEST_ALIAS.to_owned(),
            FlowAlias {
                id: TEST_ALIAS.to_owned(),
                name: "TSTALIASID".to_owned(),
                description: None,
                routing: vec![json!({ "flowVersion": "DRAFT" })],
                created,
                updated: created,
            },
        )]);
        for alias in &spec.aliases {
            let id = self.dice.agent_id("flow alias", &format!("{} {}", spec.name, alias.name));
            aliases.insert(
                id.clone(),
                FlowAlias {
                    id,
                    name: alias.name.clone(),
                    description: alias.description.clone(),
                    routing: vec![json!({ "flowVersion": alias.version.to_string() })],
                    created,
                    updated: made(alias.version),
                },
            );
        }
        let next_version = versions.len() as u32 + 1;
        let made =
            Flow { id: id.clone(), region: spec.region.clone(), config, versions, next_version, aliases, created };
        let told = json!({ "id": id, "name": spec.name });
        self.was_made_in_bedrock(spec.created_by.as_ref(), created, "CreateFlow", &spec.region, told);
        let arn = self.account.flow_arn(&spec.region, &id);
        self.account.tag(&arn, spec.tags.clone());
        self.account.flows.insert((spec.region.clone(), id), made);
    }

    fn prompt_arn(&self, region: &str, name: &str) -> Option<String> {
        let mut prompts = self.account.prompts.values();
        let prompt = prompts.find(|prompt| prompt.region == region && prompt.config["name"] == *name)?;
        Some(self.account.prompt_arn(region, &prompt.id))
    }

    fn prompt(&mut self, spec: &PromptSpec) {
        let created = self.ago(spec.created_ago);
        let id = spec.id.clone().unwrap_or_else(|| self.dice.agent_id("prompt", &spec.name));
        let members = json!({
            "name": spec.name, "defaultVariant": "only",
            "variants": [{
                "name": "only", "templateType": "TEXT", "templateConfiguration": { "text": { "text": spec.text } },
            }],
        });
        let config = members.as_object().cloned().unwrap_or_default();
        let snapshot = |number| (number, Snapshot { config: config.clone(), created });
        let versions = (1..=spec.versions).map(snapshot).collect();
        let region = spec.region.clone();
        let made = Prompt {
            id: id.clone(),
            region,
            config: config.clone(),
            versions,
            next_version: spec.versions + 1,
            created,
        };
        let told = json!({ "id": id, "name": spec.name });
        self.was_made_in_bedrock(spec.created_by.as_ref(), created, "CreatePrompt", &spec.region, told);
        let arn = self.account.prompt_arn(&spec.region, &id);
        self.account.tag(&arn, spec.tags.clone());
        self.account.prompts.insert((spec.region.clone(), id), made);
    }
}

/// An alias in its resting state.
fn standing_alias(
    id: String,
    name: &str,
    description: Option<String>,
    routing: Vec<Value>,
    created: Timestamp,
) -> Alias {
    Alias {
        id,
        name: name.to_owned(),
        description,
        routing,
        invocations: Invocations::AcceptInvocations,
        status: AliasStatus::Prepared,
        due: None,
        created,
        updated: created,
    }
}
