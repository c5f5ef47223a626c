//! Bedrock flows: what they are, and deleting them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ear::{hear, hear_words};
use super::late::Late;
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, RateClass, Request, Service};
use crate::base::{Entity, EntityKind, FlowId, Region};

const FLOW: &str = "arn:{partition}:bedrock:{region}:{account}:flow/{id}";
const ALIAS: &str = "arn:{partition}:bedrock:{region}:{account}:flow/{parent}/alias/{id}";

fn flow_entity(flow: &FlowId) -> Entity {
    Entity::new(EntityKind::Flow, flow.as_str())
}

/// A flow in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowSummary {
    /// The id.
    pub id: FlowId,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// When it was made.
    pub created: Timestamp,
    /// When its draft was last changed.
    pub updated: Timestamp,
}

/// One page of the flows of a Region (`bedrock:ListFlows`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListFlows {
    /// The Region.
    pub region: Region,
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for ListFlows {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "ListFlows")
        .needs(&["bedrock:ListFlows"], "*")
        .paced(RateClass { name: "bedrock-agent:ListFlows", per_second: 10.0 });

    type Reply = Page<FlowSummary>;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Account, "flows")
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request =
            to.bedrock_agent(Some(&self.region)).list_flows().max_results(100).set_next_token(self.next.clone());
        hear!(Self::OPERATION, request, |out| Page {
            items: out
                .flow_summaries
                .into_iter()
                .filter_map(|flow| Some(FlowSummary {
                    id: FlowId::new(flow.id).ok()?,
                    name: flow.name,
                    arn: flow.arn,
                    status: flow.status.as_str().to_owned(),
                    created: super::timestamp(&flow.created_at),
                    updated: super::timestamp(&flow.updated_at),
                }))
                .collect(),
            next: out.next_token,
        })
    }
}

impl Ask for ListFlows {}

impl Paged for ListFlows {
    type Item = FlowSummary;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..self.clone() }
    }
}

/// A flow's draft, or a version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// The name that its maker gave it.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// The role that Bedrock assumes for it.
    pub role: String,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// All of it, the definition with its nodes included, in AWS's own words.
    pub words: Value,
}

impl Flow {
    /// Whether it is changing at this moment.
    pub fn is_passing(&self) -> bool {
        self.status == "Preparing"
    }

    /// Whether its definition names an ARN that starts like this.
    pub fn names(&self, start: &str) -> bool {
        self.texts().iter().any(|text| text.starts_with(start))
    }

    /// The ARNs of the agents' aliases that its definition names, nodes inside of loops included.
    pub fn agent_aliases(&self) -> Vec<&str> {
        self.texts().into_iter().filter(|text| text.starts_with("arn:") && text.contains(":agent-alias/")).collect()
    }

    fn texts(&self) -> Vec<&str> {
        let mut found = Vec::new();
        collect_texts(self.words.get("definition").unwrap_or(&Value::Null), &mut found);
        found
    }
}

fn collect_texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect_texts(member, found)),
        _ => {}
    }
}

/// Reads the draft of a flow (`bedrock:GetFlow`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetFlow {
    /// The Region.
    pub region: Region,
    /// The flow.
    pub flow: FlowId,
}

impl Request for GetFlow {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "GetFlow")
        .needs(&["bedrock:GetFlow"], FLOW)
        .paced(RateClass { name: "bedrock-agent:GetFlow", per_second: 10.0 });

    type Reply = Flow;

    fn entity(&self) -> Entity {
        flow_entity(&self.flow)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Flow>, Fault> {
        let request = to.bedrock_agent(Some(&self.region)).get_flow().flow_identifier(self.flow.as_str());
        hear_words!(Self::OPERATION, request, |out, words| Flow {
            name: out.name,
            created: super::timestamp(&out.created_at),
            role: out.execution_role_arn,
            status: out.status.as_str().to_owned(),
            words,
        })
    }
}

impl Ask for GetFlow {}

/// Reads a version of a flow (`bedrock:GetFlowVersion`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetFlowVersion {
    /// The Region.
    pub region: Region,
    /// The flow.
    pub flow: FlowId,
    /// The version's number.
    pub version: String,
}

