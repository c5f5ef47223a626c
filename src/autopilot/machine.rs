//! The autopilot itself: from what comes in to runs and plans that wait, with everything on disk before anything follows from it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::books::{AN_HOUR, Incident, Known, Spent, named};
use super::budget::Budgets;
use super::decision::{Decision, What};
use super::entry::{Alarm, Entry, Outcome, signed};
use super::ledger::{Ledger, LedgerError};
use crate::base::{AccountId, Clock, Digest, IncidentId, RunId};

/// How many incidents are planned or contained at once.
const AT_ONCE: usize = 4;
/// How many detections AWS is asked about at once.
const ASKED_AT_ONCE: usize = 8;
/// How long it takes until AWS is asked once more about what it did not confirm: CloudTrail tells of calls some minutes late.
const ASK_AGAIN: Duration = Duration::from_secs(30);
/// How long it takes until something is tried again that could not be done now, and each time twice as long.
const TRY_AGAIN: Duration = Duration::from_secs(60);
/// How long it takes at most. What has begun is never given up: credentials and networks come back.
const TRY_AT_LAST: Duration = Duration::from_secs(15 * 60);

/// What came in, once it was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// A trigger has matched.
    Detected(Box<Alarm>),
    /// Nothing starts, and why that is.
    Passed(Decision),
}

/// What AWS says of a alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is true, by what is told.
    Confirmed(String),
    /// Nothing yet: it may say so later.
    NotYet(String),
    /// It is not true, or nobody can say.
    Never(String),
}

/// What became of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// What it came to, why, and the plans that wait.
    Concluded {
        /// What it came to.
        outcome: Outcome,
        /// Why, as a fragment.
        why: String,
        /// Plans that wait for a person, as paths of files.
        plans: Vec<String>,
        /// What a person does next, as a command.
        next: Option<String>,
    },
    /// It could not be done now.
    Later(String),
}

/// Says whether what is about to be acted on with nobody there may be.
pub trait Purse {
    /// Pays for an incident's run, on disk, once: what goes beyond the budgets is refused.
    fn pay(&self, account: &AccountId, principals: &BTreeSet<String>) -> Result<Result<(), Spent>, LedgerError>;
    /// Whether another plan may be made for people; if so, it counts, whatever comes of it.
    fn may_plan(&self) -> bool;
}

/// What knows the account: asks it, plans, and carries out.
pub trait Responder {
    /// Asks AWS whether a detection is true.
    fn ask(&self, incident: &Incident) -> impl Future<Output = Answer>;
    /// Plans, and carries out what is harmless where that may be. Once for each incident, however often it is called: a run that has begun
    /// goes on.
    fn respond(&self, incident: &Incident, may_act: bool, purse: &dyn Purse) -> impl Future<Output = Response>;
}

/// The autopilot.
pub struct Machine<R> {
    ledger: RefCell<Ledger>,
    clock: Clock,
    budgets: Cell<Budgets>,
    /// For how long AWS is asked whether something is true.
    patience: Duration,
    responder: R,
    tell: Box<dyn Fn(&Decision)>,
    at_once: Semaphore,
    asked_at_once: Semaphore,
    /// When this process began to make plans for people.
    planned: RefCell<Vec<jiff::Timestamp>>,
    /// How many incidents are planned or contained now.
    busy: Cell<usize>,
}

