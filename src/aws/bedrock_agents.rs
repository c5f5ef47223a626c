//! Bedrock agents: what they are, and deleting them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ear::{hear, hear_words};
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, RateClass, Request, Service};
use crate::base::{AgentId, Arn, Entity, EntityKind, Region};

/// An agent, by Region and id.
pub(super) const AGENT: &str = "arn:{partition}:bedrock:{region}:{account}:agent/{id}";

/// The entity of an agent.
pub(super) fn agent_entity(agent: &AgentId) -> Entity {
    Entity::new(EntityKind::Agent, agent.as_str())
}

/// How far an agent is in its life. The names are AWS's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifeStage(pub String);

impl LifeStage {
    /// Whether it is passing: AWS refuses changes until it has settled.
    pub fn is_passing(&self) -> bool {
        matches!(self.0.as_str(), "CREATING" | "PREPARING" | "VERSIONING" | "UPDATING" | "DELETING")
    }

    /// Whether it is on its way out.
    pub fn is_leaving(&self) -> bool {
        self.0 == "DELETING"
    }
}

/// An agent in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentSummary {
    /// The id.
    pub id: AgentId,
    /// The name that its maker gave it.
    pub name: String,
    /// How far it is in its life.
    pub status: LifeStage,
}

/// One page of the agents of a Region (`bedrock:ListAgents`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListAgents {
    /// The Region.
    pub region: Region,
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for ListAgents {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "ListAgents")
        .needs(&["bedrock:ListAgents"], "*")
        .paced(RateClass { name: "bedrock-agent:ListAgents", per_second: 10.0 });

    type Reply = Page<AgentSummary>;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Account, "agents")
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request =
            to.bedrock_agent(Some(&self.region)).list_agents().max_results(100).set_next_token(self.next.clone());
        let heard = hear!(Self::OPERATION, request, |out| {
            let agents: Result<Vec<AgentSummary>, String> = out.agent_summaries.into_iter().map(summary).collect();
            agents.map(|items| Page { items, next: out.next_token })
        })?;
        heard.read(Self::OPERATION, |reply| reply)
    }
}

fn summary(agent: aws_sdk_bedrockagent::types::AgentSummary) -> Result<AgentSummary, String> {
    Ok(AgentSummary {
        id: AgentId::new(agent.agent_id).map_err(|bad| bad.to_string())?,
        name: agent.agent_name,
        status: LifeStage(agent.agent_status.as_str().to_owned()),
    })
}

impl Ask for ListAgents {}

impl Paged for ListAgents {
    type Item = AgentSummary;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..self.clone() }
    }
}

/// An agent's DRAFT as Bedrock describes it. The instruction and the like are what evidence needs and the SDK's own
/// types hide.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// The id.
    pub id: AgentId,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN.
    pub arn: Arn,
    /// How far it is in its life.
    pub status: LifeStage,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// When its draft was last made ready to be invoked, if ever.
    pub prepared: Option<Timestamp>,
    /// The role that Bedrock assumes for it.
    pub role: String,
    /// The model behind it.
    pub model: Option<String>,
    /// What it is told to do.
    pub instruction: Option<String>,
    /// What its maker says it is.
    pub description: Option<String>,
    /// The guardrail, as `identifier:version`.
    pub guardrail: Option<String>,
    /// Whether it works alone, supervises or routes.
    pub collaboration: Option<String>,
    /// The key that encrypts it.
    pub encryption_key: Option<String>,
    /// How long a session may idle.
    pub idle_session_seconds: i32,
    /// All of it, in AWS's own words.
    pub words: Value,
}

/// Reads an agent (`bedrock:GetAgent`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAgent {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
}

impl Request for GetAgent {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "GetAgent")
        .needs(&["bedrock:GetAgent"], AGENT)
        .paced(RateClass { name: "bedrock-agent:GetAgent", per_second: 15.0 });

    type Reply = Agent;

    fn entity(&self) -> Entity {
        agent_entity(&self.agent)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Agent>, Fault> {
        let request = to.bedrock_agent(Some(&self.region)).get_agent().agent_id(self.agent.as_str());
        let heard = hear_words!(Self::OPERATION, request, |out, words| (out.agent, words))?;
        let (agent, words) = heard.reply;
        let agent = agent.ok_or_else(|| Fault::nonsense(Self::OPERATION, "no agent in the reply"))?;
        let words = words.get("agent").cloned().unwrap_or_default();
        Ok(Accepted {
            reply: described(agent, words).map_err(|why| Fault::nonsense(Self::OPERATION, why))?,
            request_id: heard.request_id,
            aws_time: heard.aws_time,
        })
    }
}

impl Ask for GetAgent {}

fn described(agent: aws_sdk_bedrockagent::types::Agent, words: Value) -> Result<Agent, String> {
    Ok(Agent {
        id: AgentId::new(agent.agent_id).map_err(|error| error.to_string())?,
        name: agent.agent_name,
        arn: agent.agent_arn.parse().map_err(|error| format!("{error}"))?,
        status: LifeStage(agent.agent_status.as_str().to_owned()),
        created: super::timestamp(&agent.created_at),
        updated: super::timestamp(&agent.updated_at),
        prepared: agent.prepared_at.as_ref().map(super::timestamp),
        role: agent.agent_resource_role_arn,
        model: agent.foundation_model,
        instruction: agent.instruction,
        description: agent.description,
        guardrail: agent.guardrail_configuration.and_then(|guardrail| {
            Some(format!(
                "{}:{}",
                guardrail.guardrail_identifier?,
                guardrail.guardrail_version.as_deref().unwrap_or("DRAFT")
            ))
        }),
        collaboration: agent.agent_collaboration.map(|collaboration| collaboration.as_str().to_owned()),
        encryption_key: agent.customer_encryption_key_arn,
        idle_session_seconds: agent.idle_session_ttl_in_seconds,
        words,
    })
}

/// Deletes an agent with its versions, action groups and associations (`bedrock:DeleteAgent`). For good: Bedrock Agents is
/// closed to new customers, so an account that is none any more cannot make another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteAgent {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
    /// Whether AWS deletes it even while something uses it.
    pub skip_in_use_check: bool,
}

impl Request for DeleteAgent {
    const OPERATION: &'static Operation = &Operation::irreversible(Service::BedrockAgent, "DeleteAgent")
        .needs(&["bedrock:DeleteAgent"], AGENT)
        .paced(RateClass { name: "bedrock-agent:DeleteAgent", per_second: 2.0 })
        .repeatable()
        .already(&["ResourceNotFoundException"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        agent_entity(&self.agent)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .delete_agent()
            .agent_id(self.agent.as_str())
            .skip_resource_in_use_check(self.skip_in_use_check);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_bedrockagent::types::AgentStatus;
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn an_agent_that_cannot_be_read_is_not_left_out() {
        let listed = |id: &str| {
            let agent = aws_sdk_bedrockagent::types::AgentSummary::builder()
                .agent_id(id)
                .agent_name("research")
                .agent_status(AgentStatus::Prepared)
                .updated_at(DateTime::from_secs(1_800_000_000));
            summary(agent.build().expect("an agent"))
        };
        assert!(listed("RESEARCH01").is_ok());
        assert!(listed("not an id").is_err());
    }
}
