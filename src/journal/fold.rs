//! What a run has come to, folded from its records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::base::{Digest, OperationName, StepKey, Target};

use super::record::{Answer, Attempt, Closing, Confirmation, Ending, Intent, RunOpened, StepMoved};
use super::{CallNumber, CallState, FORMAT, IllegalCall, IllegalStep, Record, StepState};

/// Why a record may not follow those before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IllegalRecord {
    /// Something came before `run-opened`, or a second one after it.
    #[error("a journal begins with `run-opened`, once")]
    Opening,
    /// The format is newer than this program.
    #[error("the journal has format {format}, and this version of quell reads up to {FORMAT}: use a newer one")]
    Format {
        /// The format of the journal.
        format: u32,
    },
    /// Something came after `closed`.
    #[error("the run is closed")]
    Closed,
    /// The step is not one of the run's.
    #[error("the run has no step `{0}`")]
    UnknownStep(StepKey),
    /// The call is not one of the run's.
    #[error("the run has no call {0}")]
    UnknownCall(CallNumber),
    /// The call's number is not one more than the last.
    #[error("call {call} does not follow the last one: {expected} does")]
    CallOutOfOrder {
        /// The number it has.
        call: CallNumber,
        /// The number it should have.
        expected: CallNumber,
    },
    /// The step cannot go there.
    #[error("step `{step}`: {illegal}")]
    Step {
        /// The step.
        step: StepKey,
        /// What it cannot do.
        illegal: IllegalStep,
    },
    /// The call cannot go there.
    #[error("call {call}: {illegal}")]
    Call {
        /// The call.
        call: CallNumber,
        /// What it cannot do.
        illegal: IllegalCall,
    },
    /// A call that changes something belongs to a step that is not acting.
    #[error("step `{step}` is `{state}`, and only a step that is acting changes anything")]
    NotActing {
        /// The step.
        step: StepKey,
        /// Where it stands.
        state: StepState,
    },
    /// A call would change a target of which the step has kept no evidence.
    #[error("step `{step}` has not captured what {target} was before its first change")]
    NotCaptured {
        /// The step.
        step: StepKey,
        /// The target.
        target: Target,
    },
    /// Something depends on a call of which it is still open what it did.
    #[error("step `{step}` still has the open call {call}")]
    OpenCall {
        /// The step.
        step: StepKey,
        /// The call.
        call: CallNumber,
    },
    /// The tries of a call are not counted in order.
    #[error("call {call}: try {attempt} does not follow the one before it")]
    AttemptOutOfOrder {
        /// The call.
        call: CallNumber,
        /// The try.
        attempt: u32,
    },
    /// The counts at the end do not agree with the records.
    #[error("the counts of `closed` do not agree with the steps")]
    Counts,
}

/// Something that somebody else has undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// What.
    pub what: String,
    /// Who, as far as AWS says.
    pub who: Option<String>,
}

/// What a step has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct StepView {
    /// Where it stands.
    pub state: StepState,
    /// Since when; nothing while it has not moved.
    pub since: Option<Timestamp>,
    /// Why it stands there, as a fragment.
    pub why: Option<String>,
    /// The fingerprint of the last look that had one.
    pub fingerprint: Option<Digest>,
    /// The evidence of the last look that kept one.
    pub seen: Option<Digest>,
    /// How often it was looked at again after it was done: each time because somebody may have undone it.
    pub relooks: u32,
    /// What its targets were before it changed them, in the order of capture. The first of a target is its pre-state.
    pub captured: Vec<(Target, Digest)>,
    /// What it has made, by name.
    pub facts: BTreeMap<String, Value>,
    /// Its calls, in order.
    pub calls: Vec<CallNumber>,
    /// Those of its calls of which it is open what they did, in order.
    pub open_calls: Vec<CallNumber>,
    /// The last answer, where it is a gate.
    pub answer: Option<Answer>,
    /// What it found that the plan does not cover.
    pub left_over: Vec<Value>,
    /// What was found different from the plan.
    pub drift: Vec<String>,
    /// What others have undone.
    pub undone: Vec<Undone>,
}

