//! Brings one step about: looks, proposes, sends, looks again, waits the window, verifies.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::cover::{Cover, Standing, cover};
use super::desk::{Desk, Halt, Snapshot};
use super::event::Pausing;
use super::symbols::Values;
use super::told::run_so_far;
use crate::actions::{AnyAction, Assignment, Await, Look, LookError, Move, Refusal, SeenJson};
use crate::aws::{Attempt as Next, Call, Fault, FaultKind, Reader, Resolve as _, RetryClass, Symbol};
use crate::base::{Clock, Digest, Effect, StepKey};
use crate::evidence::EvidenceStore;
use crate::journal::{
    Attempt, CallFault, CallNumber, Ending, Intent, Outcome, Record, Settlement, StepMoved, StepState,
};
use crate::plan::{Plan, PlannedAction};

/// How long AWS may take to agree with itself. IAM usually takes 3 to 4 seconds; what was changed is looked at again only
/// after this time, and what looks undone before it may only be a stale answer.
pub const WINDOW: Duration = Duration::from_secs(12);
/// How often a step is put back after somebody has undone it, before it counts as contested.
pub const MOST_REAPPLIES: usize = 5;
/// When a change that may be sent twice is looked at for the first time: an attacker who undoes it waits for nothing, and
/// sending it again is harmless even where AWS only answered late.
const EARLY_LOOK: Duration = Duration::from_secs(5);
/// The pauses between two looks at a thing that is settling: doubling from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LAST_PAUSE: Duration = Duration::from_secs(15);
/// How often AWS may refuse a call because its target is gone or busy, before that is the answer.
const MOST_REFUSALS: u32 = 4;
/// The pause between two looks within the window.
const WINDOW_PAUSE: Duration = Duration::from_secs(1);

/// One step at work.
pub(super) struct Worker<'a> {
    pub(super) plan: &'a Plan,
    pub(super) key: &'a StepKey,
    pub(super) planned: &'a PlannedAction,
    pub(super) known: &'static dyn AnyAction,
    pub(super) to: Assignment,
    pub(super) desk: Desk<'a>,
    pub(super) reader: &'a Reader,
    pub(super) evidence: &'a EvidenceStore,
    pub(super) clock: &'a Clock,
}

/// What became of an attempt to bring the step about.
enum Brought {
    /// No moves are left.
    Done(Box<Snapshot>),
    /// The step has ended otherwise.
    Ended,
}

/// What a look led to.
struct Sight {
    seen: SeenJson,
    moves: Result<Vec<Move>, Refusal>,
}

/// What became of sending a call.
enum Sent {
    /// Plain success: the next move may follow.
    Plainly(Box<Snapshot>),
    /// Anything else that is not the end: look again.
    LookAgain,
    /// The step has ended.
    Ended,
}

