//! Somebody who works in the account.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::range::Range;
use crate::range::model::TEST_ALIAS;
use crate::range::scenario::{CredentialKind, WorkloadCall, WorkloadSpec};
use crate::range::wire::ServiceName;
use crate::range::world::Party;

use super::hand::{Hand, is_denial};

/// Where workloads call from.
const SOURCE: &str = "10.0.4.17";
/// How long it takes until a workload has been given a new key.
const DEPLOYING: Duration = Duration::from_secs(120);

/// Works for ever: calls, and gets fresh credentials when it is time or, where a service gives them, when refused.
pub(super) async fn work(range: Range, spec: WorkloadSpec) {
    let first = match spec.credentials.kind {
        CredentialKind::NewestKey => newest_key(&range, &spec, Duration::ZERO),
        _ => range.holding(&spec.credentials.name),
    };
    let Some(mut key) = first else { return };
    let clock = range.clock().clone();
    let hand = Hand { range: range.clone(), user_agent: "aws-sdk-java/2.29.6 app/prod", source_ip: SOURCE };
    let mut renewed = clock.now();
    let mut agent = None;
    // Several workloads with one period do not all call at the same moment.
    let offset = range.lock().dice.below(&format!("offset {}", spec.name), 1_000);
    clock.sleep(Duration::from_millis(offset)).await;
    loop {
        let refused = call_once(&hand, &spec, &key, &mut agent).await;
        let age = Duration::try_from(clock.now().duration_since(renewed)).unwrap_or_default();
        let stale = spec.renews_every.is_some_and(|every| age >= every.0);
        if (refused || stale)
            && spec.credentials.kind == CredentialKind::Service
            && let Some(fresh) = range.assume_for_service(&spec.credentials)
        {
            key = fresh;
            renewed = clock.now();
        }
        if spec.credentials.kind == CredentialKind::NewestKey
            && let Some(deployed) = newest_key(&range, &spec, DEPLOYING)
        {
            key = deployed;
        }
        clock.sleep(spec.every.0).await;
    }
}

/// The newest key of a workload's user that is at least so old. Calls with it from where workloads call are the workload's,
/// whoever else holds the key.
fn newest_key(range: &Range, spec: &WorkloadSpec, age: Duration) -> Option<String> {
    let now = range.clock().now();
    let mut state = range.lock();
    let user = state.account.users.latest(spec.credentials.user.as_ref()?)?;
    let old_enough = |made: Timestamp| Duration::try_from(now.duration_since(made)).is_ok_and(|old| old >= age);
    let keys = user.keys.iter().filter(|(_, key)| old_enough(key.created));
    let key = keys.max_by_key(|(id, key)| (key.created, (*id).clone()))?.0.clone();
    let party = if spec.expects_outage { Party::Interruptible } else { Party::Workload };
    state.shared.insert((key.clone(), SOURCE.to_owned()), party);
    Some(key)
}

/// Makes one call; says whether the credentials were refused. An agent that it has called once is called on when it is gone, as
/// whoever has its ids written down does.
async fn call_once(hand: &Hand, spec: &WorkloadSpec, key: &str, known: &mut Option<(String, String)>) -> bool {
    let (what, input) = match spec.calls {
        WorkloadCall::ListAgents => ((ServiceName::BedrockAgent, "ListAgents"), json!({})),
        WorkloadCall::Call => {
            let Some((what, call)) = spec.call.as_ref().and_then(|call| Some((call.of_table()?, call))) else {
                return false;
            };
            (what, call.input.clone())
        }
        WorkloadCall::InvokeAgent => {
            if let Some(found) = spec.agent.as_deref().and_then(|name| alias_of(&hand.range, &spec.region, name)) {
                *known = Some(found);
            }
            let Some((agent, alias)) = known else { return false };
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
