//! Somebody who works in the account.

use std::time::Duration;

use serde_json::json;

use crate::range::Range;
use crate::range::model::TEST_ALIAS;
use crate::range::scenario::{CredentialKind, WorkloadCall, WorkloadSpec};
use crate::range::wire::ServiceName;

use super::hand::{Hand, is_denial};

/// Works for ever: calls, and gets fresh credentials when it is time or, where a service gives them, when refused.
pub(super) async fn work(range: Range, spec: WorkloadSpec) {
    let Some(mut key) = range.holding(&spec.credentials.name) else { return };
    let clock = range.clock().clone();
    let hand = Hand { range: range.clone(), user_agent: "aws-sdk-java/2.29.6 app/prod", source_ip: "10.0.4.17" };
    let mut renewed = clock.now();
    // Several workloads with one period do not all call at the same moment.
    let offset = range.lock().dice.below(&format!("offset {}", spec.name), 1_000);
    clock.sleep(Duration::from_millis(offset)).await;
    loop {
        let refused = call_once(&hand, &spec, &key).await;
        let age = Duration::try_from(clock.now().duration_since(renewed)).unwrap_or_default();
        let stale = spec.renews_every.is_some_and(|every| age >= every.0);
        if (refused || stale)
            && spec.credentials.kind == CredentialKind::Service
            && let Some(fresh) = range.assume_for_service(&spec.credentials)
        {
            key = fresh;
            renewed = clock.now();
        }
        clock.sleep(spec.every.0).await;
    }
}

/// Makes one call; says whether the credentials were refused.
async fn call_once(hand: &Hand, spec: &WorkloadSpec, key: &str) -> bool {
    let (what, input) = match spec.calls {
        WorkloadCall::ListAgents => ((ServiceName::BedrockAgent, "ListAgents"), json!({})),
        WorkloadCall::Call => {
            let Some((what, call)) = spec.call.as_ref().and_then(|call| Some((call.of_table()?, call))) else {
                return false;
            };
            (what, call.input.clone())
        }
        WorkloadCall::InvokeAgent => {
            let Some((agent, alias)) = spec.agent.as_deref().and_then(|name| alias_of(&hand.range, &spec.region, name))
            else {
                return false;
            };
            let input =
                json!({ "agentId": agent, "agentAliasId": alias, "sessionId": "customer-1", "inputText": "Hello" });
            ((ServiceName::BedrockAgentRuntime, "InvokeAgent"), input)
        }
    };
    hand.call(key, what, &spec.region, input).await.is_err_and(|error| is_denial(&error))
}

/// The ids of an agent and its first real alias, by the agent's name.
pub(super) fn alias_of(range: &Range, region: &str, name: &str) -> Option<(String, String)> {
    let state = range.lock();
    let agent = state.account.agents.values().find(|agent| agent.region == region && agent.name == name)?;
    let alias = agent.aliases.keys().find(|id| *id != TEST_ALIAS)?;
    Some((agent.id.clone(), alias.clone()))
}
