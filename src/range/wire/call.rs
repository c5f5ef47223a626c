//! What the wire hands to a world, and what a world says.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A service that the range simulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceName {
    /// AWS Identity and Access Management.
    Iam,
    /// AWS Security Token Service.
    Sts,
    /// Amazon Bedrock: models, guardrails, logging, jobs.
    Bedrock,
    /// Agents for Amazon Bedrock: building them.
    BedrockAgent,
    /// Agents for Amazon Bedrock: invoking them.
    BedrockAgentRuntime,
    /// Amazon Bedrock: invoking models.
    BedrockRuntime,
    /// Amazon Q Business.
    Qbusiness,
    /// AWS Secrets Manager.
    Secretsmanager,
    /// AWS Support.
    Support,
    /// AWS Account Management.
    Account,
    /// AWS CloudTrail.
    Cloudtrail,
    /// Amazon GuardDuty.
    Guardduty,
    /// Amazon SQS.
    Sqs,
}

impl ServiceName {
    /// The prefix of the service's IAM actions, which is also the service that requests are signed for.
    pub fn signing_name(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::Bedrock | Self::BedrockAgent | Self::BedrockAgentRuntime | Self::BedrockRuntime => "bedrock",
            Self::Qbusiness => "qbusiness",
            Self::Secretsmanager => "secretsmanager",
            Self::Support => "support",
            Self::Account => "account",
            Self::Cloudtrail => "cloudtrail",
            Self::Guardduty => "guardduty",
            Self::Sqs => "sqs",
        }
    }

    /// Whether it is asked in each Region on its own, and only in those that are enabled.
    pub(crate) fn is_regional(self) -> bool {
        match self {
            Self::Iam | Self::Sts | Self::Support | Self::Account | Self::Cloudtrail => false,
            Self::Bedrock
            | Self::BedrockAgent
            | Self::BedrockAgentRuntime
            | Self::BedrockRuntime
            | Self::Qbusiness
            | Self::Secretsmanager
            | Self::Guardduty
            | Self::Sqs => true,
        }
    }

    /// The service's name in CloudTrail's `eventSource`.
    pub fn event_source(self) -> &'static str {
        match self {
            Self::Iam => "iam.amazonaws.com",
            Self::Sts => "sts.amazonaws.com",
            Self::Bedrock | Self::BedrockAgent | Self::BedrockAgentRuntime | Self::BedrockRuntime => {
                "bedrock.amazonaws.com"
            }
            Self::Qbusiness => "qbusiness.amazonaws.com",
            Self::Secretsmanager => "secretsmanager.amazonaws.com",
            Self::Support => "support.amazonaws.com",
            Self::Account => "account.amazonaws.com",
            Self::Cloudtrail => "cloudtrail.amazonaws.com",
            Self::Guardduty => "guardduty.amazonaws.com",
            Self::Sqs => "sqs.amazonaws.com",
        }
    }
}

/// One request that has the shape its operation demands.
#[derive(Debug, Clone)]
pub struct ApiCall {
    /// The service.
    pub service: ServiceName,
    /// The operation, from the table, such as `PutRolePolicy`.
    pub operation: &'static str,
    /// The Region of the credential scope.
    pub region: String,
    /// The input, an object: member names as in the service model (`UserName`, `agentId`, …). Timestamps are RFC 3339
    /// texts, blobs base64. Members that were not sent are absent.
    pub input: Value,
    /// The access key id of the credential scope; absent where an operation needs no signature.
    pub access_key: Option<String>,
    /// The session token, when one was sent.
    pub session_token: Option<String>,
    /// The id of this request, which the reply carries.
    pub request_id: String,
    /// The client's description of itself.
    pub user_agent: String,
    /// The address of the caller.
    pub source_ip: String,
}

/// An error in the words of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// The code as the service sends it, such as `NoSuchEntity` or `ResourceNotFoundException`.
    pub code: String,
    /// The text for a person.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Further members of the error, such as `fieldList`.
    pub fields: Vec<(String, Value)>,
}

impl ApiError {
    /// An error with no further members.
    pub fn new(code: impl Into<String>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status, fields: Vec::new() }
    }

    /// An error with the HTTP status that the service model gives its code; 400 where the model does not name it.
    pub fn of(service: ServiceName, code: impl Into<String>, message: impl Into<String>) -> Self {
        let code = code.into();
        let status = super::table::service(service).status_of(&code).unwrap_or(400);
        Self::new(code, status, message)
    }

    /// The same error with one more member.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.fields.push((member.to_owned(), value));
        self
    }
}

/// What a world says to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The output, an object with member names as in the service model. Timestamps are RFC 3339 texts, or numbers of
    /// seconds since 1970; blobs are base64; policy documents are plain JSON text.
    Reply(Value),
    /// The operation refuses.
    Error(ApiError),
    /// The connection dies without a reply.
    NoReply,
    /// Bytes that are no reply of the service, and the HTTP status that they come with.
    Garbage(Vec<u8>, u16),
}

/// An answer and when it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// The world's clock, for the `Date` header.
    pub date: Timestamp,
}

/// Simulated AWS behind the wire.
pub trait World: Send + Sync + 'static {
    /// Answers one call.
    fn answer(&self, call: ApiCall) -> BoxFuture<'_, Answered>;
}
