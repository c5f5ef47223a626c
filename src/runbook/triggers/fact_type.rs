//! What kind of value a fact is, in the types of runbooks.

use crate::detect::Fact;
use crate::runbook::{ParameterType, Scalar, Type};

/// The type of a fact's values.
pub(super) fn fact_type(fact: Fact) -> Scalar {
    match fact {
        Fact::Account => Scalar::AwsAccountId,
        Fact::Region => Scalar::AwsRegion,
        Fact::Time | Fact::FirstSeen => Scalar::Timestamp,
        Fact::Principal | Fact::Role | Fact::User | Fact::Root | Fact::Session | Fact::ServiceRole => Scalar::IamArn,
        Fact::AccessKey | Fact::UserAccessKey => Scalar::AccessKeyId,
        Fact::Agent => Scalar::BedrockAgentId,
        Fact::KnowledgeBase => Scalar::BedrockKnowledgeBaseId,
        Fact::DataSource => Scalar::BedrockDataSourceId,
        Fact::Application | Fact::QDataSource => Scalar::QBusinessId,
        Fact::PrincipalId
        | Fact::Credential
        | Fact::WithApiKey
        | Fact::SourceAddress
        | Fact::Guardrail
        | Fact::Model
        | Fact::FindingId
        | Fact::FindingType
        | Fact::Detector
        | Fact::Severity
        | Fact::EventName
        | Fact::EventSource
        | Fact::RecordId => Scalar::String,
    }
}

/// Whether values of a fact can stand where a type is expected; of a list, in it.
pub(super) fn fits(of: ParameterType, fact: Fact) -> bool {
    Type::Scalar(of.scalar).accepts(&Type::Scalar(fact_type(fact)))
}

/// The facts whose values can stand where a type is expected.
pub(super) fn fitting(of: ParameterType) -> Vec<&'static str> {
    Fact::ALL.iter().filter(|fact| fits(of, **fact)).map(|fact| fact.as_str()).collect()
}
