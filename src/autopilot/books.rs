//! What the ledger comes to: which incidents there are, which events are known, and what was spent.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::budget::Budgets;
use super::entry::{Alarm, Entry, Outcome, signed};
use crate::base::{AccountId, IncidentId, RunId};

/// For how long the id of an event is known: EventBridge delivers for a day at most, and a queue keeps messages for 14 days at most.
const EVENTS_KNOWN_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);
/// For how long updates of a finding join its incident, whatever the window of its trigger: GuardDuty sends them every six hours where nobody
/// has configured otherwise.
const UPDATES_JOIN_FOR: SignedDuration = SignedDuration::from_hours(24);
/// The time that budgets are for.
pub(super) const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// An incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The id that its run has, or will have.
    pub run: RunId,
    /// When it began.
    pub opened: Timestamp,
    /// What it began with.
    pub alarm: Alarm,
    /// How many events have joined it since.
    pub joined: u32,
    /// When the last one did, or it began.
    pub latest: Timestamp,
    /// Whether AWS has confirmed it, and by what or why not; nothing while it was not asked.
    pub asked: Option<(bool, String)>,
    /// The roles and users that its run was paid for, once it was.
    pub charged: Option<BTreeSet<String>>,
    /// What it came to; nothing while it is open.
    pub concluded: Option<Conclusion>,
}

/// What an incident came to without a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    /// When.
    pub at: Timestamp,
    /// What.
    pub outcome: Outcome,
    /// Why, as a fragment.
    pub why: String,
    /// The plans that wait, as paths of files.
    pub plans: Vec<String>,
    /// What a person does next, as a command.
    pub next: Option<String>,
}

/// What to do about a alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// The event was here before.
    Event,
    /// It is about an incident that is known, whose detections join it still.
    Incident(IncidentId),
    /// So many events of its key have come before it, within the time that counts.
    New {
        /// How many.
        before: u32,
    },
}

/// Why nothing happens unattended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spent {
    /// The breaker has tripped.
    Tripped {
        /// Until when it stays so.
        until: Timestamp,
    },
    /// The budget of the account does not hold it.
    Account {
        /// How many roles and users were acted on within the hour.
        used: usize,
        /// How many may be.
        most: usize,
    },
    /// That of all accounts does not.
    All {
        /// How many roles and users were acted on within the hour.
        used: usize,
        /// How many may be.
        most: usize,
    },
}

impl std::fmt::Display for Spent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tripped { until } => {
                write!(out, "the breaker has tripped, and nothing happens unattended until {until}")
            }
            Self::Account { used, most } => {
                write!(out, "{used} roles and users of the account were acted on within the hour, and {most} may be")
            }
            Self::All { used, most } => {
                write!(out, "{used} roles and users of all accounts were acted on within the hour, and {most} may be")
            }
        }
    }
}

/// What was acted on, and when.
type Charges = BTreeMap<(AccountId, String), Timestamp>;

/// What the ledger comes to. It changes by [`Books::apply`] alone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Books {
    incidents: BTreeMap<IncidentId, Incident>,
    /// The latest incident of each key.
    by_key: BTreeMap<String, IncidentId>,
    /// The incident of each key that was confirmed first, as long as it covers what comes.
    confirmed: BTreeMap<String, IncidentId>,
    /// The latest incident of each finding or record, for each key.
    by_subject: BTreeMap<(String, String), IncidentId>,
    /// Every event that is known, and since when.
    events: BTreeMap<String, Timestamp>,
    /// Events that count towards an incident of their key, and until when.
    counted: BTreeMap<String, Vec<Timestamp>>,
    charges: Charges,
    tripped: Option<Timestamp>,
    /// When plans were made for people.
    planned: Vec<Timestamp>,
}

impl Incident {
    /// Whether a run of it was begun, or is about to be.
    pub fn has_run(&self) -> bool {
        self.charged.is_some()
    }

    /// Whether an alarm of the same key is looked after with it.
    fn covers(&self, alarm: &Alarm) -> bool {
        if !alarm.unattended {
            return true;
        }
        // What may be contained with nobody there does not wait with what may not, nor with what nobody has confirmed: whoever forges one event
        // would keep the true one from being looked at. What is about the same finding is confirmed or not with it.
        let is_confirmed = self.asked.as_ref().is_some_and(|(confirmed, _)| *confirmed);
        let is_same = alarm.subject.is_some() && alarm.subject == self.alarm.subject;
        // What happened after it was contained is another deed.
        let is_new = self.concluded.as_ref().is_some_and(|over| alarm.happened.is_some_and(|at| at > over.at));
        self.alarm.unattended && (is_confirmed || is_same) && !is_new
    }
}

