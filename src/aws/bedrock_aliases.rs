//! Aliases of Bedrock agents: the doors through which an agent is invoked.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bedrock_agents::{AGENT, LifeStage, agent_entity};
use super::bedrock_parts::listing;
use super::ear::hear;
use super::late::Late;
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, RateClass, Request, Service};
use crate::base::{AgentId, Entity, EntityKind, Region};

/// The alias that always points at DRAFT.
pub const TEST_ALIAS: &str = "TSTALIASID";
const ALIAS: &str = "arn:{partition}:bedrock:{region}:{account}:agent-alias/{parent}/{id}";

fn alias_entity(agent: &AgentId, alias: &str) -> Entity {
    agent_entity(agent).child(EntityKind::AgentAlias, alias)
}

/// Whether an alias lets anybody invoke the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Invocations {
    /// It does. AWS leaves the member out for aliases that were never paused.
    AcceptInvocations,
    /// It does not.
    RejectInvocations,
}

/// Where an alias leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// The version, or `DRAFT`.
    pub version: Option<String>,
    /// The provisioned throughput.
    pub throughput: Option<String>,
}

/// An alias as Bedrock describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentAlias {
    /// The id.
    pub id: String,
    /// The name that its maker gave it.
    pub name: String,
    /// What its maker says it is.
    pub description: Option<String>,
    /// Where it leads.
    pub routing: Vec<Route>,
    /// How far it is in its life.
    pub status: LifeStage,
    /// Whether it lets anybody in.
    pub invocations: Invocations,
    /// When it was last changed.
    pub updated: Timestamp,
}

fn routes(items: Option<Vec<aws_sdk_bedrockagent::types::AgentAliasRoutingConfigurationListItem>>) -> Vec<Route> {
    items
        .unwrap_or_default()
        .into_iter()
        .map(|item| Route { version: item.agent_version, throughput: item.provisioned_throughput })
        .collect()
}

fn invocations(state: Option<&aws_sdk_bedrockagent::types::AliasInvocationState>) -> Invocations {
    match state {
        Some(aws_sdk_bedrockagent::types::AliasInvocationState::RejectInvocations) => Invocations::RejectInvocations,
        _ => Invocations::AcceptInvocations,
    }
}

listing!(
    /// One page of the aliases of an agent (`bedrock:ListAgentAliases`).
    ListAgentAliases -> AgentAlias,
    list_agent_aliases,
    |out| out
        .agent_alias_summaries
        .into_iter()
        .map(|alias| AgentAlias {
            id: alias.agent_alias_id,
            name: alias.agent_alias_name,
            description: alias.description,
            routing: routes(alias.routing_configuration),
            status: LifeStage(alias.agent_alias_status.as_str().to_owned()),
            invocations: invocations(alias.alias_invocation_state.as_ref()),
            updated: super::timestamp(&alias.updated_at),
        })
        .collect()
);

/// Reads an alias (`bedrock:GetAgentAlias`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAgentAlias {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
    /// The alias.
    pub alias: String,
}

impl Request for GetAgentAlias {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "GetAgentAlias")
        .needs(&["bedrock:GetAgentAlias"], ALIAS)
        .paced(RateClass { name: "bedrock-agent:GetAgentAlias", per_second: 10.0 });

    type Reply = AgentAlias;

    fn entity(&self) -> Entity {
        alias_entity(&self.agent, &self.alias)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<AgentAlias>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .get_agent_alias()
            .agent_id(self.agent.as_str())
            .agent_alias_id(&self.alias);
        let heard = hear!(Self::OPERATION, request, |out| out.agent_alias)?;
        let alias = heard.reply.ok_or_else(|| Fault::nonsense(Self::OPERATION, "no alias in the reply"))?;
        Ok(Accepted {
            reply: AgentAlias {
                invocations: invocations(alias.alias_invocation_state.as_ref()),
                updated: super::timestamp(&alias.updated_at),
                id: alias.agent_alias_id,
                name: alias.agent_alias_name,
                description: alias.description,
                routing: routes(Some(alias.routing_configuration)),
                status: LifeStage(alias.agent_alias_status.as_str().to_owned()),
            },
            request_id: heard.request_id,
            aws_time: heard.aws_time,
        })
    }
}

impl Ask for GetAgentAlias {}

/// Opens or shuts an alias (`bedrock:UpdateAgentAlias`). The request replaces everything: name, description and routing
/// are repeated from the last look. Without its routing AWS would publish DRAFT as a new version and point the alias at
/// it, so an empty routing is refused before anything is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateAgentAlias {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
    /// The alias.
    pub alias: String,
    /// Its name, repeated.
    pub name: Late<String>,
    /// Its description, repeated.
    pub description: Late<Option<String>>,
    /// Where it leads, repeated.
    pub routing: Late<Vec<Route>>,
    /// Whether it lets anybody in from now on.
    pub invocations: Invocations,
}

impl Request for UpdateAgentAlias {
    const OPERATION: &'static Operation = &Operation::reversible(Service::BedrockAgent, "UpdateAgentAlias")
        .needs(&["bedrock:UpdateAgentAlias"], ALIAS)
        .paced(RateClass { name: "bedrock-agent:UpdateAgentAlias", per_second: 2.0 })
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        alias_entity(&self.agent, &self.alias)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        use aws_sdk_bedrockagent::types::{AgentAliasRoutingConfigurationListItem, AliasInvocationState};
        let name = self.name.settled(Self::OPERATION)?;
        let description = self.description.settled(Self::OPERATION)?;
        let routing = self.routing.settled(Self::OPERATION)?;
        if routing.is_empty() {
            let why = "without its routing AWS would publish DRAFT and point the alias at it".to_owned();
            return Err(Fault::of(Self::OPERATION, super::FaultKind::BadRequest, "NoRouting", why));
        }
        let items = routing.iter().map(|route| {
            AgentAliasRoutingConfigurationListItem::builder()
                .set_agent_version(route.version.clone())
                .set_provisioned_throughput(route.throughput.clone())
                .build()
        });
        let request = to
            .bedrock_agent(Some(&self.region))
            .update_agent_alias()
            .agent_id(self.agent.as_str())
            .agent_alias_id(&self.alias)
            .agent_alias_name(name)
            .set_description(description.clone())
            .set_routing_configuration(Some(items.collect()))
            .alias_invocation_state(match self.invocations {
                Invocations::AcceptInvocations => AliasInvocationState::AcceptInvocations,
                Invocations::RejectInvocations => AliasInvocationState::RejectInvocations,
            });
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Deletes an alias (`bedrock:DeleteAgentAlias`). For good: a new alias has another id and another ARN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteAgentAlias {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
    /// The alias.
    pub alias: String,
}

impl Request for DeleteAgentAlias {
    const OPERATION: &'static Operation = &Operation::irreversible(Service::BedrockAgent, "DeleteAgentAlias")
        .needs(&["bedrock:DeleteAgentAlias"], ALIAS)
        .paced(RateClass { name: "bedrock-agent:DeleteAgentAlias", per_second: 2.0 })
        .repeatable()
        .already(&["ResourceNotFoundException"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        alias_entity(&self.agent, &self.alias)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .delete_agent_alias()
            .agent_id(self.agent.as_str())
            .agent_alias_id(&self.alias);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}
