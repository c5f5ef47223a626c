//! The rules of Amazon EventBridge that bring events to triggers, as a template of AWS CloudFormation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::base::{Digest, Region};
use crate::detect::Trigger;

/// Where events of services come that are in no Region.
const GLOBAL_REGION: &str = "us-east-1";
/// Sources whose events come in [`GLOBAL_REGION`] alone.
const GLOBAL_SOURCES: [&str; 3] = ["aws.iam", "aws.organizations", "aws.route53"];
/// Names of calls that only read, as EventBridge knows them: rules get events of such calls only where they ask for them.
const READS: [&str; 3] = ["Describe", "Get", "List"];
/// How long a queue keeps what nobody took, in seconds: the longest that there is.
const KEPT: u32 = 14 * 24 * 60 * 60;

/// What the names of rules begin with, which is how the queue knows them: a policy that lists them all would be longer than Amazon SQS takes.
const PREFIX: &str = "quell-";
/// The rules that may send.
const SENDERS: &str = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/quell-*";
/// The most characters of the name of a rule.
const LONGEST_NAME: usize = 64;

/// A rule, and the triggers whose pattern it has.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRule<'a> {
    /// Its logical id in the template.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The pattern.
    pub pattern: Value,
    /// Whether it has to get events of calls that only read.
    pub reads: bool,
    /// Triggers with that pattern, by their order.
    pub triggers: Vec<&'a Trigger>,
}

/// The rules that a Region needs for triggers: one for each pattern that can match there.
pub fn event_rules<'a>(triggers: impl IntoIterator<Item = &'a Trigger>, region: &Region) -> Vec<EventRule<'a>> {
    let mut rules: Vec<EventRule<'a>> = Vec::new();
    for trigger in triggers {
        let Some(pattern) = in_region(&trigger.written, region) else { continue };
        match rules.iter_mut().find(|rule| rule.pattern == pattern) {
            Some(rule) => rule.triggers.push(trigger),
            None => {
                let reads = wants_reads(&pattern);
                let name = rule_name(trigger.name.as_str());
                rules.push(EventRule {
                    name,
                    id: logical_id(trigger.name.as_str()),
                    pattern,
                    reads,
                    triggers: vec![trigger],
                });
            }
        }
    }
    rules
}

/// The template for a Region: the rules, the queue they send to, and where it puts what nobody could take. `data_events` says for which types
/// of resources a trail has to log data events, by trigger.
pub fn event_rules_template<'a>(
    triggers: impl IntoIterator<Item = &'a Trigger>,
    region: &Region,
    data_events: &BTreeMap<String, Vec<String>>,
) -> Value {
    let rules = event_rules(triggers, region);
    let mut resources = serde_json::Map::new();
    for rule in &rules {
        resources.insert(rule.id.clone(), resource(rule, data_events));
    }
    resources.insert(
        "Undelivered".to_owned(),
        json!({ "Type": "AWS::SQS::Queue", "Properties": { "MessageRetentionPeriod": KEPT, "SqsManagedSseEnabled": true } }),
    );
    resources.insert(
        "Detections".to_owned(),
        json!({
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "MessageRetentionPeriod": KEPT,
                "RedrivePolicy": {
                    "deadLetterTargetArn": { "Fn::GetAtt": ["Undelivered", "Arn"] },
                    "maxReceiveCount": 5,
                },
                "SqsManagedSseEnabled": true,
                "VisibilityTimeout": 300,
            },
        }),
    );
    for queue in ["Detections", "Undelivered"] {
        resources.insert(format!("{queue}Policy"), queue_policy(queue));
    }
    let reach = match region.as_str() == GLOBAL_REGION {
        true => "events of this Region, and of IAM and other services that are in none",
        false => "events of this Region; those of IAM come in us-east-1 alone, by its own template",
    };
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Detections for quell in {region}: {reach}"),
        "Resources": resources,
        "Outputs": {
            "DetectionsUrl": { "Description": "The queue of detections", "Value": { "Ref": "Detections" } },
            "UndeliveredUrl": {
                "Description": "The queue of what could not be delivered, or was taken five times in vain",
                "Value": { "Ref": "Undelivered" },
            },
        },
    })
}