/// What is stopped, and why.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// What is known cannot be written, so nothing may follow from it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl<R: Responder> Machine<R> {
    /// An autopilot with what it knows, told what it decides.
    pub fn new(
        ledger: Ledger,
        clock: Clock,
        budgets: Budgets,
        patience: Duration,
        responder: R,
        tell: impl Fn(&Decision) + 'static,
    ) -> Self {
        let (ledger, budgets, tell) = (RefCell::new(ledger), Cell::new(budgets), Box::new(tell));
        Self {
            ledger,
            clock,
            budgets,
            patience,
            responder,
            tell,
            at_once: Semaphore::new(AT_ONCE),
            asked_at_once: Semaphore::new(ASKED_AT_ONCE),
            planned: RefCell::default(),
            busy: Cell::new(0),
        }
    }

    /// Sets other budgets.
    pub fn budget(&self, budgets: Budgets) {
        self.budgets.set(budgets);
    }

    /// What knows the account.
    pub fn responder(&self) -> &R {
        &self.responder
    }

    /// Whether something is planned or contained now, which is not to be cut short.
    pub fn is_busy(&self) -> bool {
        self.busy.get() > 0
    }

    /// An incident, whether or not it is over.
    pub fn known(&self, id: &IncidentId) -> Option<Incident> {
        self.ledger.borrow().books().incident(id).cloned()
    }

    /// How many incidents are open, and until when the breaker stays open.
    pub fn standing(&self) -> (usize, Option<jiff::Timestamp>) {
        let ledger = self.ledger.borrow();
        (ledger.books().open().len(), ledger.books().tripped(self.clock.now()))
    }

    /// How many roles and users of all accounts were acted on within the hour, and how many may be.
    pub fn spent(&self) -> (usize, usize) {
        (self.ledger.borrow().books().used(self.clock.now()), self.budgets.get().principals)
    }

    /// Takes in what was read of one delivery, and returns the incidents that begin with it. All of it is on disk when this returns: whoever
    /// has delivered it need not do so again.
    ///
    /// # Errors
    /// Where the ledger cannot be written. The delivery was not taken in then.
    pub fn take(&self, read: Vec<Read>) -> Result<Vec<IncidentId>, MachineError> {
        let (mut begun, mut decisions) = (Vec::new(), Vec::new());
        for one in read {
            match one {
                Read::Passed(decision) => decisions.push(decision),
                Read::Detected(alarm) => {
                    let (decision, incident) = self.detected(*alarm)?;
                    decisions.push(decision);
                    begun.extend(incident);
                }
            }
        }
        self.ledger.borrow_mut().sync()?;
        decisions.iter().for_each(|decision| (self.tell)(decision));
        Ok(begun)
    }

    /// What is decided about a alarm, and the incident that begins with it. The entry is not synced yet.
    fn detected(&self, alarm: Alarm) -> Result<(Decision, Option<IncidentId>), LedgerError> {
        let now = self.clock.now();
        let known = self.ledger.borrow().books().known(&alarm, now);
        let event = named(&alarm);
        match known {
            Known::Event => Ok((Decision::of_alarm(What::Repeated, &alarm), None)),
            Known::Incident(incident) => {
                let decision = Decision::of_alarm(What::Joined, &alarm).with("incident", json!(incident));
                self.append(&Entry::Joined { incident, event, at: now })?;
                Ok((decision, None))
            }
            Known::New { before } => match alarm.after {
                Some(after) if before + 1 < after.times => {
                    let Alarm { key, .. } = &alarm;
                    self.append(&Entry::Counted { key: key.clone(), event, at: now, within: after.within })?;
                    let counts = format!("{} of {}", before + 1, after.times);
                    Ok((Decision::of_alarm(What::Counted, &alarm).with("counts", json!(counts)), None))
                }
                _ => {
                    let (incident, run) = ids(&alarm, now);
                    let decision = Decision::of_alarm(What::Opened, &alarm).with("incident", json!(incident));
                    let opened = Entry::Opened { incident: incident.clone(), run, at: now, alarm: Box::new(alarm) };
                    self.append(&opened)?;
                    Ok((decision, Some(incident)))
                }
            },
        }
    }

    /// The incidents about which something is still to be done, the oldest first: where the autopilot was stopped or killed, it goes on with
    /// them.
    pub fn unfinished(&self) -> Vec<IncidentId> {
        self.ledger.borrow().books().open().into_iter().map(|incident| incident.id.clone()).collect()
    }

    /// Does what is to be done about an incident without a person.
    ///
    /// # Errors
    /// Where the ledger cannot be written. What was begun goes on when the autopilot is started again.
    pub async fn attend(&self, id: &IncidentId) -> Result<(), MachineError> {
        let Some(incident) = self.incident(id) else { return Ok(()) };
        let may_act = incident.alarm.unattended && self.is_true(&incident).await?;
        let led_by = self.ledger.borrow().books().led_by(&incident).filter(|_| may_act).cloned();
        if let Some(leader) = led_by {
            return self.conclude(&incident, Outcome::Joined, format!("{leader} looks after it"), vec![], None);
        }
        let mut pause = TRY_AGAIN;
        loop {
            let Some(incident) = self.incident(id) else { return Ok(()) };
            let response = {
                let _turn = self.at_once.acquire().await;
                self.busy.set(self.busy.get() + 1);
                let till = Till { machine: self, incident: &incident };
                let response = self.responder.respond(&incident, may_act, &till).await;
                self.busy.set(self.busy.get() - 1);
                response
            };
            match response {
                Response::Later(why) => {
                    self.told(Decision::of_incident(What::Delayed, &incident).with("why", json!(why)));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(TRY_AT_LAST);
                }
                Response::Concluded { outcome, why, plans, next } => {
                    return self.conclude(&incident, outcome, why, plans, next);
                }
            }
        }
    }

    /// Whether AWS says that a detection is true. It is asked until it says so, or its time is over.
    async fn is_true(&self, incident: &Incident) -> Result<bool, MachineError> {
        if let Some((confirmed, _)) = incident.asked {
            return Ok(confirmed);
        }
        let mut told = false;
        loop {
            let answer = {
                let _turn = self.asked_at_once.acquire().await;
                self.responder.ask(incident).await
            };
            let (confirmed, why) = match answer {
                Answer::Confirmed(by) => (true, by),
                Answer::Never(why) => (false, why),
                Answer::NotYet(why) => {
                    if self.clock.now().duration_since(incident.opened) < signed(self.patience) {
                        if !told {
                            let decision = Decision::of_incident(What::Delayed, incident);
                            self.told(decision.with("why", json!(why)));
                            told = true;
                        }
                        tokio::time::sleep(ASK_AGAIN).await;
                        continue;
                    }
                    (false, why)
                }
            };
            let asked =
                Entry::Asked { incident: incident.id.clone(), confirmed, why: why.clone(), at: self.clock.now() };
            self.write(&asked)?;
            let what = if confirmed { What::Confirmed } else { What::Unconfirmed };
            self.told(Decision::of_incident(what, incident).with("why", json!(why)));
            return Ok(confirmed);
        }
    }

    fn conclude(
        &self,
        incident: &Incident,
        outcome: Outcome,
        why: String,
        plans: Vec<String>,
        next: Option<String>,
    ) -> Result<(), MachineError> {
        let (id, at) = (incident.id.clone(), self.clock.now());
        self.write(&Entry::Concluded {
            incident: id,
            outcome,
            why: why.clone(),
            plans: plans.clone(),
            next: next.clone(),
            at,
        })?;
        let has_run = self.known(&incident.id).is_some_and(|incident| incident.has_run());
        let decision = Decision::of_incident(What::Concluded, incident)
            .with("outcome", json!(outcome))
            .with("run", if has_run { json!(incident.run) } else { Value::Null })
            .with("why", json!(why))
            .with("plans", json!(plans))
            .with("next", next.map_or(Value::Null, Value::String));
        self.told(decision);
        Ok(())
    }

    fn incident(&self, id: &IncidentId) -> Option<Incident> {
        self.ledger.borrow().books().incident(id).filter(|incident| incident.concluded.is_none()).cloned()
    }

    fn append(&self, entry: &Entry) -> Result<(), LedgerError> {
        self.ledger.borrow_mut().append(entry)
    }

    fn write(&self, entry: &Entry) -> Result<(), LedgerError> {
        self.append(entry)?;
        self.ledger.borrow_mut().sync()
    }

    fn told(&self, decision: Decision) {
        (self.tell)(&decision);
    }
}

