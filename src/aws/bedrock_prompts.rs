//! Bedrock prompts: what they are, and deleting them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ear::{hear, hear_words};
use super::request::Made;
use super::{Accepted, Ask, Clients, Fault, Operation, Page, Paged, RateClass, Request, Service};
use crate::base::{Entity, EntityKind, PromptId, Region};

const PROMPT: &str = "arn:{partition}:bedrock:{region}:{account}:prompt/{id}";

/// A prompt, or a version of one, in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PromptSummary {
    /// The id of the prompt.
    pub id: PromptId,
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// The version's number, or `DRAFT`.
    pub version: String,
    /// When it was made.
    pub created: Timestamp,
}

/// One page of the prompts of a Region, or of the versions of one of them (`bedrock:ListPrompts`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListPrompts {
    /// The Region.
    pub region: Region,
    /// The prompt whose versions are listed.
    pub of: Option<PromptId>,
    /// Where the last page ended.
    pub next: Option<String>,
}

impl Request for ListPrompts {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "ListPrompts")
        .needs(&["bedrock:ListPrompts"], "*")
        .paced(RateClass { name: "bedrock-agent:ListPrompts", per_second: 10.0 });

    type Reply = Page<PromptSummary>;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Account, "prompts")
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .list_prompts()
            .set_prompt_identifier(self.of.clone().map(String::from))
            .max_results(100)
            .set_next_token(self.next.clone());
        hear!(Self::OPERATION, request, |out| Page {
            items: out
                .prompt_summaries
                .into_iter()
                .filter_map(|prompt| Some(PromptSummary {
                    id: PromptId::new(prompt.id).ok()?,
                    name: prompt.name,
                    arn: prompt.arn,
                    version: prompt.version,
                    created: super::timestamp(&prompt.created_at),
                }))
                .collect(),
            next: out.next_token,
        })
    }
}

impl Ask for ListPrompts {}

impl Paged for ListPrompts {
    type Item = PromptSummary;

    fn after(&self, next: String) -> Self {
        Self { next: Some(next), ..self.clone() }
    }
}

/// A prompt's draft, or a version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// All of it, the variants included, in AWS's own words.
    pub words: Value,
}

/// Reads a prompt (`bedrock:GetPrompt`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetPrompt {
    /// The Region.
    pub region: Region,
    /// The prompt.
    pub prompt: PromptId,
    /// The version's number; the draft when left out.
    pub version: Option<String>,
}

impl Request for GetPrompt {
    const OPERATION: &'static Operation = &Operation::read(Service::BedrockAgent, "GetPrompt")
        .needs(&["bedrock:GetPrompt"], PROMPT)
        .paced(RateClass { name: "bedrock-agent:GetPrompt", per_second: 10.0 });

    type Reply = Prompt;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Prompt, self.prompt.as_str())
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Prompt>, Fault> {
        let request = to
            .bedrock_agent(Some(&self.region))
            .get_prompt()
            .prompt_identifier(self.prompt.as_str())
            .set_prompt_version(self.version.clone());
        hear_words!(Self::OPERATION, request, |out, words| Prompt {
            name: out.name,
            arn: out.arn,
            created: super::timestamp(&out.created_at),
            words,
        })
    }
}

impl Ask for GetPrompt {}

/// Deletes a prompt with all its versions (`bedrock:DeletePrompt` without a version). For good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeletePrompt {
    /// The Region.
    pub region: Region,
    /// The prompt.
    pub prompt: PromptId,
}

impl Request for DeletePrompt {
    const OPERATION: &'static Operation = &Operation::irreversible(Service::BedrockAgent, "DeletePrompt")
        .needs(&["bedrock:DeletePrompt"], PROMPT)
        .paced(RateClass { name: "bedrock-agent:DeletePrompt", per_second: 2.0 })
        .repeatable()
        .already(&["ResourceNotFoundException"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Prompt, self.prompt.as_str())
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to.bedrock_agent(Some(&self.region)).delete_prompt().prompt_identifier(self.prompt.as_str());
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}
