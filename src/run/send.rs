//! Sends one call of a step: intent on disk, request, end on disk.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::agenda::window_of;
use super::desk::{Asked, Halt, Snapshot};
use super::event::Pausing;
use super::settle::Settled;
use super::symbols::{Told, Values};
use super::told::run_so_far;
use super::worker::Worker;
use crate::actions::SeenJson;
use crate::aws::{Attempt as Next, Call, Fault, FaultKind, Resolve as _, Retry, Symbol};
use crate::base::{Digest, Effect};
use crate::journal::{Attempt, CallFault, CallNumber, Ending, Intent, Outcome, Record, StepMoved, StepState};

/// How often AWS may refuse a call because its target is gone or busy, before that is the answer.
const MOST_REFUSALS: u32 = 4;
/// How often a call that must not be sent twice is sent, when each time a look has shown that it did not happen. Each time
/// takes a whole window, a minute of AWS Support: it fits into the time of every step.
pub const MOST_DOUBTS: u32 = 3;
/// The pause before a target that is gone or busy is looked at again.
const REFUSED_PAUSE: Duration = Duration::from_secs(2);
/// How long the values of symbols stay good for another try: well within the margin of a cut-off.
const FRESH: Duration = Duration::from_secs(10);

/// What became of sending a call.
pub(super) enum Sent {
    /// Plain success: the next move may follow.
    Plainly(Box<Snapshot>),
    /// Another step has sent the same call: nothing was sent.
    LeftToAnother,
    /// Anything else that is not the end: look again.
    LookAgain,
    /// AWS will not do it, and certainly has not.
    Refused(String),
    /// The step has ended.
    Ended,
}

/// Sends the calls of one step, and remembers how often each was tried.
pub(super) struct Sending<'w, 'a> {
    worker: &'w Worker<'a>,
    deadline: Instant,
    tries: BTreeMap<Digest, u32>,
    refusals: BTreeMap<Digest, u32>,
    doubts: BTreeMap<Digest, u32>,
}

impl<'w, 'a> Sending<'w, 'a> {
    /// After `deadline` nothing is tried again: the step looks once more, and has run out of time.
    pub(super) fn new(worker: &'w Worker<'a>, deadline: Instant) -> Self {
        Self { worker, deadline, tries: BTreeMap::new(), refusals: BTreeMap::new(), doubts: BTreeMap::new() }
    }

