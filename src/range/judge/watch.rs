//! The watch over the adversary's capabilities.

use jiff::Timestamp;

use crate::range::model::{Account, Caller};
use crate::range::scenario::CapabilitySpec;
use crate::range::wire::{ApiCall, ApiError};
use crate::range::world::{Authorizer, Party};

use super::closure::{may, within_reach};
use super::{Judgement, SeenCall};

/// Something that the adversary could do when the watch began.
#[derive(Debug)]
struct Ability {
    caller: Caller,
    action: String,
    resource: String,
}

/// Watches what the adversary can do. It looks at every moment at which anything changes, so between two looks
/// everything is as it was at the first.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    /// What containment must end.
    pub(crate) can: Vec<CapabilitySpec>,
    started: Option<Timestamp>,
    /// What the adversary could do at the start, until the first of it is forbidden.
    abilities: Vec<Ability>,
    first_deny: Option<Timestamp>,
    last_allowed: Option<Timestamp>,
    still: Vec<String>,
    adversary_calls: u64,
    successes: Vec<SeenCall>,
    workload_calls: u64,
    workload_refused: Vec<SeenCall>,
    interruptions: u64,
}

impl Judge {
    /// Begins the watch.
    pub(crate) fn start(&mut self, account: &Account, authorizer: &mut Authorizer, held: &[String], now: Timestamp) {
        self.started = Some(now);
        for one in within_reach(account, authorizer, held, now) {
            for capability in &self.can {
                let resources = resources(account, capability);
                let allowed =
                    |resource: &&String| may(account, authorizer, &one.caller, &capability.action, resource, now);
                if let Some(resource) = resources.iter().find(allowed) {
                    let (action, resource) = (capability.action.clone(), resource.clone());
                    self.abilities.push(Ability { caller: one.caller.clone(), action, resource });
                }
            }
        }
        self.look(account, authorizer, held, now);
    }

    /// Sees the world as it is at a moment.
    pub(crate) fn look(&mut self, account: &Account, authorizer: &mut Authorizer, held: &[String], now: Timestamp) {
        if self.started.is_none() {
            return;
        }
        if self.first_deny.is_none() {
            let forbidden = |ability: &Ability| {
                ability.caller.expires.is_none_or(|expires| expires > now)
                    && !may(account, authorizer, &ability.caller, &ability.action, &ability.resource, now)
            };
            if self.abilities.iter().any(forbidden) {
                self.first_deny = Some(now);
            }
        }
        if !self.still.is_empty() {
            self.last_allowed = Some(now);
        }
        self.still.clear();
        let reach = within_reach(account, authorizer, held, now);
        for capability in &self.can {
            let resources = resources(account, capability);
            let found = reach.iter().find_map(|one| {
                let allowed =
                    |resource: &&String| may(account, authorizer, &one.caller, &capability.action, resource, now);
                resources.iter().find(allowed).map(|resource| (one, resource))
            });
            if let Some((one, resource)) = found {
                self.still.push(format!("{} on {resource} with {}", capability.action, one.how));
            }
        }
    }

    /// Remembers a call of one of the scenario's parties.
    pub(crate) fn note_call(&mut self, party: Party, call: &ApiCall, error: Option<&ApiError>, now: Timestamp) {
        if self.started.is_none() {
            return;
        }
        let seen = || SeenCall {
            time: now,
            operation: call.operation.to_owned(),
            region: call.region.clone(),
            access_key: call.access_key.clone().unwrap_or_default(),
            error: error.map(|error| error.code.clone()),
        };
        let refused = error.is_some_and(|error| error.status < 500 && !error.code.contains("Thrott"));
        match party {
            Party::Responder => {}
            Party::Adversary => {
                self.adversary_calls += 1;
                if error.is_none() && call.operation != "GetCallerIdentity" {
                    self.successes.push(seen());
                }
            }
            Party::Workload => {
                self.workload_calls += 1;
                if refused {
                    self.workload_refused.push(seen());
                }
            }
            Party::Interruptible => self.interruptions += u64::from(refused),
        }
    }

    /// What it has seen.
    pub(crate) fn judgement(&self) -> Judgement {
        let since = |when: Timestamp| self.started.map(|started| when.duration_since(started).as_secs_f64());
        let contained = self.still.is_empty() && self.started.is_some();
        let end = self.last_allowed.or(self.started).filter(|_| contained);
        Judgement {
            time_to_first_deny_seconds: self.first_deny.and_then(since),
            time_to_contain_seconds: end.and_then(since),
            still_allowed: self.still.clone(),
            adversary_calls: self.adversary_calls,
            succeeded_after_containment: end
                .map(|end| self.successes.iter().filter(|call| call.time > end).cloned().collect())
                .unwrap_or_default(),
            workload_calls: self.workload_calls,
            workload_refused: self.workload_refused.clone(),
            expected_interruptions: self.interruptions,
        }
    }
}

/// The ARNs that a capability is asked for now. An invocation needs an alias that takes it; everything else is asked
/// for the ARN as it stands in the scenario.
fn resources(account: &Account, capability: &CapabilitySpec) -> Vec<String> {
    if capability.action != "bedrock:InvokeAgent" {
        return vec![capability.resource.clone()];
    }
    let agents = account.agents.values();
    let aliases = agents.flat_map(|agent| agent.aliases.values().map(move |alias| (agent, alias)));
    aliases
        .filter(|(agent, alias)| agent.takes_invocations(alias))
        .map(|(agent, alias)| account.alias_arn(&agent.region, &agent.id, &alias.id))
        .filter(|arn| matches(&capability.resource, arn))
        .collect()
}

/// Whether a text matches a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut rest = rest;
    let mut last = None;
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        Some(last) => text.ends_with(last),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_anything() {
        assert!(matches("*", "anything"));
        assert!(matches("arn:*:agent-alias/*", "arn:aws:bedrock:eu-west-1:1:agent-alias/A/B"));
        assert!(matches("a*c", "abcc"));
        assert!(!matches("a*c", "abcd"));
        assert!(!matches("a", "ab"));
    }
}
