//! Everything that a runbook can name.

use std::sync::LazyLock;

use super::{AnyAction, AnyQuery, Deactivate, DeleteQPart, Deny, ModelJobs, QParts, StopModelJob};
use super::{
    bedrock_agents::BedrockAgents, bedrock_delete_agent::DeleteAgent, bedrock_delete_flow::DeleteFlow,
    bedrock_delete_prompt::DeletePrompt, bedrock_disable_agent_tools::DisableAgentTools, bedrock_flows::BedrockFlows,
    bedrock_pause_agent::PauseAgent, bedrock_prompts::BedrockPrompts, cloudtrail_created_by::CreatedBy,
    iam_access_keys::AccessKeys, iam_create_access_key::CreateAccessKey,
    iam_deactivate_access_keys::DeactivateAccessKeys, iam_deactivate_service_credentials::ServiceCredentials,
    iam_deactivate_signing_certificates::SigningCertificates, iam_deactivate_ssh_keys::SshKeys,
    iam_delete_access_key::DeleteAccessKey, iam_delete_console_password::DeleteConsolePassword,
    iam_delete_mfa_device::DeleteMfaDevice, iam_delete_policy::DeletePolicy, iam_delete_role::DeleteRole,
    iam_delete_user::DeleteUser, iam_deny_ai_services::AiServices, iam_deny_everything::Everything,
    iam_deny_from_outside::FromOutside, iam_deny_session::OneSession, iam_deny_session_started_at::SessionStartedAt,
    iam_lock_trust::LockTrust, iam_mfa_devices::MfaDevices, iam_policies::Policies, iam_quarantine::Quarantine,
    iam_restore_policy_version::RestorePolicyVersion, iam_revoke_sessions::RevokeSessions, iam_roles::Roles,
    iam_service_credentials::ServiceCredentialsOfAll, iam_sessions_of::SessionsOf, iam_users::Users,
    q_applications::QApplications, q_data_sources::QDataSources, q_delete_application::DeleteQApplication,
    q_delete_data_source::DeleteQDataSource, q_delete_index::DeleteQIndex, q_delete_plugin::QPlugin,
    q_delete_retriever::QRetriever, q_delete_web_experience::QWebExperience, q_disable_plugin::DisableQPlugin,
    q_indices::QIndices, q_plugins::QPlugins, q_retrievers::QRetrievers, q_stop_sync::StopSync,
    q_web_experiences::QWebExperiences, support_open_case::OpenCase, support_resolve_case::ResolveCase,
    support_update_case::UpdateCase,
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
            Box::new(super::bedrock_delete_custom_model_deployment::DeleteModelDeployment),
            Box::new(super::bedrock_delete_data_source::DeleteDataSource),
            Box::new(DeleteFlow),
            Box::new(super::bedrock_delete_knowledge_base::DeleteKnowledgeBase),
            Box::new(DeletePrompt),
            Box::new(super::bedrock_delete_provisioned_throughput::DeleteProvisionedThroughput),
            Box::new(DisableAgentTools),
            Box::new(super::bedrock_lead_flow_back::LeadFlowBack),
            Box::new(PauseAgent),
            Box::new(CreateAccessKey),
            Box::new(super::iam_create_role::CreateRole),
            Box::new(super::bedrock_remove_documents::RemoveDocuments),
            Box::new(super::bedrock_restore_guardrail::RestoreGuardrail),
            Box::new(super::bedrock_restore_invocation_logging::RestoreInvocationLogging),
            Box::new(super::bedrock_retain_data::RetainData),
            Box::new(StopModelJob(super::bedrock_stop_customization_job::CustomizationJobs)),
            Box::new(super::bedrock_stop_ingestion::StopIngestion),
            Box::new(StopModelJob(super::bedrock_stop_invocation_job::InvocationJobs)),
            Box::new(DeactivateAccessKeys),
            Box::new(Deactivate(ServiceCredentials)),
            Box::new(Deactivate(SigningCertificates)),
            Box::new(Deactivate(SshKeys)),
            Box::new(DeleteAccessKey),
            Box::new(DeleteConsolePassword),
            Box::new(DeleteMfaDevice),
            Box::new(DeletePolicy),
            Box::new(DeleteRole),
            Box::new(DeleteUser),
            Box::new(Deny(AiServices)),
            Box::new(Deny(Everything)),
            Box::new(Deny(FromOutside)),
            Box::new(Deny(OneSession)),
            Box::new(Deny(SessionStartedAt)),
            Box::new(super::iam_lift_denies::LiftDenies),
            Box::new(LockTrust),
            Box::new(Deny(Quarantine)),
            Box::new(RestorePolicyVersion),
            Box::new(RevokeSessions),
            Box::new(DeleteQApplication),
            Box::new(DeleteQPart(super::q_delete_data_accessor::QDataAccessor)),
            Box::new(DeleteQDataSource),
            Box::new(super::q_delete_documents::DeleteQDocuments),
            Box::new(super::q_delete_group::DeleteQGroup),
            Box::new(DeleteQIndex),
            Box::new(DeleteQPart(QPlugin)),
            Box::new(DeleteQPart(QRetriever)),
            Box::new(super::q_delete_user::DeleteQUser),
            Box::new(DeleteQPart(QWebExperience)),
            Box::new(DisableQPlugin),
            Box::new(super::q_restore_chat_controls::RestoreChatControls),
            Box::new(StopSync),
            Box::new(OpenCase),
            Box::new(ResolveCase),
            Box::new(UpdateCase),
        ],
        queries: vec![
            Box::new(super::account_security_contact::SecurityContact),
            Box::new(BedrockAgents),
            Box::new(super::bedrock_custom_model_deployments::ModelDeployments),
            Box::new(ModelJobs(super::bedrock_customization_jobs::CustomizationJobsOfAll)),
            Box::new(super::bedrock_data_sources::DataSources),
            Box::new(super::bedrock_documents::Documents),
            Box::new(BedrockFlows),
            Box::new(super::bedrock_guardrails::BedrockGuardrails),
            Box::new(ModelJobs(super::bedrock_import_jobs::ImportJobsOfAll)),
            Box::new(ModelJobs(super::bedrock_invocation_jobs::InvocationJobsOfAll)),
            Box::new(super::bedrock_invocation_logging::InvocationLogging),
            Box::new(super::bedrock_knowledge_bases::KnowledgeBases),
            Box::new(super::bedrock_model_callers::ModelCallers),
            Box::new(BedrockPrompts),
            Box::new(super::bedrock_provisioned_throughputs::ProvisionedThroughputs),
            Box::new(CreatedBy),
            Box::new(super::cloudtrail_trails::CloudTrailTrails),
            Box::new(AccessKeys),
            Box::new(super::iam_credential_report::CredentialReportOfAll),
            Box::new(super::iam_denies::Denies),
            Box::new(super::iam_key_holders::KeyHolders),
            Box::new(super::iam_last_accessed::LastAccessed),
            Box::new(MfaDevices),
            Box::new(super::iam_persistence::Persistence),
            Box::new(Policies),
            Box::new(Roles),
            Box::new(ServiceCredentialsOfAll),
            Box::new(SessionsOf),
            Box::new(Users),
            Box::new(QApplications),
            Box::new(super::q_conversations::QConversations),
            Box::new(QParts(super::q_data_accessors::QDataAccessors)),
            Box::new(QDataSources),
            Box::new(super::q_documents::QDocuments),
            Box::new(super::q_groups::QGroups),
            Box::new(QParts(QIndices)),
            Box::new(QParts(QPlugins)),
            Box::new(QParts(QRetrievers)),
            Box::new(QParts(QWebExperiences)),
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
