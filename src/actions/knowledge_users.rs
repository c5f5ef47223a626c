//! Who reads a knowledge base: drafts of agents, their versions, and flows.

use std::collections::BTreeSet;

use futures_util::future::{try_join, try_join_all};

use super::agent_users::whole_flows;
use super::{Look, LookError};
use crate::aws::{AgentSummary, DRAFT, ListAgentKnowledgeBases, ListAgentVersions, ListAgents};
use crate::base::{AgentId, KnowledgeBaseId, Region};

/// Who reads a knowledge base.
#[derive(Debug, Default)]
pub(super) struct Readers {
    /// Agents whose drafts are linked to it.
    pub(super) drafts: BTreeSet<AgentId>,
    /// Versions of agents that keep the link, and flows: in words.
    pub(super) others: BTreeSet<String>,
}

/// Looks for the readers of a knowledge base in its Region.
pub(super) async fn readers_of(look: &Look<'_>, region: &Region, base: &KnowledgeBaseId) -> Result<Readers, LookError> {
    let agents = look.ask_all(ListAgents { region: region.clone(), next: None }).await?;
    let agents: Vec<&AgentSummary> = agents.iter().filter(|agent| !agent.status.is_leaving()).collect();
    let linked = try_join_all(agents.iter().map(|agent| versions_with(look, region, &agent.id, base)));
    let (linked, flows) = try_join(linked, whole_flows(look, region)).await?;
    let mut readers = Readers::default();
    for (agent, versions) in agents.iter().zip(linked) {
        let numbers: Vec<&str> = versions.iter().map(String::as_str).filter(|version| *version != DRAFT).collect();
        if numbers.len() < versions.len() {
            readers.drafts.insert(agent.id.clone());
        }
        if !numbers.is_empty() {
            readers.others.insert(format!("{} ({}), version {}", agent.name, agent.id, numbers.join(" and ")));
        }
    }
    readers.others.extend(flows.iter().filter_map(|flow| flow.if_it_names(base.as_str())));
    Ok(readers)
}

/// The versions of an agent, its draft included, that are linked to a knowledge base.
async fn versions_with(
    look: &Look<'_>,
    region: &Region,
    agent: &AgentId,
    base: &KnowledgeBaseId,
) -> Result<Vec<String>, LookError> {
    let first = ListAgentVersions { region: region.clone(), agent: agent.clone(), next: None };
    let versions = look.find_all(first).await?.unwrap_or_default();
    let asked = versions.iter().map(|version| {
        let (region, agent, version) = (region.clone(), agent.clone(), version.clone());
        look.find_all(ListAgentKnowledgeBases { region, agent, version, next: None })
    });
    let linked = try_join_all(asked).await?;
    let with = versions.into_iter().zip(linked);
    let is_linked = |links: Option<Vec<crate::aws::LinkedKnowledgeBase>>| {
        links.into_iter().flatten().any(|link| link.id == base.as_str())
    };
    Ok(with.filter_map(|(version, links)| is_linked(links).then_some(version)).collect())
}
