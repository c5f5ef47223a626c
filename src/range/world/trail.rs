//! The range's own CloudTrail, the witness of what really happened.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Who made a recorded call, as CloudTrail has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrailIdentity {
    /// The kind, such as `AssumedRole`.
    pub r#type: String,
    /// The unique id.
    pub principal_id: String,
    /// The ARN.
    pub arn: String,
    /// The account.
    pub account_id: String,
    /// The key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// When the session was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_date: Option<Timestamp>,
}

/// One recorded call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrailEvent {
    /// When it took effect or was refused.
    pub event_time: Timestamp,
    /// The service, such as `iam.amazonaws.com`.
    pub event_source: String,
    /// The operation.
    pub event_name: String,
    /// The Region that answered.
    pub aws_region: String,
    /// The caller's address.
    #[serde(rename = "sourceIPAddress")]
    pub source_ip_address: String,
    /// The caller's description of itself.
    pub user_agent: String,
    /// The id that the reply carries.
    #[serde(rename = "requestID")]
    pub request_id: String,
    /// The record's own id.
    #[serde(rename = "eventID")]
    pub event_id: String,
    /// Whether the operation only reads.
    pub read_only: bool,
    /// Who it was; nothing where the credentials are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity: Option<TrailIdentity>,
    /// The code of the error, when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The error's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The input, with the first letter of each member in lower case.
    pub request_parameters: Value,
    /// The account it was made in.
    pub recipient_account_id: String,
}

/// The members of an input the way CloudTrail writes them.
pub(crate) fn parameters(input: &Value) -> Value {
    let Value::Object(members) = input else { return Value::Null };
    let lower = |name: &str| {
        let mut letters = name.chars();
        letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    // FACT trail-redaction
    let hidden = |name: &str| matches!(name, "instruction" | "inputText" | "attachments" | "communicationBody");
    let shown =
        |name: &str, value: &Value| if hidden(name) { "HIDDEN_DUE_TO_SECURITY_REASONS".into() } else { value.clone() };
    members.iter().map(|(name, value)| (lower(name), shown(name, value))).collect()
}
