//! Owns the journal and the order of everything.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use futures_util::StreamExt as _;
use futures_util::future::{LocalBoxFuture, join_all};
use futures_util::stream::FuturesUnordered;
use jiff::SignedDuration;
use tokio::sync::{mpsc, watch};

use super::desk::{Asked, Desk, Halt, Handed, OpenCall, Snapshot, Teller};
use super::event::Event;
use super::finish::{exit_code, outcome};
use super::gatekeeper::{GateAnswer, Gatekeeper};
use super::keeping;
use super::ready::{Readiness, readiness};
use super::sent::SentCalls;
use super::told;
use super::who;
use super::worker::Worker;
use crate::actions::{Facts, registry};
use crate::aws::{Fault, Reader};
use crate::base::{Clock, Digest, Region, StepKey};
use crate::evidence::EvidenceStore;
use crate::guard::ApprovedPlan;
use crate::journal::{
    Answer, CallNumber, CallState, Closing, Fold, JournalError, Record, RunOutcome, StepMoved, StepState, Writer,
};
use crate::plan::{Plan, PlannedStep, PlannedWork, sweep};

/// How often the verified steps are all looked at once more before the run is closed.
const MOST_CHECKS: u32 = 3;
/// Why a step is held to which nobody has agreed while the plan was valid.
const NOBODY_AGREED: &str = "nobody agreed to it while the plan was valid";
/// What was verified this recently need not be looked at once more: fifty agents should not be read twice within a breath.
const JUST_NOW: SignedDuration = SignedDuration::from_secs(20);

/// An approved plan about to be executed, or to go on.
pub struct Execution<'a> {
    /// The plan.
    pub plan: &'a ApprovedPlan,
    /// The run's journal: opened by the caller, so that a new run and one that goes on are the same here.
    pub journal: Writer,
    /// Where what was seen is kept.
    pub evidence: &'a EvidenceStore,
    /// The way to AWS, with clients that may act. It must not remember.
    pub reader: &'a Reader,
    /// The clock.
    pub clock: &'a Clock,
    /// Who answers gates.
    pub gates: &'a dyn Gatekeeper,
    /// Told what happens.
    pub tell: Box<dyn FnMut(Event) + 'a>,
    /// Becomes true when the run is to stop in good order.
    pub stop: watch::Receiver<bool>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// How the run ended; nothing where it waits to be resumed.
    pub outcome: Option<RunOutcome>,
    /// Gates that nobody answered.
    pub waiting_for: Vec<StepKey>,
    /// Steps that wait for somebody who agrees to them.
    pub to_approve: Vec<StepKey>,
    /// The caller's credentials have ended.
    pub credentials: Option<Fault>,
    /// It was told to stop.
    pub interrupted: bool,
    /// What the run has come to.
    pub fold: Fold,
    /// The digest of the journal's last line.
    pub head: Digest,
}

/// Why an execution could not go on. Nothing more was sent after it.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal cannot be written.
    #[error("nothing more was sent")]
    Journal(#[source] JournalError),
    /// What was seen cannot be kept.
    #[error("nothing more was sent: evidence cannot be kept: {0}")]
    Evidence(String),
    /// What the run kept of the account before it changed something is gone, or is not what it was.
    #[error("nothing more was sent: {0}")]
    EvidenceLost(String),
    /// A mistake in quell.
    #[error("this is a mistake in quell: {0}")]
    Bug(String),
}

/// Why nothing more is started.
#[derive(Default)]
struct Halted {
    interrupted: bool,
    credentials: Option<Fault>,
    error: Option<RunError>,
}

impl Halted {
    fn is_halted(&self) -> bool {
        self.interrupted || self.credentials.is_some() || self.error.is_some()
    }
}

/// The last looks before a run is closed.
#[derive(Default)]
struct Checks {
    passes: u32,
    calls_before: Option<CallNumber>,
}

/// The dispatcher's books.
struct Books<'a> {
    approved: &'a ApprovedPlan,
    plan: &'a Plan,
    journal: Writer,
    clock: &'a Clock,
    tell: Teller<'a>,
    sent: SentCalls,
    by_key: BTreeMap<&'a StepKey, &'a PlannedStep>,
    /// A step has moved since it was last asked what may start.
    moved: bool,
}

