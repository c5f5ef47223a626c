//! What hangs on a Bedrock agent: versions, collaborators, action groups, knowledge bases.

use aws_sdk_bedrockagent::types::{ActionGroupState, KnowledgeBaseState};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bedrock_agents::{AGENT, agent_entity};
use super::ear::hear;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, RateClass, Request, Service};
use crate::base::{AgentId, Entity, Region};

/// A read that lists what hangs on an agent, a page at a time; on one version of it, where that is asked for.
macro_rules! listing {
    ($(#[$doc:meta])* $name:ident $(($version:ident))? -> $item:ty, $method:ident, |$out:ident| $items:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            /// The Region.
            pub region: Region,
            /// The agent.
            pub agent: AgentId,
            $(/// The version, or `DRAFT`.
            pub $version: String,)?
            /// Where the last page ended.
            pub next: Option<String>,
        }

        impl Request for $name {
            const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, stringify!($name))
                .needs(&[concat!("bedrock:", stringify!($name))], AGENT)
                .paced(RateClass { name: concat!("bedrock-agent:", stringify!($name)), per_second: 10.0 });

            type Reply = Page<$item>;

            fn entity(&self) -> Entity {
                agent_entity(&self.agent)
            }

            fn region(&self) -> Option<&Region> {
                Some(&self.region)
            }

            async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
                let request = to
                    .bedrock_agent(Some(&self.region))
                    .$method()
                    .agent_id(self.agent.as_str())
                    $(.agent_version(&self.$version))?
                    .max_results(100)
                    .set_next_token(self.next.clone());
                hear!(Self::OPERATION, request, |$out| Page { items: $items, next: $out.next_token })
            }
        }

        impl Ask for $name {}

        impl Paged for $name {
            type Item = $item;

            fn after(&self, next: String) -> Self {
                Self { next: Some(next), ..self.clone() }
            }
        }
    };
}
pub(super) use listing;

/// An agent that another one hands work to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Collaborator {
    /// The id of the link.
    pub id: String,
    /// What the supervisor is told about it.
    pub instruction: String,
    /// The name under which the supervisor knows it.
    pub name: String,
    /// The ARN of the alias through which it is reached.
    pub alias: Option<String>,
}

/// A tool of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionGroup {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Whether it is enabled.
    pub state: Enabled,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// Whether an agent uses what it is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Enabled {
    /// It does.
    Enabled,
    /// It does not.
    Disabled,
}

/// A knowledge base that an agent reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkedKnowledgeBase {
    /// The id.
    pub id: String,
    /// What the agent is told about it.
    pub description: Option<String>,
    /// Whether the link is enabled.
    pub state: Enabled,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl Enabled {
    /// What is not known to be disabled counts as enabled.
    fn unless(disabled: bool) -> Self {
        if disabled { Self::Disabled } else { Self::Enabled }
    }
}

listing!(
    /// One page of the agents that a supervisor hands work to (`bedrock:ListAgentCollaborators`).
    ListAgentCollaborators(version) -> Collaborator,
    list_agent_collaborators,
    |out| out
        .agent_collaborator_summaries
        .into_iter()
        .map(|one| Collaborator {
            id: one.collaborator_id,
            instruction: one.collaboration_instruction,
            name: one.collaborator_name,
            alias: one.agent_descriptor.and_then(|descriptor| descriptor.alias_arn),
        })
        .collect()
);

listing!(
    /// One page of the tools of an agent (`bedrock:ListAgentActionGroups`).
    ListAgentActionGroups(version) -> ActionGroup,
    list_agent_action_groups,
    |out| out
        .action_group_summaries
        .into_iter()
        .map(|group| ActionGroup {
            id: group.action_group_id,
            name: group.action_group_name,
            state: Enabled::unless(group.action_group_state == ActionGroupState::Disabled),
            updated: super::timestamp(&group.updated_at),
        })
        .collect()
);

listing!(
    /// One page of the knowledge bases that an agent reads (`bedrock:ListAgentKnowledgeBases`).
    ListAgentKnowledgeBases(version) -> LinkedKnowledgeBase,
    list_agent_knowledge_bases,
    |out| out
        .agent_knowledge_base_summaries
        .into_iter()
        .map(|link| LinkedKnowledgeBase {
            id: link.knowledge_base_id,
            description: link.description,
            state: Enabled::unless(link.knowledge_base_state == KnowledgeBaseState::Disabled),
            updated: super::timestamp(&link.updated_at),
        })
        .collect()
);

listing!(
    /// One page of the versions of an agent, `DRAFT` among them (`bedrock:ListAgentVersions`).
    ListAgentVersions -> String,
    list_agent_versions,
    |out| out.agent_version_summaries.into_iter().map(|version| version.agent_version).collect()
);
