//! A served range as an administrator sees it from outside, with clients of AWS's own.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use serde_json::{Value, json};

use crate::crash_judge::Changed;

const ROLE: &str = "ml-pipeline";
const USER: &str = "ci-deploy";
const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// What an administrator sees of all that the runbook of the rogue agents touches.
pub(crate) fn picture(url: &str) -> Value {
    let mut picture = at_once(look(url));
    blot_times(&mut picture);
    picture
}

/// What the responder has changed, as the CloudTrail of the range tells it.
pub(crate) fn changes(url: &str) -> Vec<Changed> {
    let recorded = recorded(url, LookupAttributeKey::ReadOnly, "false");
    recorded.iter().filter_map(|record| Changed::told_of(KEY, record)).collect()
}

/// The records of an operation.
pub(crate) fn told(url: &str, operation: &str) -> Vec<Value> {
    recorded(url, LookupAttributeKey::EventName, operation)
}

fn recorded(url: &str, key: LookupAttributeKey, value: &str) -> Vec<Value> {
    at_once(async {
        let mut records = Vec::new();
        for region in REGIONS {
            let client = aws_sdk_cloudtrail::Client::new(&config(url, region).await);
            let attribute = LookupAttribute::builder().attribute_key(key.clone()).attribute_value(value);
            let attribute = attribute.build().expect("an attribute");
            let mut pages = client.lookup_events().lookup_attributes(attribute).into_paginator().send();
            while let Some(page) = pages.next().await {
                for event in page.expect("a page of events").events.unwrap_or_default() {
                    let record = event.cloud_trail_event.expect("the record");
                    records.push(serde_json::from_str(&record).expect("JSON"));
                }
            }
        }
        records
    })
}

/// Deletes a role that has one managed policy, and makes another one of the same name with the same trust policy.
pub(crate) fn make_anew(url: &str, role: &str) {
    at_once(async {
        let iam = aws_sdk_iam::Client::new(&config(url, REGIONS[0]).await);
        let known = iam.get_role().role_name(role).send().await.expect("the role").role.expect("the role");
        let trust = document(&known.assume_role_policy_document.unwrap_or_default()).to_string();
        for policy in iam
            .list_attached_role_policies()
            .role_name(role)
            .send()
            .await
            .expect("policies")
            .attached_policies
            .unwrap_or_default()
        {
            let arn = policy.policy_arn.expect("an ARN");
            iam.detach_role_policy().role_name(role).policy_arn(arn).send().await.expect("detached");
        }
        iam.delete_role().role_name(role).send().await.expect("deleted");
        iam.create_role().role_name(role).assume_role_policy_document(trust).send().await.expect("made");
    });
}

fn at_once<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(work)
}

async fn config(url: &str, region: &'static str) -> SdkConfig {
    aws_config::from_env()
        .endpoint_url(url)
        .credentials_provider(Credentials::new(KEY, SECRET, None, None, "test"))
        .region(aws_config::Region::new(region))
        .load()
        .await
}

async fn look(url: &str) -> Value {
    let home = config(url, REGIONS[0]).await;
    let iam = aws_sdk_iam::Client::new(&home);
    let role = iam.get_role().role_name(ROLE).send().await.expect("the role").role.expect("the role");
    let mut policies = Vec::new();
    for name in iam.list_role_policies().role_name(ROLE).send().await.expect("policies").policy_names {
        let policy = iam.get_role_policy().role_name(ROLE).policy_name(&name).send().await.expect("a policy");
        policies.push(json!([name, document(&policy.policy_document)]));
    }
    for name in iam.list_user_policies().user_name(USER).send().await.expect("policies").policy_names {
        let policy = iam.get_user_policy().user_name(USER).policy_name(&name).send().await.expect("a policy");
        policies.push(json!([name, document(&policy.policy_document)]));
    }
    let keys = iam.list_access_keys().user_name(USER).send().await.expect("keys").access_key_metadata;
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| json!([key.access_key_id(), key.status().map(|status| status.as_str().to_owned())]))
        .collect();
    let (mut agents_of_all, mut aliases) = (Vec::new(), Vec::new());
    for region in REGIONS {
        let agents = aws_sdk_bedrockagent::Client::new(&config(url, region).await);
        for agent in agents.list_agents().send().await.expect("agents").agent_summaries {
            agents_of_all.push(json!([agent.agent_id, agent.agent_status.as_str()]));
            let listed = agents.list_agent_aliases().agent_id(&agent.agent_id).send().await.expect("aliases");
            for alias in listed.agent_alias_summaries {
                let versions =
                    alias.routing_configuration().iter().map(|route| route.agent_version().map(str::to_owned));
                aliases.push(json!([
                    alias.agent_alias_id(),
                    alias.agent_alias_status().as_str(),
                    alias.alias_invocation_state().map(|state| state.as_str().to_owned()),
                    versions.collect::<Vec<_>>(),
                ]));
            }
        }
    }
    let support = aws_sdk_support::Client::new(&home);
    let cases = support.describe_cases().include_resolved_cases(true).send().await.expect("cases").cases;
    let cases: Vec<Value> = cases
        .unwrap_or_default()
        .iter()
        .map(|case| json!([case.subject(), case.service_code(), case.category_code(), case.severity_code()]))
        .collect();
    let trust = document(&role.assume_role_policy_document.unwrap_or_default());
    json!({ "trust": trust, "policies": policies, "keys": keys, "agents": agents_of_all, "aliases": aliases, "cases": cases })
}

/// A policy document as IAM hands it out.
fn document(encoded: &str) -> Value {
    let text = percent_encoding::percent_decode_str(encoded).decode_utf8().expect("UTF-8");
    serde_json::from_str(&text).expect("a policy document")
}

/// The cut-off differs from run to run.
fn blot_times(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(blot_times),
        Value::Object(members) => members.values_mut().for_each(blot_times),
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => *text = "<time>".to_owned(),
        _ => {}
    }
}
