//! The tags of what Bedrock and Q Business hold. Each service has an operation of its own for it.

use std::collections::BTreeMap;

use super::declare::request;
use super::{Operation, Service};
use crate::base::{Arn, Entity, EntityKind};

/// What Bedrock holds in a Region: the operation is about whatever the ARN names.
const OF_BEDROCK: &str = "arn:{partition}:bedrock:{region}:{account}:*";

fn tags_of(arn: &Arn) -> Entity {
    Entity::new(EntityKind::Account, format!("tags of {arn}"))
}

request! {
    /// Reads the tags of an agent, flow, prompt or knowledge base (`bedrock:ListTagsForResource`).
    read ListAgentTags in a Region {
        /// What carries them.
        arn: Arn,
    } of BTreeMap<String, String>,
    row: Operation::read(Service::BedrockAgent, "ListTagsForResource").needs(&["bedrock:ListTagsForResource"], OF_BEDROCK),
    about: |it| tags_of(&it.arn),
    send: |it, to| to.bedrock_agent(Some(&it.region)).list_tags_for_resource().resource_arn(it.arn.as_str()),
    reply: |out| Ok(out.tags.unwrap_or_default().into_iter().collect()),
}

request! {
    /// Reads the tags of a guardrail, of a job, throughput that was bought or a deployment (`bedrock:ListTagsForResource`).
    read ListBedrockTags in a Region {
        /// What carries them.
        arn: Arn,
    } of BTreeMap<String, String>,
    row: Operation::read(Service::Bedrock, "ListTagsForResource").needs(&["bedrock:ListTagsForResource"], OF_BEDROCK),
    about: |it| tags_of(&it.arn),
    send: |it, to| to.bedrock(Some(&it.region)).list_tags_for_resource().resource_arn(it.arn.as_str()),
    reply: |out| Ok(out.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()),
}

request! {
    /// Reads the tags of what Q Business holds (`qbusiness:ListTagsForResource`).
    read ListQTags in a Region {
        /// What carries them.
        arn: Arn,
    } of BTreeMap<String, String>,
    row: Operation::read(Service::QBusiness, "ListTagsForResource")
        .needs(&["qbusiness:ListTagsForResource"], "arn:{partition}:qbusiness:{region}:{account}:application/*"),
    about: |it| tags_of(&it.arn),
    send: |it, to| to.q_business(Some(&it.region)).list_tags_for_resource().resource_arn(it.arn.as_str()),
    reply: |out| Ok(out.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()),
}
