//! The tools of a Bedrock agent's draft: reading, enabling and disabling them, and making the draft ready again.

use std::collections::BTreeMap;

use aws_sdk_bedrockagent::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bedrock_agents::{AGENT, agent_entity};
use super::bedrock_parts::Enabled;
use super::ear::{hear, hear_words};
use super::late::Late;
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, FaultKind, Operation, RateClass, Request, Service};
use crate::base::{AgentId, Entity, EntityKind, Region};

/// The version that is being worked on.
pub const DRAFT: &str = "DRAFT";

/// An action group as its maker gave it: what an update has to repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// The built-in tool that it is, if it is one.
    pub signature: Option<String>,
    /// The settings of the built-in tool.
    pub signature_settings: BTreeMap<String, String>,
    /// What carries it out.
    pub executor: Option<Executor>,
    /// The API that it offers, as an OpenAPI document.
    pub api: Option<ApiDocument>,
    /// The functions that it offers.
    pub functions: Option<Vec<ToolFunction>>,
}

/// What carries out the calls of an action group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Executor {
    /// A Lambda function, by ARN.
    Lambda(String),
    /// The caller of the agent.
    Caller,
}

/// Where the OpenAPI document of an action group is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiDocument {
    /// In the action group itself.
    Inline(String),
    /// In a bucket.
    Bucket {
        /// The bucket.
        name: Option<String>,
        /// The key of the object.
        key: Option<String>,
    },
}

/// A function of an action group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolFunction {
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// Its parameters, by name.
    pub parameters: Option<BTreeMap<String, ToolParameter>>,
    /// Whether the user is asked first, in AWS's word.
    pub confirmation: Option<String>,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolParameter {
    /// The description.
    pub description: Option<String>,
    /// The type, in AWS's word.
    pub kind: String,
    /// Whether it must be given.
    pub required: Option<bool>,
}

/// An action group, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WholeActionGroup {
    /// What an update has to repeat; nothing where AWS says something that this version of quell cannot repeat.
    pub tool: Option<Tool>,
    /// All of it, in AWS's own words.
    pub words: Value,
}

/// Reads an action group of the draft or of a version (`bedrock:GetAgentActionGroup`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAgentActionGroup {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
    /// The version, or `DRAFT`.
    pub version: String,
    /// The action group.
    pub group: String,
}

impl Request for GetAgentActionGroup {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "GetAgentActionGroup")
        .needs(&["bedrock:GetAgentActionGroup"], AGENT)
        .paced(RateClass { name: "bedrock-agent:GetAgentActionGroup", per_second: 20.0 });

    type Reply = WholeActionGroup;

    fn entity(&self) -> Entity {
        agent_entity(&self.agent)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .get_agent_action_group()
            .agent_id(self.agent.as_str())
            .agent_version(&self.version)
            .action_group_id(&self.group);
        hear_words!(Self::OPERATION, request, |out, words| WholeActionGroup {
            tool: out.agent_action_group.and_then(tool),
            words: words.get("agentActionGroup").cloned().unwrap_or(words),
        })
    }
}

impl Ask for GetAgentActionGroup {}

/// What an update has to repeat, unless there is something in it that is not known here.
fn tool(group: sdk::AgentActionGroup) -> Option<Tool> {
    let executor = match group.action_group_executor {
        None => None,
        Some(sdk::ActionGroupExecutor::Lambda(arn)) => Some(Executor::Lambda(arn)),
        Some(sdk::ActionGroupExecutor::CustomControl(sdk::CustomControlMethod::ReturnControl)) => {
            Some(Executor::Caller)
        }
        Some(_) => return None,
    };
    let api = match group.api_schema {
        None => None,
        Some(sdk::ApiSchema::Payload(text)) => Some(ApiDocument::Inline(text)),
        Some(sdk::ApiSchema::S3(at)) => Some(ApiDocument::Bucket { name: at.s3_bucket_name, key: at.s3_object_key }),
        Some(_) => return None,
    };
    let functions = match group.function_schema {
        None => None,
        Some(sdk::FunctionSchema::Functions(functions)) => Some(functions.into_iter().map(function).collect()),
        Some(_) => return None,
    };
    Some(Tool {
        name: group.action_group_name,
        description: group.description,
        signature: group.parent_action_signature.map(|signature| signature.as_str().to_owned()),
        signature_settings: group.parent_action_group_signature_params.unwrap_or_default().into_iter().collect(),
        executor,
        api,
        functions,
    })
}