impl Request for GetFlowVersion {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "GetFlowVersion")
        .needs(&["bedrock:GetFlowVersion"], FLOW)
        .paced(RateClass { name: "bedrock-agent:GetFlowVersion", per_second: 10.0 });

    type Reply = Flow;

    fn entity(&self) -> Entity {
        flow_entity(&self.flow)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Flow>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .get_flow_version()
            .flow_identifier(self.flow.as_str())
            .flow_version(&self.version);
        hear_words!(Self::OPERATION, request, |out, words| Flow {
            name: out.name,
            created: super::timestamp(&out.created_at),
            role: out.execution_role_arn,
            status: out.status.as_str().to_owned(),
            words,
        })
    }
}

impl Ask for GetFlowVersion {}

/// A read that lists what hangs on a flow, a page at a time.
macro_rules! listing_of_flow {
    ($(#[$doc:meta])* $name:ident -> $item:ty, $method:ident, |$out:ident| $items:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name {
            /// The Region.
            pub region: Region,
            /// The flow.
            pub flow: FlowId,
            /// Where the last page ended.
            pub next: Option<String>,
        }

        impl Request for $name {
            const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, stringify!($name))
                .needs(&[concat!("bedrock:", stringify!($name))], FLOW)
                .paced(RateClass { name: concat!("bedrock-agent:", stringify!($name)), per_second: 10.0 });

            type Reply = Page<$item>;

            fn entity(&self) -> Entity {
                flow_entity(&self.flow)
            }

            fn region(&self) -> Option<&Region> {
                Some(&self.region)
            }

            async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
                let request = to
                    .bedrock_agent(Some(&self.region))
                    .$method()
                    .flow_identifier(self.flow.as_str())
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

/// An alias of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowAlias {
    /// The id.
    pub id: String,
    /// The name that its maker gave it.
    pub name: String,
    /// What its maker says it is.
    pub description: Option<String>,
    /// The versions that it leads to.
    pub versions: Vec<String>,
    /// How many of its nodes work at once, where somebody has said so.
    pub concurrency: Option<FlowConcurrency>,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// How many nodes of a flow work at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FlowConcurrency {
    /// Whether the flow decides, or the number does, in AWS's word.
    pub kind: String,
    /// The number.
    pub most: Option<i32>,
}

listing_of_flow!(
    /// One page of the aliases of a flow (`bedrock:ListFlowAliases`).
    ListFlowAliases -> FlowAlias,
    list_flow_aliases,
    |out| out
        .flow_alias_summaries
        .into_iter()
        .map(|alias| FlowAlias {
            id: alias.id,
            name: alias.name,
            description: alias.description,
            versions: alias.routing_configuration.into_iter().filter_map(|route| route.flow_version).collect(),
            concurrency: alias.concurrency_configuration.map(|given| FlowConcurrency {
                kind: given.r#type.as_str().to_owned(),
                most: given.max_concurrency,
            }),
            updated: super::timestamp(&alias.updated_at),
        })
        .collect()
);

listing_of_flow!(
    /// One page of the numbered versions of a flow (`bedrock:ListFlowVersions`).
    ListFlowVersions -> String,
    list_flow_versions,
    |out| out
        .flow_version_summaries
        .into_iter()
        .map(|version| version.version)
        .filter(|version| version != super::DRAFT)
        .collect()
);

/// Leads an alias of a flow to another version (`bedrock:UpdateFlowAlias`). The request replaces everything: name, description and
/// concurrency are repeated from the last look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateFlowAlias {
    /// The Region.
    pub region: Region,
    /// The flow.
    pub flow: FlowId,
    /// The alias.
    pub alias: String,
    /// Its name, repeated.
    pub name: Late<String>,
    /// Its description, repeated.
    pub description: Late<Option<String>>,
    /// How many nodes work at once, repeated.
    pub concurrency: Late<Option<FlowConcurrency>>,
    /// The version that it leads to from now on.
    pub version: String,
}

