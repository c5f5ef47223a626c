//! The log of model invocations: one configuration for each Region, and no history of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ear::{hear, hear_words};
use super::own_words::hear_saying;
use super::{Accepted, Ask, Clients, Fault, Made, Operation, Request, Service};
use crate::base::{Entity, EntityKind, Region};

/// Where the log of model invocations goes and what it holds, in AWS's own words, members that the SDK does not know included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LoggingConfig(Map<String, Value>);

impl LoggingConfig {
    /// Reads a configuration as AWS or CloudTrail writes it; nothing where it says nothing.
    pub fn of(words: &Value) -> Option<Self> {
        let members = words.as_object()?.iter().filter(|(_, value)| !value.is_null());
        let members: Map<String, Value> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
        (!members.is_empty()).then_some(Self(members))
    }

    fn text(&self, destination: &str, member: &str) -> Option<&str> {
        self.0.get(destination)?.get(member)?.as_str()
    }

    /// The bucket that it goes to.
    pub fn bucket(&self) -> Option<&str> {
        self.text("s3Config", "bucketName")
    }

    /// The key below which its files lie in there.
    pub fn prefix(&self) -> Option<&str> {
        self.text("s3Config", "keyPrefix")
    }

    /// The log group that it goes to.
    pub fn log_group(&self) -> Option<&str> {
        self.text("cloudWatchConfig", "logGroupName")
    }

    /// The role with which it gets into the log group.
    pub fn role(&self) -> Option<&str> {
        self.text("cloudWatchConfig", "roleArn")
    }

    /// The kinds of content that it says it holds, such as `text`.
    pub fn kinds(&self) -> Vec<&str> {
        let on = self.0.iter().filter(|(_, value)| **value == Value::Bool(true));
        let mut kinds: Vec<&str> = on.filter_map(|(name, _)| name.strip_suffix("DataDeliveryEnabled")).collect();
        kinds.sort_unstable();
        kinds
    }

    /// Whether all that `wanted` asks for is so: the same destinations, and each kind of content that it speaks of. AWS may fill
    /// in the kinds that a request leaves out.
    pub fn is(&self, wanted: &Self) -> bool {
        let destinations = |of: &Self| -> Map<String, Value> {
            let others = of.0.iter().filter(|(_, value)| !value.is_boolean());
            others.map(|(name, value)| (name.clone(), value.clone())).collect()
        };
        let mut kinds = wanted.0.iter().filter(|(_, value)| value.is_boolean());
        destinations(self) == destinations(wanted) && kinds.all(|(name, value)| self.0.get(name) == Some(value))
    }
}

fn log_of(region: &Region) -> Entity {
    Entity::new(EntityKind::InvocationLogging, region.as_str())
}

/// Reads how model invocations are logged in a Region (`bedrock:GetModelInvocationLoggingConfiguration`); nothing where they are
/// not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetInvocationLogging {
    /// The Region.
    pub region: Region,
}

impl Request for GetInvocationLogging {
    const OPERATION: &'static Operation = &Operation::read(Service::Bedrock, "GetModelInvocationLoggingConfiguration")
        .needs(&["bedrock:GetModelInvocationLoggingConfiguration"], "*");

    type Reply = Option<LoggingConfig>;

    fn entity(&self) -> Entity {
        log_of(&self.region)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Self::Reply>, Fault> {
        let request = to.bedrock(Some(&self.region)).get_model_invocation_logging_configuration();
        hear_words!(Self::OPERATION, request, |_, words| words.get("loggingConfig").and_then(LoggingConfig::of))
    }
}

impl Ask for GetInvocationLogging {}

/// Logs model invocations in a Region, or logs them otherwise (`bedrock:PutModelInvocationLoggingConfiguration`). It replaces the
/// whole configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PutInvocationLogging {
    /// The Region.
    pub region: Region,
    /// The configuration.
    pub config: LoggingConfig,
}

impl Request for PutInvocationLogging {
    const OPERATION: &'static Operation =
        &Operation::reversible(Service::Bedrock, "PutModelInvocationLoggingConfiguration")
            .needs(&["bedrock:PutModelInvocationLoggingConfiguration"], "*")
            .never_blindly()
            .undone_by(&["DeleteModelInvocationLoggingConfiguration"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        log_of(&self.region)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let body = json!({ "loggingConfig": self.config });
        let request = to.bedrock(Some(&self.region)).put_model_invocation_logging_configuration();
        hear_saying!(Self::OPERATION, request, body, |_| Made::new())
    }
}

/// Stops logging model invocations in a Region (`bedrock:DeleteModelInvocationLoggingConfiguration`). What was logged stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteInvocationLogging {
    /// The Region.
    pub region: Region,
}

impl Request for DeleteInvocationLogging {
    const OPERATION: &'static Operation =
        &Operation::reversible(Service::Bedrock, "DeleteModelInvocationLoggingConfiguration")
            .needs(&["bedrock:DeleteModelInvocationLoggingConfiguration"], "*")
            .never_blindly()
            .undone_by(&["PutModelInvocationLoggingConfiguration"]);

    type Reply = Made;

    fn entity(&self) -> Entity {
        log_of(&self.region)
    }

    fn region(&self) -> Option<&Region> {
        Some(&self.region)
    }

    async fn send(&self, to: &Clients) -> Result<Accepted<Made>, Fault> {
        let request = to.bedrock(Some(&self.region)).delete_model_invocation_logging_configuration();
        hear!(Self::OPERATION, request, |_| Made::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_destinations_are_the_same_log() {
        let config = |words: Value| LoggingConfig::of(&words).expect("a configuration");
        let bucket = json!({ "bucketName": "logs", "keyPrefix": "bedrock" });
        let filled = config(json!({
            "s3Config": bucket, "textDataDeliveryEnabled": true, "imageDataDeliveryEnabled": true, "cloudWatchConfig": null,
        }));
        assert!(filled.is(&config(json!({ "s3Config": bucket }))));
        assert!(!filled.is(&config(json!({ "s3Config": bucket, "textDataDeliveryEnabled": false }))));
        assert!(!filled.is(&config(json!({ "s3Config": { "bucketName": "elsewhere" } }))));
        assert!(!filled.is(&config(json!({ "s3Config": bucket, "somethingNew": { "to": "x" } }))));
        assert_eq!((filled.bucket(), filled.log_group()), (Some("logs"), None));
        assert_eq!(filled.kinds(), ["image", "text"]);
        assert_eq!(LoggingConfig::of(&json!({})), None);
    }
}
