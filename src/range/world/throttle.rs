//! How many calls of one kind a second may have.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::range::scenario::Knobs;
use crate::range::wire::{ApiCall, ServiceName};

/// One token bucket: as many tokens as calls a second, refilled steadily.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Timestamp,
}

/// The token buckets, one for each Region and operation.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    buckets: BTreeMap<(String, &'static str), Bucket>,
}

/// The published rate of an operation of bedrock-agent, in calls per second for an account in a Region.
fn published(operation: &str) -> Option<u32> {
    // FACT agents-rates
    Some(match operation {
        "GetAgentActionGroup" => 20,
        "GetAgent" => 15,
        "ListAgents"
        | "ListAgentAliases"
        | "ListAgentVersions"
        | "ListAgentActionGroups"
        | "ListAgentKnowledgeBases"
        | "ListFlows"
        | "GetAgentAlias"
        | "GetAgentVersion"
        | "GetFlow" => 10,
        "CreateAgent" => 6,
        "UpdateAgent" => 4,
        "UpdateAgentAlias" | "CreateAgentAlias" | "PrepareAgent" | "DeleteAgent" | "DeleteAgentAlias"
        | "DeleteAgentVersion" => 2,
        _ => return None,
    })
}

fn rate(knobs: &Knobs, call: &ApiCall) -> u32 {
    match call.service {
        // FACT iam-rates
        ServiceName::Iam | ServiceName::Sts => knobs.iam_rate,
        // FACT support-rates
        ServiceName::Support => knobs.support_rate,
        // FACT sqs-rates
        ServiceName::Sqs => u32::MAX,
        // FACT other-rates
        _ => published(call.operation).unwrap_or(knobs.other_rate),
    }
}

impl Throttle {
    /// Takes one token; false when there is none.
    pub(crate) fn admits(&mut self, knobs: &Knobs, call: &ApiCall, now: Timestamp) -> bool {
        let rate = f64::from(rate(knobs, call).max(1));
        let global = matches!(call.service, ServiceName::Iam | ServiceName::Support);
        let place = if global { String::new() } else { call.region.clone() };
        let bucket = self.buckets.entry((place, call.operation)).or_insert(Bucket { tokens: rate, filled: now });
        let passed = now.duration_since(bucket.filled).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * rate).min(rate);
        bucket.filled = now;
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }
}
