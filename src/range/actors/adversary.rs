//! What the adversary has and knows.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use crate::range::Range;
use crate::range::model::TEST_ALIAS;
use crate::range::scenario::{AdversarySpec, CredentialKind, MoveTrigger};
use crate::range::wire::ApiError;

use super::hand::{Hand, What, is_denial};

/// A credential in the adversary's hands.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) name: String,
    pub(super) key: String,
    /// Whether it belongs to another account, so that it can only assume roles here.
    pub(super) foreign: bool,
}

/// An agent of the adversary's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnAgent {
    pub(super) region: String,
    pub(super) agent: String,
    pub(super) alias: String,
}

#[derive(Debug, Default)]
pub(super) struct Knowledge {
    /// In the order in which they are tried.
    pub(super) held: Vec<Held>,
    pub(super) agents: Vec<OwnAgent>,
    /// Ids of those that no longer answer; they are tried again all the same.
    pub(super) lost: BTreeSet<String>,
    /// Policies that were there when it first looked, by principal.
    pub(super) known_policies: std::collections::BTreeMap<String, BTreeSet<String>>,
}

/// The adversary: its tasks share this.
#[derive(Debug)]
pub(super) struct Adversary {
    pub(super) hand: Hand,
    knowledge: Mutex<Knowledge>,
    deny_seen: watch::Sender<u64>,
    denied: watch::Sender<u64>,
    agent_lost: watch::Sender<u64>,
}

impl Adversary {
    pub(super) fn new(range: &Range, spec: &AdversarySpec) -> Self {
        let mut knowledge = Knowledge::default();
        for credential in &spec.holds {
            if let Some(key) = range.holding(&credential.name) {
                let foreign = credential.kind == CredentialKind::Foreign;
                knowledge.held.push(Held { name: credential.name.clone(), key, foreign });
            }
        }
        let state = range.lock();
        for agent in state.account.agents.values().filter(|agent| spec.agents.contains(&agent.name)) {
            let alias = agent.aliases.keys().find(|id| *id != TEST_ALIAS).cloned();
            let alias = alias.unwrap_or_else(|| TEST_ALIAS.to_owned());
            knowledge.agents.push(OwnAgent { region: agent.region.clone(), agent: agent.id.clone(), alias });
        }
        drop(state);
        Self {
            hand: Hand { range: range.clone(), user_agent: "Boto3/1.35.36 Python/3.11", source_ip: "185.220.101.7" },
            knowledge: Mutex::new(knowledge),
            deny_seen: watch::Sender::new(0),
            denied: watch::Sender::new(0),
            agent_lost: watch::Sender::new(0),
        }
    }

    pub(super) fn knowledge(&self) -> MutexGuard<'_, Knowledge> {
        self.knowledge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trigger(&self, trigger: MoveTrigger) -> Option<&watch::Sender<u64>> {
        match trigger {
            MoveTrigger::Start => None,
            MoveTrigger::DenySeen => Some(&self.deny_seen),
            MoveTrigger::Denied => Some(&self.denied),
            MoveTrigger::AgentLost => Some(&self.agent_lost),
        }
    }

    /// Tells the moves that wait for it.
    pub(super) fn fire(&self, trigger: MoveTrigger) {
        if let Some(sender) = self.trigger(trigger) {
            sender.send_modify(|count| *count += 1);
        }
    }

    /// Hears of a trigger from now on.
    pub(super) fn listen(&self, trigger: MoveTrigger) -> Option<watch::Receiver<u64>> {
        self.trigger(trigger).map(watch::Sender::subscribe)
    }

    /// Tries a call with one credential after the other, the named one first, until one is not refused.
    pub(super) async fn try_all(
        &self,
        first: Option<&str>,
        what: What,
        region: &str,
        input: &Value,
    ) -> Result<Value, ApiError> {
        let mut held = self.knowledge().held.clone();
        held.sort_by_key(|one| Some(one.name.as_str()) != first);
        let assumes = what.1 == "AssumeRole";
        let mut last = ApiError::new("AccessDenied", 403, "no credentials are left");
        for one in held.iter().filter(|one| assumes || !one.foreign) {
            match self.hand.call(&one.key, what, region, input.clone()).await {
                Err(error) if is_denial(&error) => last = error,
                other => return other,
            }
        }
        self.fire(MoveTrigger::Denied);
        Err(last)
    }
}