impl<'a> Execution<'a> {
    /// Executes the plan, or goes on with it, until every step has ended or a person is needed.
    pub async fn go(self) -> Result<RunEnd, RunError> {
        let Execution { plan: approved, journal, evidence, reader, clock, gates, tell, mut stop } = self;
        let plan = approved.plan();
        let tell: Teller<'_> = Rc::new(RefCell::new(tell));
        let by_key = plan.steps.iter().map(|step| (&step.key, step)).collect();
        let sent = SentCalls::remember(plan, journal.fold(), &|key| approved.covers(key), clock.now());
        let mut books = Books { approved, plan, journal, clock, tell: Rc::clone(&tell), sent, by_key, moved: true };
        if let Some(confirmation) = approved.confirmation() {
            books.append(vec![Record::Confirmed(confirmation.clone())])?;
        }

        let (hand, mut handed) = mpsc::unbounded_channel::<Handed>();
        let (stopping, told_to_stop) = watch::channel(false);
        let desk = || Desk { hand: hand.clone(), stopping: told_to_stop.clone(), tell: Rc::clone(&tell) };
        let mut workers: FuturesUnordered<LocalBoxFuture<'_, Result<(), Halt>>> = FuturesUnordered::new();
        let mut started: BTreeSet<&StepKey> = BTreeSet::new();
        let mut unanswered: BTreeSet<&StepKey> = BTreeSet::new();
        let mut halted = Halted::default();
        let mut checks = Checks::default();
        let kept: Rc<RefCell<Option<Vec<Record>>>> = Rc::default();
        let keeps_first = keeping::comes_first(plan);
        workers.push(Box::pin(keep(plan, reader, evidence, told_to_stop.clone(), Rc::clone(&kept))));
        let mut is_kept = false;
        loop {
            if !halted.is_halted() && *stop.borrow() {
                halted.interrupted = true;
            }
            if let Some(records) = kept.take() {
                is_kept = true;
                if let Err(error) = books.append(records) {
                    halted.error.get_or_insert(error);
                }
            }
            if halted.is_halted() {
                stopping.send_replace(true);
            } else if is_kept || !keeps_first {
                for step in books.startable(&mut started)? {
                    if let PlannedWork::Gate { message, .. } = &step.work {
                        unanswered.insert(&step.key);
                        workers.push(Box::pin(ask_gate(desk(), &step.key, message, gates)));
                    } else if step.action().is_some() {
                        let worker = books.worker(step, desk(), reader, evidence)?;
                        workers.push(Box::pin(async move { worker.work().await }));
                    }
                }
            }
            // Nothing is under way and nothing can start. It may be so from the beginning: a run that goes on may have
            // nothing left to do but to be closed.
            if workers.is_empty() {
                let again = if halted.is_halted() { vec![] } else { books.to_check_again(&mut checks) };
                if again.is_empty() {
                    break;
                }
                for step in again {
                    let worker = books.worker(step, desk(), reader, evidence)?;
                    workers.push(Box::pin(async move { worker.check_again().await }));
                }
            }
            tokio::select! {
                biased;
                Some(first) = handed.recv() => {
                    let mut group = vec![first];
                    while let Ok(next) = handed.try_recv() {
                        group.push(next);
                    }
                    if let Err(error) = books.take(group, halted.is_halted()) {
                        halted.error.get_or_insert(error);
                    }
                }
                Some(end) = workers.next() => match end {
                    Ok(()) | Err(Halt::Stopping) => {}
                    Err(Halt::Credentials(fault)) => drop(halted.credentials.get_or_insert(fault)),
                    Err(Halt::Evidence(why)) => drop(halted.error.get_or_insert(RunError::Evidence(why))),
                    Err(Halt::EvidenceLost(why)) => drop(halted.error.get_or_insert(RunError::EvidenceLost(why))),
                    Err(Halt::Bug(why)) => drop(halted.error.get_or_insert(RunError::Bug(why))),
                },
                Ok(()) = stop.changed(), if !halted.is_halted() => {}
                else => break,
            }
        }
        drop(workers);
        unanswered.retain(|key| books.journal.fold().step(key).is_some_and(|step| step.answer.is_none()));
        books.close(reader, halted, unanswered.into_iter().cloned().collect()).await
    }
}

/// What a run waits for, as a fragment.
fn waiting(gates: &[StepKey], to_approve: &[StepKey]) -> String {
    let named = |keys: &[StepKey]| keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (gates, to_approve) {
        (gates, []) => format!("waiting for an answer to {}", named(gates)),
        ([], steps) => format!("waiting for somebody who agrees to {}", named(steps)),
        (gates, steps) => {
            format!("waiting for an answer to {}, and for somebody who agrees to {}", named(gates), named(steps))
        }
    }
}