    /// Sends one call until it has ended.
    pub(super) async fn send(&mut self, snapshot: &Snapshot, seen: &SeenJson, call: &Call) -> Result<Sent, Halt> {
        let worker = self.worker;
        let planned = Digest::of(call);
        let (resolved, before, intent) = match self.prepare(snapshot, seen, call, planned).await? {
            Ok(prepared) => prepared,
            Err(why) => return Ok(Sent::Refused(why)),
        };
        // No step waits for another beyond its own time.
        let gives_way = (Instant::now() < self.deadline).then(|| window_of(call.operation()));
        let asked = Asked { intent: Box::new(intent), gives_way };
        let Some(number) = worker.desk.intend(worker.key, before, asked).await? else {
            return Ok(Sent::LeftToAnother);
        };
        let resolved_at = Instant::now();
        // Once a try may have taken effect, no later answer can say that the call did not.
        let mut doubted = false;
        let mut attempt = 1;
        loop {
            let fault = match worker.reader.send(&resolved).await {
                Ok(accepted) => {
                    // The facts come first: a crash may leave the beginning of a group, and a call that has ended is not looked
                    // at again. Facts without the end are a call in doubt, which is settled with them.
                    let fact = |(name, value)| Record::Fact { step: worker.key.clone(), name, value };
                    let made = worker.put_sealed(accepted.reply)?;
                    let mut records: Vec<Record> = made.into_iter().map(fact).collect();
                    records.push(Record::Ended(Ending {
                        call: number,
                        outcome: Outcome::Done,
                        request_id: accepted.request_id,
                        aws_time: accepted.aws_time,
                        fault: None,
                    }));
                    return Ok(Sent::Plainly(Box::new(worker.desk.record(worker.key, records).await?)));
                }
                Err(fault) => fault,
            };
            if call.operation().already_so.contains(&fault.code.as_str()) {
                worker.ended(number, Outcome::Done, &fault).await?;
                return Ok(Sent::LookAgain);
            }
            doubted |= fault.kind == FaultKind::InDoubt;
            let mut next = worker.reader.after(&resolved, &fault, attempt);
            let stays_good = resolved_at.elapsed() < FRESH && may_repeat_as_it_is(call);
            if matches!(next, Next::Again(_)) && fault.kind.had_no_effect() && !doubted && !stays_good {
                return self.look_before_the_next_try(number, planned, call, &fault).await;
            }
            let time_is_up = matches!(next, Next::Again(pause) if Instant::now() + pause >= self.deadline);
            if doubted && (time_is_up || matches!(next, Next::GiveUp)) {
                next = Next::InDoubt;
            }
            match next {
                Next::Again(_) if time_is_up => {
                    worker.ended(number, Outcome::Failed, &fault).await?;
                    worker.desk.pause(worker.key, Pausing::ForAws, self.deadline - Instant::now()).await?;
                    return Ok(Sent::LookAgain);
                }
                Next::Again(pause) => {
                    let failed = Attempt {
                        call: number,
                        attempt,
                        fault: journaled(&fault),
                        request_id: fault.request_id.clone(),
                        wait_ms: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                    };
                    worker.desk.record(worker.key, vec![Record::Attempted(failed)]).await?;
                    if let Err(halt) = worker.desk.rest(pause).await {
                        let outcome = if doubted { Outcome::InDoubt } else { Outcome::Failed };
                        worker.ended(number, outcome, &fault).await?;
                        return Err(halt);
                    }
                    attempt += 1;
                }
                Next::InDoubt => {
                    worker.ended(number, Outcome::InDoubt, &fault).await?;
                    if fault.kind == FaultKind::Expired {
                        return Err(Halt::Credentials(fault));
                    }
                    return match worker
                        .settle(number, call.operation(), &call.entity(), planned, worker.clock.now())
                        .await?
                    {
                        Settled::Happened(_) => Ok(Sent::LookAgain),
                        Settled::Lost(_) => Ok(self.in_vain(planned, &fault)),
                        Settled::DidNotHappen(_) => Ok(self.did_not_happen(planned, &fault)),
                        Settled::Stuck => Ok(Sent::Ended),
                    };
                }
                Next::GiveUp => {
                    worker.ended(number, Outcome::Failed, &fault).await?;
                    return self.refused(planned, fault).await;
                }
            }
        }
    }

    /// Everything that stands on disk before the request leaves, or why it cannot be written.
    async fn prepare(
        &self,
        snapshot: &Snapshot,
        seen: &SeenJson,
        call: &Call,
        planned: Digest,
    ) -> Result<Result<(Call, Vec<Record>, Intent), String>, Halt> {
        let worker = self.worker;
        let symbols = call.symbols();
        let writes_text = symbols.iter().any(|symbol| matches!(symbol, Symbol::Text(_)));
        let history = if writes_text { worker.desk.history(worker.key).await? } else { vec![] };
        let token = Digest::of(&(worker.plan.nonce.as_str(), worker.key, planned)).short();
        let compose = |name: &str| {
            let run = run_so_far(worker.plan, history.clone());
            worker.known.compose(name, &worker.to, &worker.planned.input, &run).ok().flatten()
        };
        let values = Values {
            facts: &snapshot.facts,
            present: &seen.present,
            aws_now: worker.reader.aws_now().unwrap_or_else(|| worker.clock.now()),
            entity: &worker.planned.target.entity,
            compose: &compose,
            token: &token,
        };
        let resolved = match call.resolve(&values) {
            Ok(resolved) => resolved,
            Err(unresolved) => return Ok(Err(unresolved.to_string())),
        };
        let mut before = Vec::new();
        // A step may have to change others than its target on the way, such as those who have the policy that it deletes.
        let on = worker.plan.place.target(call.region(), call.entity());
        let mut targets = vec![worker.planned.target.clone()];
        targets.extend(Some(on).filter(|on| !on.is_within(&worker.planned.target)));
        for target in targets.into_iter().filter(|target| snapshot.step.pre_state(target).is_none()) {
            let (evidence, sealed) = worker.capture(&seen.present)?;
            before.push(Record::Captured { step: worker.key.clone(), target, evidence, sealed });
        }
        if snapshot.step.state != StepState::Acting {
            before.push(Record::Step(StepMoved::to(worker.key.clone(), StepState::Acting)));
        }
        if symbols.contains(&Symbol::CutOff) {
            let value = values.value_of(&Symbol::CutOff).unwrap_or_default();
            before.push(Record::Fact { step: worker.key.clone(), name: "cut-off".to_owned(), value });
        }
        let request = resolved.for_the_record();
        let told = match worker.open_part(&seen.present)? {
            None => request.clone(),
            // As it was approved at the least: no value of what is repeated stands there.
            Some(without) => call
                .resolve(&Told { values: &values, without: &without })
                .map_or_else(|_| call.for_the_record(), |open| open.for_the_record()),
        };
        let sealed = if told == request { None } else { worker.evidence.seal(&request)? };
        let intent = Intent {
            call: CallNumber(0),
            step: worker.key.clone(),
            operation: call.operation().full_name(),
            effect: call.operation().effect,
            target: worker.plan.place.target(call.region(), call.entity()),
            request: told,
            sealed,
            planned,
            token: symbols.contains(&Symbol::Token).then_some(token),
        };
        Ok(Ok((resolved, before, intent)))
    }