impl Request for UpdateFlowAlias {
    const OPERATION: &'static Operation = &Operation::reversible(Service::BedrockAgent, "UpdateFlowAlias")
        .needs(&["bedrock:UpdateFlowAlias"], ALIAS)
        .paced(RateClass { name: "bedrock-agent:UpdateFlowAlias", per_second: 2.0 })
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        flow_entity(&self.flow).child(EntityKind::FlowAlias, &self.alias)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        use aws_sdk_bedrockagent::types::{FlowAliasConcurrencyConfiguration, FlowAliasRoutingConfigurationListItem};
        let name = self.name.settled(Self::OPERATION)?;
        let description = self.description.settled(Self::OPERATION)?;
        let concurrency = self.concurrency.settled(Self::OPERATION)?.as_ref().map(|given| {
            FlowAliasConcurrencyConfiguration::builder()
                .r#type(given.kind.as_str().into())
                .set_max_concurrency(given.most)
                .build()
        });
        let unfit = |error: aws_smithy_types::error::operation::BuildError| Fault::nonsense(Self::OPERATION, error);
        let route = FlowAliasRoutingConfigurationListItem::builder().flow_version(&self.version).build();
        let request = to
            .bedrock_agent(Some(&self.region))
            .update_flow_alias()
            .flow_identifier(self.flow.as_str())
            .alias_identifier(&self.alias)
            .name(name)
            .set_description(description.clone())
            .set_concurrency_configuration(concurrency.transpose().map_err(unfit)?)
            .routing_configuration(route);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Deletes an alias of a flow (`bedrock:DeleteFlowAlias`). For good: a new alias has another id and another ARN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteFlowAlias {
    /// The Region.
    pub region: Region,
    /// The flow.
    pub flow: FlowId,
    /// The alias.
    pub alias: String,
}

impl Request for DeleteFlowAlias {
    const OPERATION: &'static Operation = &Operation::irreversible(Service::BedrockAgent, "DeleteFlowAlias")
        .needs(&["bedrock:DeleteFlowAlias"], ALIAS)
        .paced(RateClass { name: "bedrock-agent:DeleteFlowAlias", per_second: 2.0 })
        .repeatable()
        .already(&["ResourceNotFoundException"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        flow_entity(&self.flow).child(EntityKind::FlowAlias, &self.alias)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .delete_flow_alias()
            .flow_identifier(self.flow.as_str())
            .alias_identifier(&self.alias);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Deletes a version of a flow (`bedrock:DeleteFlowVersion`), with AWS's in-use check on. For good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteFlowVersion {
    /// The Region.
    pub region: Region,
    /// The flow.
    pub flow: FlowId,
    /// The version's number.
    pub version: String,
}

impl Request for DeleteFlowVersion {
    const OPERATION: &'static Operation = &Operation::irreversible(Service::BedrockAgent, "DeleteFlowVersion")
        .needs(&["bedrock:DeleteFlowVersion"], FLOW)
        .paced(RateClass { name: "bedrock-agent:DeleteFlowVersion", per_second: 2.0 })
        .repeatable()
        .already(&["ResourceNotFoundException"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        flow_entity(&self.flow).child(EntityKind::FlowVersion, &self.version)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .delete_flow_version()
            .flow_identifier(self.flow.as_str())
            .flow_version(&self.version);
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Deletes a flow (`bedrock:DeleteFlow`), with AWS's in-use check on. For good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteFlow {
    /// The Region.
    pub region: Region,
    /// The flow.
    pub flow: FlowId,
}

impl Request for DeleteFlow {
    const OPERATION: &'static Operation = &Operation::irreversible(Service::BedrockAgent, "DeleteFlow")
        .needs(&["bedrock:DeleteFlow"], FLOW)
        .paced(RateClass { name: "bedrock-agent:DeleteFlow", per_second: 2.0 })
        .repeatable()
        .already(&["ResourceNotFoundException"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        flow_entity(&self.flow)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to.bedrock_agent(Some(&self.region)).delete_flow().flow_identifier(self.flow.as_str());
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}
