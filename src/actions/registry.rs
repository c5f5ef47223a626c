//! Everything that a runbook can name.

use std::sync::LazyLock;

use super::{AnyAction, AnyQuery};
use super::{
    bedrock_agents::BedrockAgents, bedrock_delete_agent::DeleteAgent, bedrock_delete_flow::DeleteFlow,
    bedrock_delete_prompt::DeletePrompt, bedrock_disable_agent_tools::DisableAgentTools, bedrock_flows::BedrockFlows,
    bedrock_pause_agent::PauseAgent, bedrock_prompts::BedrockPrompts, cloudtrail_created_by::CreatedBy,
    iam_access_keys::AccessKeys, iam_deactivate_access_keys::DeactivateAccessKeys, iam_lock_trust::LockTrust,
    iam_revoke_sessions::RevokeSessions, iam_sessions_of::SessionsOf, support_open_case::OpenCase,
    support_resolve_case::ResolveCase, support_update_case::UpdateCase,
};

/// Everything that a runbook can name.
pub struct Registry {
    actions: Vec<Box<dyn AnyAction>>,
    queries: Vec<Box<dyn AnyQuery>>,
}

/// The one registry.
pub fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry {
        actions: vec![
            Box::new(DeleteAgent),
            Box::new(DeleteFlow),
            Box::new(DeletePrompt),
            Box::new(DisableAgentTools),
            Box::new(PauseAgent),
            Box::new(DeactivateAccessKeys),
            Box::new(LockTrust),
            Box::new(RevokeSessions),
            Box::new(OpenCase),
            Box::new(ResolveCase),
            Box::new(UpdateCase),
        ],
        queries: vec![
            Box::new(BedrockAgents),
            Box::new(BedrockFlows),
            Box::new(BedrockPrompts),
            Box::new(CreatedBy),
            Box::new(AccessKeys),
            Box::new(SessionsOf),
        ],
    });
    &REGISTRY
}

impl Registry {
    /// The action of a name.
    pub fn action(&self, name: &str) -> Option<&dyn AnyAction> {
        self.actions().find(|action| action.name() == name)
    }

    /// The query of a name.
    pub fn query(&self, name: &str) -> Option<&dyn AnyQuery> {
        self.queries().find(|query| query.name() == name)
    }

    /// All actions, by name.
    pub fn actions(&self) -> impl Iterator<Item = &dyn AnyAction> {
        self.actions.iter().map(Box::as_ref)
    }

    /// All queries, by name.
    pub fn queries(&self) -> impl Iterator<Item = &dyn AnyQuery> {
        self.queries.iter().map(Box::as_ref)
    }
}
