//! The tags of what a plan is about, for the guardrails.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Plan;
use crate::aws::{
    GetRole, GetUser, ListAgentTags, ListBedrockTags, ListQTags, Operation, Reader, Request as _, Service,
};
use crate::base::{Arn, EntityKind, RoleName, Target, UserName};

/// How many things are asked for their tags at most: a plan may be about thousands, and each is asked for its own.
const MOST: usize = 200;

/// The tags of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// The role, user, agent, application or other thing.
    pub of: Target,
    /// What it carries.
    pub tags: BTreeMap<String, String>,
}

impl Plan {
    /// The tags of a thing, or of the thing that it belongs to; nothing where they are not known.
    pub fn tags_of(&self, target: &Target) -> Option<&BTreeMap<String, String>> {
        let root = root(target);
        self.tags.iter().find(|one| one.of == root).map(|one| &one.tags)
    }
}

/// Whom to ask for the tags of what a service holds.
pub(super) fn tells_tags(service: Service) -> Option<&'static Operation> {
    match service {
        Service::Iam => Some(GetUser::OPERATION),
        Service::BedrockAgent => Some(ListAgentTags::OPERATION),
        Service::Bedrock => Some(ListBedrockTags::OPERATION),
        Service::QBusiness => Some(ListQTags::OPERATION),
        Service::Sts
        | Service::SecretsManager
        | Service::Support
        | Service::Account
        | Service::CloudTrail
        | Service::GuardDuty
        | Service::Sqs => None,
    }
}

/// Asks for the tags of all that a plan's steps are about. They are nice to have: of what does not say them in a short time they stay
/// unknown, which guardrails can tell. Nobody is asked for the sake of a plan that no person approves.
pub async fn tagged(plan: Plan, reader: &Reader) -> Plan {
    let mut things: Vec<Target> = Vec::new();
    let calls = plan.calls().map(|(_, call)| plan.place.target(call.region(), call.entity()));
    for target in plan.actions().map(|(_, action)| action.target.clone()).chain(calls) {
        let root = root(&target);
        if !things.contains(&root) {
            things.push(root);
        }
    }
    let since = Instant::now();
    let asked = things.into_iter().take(MOST).map(async |of| Some(Tags { tags: ask(&of, reader, since).await?, of }));
    let tags = join_all(asked).await.into_iter().flatten().collect();
    Plan { tags, ..plan }
}

fn root(target: &Target) -> Target {
    Target { entity: target.entity.root(), ..target.clone() }
}

async fn ask(of: &Target, reader: &Reader, since: Instant) -> Option<BTreeMap<String, String>> {
    let id = of.entity.path.first()?;
    let arn = |service: &str, kind: &str| -> Option<Arn> {
        let region = of.region.as_ref()?;
        format!("arn:{}:{service}:{region}:{}:{kind}/{id}", of.partition, of.account).parse().ok()
    };
    let region = of.region.clone();
    match of.entity.kind {
        EntityKind::Role => {
            let role = RoleName::new(id.as_str()).ok()?;
            reader.glance(since, GetRole { role }).await.ok().map(|role| role.tags)
        }
        EntityKind::User => {
            let user = UserName::new(id.as_str()).ok()?;
            reader.glance(since, GetUser { user }).await.ok().map(|user| user.tags)
        }
        kind @ (EntityKind::Agent | EntityKind::Flow | EntityKind::Prompt | EntityKind::KnowledgeBase) => {
            let kind = match kind {
                EntityKind::Agent => "agent",
                EntityKind::Flow => "flow",
                EntityKind::Prompt => "prompt",
                _ => "knowledge-base",
            };
            let (region, arn) = (region?, arn("bedrock", kind)?);
            reader.glance(since, ListAgentTags { region, arn }).await.ok()
        }
        EntityKind::Guardrail => {
            let (region, arn) = (region?, arn("bedrock", "guardrail")?);
            reader.glance(since, ListBedrockTags { region, arn }).await.ok()
        }
        EntityKind::QApplication => {
            let (region, arn) = (region?, arn("qbusiness", "application")?);
            reader.glance(since, ListQTags { region, arn }).await.ok()
        }
        _ => None,
    }
}