/// Lets the rules send to a queue, and nobody else.
fn queue_policy(queue: &str) -> Value {
    json!({
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{
                    "Sid": "OnlyTheseRulesSend",
                    "Effect": "Allow",
                    "Principal": { "Service": "events.amazonaws.com" },
                    "Action": "sqs:SendMessage",
                    "Resource": { "Fn::GetAtt": [queue, "Arn"] },
                    "Condition": {
                        "ArnLike": { "aws:SourceArn": { "Fn::Sub": SENDERS } },
                        "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } },
                    },
                }],
            },
            "Queues": [{ "Ref": queue }],
        },
    })
}

fn resource(rule: &EventRule<'_>, data_events: &BTreeMap<String, Vec<String>>) -> Value {
    let names: Vec<&str> = rule.triggers.iter().map(|trigger| trigger.name.as_str()).collect();
    let mut needs: Vec<&String> = names.iter().filter_map(|name| data_events.get(*name)).flatten().collect();
    needs.sort();
    needs.dedup();
    let state = if rule.reads { "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" } else { "ENABLED" };
    let mut made = json!({
        "Type": "AWS::Events::Rule",
        "Metadata": { "quell": { "triggers": names } },
        "Properties": {
            "Description": rule.triggers.first().map(|trigger| trigger.title.as_str()),
            "EventPattern": rule.pattern,
            "Name": rule.name,
            "State": state,
            "Targets": [{
                "Arn": { "Fn::GetAtt": ["Detections", "Arn"] },
                "DeadLetterConfig": { "Arn": { "Fn::GetAtt": ["Undelivered", "Arn"] } },
                "Id": "Detections",
            }],
        },
    });
    if !needs.is_empty() {
        made["Metadata"]["quell"]["data_events_of"] = json!(needs);
    }
    made
}

/// A pattern as far as it can match in a Region; nothing where it cannot. Of global services a rule elsewhere gets nothing, and asks for
/// nothing.
fn in_region(pattern: &Value, region: &Region) -> Option<Value> {
    if region.as_str() == GLOBAL_REGION {
        return Some(pattern.clone());
    }
    let Some(sources) = pattern.get("source").and_then(Value::as_array) else { return Some(pattern.clone()) };
    let is_global = |source: &&Value| source.as_str().is_some_and(|source| GLOBAL_SOURCES.contains(&source));
    let kept: Vec<Value> = sources.iter().filter(|source| !is_global(source)).cloned().collect();
    if kept.is_empty() {
        return None;
    }
    let mut narrowed = pattern.clone();
    narrowed["source"] = kept.into();
    Some(narrowed)
}

/// Whether a pattern of records of CloudTrail can match one of a call that only reads, by the names that it asks for.
fn wants_reads(pattern: &Value) -> bool {
    let kinds = pattern.get("detail-type").and_then(Value::as_array);
    let is_recorded = kinds.is_none_or(|kinds| {
        kinds.iter().any(|kind| kind.as_str().is_none_or(|kind| kind == "AWS API Call via CloudTrail"))
    });
    is_recorded && pattern.get("detail").is_none_or(names_reads)
}

fn names_reads(detail: &Value) -> bool {
    if let Some(names) = detail.get("eventName").and_then(Value::as_array) {
        return names.iter().any(is_read);
    }
    match detail.get("$or").and_then(Value::as_array) {
        Some(ways) => ways.iter().any(names_reads),
        None => true,
    }
}

/// Whether an alternative for a name lets names of reads through. What is no plain text may.
fn is_read(name: &Value) -> bool {
    let starts = |text: &str| READS.iter().any(|read| text.starts_with(read) || read.starts_with(text));
    match name {
        Value::String(text) => READS.iter().any(|read| text.starts_with(read)),
        Value::Object(operator) => match (operator.get("prefix"), operator.get("anything-but")) {
            (Some(Value::String(prefix)), _) => starts(prefix),
            // `anything-but` these prefixes lets nothing of them through.
            (_, Some(except)) => {
                let prefixes = except.get("prefix").and_then(Value::as_array);
                !prefixes.is_some_and(|all| READS.iter().all(|read| all.iter().any(|one| one == read)))
            }
            _ => true,
        },
        _ => false,
    }
}

/// The name of the rule of a trigger.
fn rule_name(trigger: &str) -> String {
    let name = format!("{PREFIX}{trigger}");
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let digest = Digest::of_bytes(trigger.as_bytes()).short();
    format!("{}-{digest}", &name[..LONGEST_NAME - 1 - digest.len()])
}

/// A name as CloudFormation takes it: letters and digits.
fn logical_id(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    format!("Rule{}", name.split('-').map(capital).collect::<String>())
}