/// Keeps what is evidence, unless the run is told to stop.
async fn keep(
    plan: &Plan,
    reader: &Reader,
    evidence: &EvidenceStore,
    mut stopping: watch::Receiver<bool>,
    kept: Rc<RefCell<Option<Vec<Record>>>>,
) -> Result<(), Halt> {
    tokio::select! {
        records = keeping::keep(plan, reader, evidence) => {
            *kept.borrow_mut() = Some(records?);
            Ok(())
        }
        _ = stopping.wait_for(|stopping| *stopping) => Err(Halt::Stopping),
    }
}

/// Puts a gate's question.
async fn ask_gate(desk: Desk<'_>, key: &StepKey, message: &str, gates: &dyn Gatekeeper) -> Result<(), Halt> {
    let looked = desk.record(key, vec![Record::Step(StepMoved::to(key.clone(), StepState::Looked))]).await?;
    let mut records = Vec::new();
    // A process may have died right after the answer was written: it is not asked for twice.
    let answer = match looked.step.answer {
        Some(answer) => answer,
        None => {
            let mut stopping = desk.stopping.clone();
            let given = tokio::select! {
                given = gates.ask(key, message) => given,
                _ = stopping.wait_for(|stopping| *stopping) => return Err(Halt::Stopping),
            };
            let Some(GateAnswer { answer, how, text }) = given else { return Ok(()) };
            records.push(Record::GateAnswered { step: key.clone(), answer, how, text });
            answer
        }
    };
    let (to, why) = match answer {
        Answer::Yes => (StepState::Done, None),
        Answer::No => (StepState::Refused, Some("the answer was no".to_owned())),
    };
    records.push(Record::Step(StepMoved { why, ..StepMoved::to(key.clone(), to) }));
    if to == StepState::Done {
        records.push(Record::Step(StepMoved::to(key.clone(), StepState::Verified)));
    }
    desk.record(key, records).await?;
    Ok(())
}

impl<'a> Books<'a> {
    /// Writes records, and only then tells of them.
    fn append(&mut self, records: Vec<Record>) -> Result<(), RunError> {
        let copies = records.clone();
        self.journal.append(records).map_err(|error| match error {
            JournalError::Illegal(illegal) => RunError::Bug(illegal.to_string()),
            other => RunError::Journal(other),
        })?;
        let at = self.clock.now();
        for record in copies {
            self.sent.note(self.journal.fold(), &record, at);
            self.moved |= matches!(record, Record::Step(_));
            self.tell.borrow_mut()(Event::Recorded { at, record: Box::new(record) });
        }
        Ok(())
    }

    /// Takes what workers have handed in: one write and one sync for all of them, then a reply to each.
    fn take(&mut self, group: Vec<Handed>, stopping: bool) -> Result<(), RunError> {
        let mut next = self.journal.fold().next_call();
        let mut records = Vec::new();
        let mut replies = Vec::new();
        for Handed { step, records: theirs, intent, history, reply } in group {
            if intent.is_some() && !self.approved.covers(&step) {
                return Err(RunError::Bug(format!("`{step}` was about to send what nobody has agreed to")));
            }
            if intent.is_some() && stopping {
                // Whoever asked may have gone already.
                let _ = reply.send(Err(Halt::Stopping));
                continue;
            }
            if intent.as_ref().is_some_and(|asked| self.sent.has_another(asked, &step, &records, self.clock.now())) {
                replies.push((step, None, history, reply));
                continue;
            }
            records.extend(theirs);
            let number = intent.map(|Asked { mut intent, .. }| {
                intent.call = next;
                records.push(Record::Intended(*intent));
                let number = next;
                next = CallNumber(number.0 + 1);
                number
            });
            replies.push((step, number, history, reply));
        }
        let written = if records.is_empty() { Ok(()) } else { self.append(records) };
        for (step, number, history, reply) in replies {
            let answer = match &written {
                Ok(()) => self.snapshot(&step).map(|snapshot| {
                    let history = if history { told::history(self.journal.fold()) } else { vec![] };
                    (Snapshot { history, ..snapshot }, number)
                }),
                Err(_) => Err(Halt::Stopping),
            };
            let _ = reply.send(answer);
        }
        written
    }