impl Worker<'_> {
    /// Works until the step has ended, or the run stops.
    pub(super) async fn work(&self) -> Result<(), Halt> {
        let deadline = Instant::now() + self.planned.timeout();
        let mut found_undone = false;
        let mut early_looks = 0;
        let mut snapshot = self.desk.record(self.key, vec![]).await?;
        for call in snapshot.step.open_calls.clone() {
            match self.settle_left_open(call, &snapshot).await? {
                Some(next) => snapshot = next,
                None => return Ok(()),
            }
        }
        loop {
            match self.bring_about(deadline, snapshot, found_undone).await? {
                Brought::Ended => return Ok(()),
                Brought::Done(done) => snapshot = *done,
            }
            if early_looks < MOST_REAPPLIES && self.looks_undone_early(&snapshot).await? {
                early_looks += 1;
                found_undone = true;
                snapshot = self.desk.record(self.key, vec![]).await?;
                continue;
            }
            if let Some(left) = self.window_left(&snapshot) {
                self.desk.pause(self.key, Pausing::ForTheWindow, left).await?;
            }
            match self.see(&snapshot).await {
                Err(error) => {
                    let why = format!("it could not be looked at again: {}", self.look_failed(error)?);
                    self.end(StepState::NotVerified, why).await?;
                    return Ok(());
                }
                Ok(Sight { seen, moves: Ok(moves) }) if moves.is_empty() => {
                    self.moved(StepState::Verified, None, Some(&seen)).await?;
                    return Ok(());
                }
                Ok(sight) => {
                    let what = what_is_missing(&sight.moves);
                    let Some(again) = self.undone(&snapshot, what).await? else { return Ok(()) };
                    snapshot = again;
                    found_undone = true;
                }
            }
        }
    }

    /// Looks and sends until no moves are left. `found_undone`: it is on record already that somebody has undone the step.
    async fn bring_about(&self, deadline: Instant, first: Snapshot, mut found_undone: bool) -> Result<Brought, Halt> {
        let mut snapshot = first;
        let mut waiting: Option<(Await, Instant, Duration)> = None;
        let mut refused: BTreeMap<Digest, u32> = BTreeMap::new();
        loop {
            if Instant::now() >= deadline {
                self.end(StepState::Stuck, "its time is up; nothing was undone".to_owned()).await?;
                return Ok(Brought::Ended);
            }
            let sight = match self.see(&snapshot).await {
                Ok(sight) => sight,
                Err(error) => {
                    let why = format!("it could not be looked at: {}", self.look_failed(error)?);
                    self.end(StepState::Failed, why).await?;
                    return Ok(Brought::Ended);
                }
            };
            snapshot = self.note_look(snapshot, &sight.seen).await?;
            let moves = match sight.moves {
                Ok(moves) => moves,
                Err(refusal) => {
                    self.end(state_of(&refusal), refusal.to_string()).await?;
                    return Ok(Brought::Ended);
                }
            };
            if moves.is_empty() {
                let done = self.moved(StepState::Done, None, Some(&sight.seen)).await?;
                return Ok(Brought::Done(Box::new(done)));
            }
            match self.judge(&snapshot, &sight.seen, &moves)? {
                Cover::Listed => {}
                Cover::Differs(what) if snapshot.step.drift.contains(&what) => {}
                Cover::Differs(what) => {
                    snapshot = self.desk.record(self.key, vec![Record::Drift { step: self.key.clone(), what }]).await?;
                }
                Cover::NotApproved(why) => {
                    self.end(StepState::Drifted, why).await?;
                    return Ok(Brought::Ended);
                }
            }
            for one in moves {
                match one {
                    Move::Await(awaited) => {
                        let (until, pause) = match &waiting {
                            Some((known, until, pause)) if *known == awaited => (*until, (*pause * 2).min(LAST_PAUSE)),
                            _ => (Instant::now() + awaited.within, FIRST_PAUSE),
                        };
                        if Instant::now() >= until {
                            let why = format!("{} did not settle in time", awaited.what);
                            self.end(StepState::Stuck, why).await?;
                            return Ok(Brought::Ended);
                        }
                        waiting = Some((awaited, until, pause));
                        self.desk.pause(self.key, Pausing::ForAws, pause).await?;
                        break;
                    }
                    Move::Send { call } => {
                        let planned = Digest::of(&*call);
                        let known_undone = std::mem::take(&mut found_undone);
                        if let Some(at) = last_landed(&snapshot, planned).filter(|_| !known_undone) {
                            if window_left(at, self.clock.now()).is_some() {
                                self.desk.pause(self.key, Pausing::ForTheWindow, WINDOW_PAUSE).await?;
                                break;
                            }
                            let what = format!("{} on {}", call.operation(), call.entity());
                            match self.undone(&snapshot, what).await? {
                                Some(again) => snapshot = again,
                                None => return Ok(Brought::Ended),
                            }
                        }
                        match self.send(&snapshot, &sight.seen, &call, planned, &mut refused).await? {
                            Sent::Plainly(next) => snapshot = *next,
                            Sent::LookAgain => {
                                snapshot = self.desk.record(self.key, vec![]).await?;
                                break;
                            }
                            Sent::Ended => return Ok(Brought::Ended),
                        }
                    }
                }
            }
        }
    }

    /// Looks before the window is over, where what is missing may be sent again without harm. Whether somebody has undone
    /// it or AWS only answers late is not known yet, so nobody is accused.
    async fn looks_undone_early(&self, snapshot: &Snapshot) -> Result<bool, Halt> {
        if self.window_left(snapshot).is_none_or(|left| left < WINDOW - EARLY_LOOK) {
            return Ok(false);
        }
        self.desk.pause(self.key, Pausing::ForTheWindow, EARLY_LOOK).await?;
        let Ok(Sight { moves: Ok(moves), .. }) = self.see(snapshot).await else { return Ok(false) };
        let harmless =
            |call: &Call| call.operation().retry == RetryClass::Safe && call.operation().effect == Effect::Reversible;
        let missing: Vec<&Call> = moves.iter().filter_map(Move::call).collect();
        if missing.is_empty() || !missing.iter().all(|call| harmless(call)) {
            return Ok(false);
        }
        let text = format!("{}: what was changed does not show; it is sent again, which harms nothing", self.key);
        self.desk.record(self.key, vec![Record::Note { text }]).await?;
        Ok(true)
    }

    /// What is left of the window after the step's last change.
    fn window_left(&self, snapshot: &Snapshot) -> Option<Duration> {
        window_left(snapshot.landed.iter().map(|(_, at)| *at).max()?, self.clock.now())
    }

    /// Looks, and says what is missing.
    async fn see(&self, snapshot: &Snapshot) -> Result<Sight, LookError> {
        let seen = self.known.observe(&self.to, Look::new(self.reader), &self.planned.input).await?;
        let moves = self
            .planned
            .missing(&self.to, &seen.state, &snapshot.facts, self.clock.now())
            .map_err(|bad| LookError::Nonsense(bad.to_string()))?;
        Ok(Sight { seen, moves })
    }

    /// Records a look that found something new.
    async fn note_look(&self, snapshot: Snapshot, seen: &SeenJson) -> Result<Snapshot, Halt> {
        let known = matches!(snapshot.step.state, StepState::Looked | StepState::Acting)
            && snapshot.step.fingerprint == Some(seen.fingerprint());
        if known { Ok(snapshot) } else { self.moved(StepState::Looked, None, Some(seen)).await }
    }

    fn judge(&self, snapshot: &Snapshot, seen: &SeenJson, moves: &[Move]) -> Result<Cover, Halt> {
        let same_thing = self
            .known
            .same_thing(&self.planned.state, &seen.state)
            .map_err(|bad| Halt::Bug(format!("{}: {bad}", self.key)))?;
        let landed: Vec<Digest> = snapshot.landed.iter().map(|(planned, _)| *planned).collect();
        let now = Standing { same_thing, fingerprint: seen.fingerprint(), landed: &landed };
        Ok(cover(self.plan, self.planned, moves, now))
    }

    /// Sends one call: intent on disk, request, end on disk.
    async fn send(
        &self,
        snapshot: &Snapshot,
        seen: &SeenJson,
        call: &Call,
        planned: Digest,
        refused: &mut BTreeMap<Digest, u32>,
    ) -> Result<Sent, Halt> {
        let target = self.plan.place.target(call.region(), call.entity());
        let token = Digest::of(&(self.plan.nonce.as_str(), self.key, planned)).short();
        let compose = |name: &str| {
            let run = run_so_far(self.plan, self.clock.now());
            self.known.compose(name, &self.to, &self.planned.input, &run).ok().flatten()
        };
        let values = Values {
            facts: &snapshot.facts,
            present: &seen.present,
            aws_now: self.reader.aws_now().unwrap_or_else(|| self.clock.now()),
            entity: &self.planned.target.entity,
            compose: &compose,
            token: &token,
        };
        let resolved = match call.resolve(&values) {
            Ok(resolved) => resolved,
            Err(unresolved) => {
                self.end(StepState::Failed, unresolved.to_string()).await?;
                return Ok(Sent::Ended);
            }
        };
        let mut before = Vec::new();
        if snapshot.step.pre_state(&self.planned.target).is_none() {
            let evidence = self.keep(&seen.present)?;
            before.push(Record::Captured { step: self.key.clone(), target: self.planned.target.clone(), evidence });
        }
        if snapshot.step.state != StepState::Acting {
            before.push(Record::Step(StepMoved::to(self.key.clone(), StepState::Acting)));
        }
        if call.symbols().contains(&Symbol::CutOff) {
            let cut_off = values.value_of(&Symbol::CutOff).unwrap_or_default();
            before.push(Record::Fact { step: self.key.clone(), name: "cut-off".to_owned(), value: cut_off });
        }
        let intent = Intent {
            call: CallNumber(0),
            step: self.key.clone(),
            operation: call.operation().full_name(),
            effect: call.operation().effect,
            target,
            request: serde_json::to_value(&resolved).unwrap_or_default(),
            planned,
            token: call.symbols().contains(&Symbol::Token).then(|| token.clone()),
        };
        let number = self.desk.intend(self.key, before, intent).await?;
        let mut attempt = 1;
        // A refusal says what this attempt did, and nothing about one before it that got no answer.
        let mut doubtful = false;
        loop {
            let fault = match self.reader.send(&resolved).await {
                Ok(accepted) => {
                    let mut records = vec![Record::Ended(Ending {
                        call: number,
                        outcome: Outcome::Done,
                        request_id: accepted.request_id,
                        aws_time: accepted.aws_time,
                        fault: None,
                    })];
                    records.extend(accepted.reply.into_iter().map(|(name, value)| Record::Fact {
                        step: self.key.clone(),
                        name,
                        value,
                    }));
                    return Ok(Sent::Plainly(Box::new(self.desk.record(self.key, records).await?)));
                }
                Err(fault) => fault,
            };
            if call.operation().already_so.contains(&fault.code.as_str()) {
                self.ended(number, Outcome::Done, &fault).await?;
                return Ok(Sent::LookAgain);
            }
            doubtful |= !fault.kind.had_no_effect();
            match self.reader.after(&resolved, &fault, attempt) {
                Next::Again(pause) => {
                    let failed = Attempt {
                        call: number,
                        attempt,
                        fault: journaled(&fault),
                        request_id: fault.request_id.clone(),
                        wait_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                    };
                    self.desk.record(self.key, vec![Record::Attempted(failed)]).await?;
                    if let Err(halt) = self.desk.rest(pause).await {
                        let outcome = if doubtful { Outcome::InDoubt } else { Outcome::Failed };
                        self.ended(number, outcome, &fault).await?;
                        return Err(halt);
                    }
                    attempt += 1;
                }
                Next::InDoubt | Next::GiveUp if doubtful => {
                    self.ended(number, Outcome::InDoubt, &fault).await?;
                    if fault.kind == FaultKind::Expired {
                        return Err(Halt::Credentials(fault));
                    }
                    let settled = self.settle(number, planned, self.clock.now()).await?;
                    return Ok(if settled.is_some() { Sent::LookAgain } else { Sent::Ended });
                }
                Next::InDoubt | Next::GiveUp => {
                    self.ended(number, Outcome::Failed, &fault).await?;
                    if fault.kind == FaultKind::Expired {
                        return Err(Halt::Credentials(fault));
                    }
                    // What it was about may have gone, or be changing: a look tells. A few times.
                    let times = refused.entry(planned).or_default();
                    *times += 1;
                    if matches!(fault.kind, FaultKind::NotFound | FaultKind::InUse) && *times < MOST_REFUSALS {
                        self.desk.pause(self.key, Pausing::ForAws, FIRST_PAUSE).await?;
                        return Ok(Sent::LookAgain);
                    }
                    self.end(StepState::Failed, fault.to_string()).await?;
                    return Ok(Sent::Ended);
                }
            }
        }
    }

    /// Settles a call that an earlier process left open.
    async fn settle_left_open(&self, number: CallNumber, snapshot: &Snapshot) -> Result<Option<Snapshot>, Halt> {
        let Some(call) = snapshot.open.get(&number) else {
            return Ok(Some(snapshot.clone()));
        };
        if !call.in_doubt {
            let why = Fault {
                operation: String::new(),
                kind: FaultKind::InDoubt,
                code: "NoRecord".to_owned(),
                message: "the program ended before the outcome was recorded".to_owned(),
                request_id: None,
            };
            self.ended(number, Outcome::InDoubt, &why).await?;
        }
        self.settle(number, call.planned, call.intended_at).await
    }

    /// Settles a call in doubt by looking, once AWS agrees with itself: if the same call is still missing it did not happen.
    async fn settle(&self, number: CallNumber, planned: Digest, since: Timestamp) -> Result<Option<Snapshot>, Halt> {
        if let Some(left) = window_left(since, self.clock.now()) {
            self.desk.pause(self.key, Pausing::ForTheWindow, left).await?;
        }
        let snapshot = self.desk.record(self.key, vec![]).await?;
        let (outcome, why) = match self.see(&snapshot).await {
            Err(error) => (Settlement::Stuck, format!("it could not be looked at: {}", self.look_failed(error)?)),
            Ok(Sight { moves: Err(refusal), .. }) => (Settlement::Stuck, refusal.to_string()),
            Ok(Sight { moves: Ok(moves), .. }) => {
                if moves.iter().filter_map(Move::call).any(|call| Digest::of(call) == planned) {
                    (Settlement::DidNotHappen, "the same call is still missing".to_owned())
                } else {
                    (Settlement::Happened, "what it was to bring about is there".to_owned())
                }
            }
        };
        let settled = Record::Settled { call: number, outcome, why: why.clone() };
        let snapshot = self.desk.record(self.key, vec![settled]).await?;
        if outcome == Settlement::Stuck {
            self.end(StepState::Stuck, why).await?;
            return Ok(None);
        }
        Ok(Some(snapshot))
    }

    /// Somebody has undone the step. Nothing if that has happened too often.
    async fn undone(&self, snapshot: &Snapshot, what: String) -> Result<Option<Snapshot>, Halt> {
        let record = Record::UndoneByOther { step: self.key.clone(), what, who: None };
        let again = self.desk.record(self.key, vec![record]).await?;
        if snapshot.step.undone.len() < MOST_REAPPLIES {
            return Ok(Some(again));
        }
        if !matches!(again.step.state, StepState::Looked | StepState::Acting) {
            self.moved(StepState::Looked, None, None).await?;
        }
        let why = format!("somebody has undone it more than {MOST_REAPPLIES} times");
        self.end(StepState::Contested, why).await?;
        Ok(None)
    }

    async fn ended(&self, call: CallNumber, outcome: Outcome, fault: &Fault) -> Result<Snapshot, Halt> {
        let ending = Ending {
            call,
            outcome,
            request_id: fault.request_id.clone(),
            aws_time: None,
            fault: Some(journaled(fault)),
        };
        self.desk.record(self.key, vec![Record::Ended(ending)]).await
    }

    async fn end(&self, to: StepState, why: String) -> Result<Snapshot, Halt> {
        self.moved(to, Some(why), None).await
    }

    async fn moved(&self, to: StepState, why: Option<String>, seen: Option<&SeenJson>) -> Result<Snapshot, Halt> {
        let moved = StepMoved {
            step: self.key.clone(),
            to,
            why,
            fingerprint: seen.map(SeenJson::fingerprint),
            state: seen.map(|seen| self.keep(&seen.state)).transpose()?,
        };
        self.desk.record(self.key, vec![Record::Step(moved)]).await
    }

    fn keep(&self, value: &serde_json::Value) -> Result<Digest, Halt> {
        self.evidence.keep(value).map_err(|error| Halt::Evidence(error.to_string()))
    }

    /// A look that failed ends the step, unless the reason is the caller's own.
    fn look_failed(&self, error: LookError) -> Result<String, Halt> {
        match error {
            LookError::Fault(fault) if fault.kind == FaultKind::Expired => Err(Halt::Credentials(fault)),
            LookError::Fault(fault) => Ok(fault.to_string()),
            other => Ok(other.to_string()),
        }
    }
}