fn function(function: sdk::Function) -> ToolFunction {
    let parameter = |(name, detail): (String, sdk::ParameterDetail)| {
        let sdk::ParameterDetail { description, r#type, required, .. } = detail;
        (name, ToolParameter { description, kind: r#type.as_str().to_owned(), required })
    };
    ToolFunction {
        name: function.name,
        description: function.description,
        parameters: function.parameters.map(|parameters| parameters.into_iter().map(parameter).collect()),
        confirmation: function.require_confirmation.map(|word| word.as_str().to_owned()),
    }
}

/// The same function in the SDK's types.
fn function_again(function: &ToolFunction) -> Result<sdk::Function, String> {
    let parameter = |(name, detail): (&String, &ToolParameter)| {
        let built = sdk::ParameterDetail::builder()
            .set_description(detail.description.clone())
            .r#type(sdk::Type::from(detail.kind.as_str()))
            .set_required(detail.required)
            .build();
        built.map(|built| (name.clone(), built)).map_err(|error| error.to_string())
    };
    let parameters = function.parameters.as_ref().map(|all| all.iter().map(parameter).collect::<Result<_, _>>());
    sdk::Function::builder()
        .name(&function.name)
        .set_description(function.description.clone())
        .set_parameters(parameters.transpose()?)
        .set_require_confirmation(function.confirmation.as_deref().map(sdk::RequireConfirmation::from))
        .build()
        .map_err(|error| error.to_string())
}

/// Enables or disables an action group of the draft (`bedrock:UpdateAgentActionGroup`). The request replaces everything,
/// so all of it is repeated from the last look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateAgentActionGroup {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
    /// The action group.
    pub group: String,
    /// All of it but its state, repeated.
    pub tool: Late<Tool>,
    /// Whether the agent uses it from now on.
    pub state: Enabled,
}

impl Request for UpdateAgentActionGroup {
    const OPERATION: &'static Operation = &Operation::reversible(Service::BedrockAgent, "UpdateAgentActionGroup")
        .needs(&["bedrock:UpdateAgentActionGroup"], AGENT)
        .paced(RateClass { name: "bedrock-agent:UpdateAgentActionGroup", per_second: 6.0 })
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        agent_entity(&self.agent).child(EntityKind::ActionGroup, &self.group)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let tool = self.tool.settled(Self::OPERATION)?;
        let functions = tool.functions.as_ref().map(|all| all.iter().map(function_again).collect::<Result<_, _>>());
        let functions = functions
            .transpose()
            .map_err(|why| Fault::of(Self::OPERATION, FaultKind::BadRequest, "CannotBeRepeated", why))?;
        let settings = &tool.signature_settings;
        let request = to
            .bedrock_agent(Some(&self.region))
            .update_agent_action_group()
            .agent_id(self.agent.as_str())
            .agent_version(DRAFT)
            .action_group_id(&self.group)
            .action_group_name(&tool.name)
            .set_description(tool.description.clone())
            .set_parent_action_group_signature(tool.signature.as_deref().map(sdk::ActionGroupSignature::from))
            .set_parent_action_group_signature_params(
                (!settings.is_empty()).then(|| settings.clone().into_iter().collect()),
            )
            .set_action_group_executor(tool.executor.as_ref().map(|executor| match executor {
                Executor::Lambda(arn) => sdk::ActionGroupExecutor::Lambda(arn.clone()),
                Executor::Caller => sdk::ActionGroupExecutor::CustomControl(sdk::CustomControlMethod::ReturnControl),
            }))
            .set_api_schema(tool.api.as_ref().map(|api| {
                match api {
                    ApiDocument::Inline(text) => sdk::ApiSchema::Payload(text.clone()),
                    ApiDocument::Bucket { name, key } => sdk::ApiSchema::S3(
                        sdk::S3Identifier::builder()
                            .set_s3_bucket_name(name.clone())
                            .set_s3_object_key(key.clone())
                            .build(),
                    ),
                }
            }))
            .set_function_schema(functions.map(sdk::FunctionSchema::Functions))
            .action_group_state(match self.state {
                Enabled::Enabled => sdk::ActionGroupState::Enabled,
                Enabled::Disabled => sdk::ActionGroupState::Disabled,
            });
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Enables or disables a knowledge base of the draft (`bedrock:UpdateAgentKnowledgeBase`). The request replaces the
/// description, so it is repeated from the last look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpdateAgentKnowledgeBase {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
    /// The knowledge base.
    pub knowledge_base: String,
    /// The description, repeated.
    pub description: Late<Option<String>>,
    /// Whether the agent uses it from now on.
    pub state: Enabled,
}

impl Request for UpdateAgentKnowledgeBase {
    const OPERATION: &'static Operation = &Operation::reversible(Service::BedrockAgent, "UpdateAgentKnowledgeBase")
        .needs(&["bedrock:UpdateAgentKnowledgeBase"], AGENT)
        .paced(RateClass { name: "bedrock-agent:UpdateAgentKnowledgeBase", per_second: 4.0 })
        .never_blindly();

    type Reply = Made;

    fn entity(&self) -> Entity {
        agent_entity(&self.agent).child(EntityKind::KnowledgeBaseLink, &self.knowledge_base)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let description = self.description.settled(Self::OPERATION)?;
        let request = to
            .bedrock_agent(Some(&self.region))
            .update_agent_knowledge_base()
            .agent_id(self.agent.as_str())
            .agent_version(DRAFT)
            .knowledge_base_id(&self.knowledge_base)
            .set_description(description.clone())
            .knowledge_base_state(match self.state {
                Enabled::Enabled => sdk::KnowledgeBaseState::Enabled,
                Enabled::Disabled => sdk::KnowledgeBaseState::Disabled,
            });
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Makes the draft ready, so that the test alias answers with it (`bedrock:PrepareAgent`). Twice is as good as once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PrepareAgent {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
}

impl Request for PrepareAgent {
    const OPERATION: &'static Operation = &Operation::reversible(Service::BedrockAgent, "PrepareAgent")
        .needs(&["bedrock:PrepareAgent"], AGENT)
        .paced(RateClass { name: "bedrock-agent:PrepareAgent", per_second: 2.0 });

    type Reply = Made;

    fn entity(&self) -> Entity {
        agent_entity(&self.agent)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to.bedrock_agent(Some(&self.region)).prepare_agent().agent_id(self.agent.as_str());
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

/// Reads a version of an agent (`bedrock:GetAgentVersion`): its configuration, in AWS's own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAgentVersion {
    /// The Region.
    pub region: Region,
    /// The agent.
    pub agent: AgentId,
    /// The version's number.
    pub version: String,
}

impl Request for GetAgentVersion {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "GetAgentVersion")
        .needs(&["bedrock:GetAgentVersion"], AGENT)
        .paced(RateClass { name: "bedrock-agent:GetAgentVersion", per_second: 10.0 });

    type Reply = Value;

    fn entity(&self) -> Entity {
        agent_entity(&self.agent)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Value>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .get_agent_version()
            .agent_id(self.agent.as_str())
            .agent_version(&self.version);
        hear_words!(Self::OPERATION, request, |_, words| words.get("agentVersion").cloned().unwrap_or(words))
    }
}

impl Ask for GetAgentVersion {}
