//! The range's own CloudTrail, the witness of what really happened.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::range::wire::ServiceName;

use super::Handled;

/// The version of the records that CloudTrail writes.
const EVENT_VERSION: &str = "1.11";

/// Who made a recorded call, as CloudTrail has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    pub access_key_id: Option<String>,
    /// When the session was issued.
    pub creation_date: Option<Timestamp>,
    /// The ARN of the role or user that the session is of.
    pub issuer: Option<String>,
    /// Who is behind the session, as whoever made it said.
    pub source_identity: Option<String>,
    /// The service that acted under the caller's name.
    pub invoked_by: Option<String>,
    /// The id of the service-specific credential that a token was of.
    pub credential_id: Option<String>,
}

/// One recorded call.
#[derive(Debug, Clone, PartialEq, Serialize)]
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
    pub source_ip_address: String,
    /// The caller's description of itself.
    pub user_agent: String,
    /// The id that the reply carries.
    pub request_id: String,
    /// The record's own id.
    pub event_id: String,
    /// Whether an API key of Amazon Bedrock was sent instead of a signature.
    pub with_api_key: bool,
    /// Whether the operation only reads.
    pub read_only: bool,
    /// Who it was; nothing where the credentials are unknown.
    pub user_identity: Option<TrailIdentity>,
    /// The code of the error, when it was refused.
    pub error_code: Option<String>,
    /// The error's message.
    pub error_message: Option<String>,
    /// The input, with the first letter of each member in lower case.
    pub request_parameters: Value,
    /// What the reply told, of calls that change something or hand out sessions; no secrets.
    pub response_elements: Value,
    /// The account it was made in.
    pub recipient_account_id: String,
}

impl TrailEvent {
    /// The record as CloudTrail writes it. FACT trail-record
    pub(crate) fn document(&self) -> Value {
        let mut record = json!({
            "eventVersion": EVENT_VERSION, "eventTime": whole_second(self.event_time).to_string(),
            "eventSource": self.event_source, "eventName": self.event_name, "awsRegion": self.aws_region,
            "sourceIPAddress": self.source_ip_address, "userAgent": self.user_agent,
            "requestParameters": self.request_parameters, "responseElements": self.response_elements,
            "requestID": self.request_id, "eventID": self.event_id, "readOnly": self.read_only,
            "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": self.recipient_account_id,
            "eventCategory": "Management",
        });
        if let Some(who) = &self.user_identity {
            record["userIdentity"] = who.document();
        }
        // FACT trail-api-key
        if self.with_api_key {
            record["additionalEventData"] = json!({ "callWithBearerToken": true });
        }
        for (member, text) in [("errorCode", &self.error_code), ("errorMessage", &self.error_message)] {
            if let Some(text) = text {
                record[member] = json!(text);
            }
        }
        record
    }

    /// Whether it is a data event, which LookupEvents does not find. FACT trail-lookup
    pub(crate) fn is_data(&self) -> bool {
        const OF_MESSAGES: &[&str] = &[
            "SendMessage",
            "SendMessageBatch",
            "ReceiveMessage",
            "DeleteMessage",
            "DeleteMessageBatch",
            "ChangeMessageVisibility",
        ];
        match self.event_source.as_str() {
            "sqs.amazonaws.com" => OF_MESSAGES.contains(&self.event_name.as_str()),
            _ => self.event_name == "InvokeAgent",
        }
    }

    /// What LookupEvents lists as the resources of the event.
    pub(crate) fn resources(&self) -> Vec<(&'static str, String)> {
        let of_request = [
            ("roleName", "AWS::IAM::Role"),
            ("roleArn", "AWS::IAM::Role"),
            ("userName", "AWS::IAM::User"),
            ("policyName", "AWS::IAM::Policy"),
            ("policyArn", "AWS::IAM::Policy"),
            ("accessKeyId", "AWS::IAM::AccessKey"),
        ];
        let of_reply = [
            ("/credentials/accessKeyId", "AWS::IAM::AccessKey"),
            ("/accessKey/accessKeyId", "AWS::IAM::AccessKey"),
            ("/assumedRoleUser/arn", "AWS::STS::AssumedRole"),
        ];
        let asked = of_request.iter().map(|(member, of)| (*of, self.request_parameters.get(member)));
        let told = of_reply.iter().map(|(place, of)| (*of, self.response_elements.pointer(place)));
        asked.chain(told).filter_map(|(of, name)| Some((of, name?.as_str()?.to_owned()))).collect()
    }
}

impl TrailIdentity {
    fn document(&self) -> Value {
        if self.r#type == "AWSService" {
            return json!({ "type": self.r#type, "invokedBy": self.arn });
        }
        let mut who = json!({
            "type": self.r#type, "principalId": self.principal_id, "arn": self.arn, "accountId": self.account_id,
        });
        let told = [
            ("accessKeyId", &self.access_key_id),
            ("invokedBy", &self.invoked_by),
            ("credentialId", &self.credential_id),
        ];
        for (member, text) in told {
            if let Some(text) = text {
                who[member] = json!(text);
            }
        }
        if self.r#type == "IAMUser" {
            who["userName"] = json!(last_part(&self.arn));
        }
        if let Some(issued) = self.creation_date {
            let attributes = json!({ "creationDate": issued.to_string(), "mfaAuthenticated": "false" });
            who["sessionContext"] = json!({ "attributes": attributes });
        }
        if let Some(identity) = &self.source_identity {
            who["sessionContext"]["sourceIdentity"] = json!(identity);
        }
        if let Some(issuer) = &self.issuer {
            let of = if issuer.contains(":role/") { "Role" } else { "IAMUser" };
            who["sessionContext"]["sessionIssuer"] = json!({
                "type": of, "principalId": self.principal_id.split(':').next(), "arn": issuer,
                "accountId": self.account_id, "userName": last_part(issuer),
            });
        }
        who
    }
}

fn last_part(arn: &str) -> Option<&str> {
    arn.rsplit('/').next()
}

/// CloudTrail's times have no fraction.
pub(crate) fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// What CloudTrail keeps of a reply. FACT trail-reply
pub(crate) fn reply(service: ServiceName, reads: bool, handled: &Handled) -> Value {
    match handled {
        Ok(reply) if !reads || service == ServiceName::Sts => told(reply),
        _ => Value::Null,
    }
}

fn told(reply: &Value) -> Value {
    const SECRET: &[&str] =
        &["secretAccessKey", "sessionToken", "password", "servicePassword", "instruction", "messages"];
    match reply {
        Value::Object(members) if members.is_empty() => Value::Null,
        Value::Object(members) => {
            let told = members.iter().map(|(name, value)| (lower(name), told(value)));
            Value::Object(told.filter(|(name, _)| !SECRET.contains(&name.as_str())).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(told).collect(),
        other => other.clone(),
    }
}

/// A member's name with its first letter in lower case.
fn lower(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// The members of an input the way CloudTrail writes them.
pub(crate) fn parameters(input: &Value) -> Value {
    let Value::Object(members) = input else { return Value::Null };
    // FACT trail-redaction
    let hidden = |name: &str| {
        matches!(
            name,
            "instruction"
                | "inputText"
                | "messages"
                | "system"
                | "SecretString"
                | "attachments"
                | "communicationBody"
                | "MessageBody"
                | "Entries"
        )
    };
    let shown =
        |name: &str, value: &Value| if hidden(name) { "HIDDEN_DUE_TO_SECURITY_REASONS".into() } else { value.clone() };
    members.iter().map(|(name, value)| (lower(name), shown(name, value))).collect()
}