    /// The values of the call may be stale by the next try: it is ended, and what is there then decides.
    async fn look_before_the_next_try(
        &mut self,
        number: CallNumber,
        planned: Digest,
        call: &Call,
        fault: &Fault,
    ) -> Result<Sent, Halt> {
        let worker = self.worker;
        worker.ended(number, Outcome::Failed, fault).await?;
        let tries = self.tries.entry(planned).or_default();
        *tries += 1;
        match worker.reader.after(call, fault, *tries) {
            Next::Again(pause) if *tries < Retry::ATTEMPTS => {
                worker.desk.pause(worker.key, Pausing::ForAws, pause).await?;
                Ok(Sent::LookAgain)
            }
            _ => Ok(Sent::Refused(fault.to_string())),
        }
    }

    /// A look has shown that the call did not happen, so that it may be sent again. A few times.
    fn did_not_happen(&mut self, planned: Digest, fault: &Fault) -> Sent {
        let doubts = self.doubts.entry(planned).or_default();
        *doubts += 1;
        if *doubts < MOST_DOUBTS {
            return Sent::LookAgain;
        }
        let operation = &fault.operation;
        Sent::Refused(format!(
            "{operation} was sent {MOST_DOUBTS} times, and each time a look showed that nothing had come of it; last: {fault}"
        ))
    }

    /// A look has shown that the call has made something that is of no use, so that it may be sent again once that is gone. A
    /// few times.
    fn in_vain(&mut self, planned: Digest, fault: &Fault) -> Sent {
        let doubts = self.doubts.entry(planned).or_default();
        *doubts += 1;
        if *doubts < MOST_DOUBTS {
            return Sent::LookAgain;
        }
        let operation = &fault.operation;
        Sent::Refused(format!(
            "{operation} was sent {MOST_DOUBTS} times, and the last time what it made was lost; the next plan takes it away; \
             last: {fault}"
        ))
    }

    /// AWS has refused: what it was about may have gone, or be changing, and a look tells. A few times.
    async fn refused(&mut self, planned: Digest, fault: Fault) -> Result<Sent, Halt> {
        let worker = self.worker;
        if fault.kind == FaultKind::Expired {
            return Err(Halt::Credentials(fault));
        }
        let refusals = self.refusals.entry(planned).or_default();
        *refusals += 1;
        if matches!(fault.kind, FaultKind::NotFound | FaultKind::InUse) && *refusals < MOST_REFUSALS {
            worker.desk.pause(worker.key, Pausing::ForAws, REFUSED_PAUSE).await?;
            return Ok(Sent::LookAgain);
        }
        Ok(Sent::Refused(fault.to_string()))
    }
}

/// Whether a call may be tried again without a look: what it repeats from the last look, or does for good, may not fit what
/// is there by then.
fn may_repeat_as_it_is(call: &Call) -> bool {
    call.operation().effect != Effect::Irreversible
        && !call.symbols().iter().any(|symbol| matches!(symbol, Symbol::Echo(_)))
}

impl Worker<'_> {
    /// Records the end of a call that was not plain success.
    pub(super) async fn ended(&self, call: CallNumber, outcome: Outcome, fault: &Fault) -> Result<Snapshot, Halt> {
        let ending = Ending {
            call,
            outcome,
            request_id: fault.request_id.clone(),
            aws_time: None,
            fault: Some(journaled(fault)),
        };
        self.desk.record(self.key, vec![Record::Ended(ending)]).await
    }
}

fn journaled(fault: &Fault) -> CallFault {
    CallFault { code: fault.code.clone(), message: fault.message.clone() }
}
