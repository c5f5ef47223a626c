//! The table of operations: every row of the vocabulary, reads included.

use super::request::Request;
use super::{Call, Operation};
use super::{
    account, bedrock_agents as agents, bedrock_aliases as aliases, bedrock_flows as flows,
    bedrock_guardrails as guardrails, bedrock_knowledge as knowledge, bedrock_logging as logging,
    bedrock_models as models, bedrock_parts as parts, bedrock_prompts as prompts, bedrock_sources as sources,
    bedrock_tools as tools, cloudtrail, cloudtrail_trails, guardduty, iam_credentials as credentials, iam_keys as keys,
    iam_last_accessed as last_accessed, iam_mfa as mfa, iam_permissions as permissions, iam_policies as policies,
    iam_providers as providers, iam_report as report, iam_roles as roles, iam_simulate as simulate, iam_users as users,
    q_chat_controls, q_conversations, q_documents, q_groups, q_sync, q_things, queue, secrets_manager, sts, support,
    support_talk, tags,
};

/// The rows of all that changes nothing.
const READS: &[&Operation] = &[
    account::GetAlternateContact::OPERATION,
    account::ListRegions::OPERATION,
    models::GetModelDeployment::OPERATION,
    guardrails::GetGuardrail::OPERATION,
    models::GetCustomizationJob::OPERATION,
    logging::GetInvocationLogging::OPERATION,
    models::GetInvocationJob::OPERATION,
    models::GetProvisionedThroughput::OPERATION,
    models::ListModelDeployments::OPERATION,
    guardrails::ListGuardrails::OPERATION,
    models::ListCustomizationJobs::OPERATION,
    models::ListImportJobs::OPERATION,
    models::ListInvocationJobs::OPERATION,
    models::ListProvisionedThroughputs::OPERATION,
    agents::GetAgent::OPERATION,
    aliases::GetAgentAlias::OPERATION,
    aliases::ListAgentAliases::OPERATION,
    parts::ListAgentActionGroups::OPERATION,
    parts::ListAgentKnowledgeBases::OPERATION,
    parts::ListAgentCollaborators::OPERATION,
    parts::ListAgentVersions::OPERATION,
    agents::ListAgents::OPERATION,
    tools::GetAgentActionGroup::OPERATION,
    tools::GetAgentVersion::OPERATION,
    flows::GetFlow::OPERATION,
    flows::GetFlowVersion::OPERATION,
    flows::ListFlowAliases::OPERATION,
    flows::ListFlowVersions::OPERATION,
    flows::ListFlows::OPERATION,
    sources::GetDataSource::OPERATION,
    knowledge::GetKnowledgeBase::OPERATION,
    sources::GetKnowledgeBaseDocuments::OPERATION,
    sources::ListDataSources::OPERATION,
    sources::ListIngestionJobs::OPERATION,
    sources::ListKnowledgeBaseDocuments::OPERATION,
    knowledge::ListKnowledgeBases::OPERATION,
    prompts::GetPrompt::OPERATION,
    prompts::ListPrompts::OPERATION,
    tags::ListAgentTags::OPERATION,
    tags::ListBedrockTags::OPERATION,
    tags::ListQTags::OPERATION,
    keys::GetAccessKeyLastUsed::OPERATION,
    roles::GetRole::OPERATION,
    roles::GetRolePolicy::OPERATION,
    users::GetUser::OPERATION,
    users::GetUserPolicy::OPERATION,
    keys::ListAccessKeys::OPERATION,
    credentials::GetLoginProfile::OPERATION,
    permissions::GetGroup::OPERATION,
    policies::GetPolicy::OPERATION,
    policies::GetPolicyVersion::OPERATION,
    permissions::ListAttachedRolePolicies::OPERATION,
    permissions::ListAttachedUserPolicies::OPERATION,
    policies::ListEntitiesForPolicy::OPERATION,
    permissions::ListGroupsForUser::OPERATION,
    permissions::ListInstanceProfilesForRole::OPERATION,
    mfa::ListMFADevices::OPERATION,
    report::GenerateCredentialReport::OPERATION,
    report::GetCredentialReport::OPERATION,
    last_accessed::GenerateServiceLastAccessed::OPERATION,
    last_accessed::GetServiceLastAccessed::OPERATION,
    providers::GetOpenIdProvider::OPERATION,
    providers::ListOpenIdProviders::OPERATION,
    providers::ListSamlProviders::OPERATION,
    policies::ListPolicies::OPERATION,
    policies::ListPolicyVersions::OPERATION,
    permissions::ListRolePolicies::OPERATION,
    roles::ListRoles::OPERATION,
    credentials::ListServiceSpecificCredentials::OPERATION,
    credentials::ListSigningCertificates::OPERATION,
    credentials::ListSSHPublicKeys::OPERATION,
    permissions::ListUserPolicies::OPERATION,
    users::ListUsers::OPERATION,
    mfa::ListVirtualMFADevices::OPERATION,
    account::ListAccountAliases::OPERATION,
    simulate::Simulate::OPERATION,
    cloudtrail_trails::DescribeTrails::OPERATION,
    cloudtrail_trails::GetEventSelectors::OPERATION,
    cloudtrail_trails::GetTrailStatus::OPERATION,
    cloudtrail::LookupEvents::OPERATION,
    guardduty::GetFindings::OPERATION,
    guardduty::ListDetectors::OPERATION,
    q_things::GetQApplication::OPERATION,
    q_chat_controls::GetQChatControls::OPERATION,
    q_things::GetQDataAccessor::OPERATION,
    q_things::GetQDataSource::OPERATION,
    q_groups::GetQGroup::OPERATION,
    q_things::GetQIndex::OPERATION,
    q_things::GetQPlugin::OPERATION,
    q_things::GetQRetriever::OPERATION,
    q_groups::GetQUser::OPERATION,
    q_things::GetQWebExperience::OPERATION,
    q_things::ListQApplications::OPERATION,
    q_conversations::ListQConversations::OPERATION,
    q_sync::ListQDataSourceSyncJobs::OPERATION,
    q_things::ListQDataSources::OPERATION,
    q_things::ListQDataAccessors::OPERATION,
    q_documents::ListQDocuments::OPERATION,
    q_groups::ListQGroups::OPERATION,
    q_things::ListQIndices::OPERATION,
    q_conversations::ListQMessages::OPERATION,
    q_things::ListQPlugins::OPERATION,
    q_things::ListQRetrievers::OPERATION,
    q_things::ListQWebExperiences::OPERATION,
    secrets_manager::DescribeSecret::OPERATION,
    sts::AssumeRole::OPERATION,
    sts::GetCallerIdentity::OPERATION,
    support::DescribeCases::OPERATION,
    support_talk::DescribeCommunications::OPERATION,
    support::DescribeServices::OPERATION,
    support::DescribeSeverityLevels::OPERATION,
    support::DescribeSupportedLanguages::OPERATION,
];

/// Every operation that quell can send.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    READS.iter().chain(queue::OPERATIONS).chain(Call::OPERATIONS).copied()
}

/// The row of an operation as the SDK's clients announce it.
pub(super) fn operation_of(service: &str, name: &str) -> Option<&'static Operation> {
    operations().find(|row| row.service.sdk_id() == service && row.name == name)
}

#[cfg(test)]
mod tests {
    use super::super::Service;
    use super::*;
    use crate::base::Effect;

    #[test]
    fn every_row_is_there_once_and_complete() {
        let mut names: Vec<String> = operations().map(ToString::to_string).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        for row in operations() {
            assert!(row.rate.per_second > 0.0, "{row}");
            // AWS answers GetCallerIdentity to everybody: it is the one operation without a permission.
            assert!(!row.permissions.is_empty() || row.name == "GetCallerIdentity", "{row}");
        }
    }

    #[test]
    fn calls_change_and_reads_do_not() {
        assert!(Call::OPERATIONS.iter().all(|row| row.effect.is_mutating()));
        assert!(READS.iter().chain(queue::OPERATIONS).all(|row| !row.effect.is_mutating()));
        assert!(operations().all(|row| (row.effect == Effect::Delivery) == (row.service == Service::Sqs)));
    }
}