impl Books {
    /// The incident that a confirmed one is the same as, where another of its key was confirmed before it and looks after it.
    pub fn led_by(&self, incident: &Incident) -> Option<&IncidentId> {
        let id = self.confirmed.get(&incident.alarm.key).filter(|id| **id != incident.id)?;
        self.incidents.get(id).filter(|leader| leader.covers(&incident.alarm)).map(|leader| &leader.id)
    }

    /// Every incident, by id.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values()
    }

    /// An incident.
    pub fn incident(&self, id: &IncidentId) -> Option<&Incident> {
        self.incidents.get(id)
    }

    /// The incidents about which something is still to be done without a person, the oldest first.
    pub fn open(&self) -> Vec<&Incident> {
        let mut open: Vec<&Incident> =
            self.incidents.values().filter(|incident| incident.concluded.is_none()).collect();
        open.sort_by_key(|incident| (incident.opened, &incident.id));
        open
    }

    /// Until when the breaker stays open, if it is.
    pub fn tripped(&self, now: Timestamp) -> Option<Timestamp> {
        self.tripped.filter(|until| now < *until)
    }

    /// What is known of a alarm.
    pub fn known(&self, alarm: &Alarm, now: Timestamp) -> Known {
        if self.events.get(&named(alarm)).is_some_and(|since| now.duration_since(*since) < EVENTS_KNOWN_FOR) {
            return Known::Event;
        }
        let latest = self.by_key.get(&alarm.key).and_then(|id| self.incidents.get(id));
        let covers = |incident: &Incident| incident.covers(alarm);
        let joins = |incident: &Incident| {
            let window = incident.alarm.window.max(alarm.window);
            covers(incident) && (incident.concluded.is_none() || now.duration_since(incident.latest) < signed(window))
        };
        let of_subject = alarm.subject.as_ref().and_then(|subject| {
            let id = self.by_subject.get(&(alarm.key.clone(), subject.clone()))?;
            self.incidents
                .get(id)
                .filter(|incident| covers(incident) && now.duration_since(incident.opened) < UPDATES_JOIN_FOR)
        });
        match latest.filter(|incident| joins(incident)).or(of_subject) {
            Some(incident) => Known::Incident(incident.id.clone()),
            None => {
                let counted = self.counted.get(&alarm.key).into_iter().flatten().filter(|until| now < **until);
                Known::New { before: u32::try_from(counted.count()).unwrap_or(u32::MAX) }
            }
        }
    }

    /// Whether the budgets hold what a run is about to act on.
    pub fn holds(
        &self,
        account: &AccountId,
        principals: &BTreeSet<String>,
        budgets: &Budgets,
        now: Timestamp,
    ) -> Result<(), Spent> {
        if let Some(until) = self.tripped(now) {
            return Err(Spent::Tripped { until });
        }
        let used: BTreeSet<(&AccountId, &String)> =
            self.recent(now).map(|(account, principal)| (account, principal)).collect();
        let asked = principals.iter().map(|principal| (account, principal));
        let then: BTreeSet<(&AccountId, &String)> = used.iter().copied().chain(asked).collect();
        let of_account = |all: &BTreeSet<(&AccountId, &String)>| all.iter().filter(|(of, _)| *of == account).count();
        if then.len() > budgets.principals {
            return Err(Spent::All { used: used.len(), most: budgets.principals });
        }
        if of_account(&then) > budgets.principals_per_account {
            return Err(Spent::Account { used: of_account(&used), most: budgets.principals_per_account });
        }
        Ok(())
    }

    /// How many roles and users of all accounts were acted on within the hour.
    pub fn used(&self, now: Timestamp) -> usize {
        self.recent(now).count()
    }

    /// What was acted on within the hour.
    fn recent(&self, now: Timestamp) -> impl Iterator<Item = &(AccountId, String)> {
        self.charges.iter().filter(move |(_, at)| now.duration_since(**at) < AN_HOUR).map(|(what, _)| what)
    }

    /// Whether another plan may be made for people now.
    pub fn may_plan(&self, budgets: &Budgets, now: Timestamp) -> bool {
        self.planned.iter().filter(|at| now.duration_since(**at) < AN_HOUR).count() < budgets.plans
    }

    /// Takes one more entry in.
    pub(super) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Opened { incident, run, at, alarm } => {
                self.events.insert(named(alarm), *at);
                self.by_key.insert(alarm.key.clone(), incident.clone());
                self.counted.remove(&alarm.key);
                if let Some(subject) = &alarm.subject {
                    self.by_subject.insert((alarm.key.clone(), subject.clone()), incident.clone());
                }
                let opened = Incident {
                    id: incident.clone(),
                    run: run.clone(),
                    opened: *at,
                    alarm: (**alarm).clone(),
                    joined: 0,
                    latest: *at,
                    asked: None,
                    charged: None,
                    concluded: None,
                };
                self.incidents.insert(incident.clone(), opened);
            }
            Entry::Joined { incident, event, at } => {
                self.events.insert(event.clone(), *at);
                self.change(incident, |incident| {
                    incident.joined += 1;
                    incident.latest = *at;
                });
            }
            Entry::Counted { key, event, at, within } => {
                self.events.insert(event.clone(), *at);
                let until = at.checked_add(signed(*within)).unwrap_or(Timestamp::MAX);
                self.counted.entry(key.clone()).or_default().push(until);
            }
            Entry::Asked { incident, confirmed, why, at } => {
                if *confirmed {
                    self.leads(incident, *at);
                }
                self.change(incident, |incident| incident.asked = Some((*confirmed, why.clone())));
            }
            Entry::Charged { incident, account, principals, at } => {
                self.charges.extend(principals.iter().map(|one| ((account.clone(), one.clone()), *at)));
                let all = principals.iter().cloned();
                self.change(incident, |incident| incident.charged.get_or_insert_default().extend(all));
            }
            Entry::Tripped { until, .. } => self.tripped = Some(*until),
            Entry::Concluded { incident, outcome, why, plans, next, at } => {
                self.planned.extend((!plans.is_empty()).then_some(*at));
                let (outcome, why, plans, next) = (*outcome, why.clone(), plans.clone(), next.clone());
                self.change(incident, |incident| {
                    incident.concluded = Some(Conclusion { at: *at, outcome, why, plans, next });
                });
            }
        }
    }

    /// An incident was confirmed: it looks after its key from now on, unless another one does.
    fn leads(&mut self, id: &IncidentId, at: Timestamp) {
        let Some(incident) = self.incidents.get(id) else { return };
        let key = incident.alarm.key.clone();
        let leader = self.confirmed.get(&key).and_then(|id| self.incidents.get(id));
        let window = |leader: &Incident| at.duration_since(leader.latest) < signed(leader.alarm.window);
        let led = leader
            .is_some_and(|leader| leader.covers(&incident.alarm) && (leader.concluded.is_none() || window(leader)));
        if !led {
            self.confirmed.insert(key, id.clone());
        }
    }

    fn change(&mut self, id: &IncidentId, change: impl FnOnce(&mut Incident)) {
        if let Some(incident) = self.incidents.get_mut(id) {
            change(incident);
        }
    }

    /// Whether an entry still says something: what is over and known by nobody any more need not be kept.
    pub(super) fn still_says(&self, entry: &Entry, now: Timestamp) -> bool {
        let recent = now.duration_since(entry.at()) < EVENTS_KNOWN_FOR;
        let open = |id: &IncidentId| self.incidents.get(id).is_some_and(|incident| incident.concluded.is_none());
        let joins = |id: &IncidentId| {
            let window = |incident: &Incident| now.duration_since(incident.latest) < signed(incident.alarm.window);
            self.incidents.get(id).is_some_and(window)
        };
        recent
            || match entry {
                Entry::Opened { incident, .. }
                | Entry::Joined { incident, .. }
                | Entry::Asked { incident, .. }
                | Entry::Charged { incident, .. }
                | Entry::Concluded { incident, .. } => open(incident) || joins(incident),
                Entry::Counted { at, within, .. } => now.duration_since(*at) < signed(*within),
                Entry::Tripped { until, .. } => now < *until,
            }
    }
}

/// The name of an event, as it is looked up: the same event may be matched by several triggers, and counts once for each incident.
pub(super) fn named(alarm: &Alarm) -> String {
    format!("{} {}", alarm.key, alarm.event)
}
