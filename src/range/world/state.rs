//! Everything behind the front door, and how time changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::range::dice::Dice;
use crate::range::judge::Judge;
use crate::range::model::{Account, AgentStatus, AliasStatus, Caller, Landing, LastUse, Principal, Session};
use crate::range::scenario::{Fault, Knobs, SupportPlan};
use crate::range::wire::ApiCall;

use super::throttle::Throttle;
use super::{Authorizer, TrailEvent};

/// Whose calls these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// Whoever contains the incident, and everybody who is not in the scenario.
    Responder,
    /// The adversary of the scenario.
    Adversary,
    /// The workload of the scenario.
    Workload,
    /// Workload that is expected to stop for a while.
    Interruptible,
}

/// Everything behind the front door.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) plan: SupportPlan,
    pub(crate) knobs: Knobs,
    pub(crate) dice: Dice,
    pub(crate) throttle: Throttle,
    pub(crate) authorizer: Authorizer,
    pub(crate) trail: Vec<TrailEvent>,
    pub(crate) faults: Vec<Fault>,
    /// How often the responder has called each operation, in all and in each Region.
    pub(crate) counts: BTreeMap<(&'static str, Option<String>), u32>,
    /// Key ids of the parties of the scenario.
    pub(crate) parties: BTreeMap<String, Party>,
    /// Parties who call with a key of somebody else's, by key id and the address they call from.
    pub(crate) shared: BTreeMap<(String, String), Party>,
    /// Key ids by the names that the scenario gives credentials.
    pub(crate) holdings: BTreeMap<String, String>,
    pub(crate) judge: Judge,
    /// Counts what can be of interest to those who wait for messages of a queue.
    pub(crate) queue_changes: u64,
    /// Moments at which something changes by itself.
    agenda: BTreeSet<Timestamp>,
}

impl State {
    pub(crate) fn new(account: Account, plan: SupportPlan, knobs: Knobs, dice: Dice) -> Self {
        Self {
            account,
            plan,
            knobs,
            dice,
            throttle: Throttle::default(),
            authorizer: Authorizer::default(),
            trail: Vec::new(),
            faults: Vec::new(),
            counts: BTreeMap::new(),
            parties: BTreeMap::new(),
            shared: BTreeMap::new(),
            holdings: BTreeMap::new(),
            judge: Judge::default(),
            queue_changes: 0,
            agenda: BTreeSet::new(),
        }
    }

    /// Notes that something changes by itself at a moment.
    pub(crate) fn wake_at(&mut self, when: Timestamp) {
        self.agenda.insert(when);
    }

    /// The moment that lies about `middle` after `now`, noted as one at which something changes.
    pub(crate) fn after(&mut self, purpose: &str, middle: Duration, now: Timestamp) -> Timestamp {
        let when = later(now, self.dice.around(purpose, middle));
        self.wake_at(when);
        when
    }

    /// When a change of IAM made now reaches its readers.
    pub(crate) fn landing(&mut self, operation: &str, what: &str, now: Timestamp) -> Landing {
        // FACT iam-propagation
        let enforced_at = self.after(&format!("enforced {operation} {what}"), self.knobs.iam_propagation.0, now);
        // FACT iam-stale-reads
        let read_at = match self.knobs.iam_stale_reads {
            true => later(now, self.dice.around(&format!("read {operation} {what}"), self.knobs.iam_propagation.0 / 2)),
            false => now,
        };
        Landing { read_at, enforced_at }
    }

    /// Notes the use of a role or key. FACT iam-last-used
    pub(crate) fn note_use(&mut self, caller: &Caller, call: &ApiCall, when: Timestamp) {
        let last = LastUse { when, region: call.region.clone(), service: call.service.signing_name().to_owned() };
        match (&caller.principal, &caller.key) {
            (Principal::Role { role, .. }, _) => {
                self.account.role_uses.insert(role.clone(), last);
            }
            (Principal::User { .. }, Some(key)) if caller.issued.is_none() => {
                self.account.key_uses.insert(key.clone(), last);
            }
            _ => {}
        }
    }

    /// Who owns a key id, among the parties of the scenario.
    pub(crate) fn party(&self, key: Option<&str>) -> Party {
        key.and_then(|key| self.parties.get(key)).copied().unwrap_or(Party::Responder)
    }

    /// Who makes a call.
    pub(crate) fn caller(&self, call: &ApiCall) -> Party {
        let key = call.access_key.as_deref();
        let shared = key.and_then(|key| self.shared.get(&(key.to_owned(), call.source_ip.clone())));
        shared.copied().unwrap_or_else(|| self.party(key))
    }