/// Pays for one incident.
struct Till<'a, R> {
    machine: &'a Machine<R>,
    incident: &'a Incident,
}

impl<R: Responder> Purse for Till<'_, R> {
    fn pay(&self, account: &AccountId, principals: &BTreeSet<String>) -> Result<Result<(), Spent>, LedgerError> {
        let Self { machine, incident } = self;
        let (now, budgets) = (machine.clock.now(), machine.budgets.get());
        let (held, principals) = {
            let ledger = machine.ledger.borrow();
            let charged = ledger.books().incident(&incident.id).and_then(|incident| incident.charged.clone());
            // What was paid for before the autopilot stopped is paid for; what a new plan has beyond it is not.
            let is_first = charged.is_none();
            let rest: BTreeSet<String> = principals.difference(&charged.unwrap_or_default()).cloned().collect();
            if rest.is_empty() && !is_first {
                return Ok(Ok(()));
            }
            (ledger.books().holds(account, &rest, &budgets, now), rest)
        };
        let (id, account) = (incident.id.clone(), account.clone());
        match held {
            Ok(()) => machine.write(&Entry::Charged { incident: id, account, principals, at: now })?,
            Err(ref spent) => {
                let decision = Decision::of_incident(What::OverBudget, incident);
                machine.told(decision.with("why", json!(spent.to_string())));
                if let Spent::All { .. } = spent {
                    let until = now.checked_add(signed(budgets.breaker())).unwrap_or(jiff::Timestamp::MAX);
                    machine.write(&Entry::Tripped { until, why: spent.to_string(), at: now })?;
                    let told = json!({ "until": until, "why": spent.to_string() });
                    machine.told(Decision::about(What::Tripped, told));
                }
            }
        }
        Ok(held)
    }

    fn may_plan(&self) -> bool {
        let (now, budgets) = (self.machine.clock.now(), self.machine.budgets.get());
        let mut planned = self.machine.planned.borrow_mut();
        planned.retain(|at| now.duration_since(*at) < AN_HOUR);
        // Those of an earlier process are known by what came of them.
        let may = planned.len() < budgets.plans && self.machine.ledger.borrow().books().may_plan(&budgets, now);
        if may {
            planned.push(now);
        }
        may
    }
}

/// The ids of an incident and of its run. Both follow from what it begins with and when, so that they are never those of another.
fn ids(alarm: &Alarm, now: jiff::Timestamp) -> (IncidentId, RunId) {
    let of = |what: &str| Digest::of(&(what, &alarm.key, &alarm.event, now)).to_string();
    let incident = format!("detected-{}", &of("incident")[..12]);
    let incident = IncidentId::new(incident).expect("a word and twelve hexadecimal digits");
    (incident, RunId::new(&of("run")[..12]).expect("twelve hexadecimal digits"))
}
