//! Who hands work to the agents of a Region, and what its flows are made of.
//!
//! Both are looked for in the whole Region. Steps that look at the same moment share the answers to each read, so that fifty
//! agents that go together do not read the Region fifty times.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{try_join, try_join_all};

use super::{Look, LookError};
use crate::aws::{
    AgentSummary, DRAFT, Flow, FlowSummary, GetFlow, GetFlowVersion, ListAgentCollaborators, ListAgentVersions,
    ListAgents, ListFlowVersions, ListFlows,
};
use crate::base::Region;

/// Who hands work to agents, by the id of the agent.
pub(super) type Users = BTreeMap<String, BTreeSet<String>>;

/// A flow with its draft and its numbered versions.
#[derive(Debug, Clone)]
pub(super) struct WholeFlow {
    /// The flow as lists tell it.
    pub(super) summary: FlowSummary,
    /// What its draft and each numbered version are.
    pub(super) versions: Vec<(String, Flow)>,
}

impl WholeFlow {
    /// The flow in words, if its draft or a version names an ARN that starts like this.
    pub(super) fn if_it_names(&self, start: &str) -> Option<String> {
        let naming = self.versions.iter().filter(|(_, flow)| flow.names(start)).map(|(version, _)| version.as_str());
        in_words(&format!("flow {} ({})", self.summary.name, self.summary.id), naming)
    }
}

/// A user in words, with the versions that make it one unless its draft does; nothing where none does.
pub(super) fn in_words<'v>(who: &str, versions: impl Iterator<Item = &'v str>) -> Option<String> {
    let versions: Vec<&str> = versions.collect();
    match versions.as_slice() {
        [] => None,
        some if some.contains(&DRAFT) => Some(who.to_owned()),
        numbers => Some(format!("{who}, version {}", numbers.join(" and "))),
    }
}

/// The id of the agent that an ARN of an alias leads to.
fn agent_of(alias: &str) -> Option<&str> {
    alias.split_once(":agent-alias/")?.1.split('/').next()
}

/// Supervisors and flows of a Region that hand work to agents, in their drafts or in versions.
pub(super) async fn users_of_agents(look: &Look<'_>, region: &Region) -> Result<Users, LookError> {
    let agents = look.ask_all(ListAgents { region: region.clone(), next: None }).await?;
    // What is on its way out hands over nothing any more.
    let agents = agents.iter().filter(|agent| !agent.status.is_leaving());
    let supervisors = try_join_all(agents.map(|agent| supervised_by(look, region, agent)));
    let (supervised, flows) = try_join(supervisors, whole_flows(look, region)).await?;
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (agent, user) in supervised.into_iter().flatten() {
        users.entry(agent).or_default().insert(user);
    }
    for flow in &flows {
        let named = flow.versions.iter().flat_map(|(_, version)| version.agent_aliases());
        let agents: BTreeSet<&str> = named.filter_map(agent_of).collect();
        for agent in agents {
            let user = flow.if_it_names(&alias_start(flow, agent));
            users.entry(agent.to_owned()).or_default().extend(user);
        }
    }
    Ok(users)
}

/// How the ARNs of the aliases of an agent start that is in the Region of a flow.
fn alias_start(flow: &WholeFlow, agent: &str) -> String {
    let place = flow.summary.arn.split(":flow/").next().unwrap_or_default();
    format!("{place}:agent-alias/{agent}/")
}

/// The agents that a supervisor hands work to, each with the supervisor in words.
async fn supervised_by(
    look: &Look<'_>,
    region: &Region,
    supervisor: &AgentSummary,
) -> Result<Vec<(String, String)>, LookError> {
    let (region, agent) = (region.clone(), supervisor.id.clone());
    let first = ListAgentVersions { region: region.clone(), agent: agent.clone(), next: None };
    let Some(versions) = look.find_all(first).await? else { return Ok(vec![]) };
    let asked = versions.iter().map(|version| {
        let (region, agent, version) = (region.clone(), agent.clone(), version.clone());
        look.find_all(ListAgentCollaborators { region, agent, version, next: None })
    });
    let mut through: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (version, collaborators) in versions.iter().zip(try_join_all(asked).await?) {
        let aliases = collaborators.into_iter().flatten().filter_map(|one| one.alias);
        for agent in aliases.filter_map(|alias| agent_of(&alias).map(str::to_owned)) {
            through.entry(agent).or_default().push(version);
        }
    }
    let who = format!("{} ({})", supervisor.name, supervisor.id);
    let of = |(agent, versions): (String, Vec<&str>)| Some((agent, in_words(&who, versions.into_iter())?));
    Ok(through.into_iter().filter_map(of).collect())
}

/// The flows of a Region with their drafts and versions.
pub(super) async fn whole_flows(look: &Look<'_>, region: &Region) -> Result<Vec<WholeFlow>, LookError> {
    let flows = look.ask_all(ListFlows { region: region.clone(), next: None }).await?;
    try_join_all(flows.into_iter().map(|flow| whole_flow(look, region, flow))).await
}

async fn whole_flow(look: &Look<'_>, region: &Region, summary: FlowSummary) -> Result<WholeFlow, LookError> {
    let flow = summary.id.clone();
    let mut versions = Vec::new();
    let draft = look.find(GetFlow { region: region.clone(), flow: flow.clone() }).await?;
    versions.extend(draft.map(|draft| (DRAFT.to_owned(), draft)));
    let first = ListFlowVersions { region: region.clone(), flow: flow.clone(), next: None };
    let numbers = look.find_all(first).await?.unwrap_or_default();
    let asked = numbers.iter().map(|version| {
        look.find(GetFlowVersion { region: region.clone(), flow: flow.clone(), version: version.clone() })
    });
    let found = try_join_all(asked).await?;
    versions.extend(numbers.iter().zip(found).filter_map(|(number, found)| Some((number.clone(), found?))));
    Ok(WholeFlow { summary, versions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_told_with_its_versions_unless_the_draft_uses_it() {
        let words = |versions: &[&str]| in_words("boss (BOSSBOSSBO)", versions.iter().copied());
        assert_eq!(words(&[]), None);
        assert_eq!(words(&["DRAFT", "1"]).as_deref(), Some("boss (BOSSBOSSBO)"));
        assert_eq!(words(&["1", "3"]).as_deref(), Some("boss (BOSSBOSSBO), version 1 and 3"));
    }

    #[test]
    fn an_alias_leads_to_its_agent() {
        let arn = "arn:aws:bedrock:us-east-1:111122223333:agent-alias/HELPERHELP/LIVELIVELI";
        assert_eq!(agent_of(arn), Some("HELPERHELP"));
        assert_eq!(agent_of("arn:aws:bedrock:us-east-1:111122223333:agent/HELPERHELP"), None);
    }
}