    /// Gives new credentials to the party that made them.
    pub(crate) fn inherit_party(&mut self, maker: Option<&str>, key: &str) {
        let party = self.party(maker);
        if party != Party::Responder {
            self.parties.insert(key.to_owned(), party);
        }
    }

    /// Lets everything happen that was due up to a moment, in its order, and lets the judge look each time.
    pub(crate) fn advance_to(&mut self, now: Timestamp) {
        while let Some(when) = self.agenda.first().copied().filter(|when| *when <= now) {
            self.agenda.pop_first();
            self.settle(when);
            self.look(when);
        }
    }

    /// Lets the judge see the world as it is at a moment.
    pub(crate) fn look(&mut self, when: Timestamp) {
        let held = self.keys_of(Party::Adversary);
        let State { judge, account, authorizer, .. } = self;
        judge.look(account, authorizer, &held, when);
        self.wake_for_dates(when);
    }

    /// Begins the judge's watch.
    pub(crate) fn start_watch(&mut self, now: Timestamp) {
        let held = self.keys_of(Party::Adversary);
        let State { judge, account, authorizer, .. } = self;
        judge.start(account, authorizer, &held, now);
        self.wake_for_dates(now);
    }

    fn keys_of(&self, party: Party) -> Vec<String> {
        self.parties.iter().filter(|(_, of)| **of == party).map(|(key, _)| key.clone()).collect()
    }

    /// Policies that speak of a date change by themselves then. Issue times are whole seconds, so a session of that
    /// second may count as older than the date: the next second is another such moment.
    fn wake_for_dates(&mut self, now: Timestamp) {
        for date in self.authorizer.take_dates() {
            for when in [date, later(date, Duration::from_secs(1))] {
                if when > now {
                    self.wake_at(when);
                }
            }
        }
    }

    /// Ends the transient statuses that are due.
    fn settle(&mut self, when: Timestamp) {
        self.settle_knowledge(when);
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= when);
        self.account.agents.retain(|_, agent| {
            agent.aliases.retain(|_, alias| !(due(alias.due) && alias.status == AliasStatus::Deleting));
            for alias in agent.aliases.values_mut().filter(|alias| due(alias.due)) {
                alias.status = AliasStatus::Prepared;
                alias.due = None;
            }
            if !due(agent.due) {
                return true;
            }
            agent.due = None;
            match agent.status {
                AgentStatus::Deleting => return false,
                AgentStatus::Preparing => {
                    agent.status = AgentStatus::Prepared;
                    agent.prepared = Some(when);
                }
                AgentStatus::Versioning => agent.status = AgentStatus::Prepared,
                AgentStatus::Creating if agent.failure.is_some() => agent.status = AgentStatus::Failed,
                AgentStatus::Creating | AgentStatus::Updating => agent.status = AgentStatus::NotPrepared,
                AgentStatus::NotPrepared | AgentStatus::Prepared | AgentStatus::Failed => {}
            }
            true
        });
        self.account.settle_q(when, self.knobs.q_deleted_documents_listed);
        self.account.settle_models(when);
    }

    /// Issues temporary credentials; gives the key id.
    pub(crate) fn issue(
        &mut self,
        principal: Principal,
        name: &str,
        policies: Vec<String>,
        issued: Timestamp,
        lasts: Duration,
    ) -> String {
        let owner = match &principal {
            Principal::Foreign { account, .. } => account.clone(),
            _ => self.account.id.clone(),
        };
        let key = self.dice.key_id("ASIA", &owner, name);
        let expires = later(issued, lasts);
        // FACT sts-whole-seconds
        let issued = Timestamp::from_second(issued.as_second()).unwrap_or(issued);
        let caller = Caller {
            key: Some(key.clone()),
            issued: Some(issued),
            expires: Some(expires),
            policies,
            ..Caller::without_key(principal)
        };
        let session = Session { caller, token: self.dice.token(name), secret: self.dice.secret(name) };
        self.account.sessions.insert(key.clone(), session);
        self.wake_at(expires);
        key
    }
}

/// The moment that lies `time` after another, to the millisecond.
pub(crate) fn later(from: Timestamp, time: Duration) -> Timestamp {
    jiff::SignedDuration::try_from(time).ok().and_then(|time| from.checked_add(time).ok()).unwrap_or(from)
}

/// The moment that lies `time` before another.
pub(crate) fn earlier(from: Timestamp, time: Duration) -> Timestamp {
    jiff::SignedDuration::try_from(time).ok().and_then(|time| from.checked_sub(time).ok()).unwrap_or(from)
}