    /// A worker for a step that is an action.
    fn worker(
        &self,
        step: &'a PlannedStep,
        desk: Desk<'a>,
        reader: &'a Reader,
        evidence: &'a EvidenceStore,
    ) -> Result<Worker<'a>, RunError> {
        let planned = step.action().ok_or_else(|| RunError::Bug(format!("`{}` is no action", step.key)))?;
        let known = planned.of_registry().map_err(|bad| RunError::Bug(bad.to_string()))?;
        Ok(Worker {
            plan: self.plan,
            attended: self.approved.is_whole(),
            key: &step.key,
            planned,
            known,
            to: self.plan.assignment(),
            desk,
            reader,
            evidence,
            clock: self.clock,
        })
    }

    /// The steps that are looked at once more before the run is closed: what was verified early may have been undone since,
    /// or may have to reach further, given what the run has made since. Again as long as such a look led to calls.
    fn to_check_again(&self, checks: &mut Checks) -> Vec<&'a PlannedStep> {
        let plan: &'a Plan = self.plan;
        let fold = self.journal.fold();
        let all_over = fold.steps().values().all(|step| step.state.has_ended());
        let nothing_new = checks.calls_before == Some(fold.next_call());
        if !all_over || nothing_new || checks.passes == MOST_CHECKS {
            return vec![];
        }
        checks.passes += 1;
        checks.calls_before = Some(fold.next_call());
        let settled_before = self.clock.now() - JUST_NOW;
        let verified_early = |step: &&'a PlannedStep| {
            // To one that it no longer covers nobody could do anything.
            if !self.approved.covers(&step.key) {
                return false;
            }
            let view = fold.step(&step.key).filter(|view| view.state == StepState::Verified);
            step.action().is_some() && view.and_then(|view| view.since).is_some_and(|since| since < settled_before)
        };
        plan.steps.iter().filter(verified_early).collect()
    }

    fn snapshot(&self, key: &StepKey) -> Result<Snapshot, Halt> {
        let fold = self.journal.fold();
        let step = fold.step(key).ok_or_else(|| Halt::Bug(format!("the run has no step `{key}`")))?;
        let calls = step.calls.iter().filter_map(|number| Some((*number, fold.calls().get(number)?)));
        let mut landed = Vec::new();
        let mut open = BTreeMap::new();
        let mut doubted = false;
        for (number, call) in calls {
            doubted |= !matches!(call.state, CallState::Done | CallState::Failed);
            // What was made in vain is made again: nobody has undone it.
            if call.state.has_landed() && call.state != CallState::Lost {
                let at =
                    fold.landed(&call.intent.operation, &call.intent.target).map_or(call.intended_at, |one| one.at);
                landed.push((call.intent.planned, at));
            } else if call.state.is_open() {
                open.insert(
                    number,
                    OpenCall {
                        operation: call.intent.operation.clone(),
                        entity: call.intent.target.entity.clone(),
                        planned: call.intent.planned,
                        in_doubt: call.state == CallState::InDoubt,
                    },
                );
            }
        }
        let entity = self.by_key.get(key).and_then(|step| step.action()).map(|action| action.target.entity.root());
        let facts =
            Facts::new(step.facts.clone(), entity.map(|entity| self.sent.landed_on(&entity)).unwrap_or_default());
        let of_run = self.sent.requests();
        Ok(Snapshot { step: step.clone(), facts, landed, of_run, doubted, open, history: vec![] })
    }

    /// The steps that start now. What is held, skipped or refused ends at once.
    fn startable(&mut self, started: &mut BTreeSet<&'a StepKey>) -> Result<Vec<&'a PlannedStep>, RunError> {
        let plan: &'a Plan = self.plan;
        let mut ready = Vec::new();
        if !std::mem::take(&mut self.moved) {
            return Ok(ready);
        }
        loop {
            let mut ended_now = Vec::new();
            for step in &plan.steps {
                if started.contains(&step.key) {
                    continue;
                }
                let view = self.journal.fold().step(&step.key);
                let state = view.map_or(StepState::Waiting, |view| view.state);
                if state.has_ended() {
                    started.insert(&step.key);
                    continue;
                }
                // Whoever has begun goes on, whatever has become since of what it needed.
                let has_begun = view.is_some_and(|view| !view.calls.is_empty())
                    || matches!(state, StepState::Acting | StepState::Done);
                let covers = |key: &StepKey| self.approved.covers(key);
                let waits = step.action().is_some() && !covers(&step.key);
                if waits && self.approved.is_over() && !has_begun {
                    ended_now.push((step, StepState::Held, NOBODY_AGREED.to_owned()));
                    continue;
                }
                match (readiness(plan, self.journal.fold(), step, &covers), &step.work) {
                    (Readiness::NotYet, _) => {}
                    (Readiness::Held { by }, _) if !has_begun => ended_now.push((step, StepState::Held, by)),
                    (_, PlannedWork::Skipped { why }) => ended_now.push((step, StepState::Skipped, why.clone())),
                    (_, PlannedWork::Refused { why }) => ended_now.push((step, StepState::Refused, why.clone())),
                    (_, PlannedWork::Action(_)) if waits => {}
                    (_, PlannedWork::Gate { .. } | PlannedWork::Action(_)) => ready.push(step),
                }
            }
            if ended_now.is_empty() {
                break;
            }
            let mut records = Vec::new();
            for (step, to, why) in ended_now {
                started.insert(&step.key);
                records.push(Record::Step(StepMoved { why: Some(why), ..StepMoved::to(step.key.clone(), to) }));
            }
            self.append(records)?;
            ready.clear();
        }
        started.extend(ready.iter().map(|step| &step.key));
        Ok(ready)
    }

    /// Asks the queries again, and closes the run, or leaves it to be resumed.
    async fn close(
        mut self,
        reader: &Reader,
        mut halted: Halted,
        waiting_for: Vec<StepKey>,
    ) -> Result<RunEnd, RunError> {
        if let Some(error) = halted.error {
            return Err(error);
        }
        let open = self.journal.fold().steps().values().any(|step| !step.state.has_ended());
        let to_approve = self.to_approve();
        let mut ended = None;
        if !halted.interrupted && halted.credentials.is_none() {
            let named = who::who(self.plan, self.journal.fold(), reader, self.clock).await;
            if !named.is_empty() {
                self.append(named)?;
            }
        }
        let mut answered = false;
        if !halted.is_halted() && !open {
            answered = self.ask_again(reader, &mut halted).await?;
        }
        if halted.interrupted {
            self.append(vec![Record::Interrupted { why: "it was told to stop".to_owned() }])?;
        } else if let Some(fault) = &halted.credentials {
            self.append(vec![Record::Paused { why: format!("the credentials have ended: {}", fault.code) }])?;
        } else if open {
            self.append(vec![Record::Paused { why: waiting(&waiting_for, &to_approve) }])?;
        } else {
            let outcome = match outcome(self.journal.fold()) {
                RunOutcome::Complete if !answered => RunOutcome::Partial,
                other => other,
            };
            let counts = self.journal.fold().counts().clone();
            self.append(vec![Record::Closed(Closing { outcome, exit_code: exit_code(outcome), counts })])?;
            ended = Some(outcome);
        }
        Ok(RunEnd {
            outcome: ended,
            waiting_for,
            to_approve,
            credentials: halted.credentials,
            interrupted: halted.interrupted,
            head: self.journal.head(),
            fold: self.journal.fold().clone(),
        })
    }

    /// The steps to which nobody has agreed yet.
    fn to_approve(&self) -> Vec<StepKey> {
        let open = |key: &StepKey| self.journal.fold().step(key).is_some_and(|view| !view.state.has_ended());
        let waiting = self.plan.actions().map(|(step, _)| &step.key);
        waiting.filter(|key| !self.approved.covers(key) && open(key)).cloned().collect()
    }

    /// What is there now that was not when the plan was made. It is told, not chased: a new plan is for that. False where
    /// nobody answered, so that there may be more. Where the credentials have ended the run halts, and a resume asks once more.
    async fn ask_again(&mut self, reader: &Reader, halted: &mut Halted) -> Result<bool, RunError> {
        let to = self.plan.assignment();
        let queries = self.plan.questions();
        let known = queries.iter().filter_map(|asked| Some((asked, registry().query(&asked.query)?)));
        let asked = known.filter(|(_, query)| !query.keeps());
        let sweeps = join_all(asked.map(|(asked, query)| {
            let to = &to;
            async move {
                let regions: Vec<Region> = asked.key.region.iter().cloned().collect();
                (
                    asked,
                    sweep(&asked.key.step, query, to, reader, &regions, &asked.input, asked.makers.lacking.as_deref())
                        .await,
                )
            }
        }));
        let mut answered = true;
        for (asked, now) in sweeps.await {
            let now = now.map_err(|bad| RunError::Bug(bad.to_string()))?;
            if let Some(fault) = now.expired {
                halted.credentials = Some(fault);
                return Ok(false);
            }
            let new: Vec<_> = now
                .keys
                .iter()
                .zip(now.items)
                .filter(|(key, _)| !asked.found.contains(key) && !asked.makers.leave_alone(key))
                .map(|(_, item)| item)
                .collect();
            if !new.is_empty() {
                self.append(vec![Record::LeftOver { step: asked.key.clone(), items: new }])?;
            }
            answered &= now.truncated.is_none() && now.not_read.is_empty();
            for missed in now.not_read {
                let place = missed.region.map_or("the account".to_owned(), |region| region.to_string());
                let text = format!("`{}` could not be asked again in {place}: {}", asked.query, missed.why);
                self.append(vec![Record::note(text)])?;
            }
        }
        Ok(answered)
    }
}
