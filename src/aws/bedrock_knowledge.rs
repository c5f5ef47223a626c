//! Bedrock knowledge bases, and how they are deleted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bedrock_agents::agent_entity;
use super::declare::request;
use super::ear::hear_words;
use super::{Accepted, Ask, Clients, DRAFT, Fault, Operation, Page, Request, Service};
use crate::base::{AgentId, Entity, EntityKind, KnowledgeBaseId, Region};

const BASE: &str = "arn:{partition}:bedrock:{region}:{account}:knowledge-base/{id}";

pub(super) fn base_entity(base: &KnowledgeBaseId) -> Entity {
    Entity::new(EntityKind::KnowledgeBase, base.as_str())
}

/// A knowledge base in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnowledgeBaseSummary {
    /// The id.
    pub id: KnowledgeBaseId,
    /// The name that its maker gave it.
    pub name: String,
    /// How far it is in its life, in AWS's word.
    pub status: String,
}

request! {
    /// One page of the knowledge bases of a Region (`bedrock:ListKnowledgeBases`).
    list ListKnowledgeBases in a Region {} of KnowledgeBaseSummary,
    row: Operation::read(Service::BedrockAgent, "ListKnowledgeBases").needs(&["bedrock:ListKnowledgeBases"], "*"),
    about: |_it| Entity::new(EntityKind::Account, "knowledge-bases"),
    send: |it, to| {
        let client = to.bedrock_agent(Some(&it.region));
        client.list_knowledge_bases().max_results(100).set_next_token(it.next.clone())
    },
    reply: |out| {
        let items = out.knowledge_base_summaries.into_iter().map(|base| {
            let id = KnowledgeBaseId::new(base.knowledge_base_id).map_err(|error| error.to_string())?;
            Ok(KnowledgeBaseSummary { id, name: base.name, status: base.status.as_str().to_owned() })
        });
        Ok(Page { items: items.collect::<Result<_, String>>()?, next: out.next_token })
    },
}

/// A knowledge base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnowledgeBase {
    /// The name that its maker gave it.
    pub name: String,
    /// The ARN.
    pub arn: String,
    /// The ARN of the role that Bedrock assumes for it.
    pub role: String,
    /// How far it is in its life, in AWS's word.
    pub status: String,
    /// When it was made.
    pub created: Timestamp,
    /// Why something failed, in AWS's words.
    pub failures: Vec<String>,
    /// All of it, in AWS's own words.
    pub words: Value,
}

/// Reads a knowledge base (`bedrock:GetKnowledgeBase`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetKnowledgeBase {
    /// The Region.
    pub region: Region,
    /// The knowledge base.
    pub base: KnowledgeBaseId,
}

impl Request for GetKnowledgeBase {
    const OPERATION: &'static Operation =
        &Operation::read(Service::BedrockAgent, "GetKnowledgeBase").needs(&["bedrock:GetKnowledgeBase"], BASE);

    type Reply = KnowledgeBase;

    fn entity(&self) -> Entity {
        base_entity(&self.base)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<KnowledgeBase>, Fault> {
        let request = to.bedrock_agent(Some(&self.region)).get_knowledge_base().knowledge_base_id(self.base.as_str());
        hear_words!(Self::OPERATION, request, |out, words| (out.knowledge_base, words))?.read(
            Self::OPERATION,
            |(base, words)| {
                let base = base.ok_or("no knowledge base in the reply")?;
                Ok(KnowledgeBase {
                    name: base.name,
                    arn: base.knowledge_base_arn,
                    role: base.role_arn,
                    status: base.status.as_str().to_owned(),
                    created: super::timestamp(&base.created_at),
                    failures: base.failure_reasons.unwrap_or_default(),
                    words: words.get("knowledgeBase").cloned().unwrap_or_default(),
                })
            },
        )
    }
}

impl Ask for GetKnowledgeBase {}

request! {
    /// Takes a knowledge base from the draft of an agent (`bedrock:DisassociateAgentKnowledgeBase`).
    change DisassociateAgentKnowledgeBase in a Region {
        /// The agent.
        agent: AgentId,
        /// The knowledge base.
        base: KnowledgeBaseId,
    }
    row: Operation::irreversible(Service::BedrockAgent, "DisassociateAgentKnowledgeBase")
        .needs(
            &["bedrock:DisassociateAgentKnowledgeBase"],
            "arn:{partition}:bedrock:{region}:{account}:agent/{parent}",
        )
        .repeatable()
        .already(&["ResourceNotFoundException"]),
    about: |it| agent_entity(&it.agent).child(EntityKind::KnowledgeBaseLink, it.base.as_str()),
    send: |it, to| {
        let request = to.bedrock_agent(Some(&it.region)).disassociate_agent_knowledge_base();
        request.agent_id(it.agent.as_str()).agent_version(DRAFT).knowledge_base_id(it.base.as_str())
    },
}

request! {
    /// Deletes a knowledge base (`bedrock:DeleteKnowledgeBase`). For good: a new one has another id and another ARN.
    change DeleteKnowledgeBase in a Region {
        /// The knowledge base.
        base: KnowledgeBaseId,
    }
    row: Operation::irreversible(Service::BedrockAgent, "DeleteKnowledgeBase")
        .needs(&["bedrock:DeleteKnowledgeBase"], BASE)
        .repeatable()
        .already(&["ResourceNotFoundException"]),
    about: |it| base_entity(&it.base),
    send: |it, to| {
        to.bedrock_agent(Some(&it.region)).delete_knowledge_base().knowledge_base_id(it.base.as_str())
    },
}
