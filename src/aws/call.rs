//! The closed vocabulary of what quell can do to an account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::late::{Late, symbol_in};
use super::request::Made;
use super::{Accepted, Clients, Fault, Operation, Request, Symbol};
use crate::base::{Digest, Entity, Region};

use super::{
    bedrock_agents as agents, bedrock_aliases as aliases, bedrock_flows as flows, bedrock_guardrails as guardrails,
    bedrock_knowledge as knowledge, bedrock_logging as logging, bedrock_models as models, bedrock_prompts as prompts,
    bedrock_sources as sources, bedrock_tools as tools, iam_credentials as credentials, iam_keys as keys,
    iam_mfa as mfa, iam_new_keys as new_keys, iam_new_roles as new_roles, iam_permissions as permissions,
    iam_policies as policies, iam_roles as roles, iam_users as users, q_chat_controls, q_data_sources, q_documents,
    q_groups, q_plugins, q_sync, q_things, secrets_manager, support, support_talk,
};

macro_rules! calls {
    ($($variant:ident($request:path)),+ $(,)?) => {
        /// One exact API request that changes something. The set is closed: what is not here, quell cannot do.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "operation", content = "input")]
        pub enum Call {
            $(#[doc = concat!("See [`", stringify!($variant), "`](super::", stringify!($variant), ").")]
            $variant($request)),+
        }

        $(impl From<$request> for Call {
            fn from(request: $request) -> Self {
                Self::$variant(request)
            }
        })+

        impl Call {
            /// The row of every operation in the vocabulary.
            pub(super) const OPERATIONS: &'static [&'static Operation] =
                &[$(<$request as Request>::OPERATION),+];

            /// The row of its operation.
            pub fn operation(&self) -> &'static Operation {
                match self { $(Self::$variant(_) => <$request as Request>::OPERATION),+ }
            }

            /// What it is about.
            pub fn entity(&self) -> Entity {
                match self { $(Self::$variant(request) => request.entity()),+ }
            }

            /// The Region it is sent to; nothing for a global service.
            pub fn region(&self) -> Option<&Region> {
                match self { $(Self::$variant(request) => request.region()),+ }
            }

            /// Sends it, once. Call [`Call::resolve`] first: a symbol that is left is refused before anything is sent.
            pub async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
                match self { $(Self::$variant(request) => request.send(to).await),+ }
            }
        }
    };
}

calls! {
    AddAttachmentsToSet(support::AddAttachmentsToSet),
    AddCommunicationToCase(support_talk::AddCommunicationToCase),
    AttachRolePolicy(permissions::AttachRolePolicy),
    AttachUserPolicy(permissions::AttachUserPolicy),
    BatchDeleteQDocuments(q_documents::BatchDeleteQDocuments),
    CreateAccessKey(new_keys::CreateAccessKey),
    CreateCase(support::CreateCase),
    CreatePolicy(policies::CreatePolicy),
    CreatePolicyVersion(policies::CreatePolicyVersion),
    CreateRole(new_roles::CreateRole),
    CreateSecret(secrets_manager::CreateSecret),
    DeactivateMFADevice(mfa::DeactivateMFADevice),
    DeleteAccessKey(keys::DeleteAccessKey),
    DeleteAgent(agents::DeleteAgent),
    DeleteAgentAlias(aliases::DeleteAgentAlias),
    DeleteInvocationLogging(logging::DeleteInvocationLogging),
    DeleteModelDeployment(models::DeleteModelDeployment),
    DeleteProvisionedThroughput(models::DeleteProvisionedThroughput),
    DeleteQApplication(q_things::DeleteQApplication),
    DeleteQDataAccessor(q_things::DeleteQDataAccessor),
    DeleteQDataSource(q_things::DeleteQDataSource),
    DeleteFlow(flows::DeleteFlow),
    DeleteFlowAlias(flows::DeleteFlowAlias),
    DeleteFlowVersion(flows::DeleteFlowVersion),
    DeleteQGroup(q_groups::DeleteQGroup),
    DeleteQIndex(q_things::DeleteQIndex),
    DeleteDataSource(sources::DeleteDataSource),
    DeleteKnowledgeBase(knowledge::DeleteKnowledgeBase),
    DeleteKnowledgeBaseDocuments(sources::DeleteKnowledgeBaseDocuments),
    DeleteLoginProfile(credentials::DeleteLoginProfile),
    DeleteQPlugin(q_things::DeleteQPlugin),
    DeletePolicy(policies::DeletePolicy),
    DeletePolicyVersion(policies::DeletePolicyVersion),
    DeletePrompt(prompts::DeletePrompt),
    DeleteQRetriever(q_things::DeleteQRetriever),
    DeleteRole(roles::DeleteRole),
    DeleteRolePermissionsBoundary(permissions::DeleteRolePermissionsBoundary),
    DeleteRolePolicy(roles::DeleteRolePolicy),
    DeleteSSHPublicKey(credentials::DeleteSSHPublicKey),
    DeleteSecret(secrets_manager::DeleteSecret),
    DeleteServiceSpecificCredential(credentials::DeleteServiceSpecificCredential),
    DeleteSigningCertificate(credentials::DeleteSigningCertificate),
    DeleteUser(users::DeleteUser),
    DeleteUserPermissionsBoundary(permissions::DeleteUserPermissionsBoundary),
    DeleteUserPolicy(users::DeleteUserPolicy),
    DeleteVirtualMFADevice(mfa::DeleteVirtualMFADevice),
    DeleteQUser(q_groups::DeleteQUser),
    DeleteQWebExperience(q_things::DeleteQWebExperience),
    DetachGroupPolicy(permissions::DetachGroupPolicy),
    DetachRolePolicy(permissions::DetachRolePolicy),
    DetachUserPolicy(permissions::DetachUserPolicy),
    DisassociateAgentKnowledgeBase(knowledge::DisassociateAgentKnowledgeBase),
    PrepareAgent(tools::PrepareAgent),
    PutInvocationLogging(logging::PutInvocationLogging),
    PutRolePermissionsBoundary(permissions::PutRolePermissionsBoundary),
    PutRolePolicy(roles::PutRolePolicy),
    PutSecretValue(secrets_manager::PutSecretValue),
    PutUserPermissionsBoundary(permissions::PutUserPermissionsBoundary),
    PutUserPolicy(users::PutUserPolicy),
    RemoveRoleFromInstanceProfile(permissions::RemoveRoleFromInstanceProfile),
    RemoveUserFromGroup(permissions::RemoveUserFromGroup),
    ResolveCase(support_talk::ResolveCase),
    SetDefaultPolicyVersion(policies::SetDefaultPolicyVersion),
    StopCustomizationJob(models::StopCustomizationJob),
    StopInvocationJob(models::StopInvocationJob),
    StopQDataSourceSyncJob(q_sync::StopQDataSourceSyncJob),
    TagUser(new_keys::TagUser),
    UntagUser(new_keys::UntagUser),
    StopIngestionJob(sources::StopIngestionJob),
    UpdateAccessKey(keys::UpdateAccessKey),
    UpdateAgentActionGroup(tools::UpdateAgentActionGroup),
    UpdateAgentAlias(aliases::UpdateAgentAlias),
    UpdateAgentKnowledgeBase(tools::UpdateAgentKnowledgeBase),
    UpdateAssumeRolePolicy(roles::UpdateAssumeRolePolicy),
    UpdateDataSource(sources::UpdateDataSource),
    UpdateFlowAlias(flows::UpdateFlowAlias),
    UpdateGuardrail(guardrails::UpdateGuardrail),
    UpdateQChatControls(q_chat_controls::UpdateQChatControls),
    UpdateQDataSource(q_data_sources::UpdateQDataSource),
    UpdateQPlugin(q_plugins::UpdateQPlugin),
    UpdateSSHPublicKey(credentials::UpdateSSHPublicKey),
    UpdateSecretVersionStage(secrets_manager::UpdateSecretVersionStage),
    UpdateServiceSpecificCredential(credentials::UpdateServiceSpecificCredential),
    UpdateSigningCertificate(credentials::UpdateSigningCertificate),
}