impl StepView {
    fn new() -> Self {
        Self {
            state: StepState::Waiting,
            since: None,
            why: None,
            fingerprint: None,
            seen: None,
            relooks: 0,
            captured: Vec::new(),
            facts: BTreeMap::new(),
            calls: Vec::new(),
            open_calls: Vec::new(),
            answer: None,
            left_over: Vec::new(),
            drift: Vec::new(),
            undone: Vec::new(),
        }
    }

    /// The evidence of what a target was before the step's first change of it, or of what the target is part of.
    pub fn pre_state(&self, target: &Target) -> Option<Digest> {
        self.captured.iter().find(|(captured, _)| target.is_within(captured)).map(|(_, evidence)| *evidence)
    }
}

/// What a call has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct CallView {
    /// Where it stands.
    pub state: CallState,
    /// When it was intended.
    pub intended_at: Timestamp,
    /// What was intended.
    pub intent: Intent,
    /// The tries that failed and were followed by another one.
    pub attempts: Vec<Attempt>,
    /// How it ended, once it has.
    pub ending: Option<Ending>,
    /// What its doubt was settled from, once it is.
    pub settled_why: Option<String>,
}

/// When a call last landed on a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landed {
    /// The call.
    pub call: CallNumber,
    /// When its end was written, by the clock of the program; for a call that was in doubt, when that was settled.
    pub at: Timestamp,
    /// When AWS says that it happened.
    pub aws_time: Option<Timestamp>,
}

/// What a run has come to: the one state that writer, reader, dispatcher and reports share.
///
/// It changes only by [`Fold::apply`], record by record, and a record that is refused changes nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fold {
    opened: Option<Arc<RunOpened>>,
    began: Option<Timestamp>,
    latest: Option<Timestamp>,
    steps: BTreeMap<StepKey, StepView>,
    calls: BTreeMap<CallNumber, CallView>,
    next_call: u64,
    open_calls: BTreeSet<CallNumber>,
    counts: BTreeMap<StepState, u64>,
    landed: BTreeMap<OperationName, BTreeMap<Target, Landed>>,
    confirmations: Vec<Confirmation>,
    resumes: u32,
    stopped: Option<String>,
    closed: Option<Closing>,
}

impl Fold {
    /// How the run began; nothing before its first record.
    pub fn opened(&self) -> Option<&RunOpened> {
        self.opened.as_deref()
    }

    /// When the run began.
    pub fn began(&self) -> Option<Timestamp> {
        self.began
    }

    /// When its last record was written.
    pub fn latest(&self) -> Option<Timestamp> {
        self.latest
    }

    /// Every step, by key.
    pub fn steps(&self) -> &BTreeMap<StepKey, StepView> {
        &self.steps
    }

    /// A step.
    pub fn step(&self, key: &StepKey) -> Option<&StepView> {
        self.steps.get(key)
    }

    /// Every call, by number.
    pub fn calls(&self) -> &BTreeMap<CallNumber, CallView> {
        &self.calls
    }

    /// The number that the next call has to have.
    pub fn next_call(&self) -> CallNumber {
        CallNumber(self.next_call)
    }

    /// The calls of which it is open what they did, in order: what a resume settles first.
    pub fn open_calls(&self) -> impl Iterator<Item = (CallNumber, &CallView)> {
        self.open_calls.iter().filter_map(|number| self.calls.get(number).map(|call| (*number, call)))
    }

    /// How many steps stand where. States that no step is in are left out.
    pub fn counts(&self) -> &BTreeMap<StepState, u64> {
        &self.counts
    }

    /// When an operation last landed on exactly this target.
    pub fn landed(&self, operation: &OperationName, target: &Target) -> Option<Landed> {
        self.landed.get(operation)?.get(target).copied()
    }

    /// What was agreed to, in order.
    pub fn confirmations(&self) -> &[Confirmation] {
        &self.confirmations
    }

    /// How often the run was resumed.
    pub fn resumes(&self) -> u32 {
        self.resumes
    }

    /// Why the run stopped, where the last thing that happened to it was a stop.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// How the run ended, once it has.
    pub fn closed(&self) -> Option<&Closing> {
        self.closed.as_ref()
    }