/// Which end a refusal is.
fn state_of(refusal: &Refusal) -> StepState {
    match refusal {
        Refusal::ByHand { .. } => StepState::Manual,
        Refusal::Ambiguous { .. } => StepState::Stuck,
        _ => StepState::Refused,
    }
}

fn what_is_missing(moves: &Result<Vec<Move>, Refusal>) -> String {
    match moves {
        Ok(moves) => match moves.iter().find_map(Move::call) {
            Some(call) => format!("{} on {}", call.operation(), call.entity()),
            None => "it is changing again".to_owned(),
        },
        Err(refusal) => refusal.to_string(),
    }
}

fn last_landed(snapshot: &Snapshot, planned: Digest) -> Option<Timestamp> {
    snapshot.landed.iter().filter(|(landed, _)| *landed == planned).map(|(_, at)| *at).max()
}

/// What is left of the window after a change.
fn window_left(changed: Timestamp, now: Timestamp) -> Option<Duration> {
    let window = SignedDuration::try_from(WINDOW).unwrap_or(SignedDuration::ZERO);
    Duration::try_from((changed + window).duration_since(now)).ok().filter(|left| !left.is_zero())
}

fn journaled(fault: &Fault) -> CallFault {
    CallFault { code: fault.code.clone(), message: fault.message.clone() }
}
