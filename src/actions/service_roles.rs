//! What works with which role in a Region: agents, knowledge bases and flows, each as a draft and as numbered versions.

use futures_util::future::{try_join, try_join_all};

use super::agent_users::{WholeFlow, in_words, whole_flows};
use super::{Look, LookError};
use crate::aws::{
    AgentSummary, DRAFT, GetAgent, GetAgentVersion, GetFlow, GetFlowVersion, GetKnowledgeBase, ListAgentVersions,
    ListAgents, ListFlowVersions, ListFlows, ListKnowledgeBases, Operation, Request,
};
use crate::base::Region;

/// What is read for it.
pub(super) const SERVICE_ROLES_READS: [&Operation; 10] = [
    ListAgents::OPERATION,
    GetAgent::OPERATION,
    ListAgentVersions::OPERATION,
    GetAgentVersion::OPERATION,
    ListKnowledgeBases::OPERATION,
    GetKnowledgeBase::OPERATION,
    ListFlows::OPERATION,
    GetFlow::OPERATION,
    ListFlowVersions::OPERATION,
    GetFlowVersion::OPERATION,
];

/// Something that Amazon Bedrock takes a role on for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Worker {
    /// What it is called, such as `agent shop (SHOPSHOPSH)`.
    what: String,
    /// The ARN of the role, by the version that works with it. What has no versions has a draft.
    roles: Vec<(String, String)>,
}

impl Worker {
    fn of_flow(flow: &WholeFlow) -> Self {
        let roles = flow.versions.iter().map(|(version, flow)| (version.clone(), flow.role.clone()));
        Self { what: format!("flow {} ({})", flow.summary.name, flow.summary.id), roles: roles.collect() }
    }

    /// It in words, if it works with a role, with the versions that do unless its draft does.
    pub(super) fn if_it_works_as(&self, role: &str) -> Option<String> {
        in_words(&self.what, self.roles.iter().filter(|(_, one)| one == role).map(|(version, _)| version.as_str()))
    }
}

/// The agents, knowledge bases and flows of a Region with their roles.
pub(super) async fn workers(look: &Look<'_>, region: &Region) -> Result<Vec<Worker>, LookError> {
    let agents = async {
        let listed = look.ask_all(ListAgents { region: region.clone(), next: None }).await?;
        try_join_all(listed.iter().map(|agent| agent_with_roles(look, region, agent))).await
    };
    let bases = async {
        let listed = look.ask_all(ListKnowledgeBases { region: region.clone(), next: None }).await?;
        let asked = listed.into_iter().map(|listed| async move {
            let base = look.find(GetKnowledgeBase { region: region.clone(), base: listed.id.clone() }).await?;
            let what = format!("knowledge base {} ({})", listed.name, listed.id);
            Ok::<_, LookError>(base.map(|base| Worker { what, roles: vec![(DRAFT.to_owned(), base.role)] }))
        });
        try_join_all(asked).await
    };
    let ((agents, bases), flows) = try_join(try_join(agents, bases), whole_flows(look, region)).await?;
    let flows = flows.iter().map(Worker::of_flow);
    Ok(agents.into_iter().chain(bases.into_iter().flatten()).chain(flows).collect())
}

async fn agent_with_roles(look: &Look<'_>, region: &Region, listed: &AgentSummary) -> Result<Worker, LookError> {
    let draft = look.find(GetAgent { region: region.clone(), agent: listed.id.clone() }).await?;
    let mut roles: Vec<(String, String)> = draft.map(|draft| (DRAFT.to_owned(), draft.role)).into_iter().collect();
    let first = ListAgentVersions { region: region.clone(), agent: listed.id.clone(), next: None };
    let mut versions = look.find_all(first).await?.unwrap_or_default();
    versions.retain(|version| version != DRAFT);
    let asked = versions.iter().map(|version| {
        let (region, agent, version) = (region.clone(), listed.id.clone(), version.clone());
        look.find(GetAgentVersion { region, agent, version })
    });
    for (version, words) in versions.iter().zip(try_join_all(asked).await?) {
        let role = words.as_ref().and_then(|words| words["agentResourceRoleArn"].as_str());
        roles.extend(role.map(|role| (version.clone(), role.to_owned())));
    }
    Ok(Worker { what: format!("agent {} ({})", listed.name, listed.id), roles })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_works_with_a_role_is_told_with_its_versions() {
        let role = |version: &str, role: &str| (version.to_owned(), role.to_owned());
        let agent = Worker {
            what: "agent shop (SHOPSHOPSH)".to_owned(),
            roles: vec![role(DRAFT, "new"), role("1", "old"), role("2", "old"), role("3", "new")],
        };
        assert_eq!(agent.if_it_works_as("new").as_deref(), Some("agent shop (SHOPSHOPSH)"));
        assert_eq!(agent.if_it_works_as("old").as_deref(), Some("agent shop (SHOPSHOPSH), version 1 and 2"));
        assert_eq!(agent.if_it_works_as("other"), None);
    }
}