    /// The part of the fold that decides about these records, and nothing else: what a group is tried on before it is written.
    pub(super) fn excerpt(&self, records: &[Record]) -> Self {
        let mut part = Self {
            opened: self.opened.clone(),
            next_call: self.next_call,
            open_calls: self.open_calls.clone(),
            counts: self.counts.clone(),
            closed: self.closed.clone(),
            ..Self::default()
        };
        for record in records {
            let call = record.call().and_then(|number| self.calls.get_key_value(&number));
            if let Some((number, call)) = call {
                part.calls.entry(*number).or_insert_with(|| call.clone());
            }
            let step = record.step().or(call.map(|(_, call)| &call.intent.step));
            if let Some((key, step)) = step.and_then(|key| self.steps.get_key_value(key)) {
                part.steps.entry(key.clone()).or_insert_with(|| step.clone());
            }
        }
        part
    }

    /// Folds one more record in, if the tables allow it here.
    pub fn apply(&mut self, time: Timestamp, record: &Record) -> Result<(), IllegalRecord> {
        self.take_in(time, record)?;
        self.began.get_or_insert(time);
        self.latest = Some(time);
        Ok(())
    }

    fn take_in(&mut self, time: Timestamp, record: &Record) -> Result<(), IllegalRecord> {
        match (&self.opened, record) {
            (None, Record::RunOpened(opened)) => return self.open(opened),
            (None, _) | (Some(_), Record::RunOpened(_)) => return Err(IllegalRecord::Opening),
            _ if self.closed.is_some() => return Err(IllegalRecord::Closed),
            _ => {}
        }
        match record {
            Record::Step(moved) => self.step_moved(time, moved)?,
            Record::Intended(intent) => self.intended(time, intent)?,
            Record::Attempted(attempt) => self.attempted(attempt)?,
            Record::Ended(ending) => {
                self.call_moved(time, ending.call, ending.outcome.into(), ending.aws_time)?.ending =
                    Some(ending.clone());
            }
            Record::Settled { call, outcome, why } => {
                self.call_moved(time, *call, (*outcome).into(), None)?.settled_why = Some(why.clone());
            }
            Record::Captured { step, target, evidence } => {
                self.step_mut(step)?.captured.push((target.clone(), *evidence));
            }
            Record::Fact { step, name, value } => {
                self.step_mut(step)?.facts.insert(name.clone(), value.clone());
            }
            Record::GateAnswered { step, answer, .. } => self.step_mut(step)?.answer = Some(*answer),
            Record::Drift { step, what } => self.step_mut(step)?.drift.push(what.clone()),
            Record::UndoneByOther { step, what, who } => {
                self.step_mut(step)?.undone.push(Undone { what: what.clone(), who: who.clone() });
            }
            Record::LeftOver { step, items } => self.step_mut(step)?.left_over.extend(items.iter().cloned()),
            Record::Confirmed(confirmation) => self.confirmations.push(confirmation.clone()),
            Record::Resumed { .. } => {
                self.resumes += 1;
                self.stopped = None;
            }
            Record::Paused { why } | Record::Interrupted { why } => self.stopped = Some(why.clone()),
            Record::Closed(closing) => self.close(closing)?,
            Record::Note { .. } | Record::RunOpened(_) => {}
        }
        Ok(())
    }

    fn open(&mut self, opened: &RunOpened) -> Result<(), IllegalRecord> {
        if opened.format > FORMAT {
            return Err(IllegalRecord::Format { format: opened.format });
        }
        self.steps = opened.steps.iter().map(|key| (key.clone(), StepView::new())).collect();
        if !self.steps.is_empty() {
            self.counts.insert(StepState::Waiting, self.steps.len() as u64);
        }
        self.opened = Some(Arc::new(opened.clone()));
        Ok(())
    }

    fn step_mut(&mut self, key: &StepKey) -> Result<&mut StepView, IllegalRecord> {
        self.steps.get_mut(key).ok_or_else(|| IllegalRecord::UnknownStep(key.clone()))
    }