/// Where the values of symbols come from when a call is sent.
pub trait Resolve {
    /// The value of a symbol, or nothing when there is none yet.
    fn value_of(&self, symbol: &Symbol) -> Option<Value>;
}

/// Why a call cannot be sent as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// A symbol has no value.
    #[error("`{operation}` needs `{symbol}`, which has no value yet")]
    NoValue {
        /// The operation.
        operation: String,
        /// The symbol.
        symbol: Symbol,
    },
    /// The values do not fit the request.
    #[error("`{operation}` cannot be written with the values at hand: {why}")]
    DoesNotFit {
        /// The operation.
        operation: String,
        /// The reason.
        why: String,
    },
}

impl Call {
    /// The request as it stands in a journal: whole, but for files, of which the digest says which they were.
    pub fn for_the_record(&self) -> Value {
        let mut call = self.clone();
        if let Self::AddAttachmentsToSet(request) = &mut call {
            for attachment in &mut request.attachments {
                let digest = attachment.digest.or_else(|| attachment.bytes().map(|bytes| Digest::of_bytes(&bytes)));
                attachment.data = Late::Known(digest.map_or_else(String::new, |digest| format!("SHA-256 {digest}")));
            }
        }
        serde_json::to_value(call).unwrap_or_default()
    }

    /// The symbols that stand in the call, in order, each once.
    pub fn symbols(&self) -> Vec<Symbol> {
        let mut found = Vec::new();
        collect(&serde_json::to_value(self).unwrap_or_default(), &mut found);
        found.sort();
        found.dedup();
        found
    }

    /// The same call with every symbol replaced by its value.
    pub fn resolve(&self, from: &dyn Resolve) -> Result<Self, Unresolved> {
        let operation = self.operation().to_string();
        let mut value = serde_json::to_value(self)
            .map_err(|error| Unresolved::DoesNotFit { operation: operation.clone(), why: error.to_string() })?;
        replace(&mut value, from).map_err(|symbol| Unresolved::NoValue { operation: operation.clone(), symbol })?;
        serde_json::from_value(value).map_err(|error| Unresolved::DoesNotFit { operation, why: error.to_string() })
    }
}

fn collect(value: &Value, found: &mut Vec<Symbol>) {
    if let Some(Ok(symbol)) = symbol_in(value) {
        found.push(symbol);
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}

fn replace(value: &mut Value, from: &dyn Resolve) -> Result<(), Symbol> {
    if let Some(Ok(symbol)) = symbol_in(value) {
        *value = from.value_of(&symbol).ok_or(symbol)?;
        return Ok(());
    }
    match value {
        Value::Array(items) => items.iter_mut().try_for_each(|item| replace(item, from)),
        Value::Object(members) => members.values_mut().try_for_each(|member| replace(member, from)),
        _ => Ok(()),
    }
}