    fn step_moved(&mut self, time: Timestamp, moved: &StepMoved) -> Result<(), IllegalRecord> {
        let step = self.step_mut(&moved.step)?;
        let from = step.state;
        let to = from.next(moved.to).map_err(|illegal| IllegalRecord::Step { step: moved.step.clone(), illegal })?;
        if let (true, Some(call)) = (to.has_succeeded(), step.open_calls.first()) {
            return Err(IllegalRecord::OpenCall { step: moved.step.clone(), call: *call });
        }
        if from.has_succeeded() && to == StepState::Looked {
            step.relooks += 1;
        }
        step.state = to;
        step.since = Some(time);
        step.why.clone_from(&moved.why);
        step.fingerprint = moved.fingerprint.or(step.fingerprint);
        step.seen = moved.state.or(step.seen);
        if let Some(count) = self.counts.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&from);
            }
        }
        *self.counts.entry(to).or_default() += 1;
        Ok(())
    }

    fn intended(&mut self, time: Timestamp, intent: &Intent) -> Result<(), IllegalRecord> {
        let expected = self.next_call();
        let step = self.step_mut(&intent.step)?;
        if intent.call != expected {
            return Err(IllegalRecord::CallOutOfOrder { call: intent.call, expected });
        }
        if intent.effect.is_mutating() {
            let key = || intent.step.clone();
            if step.state != StepState::Acting {
                return Err(IllegalRecord::NotActing { step: key(), state: step.state });
            }
            if step.pre_state(&intent.target).is_none() {
                return Err(IllegalRecord::NotCaptured { step: key(), target: intent.target.clone() });
            }
            // Moves of one step go in order, and what a call in doubt did decides what the next one has to be.
            if let Some(call) = step.open_calls.first() {
                return Err(IllegalRecord::OpenCall { step: key(), call: *call });
            }
        }
        step.calls.push(intent.call);
        step.open_calls.push(intent.call);
        self.open_calls.insert(intent.call);
        self.next_call += 1;
        self.calls.insert(
            intent.call,
            CallView {
                state: CallState::Intended,
                intended_at: time,
                intent: intent.clone(),
                attempts: Vec::new(),
                ending: None,
                settled_why: None,
            },
        );
        Ok(())
    }

    fn attempted(&mut self, attempt: &Attempt) -> Result<(), IllegalRecord> {
        let call = self.calls.get_mut(&attempt.call).ok_or(IllegalRecord::UnknownCall(attempt.call))?;
        let follows = call.attempts.last().map_or(0, |last| last.attempt).checked_add(1) == Some(attempt.attempt);
        if !follows || call.state != CallState::Intended {
            return Err(IllegalRecord::AttemptOutOfOrder { call: attempt.call, attempt: attempt.attempt });
        }
        call.attempts.push(attempt.clone());
        Ok(())
    }

    fn call_moved(
        &mut self,
        time: Timestamp,
        number: CallNumber,
        to: CallState,
        aws_time: Option<Timestamp>,
    ) -> Result<&mut CallView, IllegalRecord> {
        let call = self.calls.get_mut(&number).ok_or(IllegalRecord::UnknownCall(number))?;
        call.state = call.state.next(to).map_err(|illegal| IllegalRecord::Call { call: number, illegal })?;
        if !to.is_open() {
            self.open_calls.remove(&number);
            if let Some(step) = self.steps.get_mut(&call.intent.step) {
                step.open_calls.retain(|open| *open != number);
            }
        }
        if to.has_landed() {
            self.landed
                .entry(call.intent.operation.clone())
                .or_default()
                .insert(call.intent.target.clone(), Landed { call: number, at: time, aws_time });
        }
        Ok(call)
    }

    fn close(&mut self, closing: &Closing) -> Result<(), IllegalRecord> {
        // Every intent has a result or a settlement before anybody may call the run ended.
        if let Some(number) = self.open_calls.first() {
            let step = self.calls.get(number).map(|call| call.intent.step.clone());
            return Err(step
                .map_or(IllegalRecord::UnknownCall(*number), |step| IllegalRecord::OpenCall { step, call: *number }));
        }
        if closing.counts != self.counts {
            return Err(IllegalRecord::Counts);
        }
        self.closed = Some(closing.clone());
        Ok(())
    }
}
