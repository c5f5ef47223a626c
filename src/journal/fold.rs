//! What a run has come to, folded from its records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::base::{OperationName, StepKey, Target};

use super::{
    Agreed, Attempt, CallNumber, CallState, CallView, Closing, Confirmation, FORMAT, IllegalRecord, Intent, Landed,
    Record, RunOpened, StepMoved, StepState, StepView, Undone, UndoneBy,
};

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
    left_over: BTreeMap<StepKey, Vec<Value>>,
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

    /// How much of the plan was agreed to.
    pub fn agreed(&self) -> Agreed {
        Agreed::by(&self.confirmations)
    }

    /// How often the run was resumed.
    pub fn resumes(&self) -> u32 {
        self.resumes
    }

    /// What is there and the plan does not cover, by the query that found it. Queries are no steps of the run.
    pub fn left_over(&self) -> &BTreeMap<StepKey, Vec<Value>> {
        &self.left_over
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
            Record::Captured { step, target, evidence, .. } => {
                self.step_mut(step)?.captured.push((target.clone(), *evidence));
            }
            Record::Fact { step, name, value } => {
                self.step_mut(step)?.facts.insert(name.clone(), value.clone());
            }
            Record::GateAnswered { step, answer, .. } => self.step_mut(step)?.answer = Some(*answer),
            Record::Drift { step, what } => self.step_mut(step)?.drift.push(what.clone()),
            Record::UndoneByOther { step, what, who, suspected } => {
                let undone =
                    Undone { what: what.clone(), at: time, who: who.clone(), how: None, suspected: *suspected };
                self.step_mut(step)?.undone.push(undone);
            }
            Record::Note { undone_by: Some(by), .. } => self.named(by)?,
            Record::LeftOver { step, items } => {
                self.left_over.entry(step.clone()).or_default().extend(items.iter().cloned());
            }
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

    /// Joins what was found out later to what it is about.
    fn named(&mut self, by: &UndoneBy) -> Result<(), IllegalRecord> {
        let undone = &mut self.step_mut(&by.step)?.undone;
        if let Some(undone) = usize::try_from(by.nth).ok().and_then(|nth| undone.get_mut(nth)) {
            undone.who = by.who.clone().or_else(|| undone.who.take());
            undone.how = Some(by.how.clone());
            undone.suspected &= undone.who.is_none();
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
                return Err(IllegalRecord::NotCaptured { step: key(), target: Box::new(intent.target.clone()) });
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
        if let Some(call) = self.open_calls.first() {
            return Err(IllegalRecord::ClosedEarly(*call));
        }
        if closing.counts != self.counts {
            return Err(IllegalRecord::Counts);
        }
        self.closed = Some(closing.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::Effect;
    use crate::journal::testing::*;
    use crate::journal::{Outcome, Settlement};

    fn folded(records: &[Record]) -> Result<Fold, IllegalRecord> {
        let mut fold = Fold::default();
        fold.apply(time(), &Record::RunOpened(opened())).expect("a beginning");
        records.iter().try_for_each(|record| fold.apply(time(), record)).map(|()| fold)
    }

    fn acting() -> Vec<Record> {
        vec![moved(0, StepState::Looked), captured(0, 0), moved(0, StepState::Acting)]
    }

    #[test]
    fn a_change_needs_an_acting_step_evidence_and_no_open_call() {
        let change = intended(0, 0, 1, Effect::Reversible);
        assert!(folded(&[acting(), vec![change.clone()]].concat()).is_ok(), "evidence of an agent covers its aliases");
        let looked = [acting()[..2].to_vec(), vec![change.clone()]].concat();
        assert!(matches!(folded(&looked), Err(IllegalRecord::NotActing { .. })));
        let elsewhere = [acting(), vec![intended(0, 0, 2, Effect::Reversible)]].concat();
        assert!(matches!(folded(&elsewhere), Err(IllegalRecord::NotCaptured { .. })));
        let others = [vec![captured(1, 0)], vec![acting()[0].clone(), acting()[2].clone(), change.clone()]].concat();
        assert!(matches!(folded(&others), Err(IllegalRecord::NotCaptured { .. })), "each step keeps its own");
        let at_once = [acting(), vec![change.clone(), intended(1, 0, 0, Effect::Irreversible)]].concat();
        assert!(matches!(folded(&at_once), Err(IllegalRecord::OpenCall { .. })));
        let early = [acting(), vec![change, moved(0, StepState::Done)]].concat();
        assert!(matches!(folded(&early), Err(IllegalRecord::OpenCall { .. })));
        assert!(folded(&[intended(0, 3, 1, Effect::Read)]).is_ok(), "reading needs none of it");
    }

    #[test]
    fn what_a_resume_needs_is_there() {
        let mut records = acting();
        records.extend([
            intended(0, 0, 1, Effect::Reversible),
            ended(0, Outcome::Done),
            intended(1, 0, 0, Effect::Reversible),
            ended(1, Outcome::InDoubt),
            Record::Paused { why: "the gate `sure`".into() },
        ]);
        let fold = folded(&records).expect("legal");
        assert_eq!(fold.open_calls().map(|(number, _)| number).collect::<Vec<_>>(), [CallNumber(1)]);
        assert_eq!(fold.stopped(), Some("the gate `sure`"));
        assert_eq!(fold.next_call(), CallNumber(2));
        let operation = "bedrock-agent:UpdateAgentAlias".parse().expect("an operation");
        assert_eq!(fold.landed(&operation, &target(1)).map(|landed| landed.call), Some(CallNumber(0)));
        assert_eq!(fold.landed(&operation, &target(0)), None);
        let settled = [records, vec![settled(1, Settlement::Happened)]].concat();
        let fold = folded(&settled).expect("legal");
        assert_eq!(fold.open_calls().count(), 0);
        assert_eq!(fold.landed(&operation, &target(0)).map(|landed| landed.call), Some(CallNumber(1)));
        assert!(fold.step(&step(0)).expect("the step").open_calls.is_empty());
    }

    #[test]
    fn who_has_undone_a_step_is_joined_when_it_is_known() {
        let undone =
            |what: &str| Record::UndoneByOther { step: step(0), what: what.into(), who: None, suspected: true };
        let by = |nth, who: Option<&str>, how: &str| Record::Note {
            text: how.into(),
            undone_by: Some(UndoneBy { step: step(0), nth, who: who.map(String::from), how: how.into() }),
            evidence: None,
        };
        let told = [by(1, None, "not known yet"), by(1, Some("mallory"), "event 1"), by(7, Some("nobody"), "none")];
        let fold = folded(&[vec![undone("a"), undone("b")], told.to_vec()].concat()).expect("legal");
        let undone = &fold.step(&step(0)).expect("the step").undone;
        assert_eq!((undone.len(), undone[0].who.as_deref(), undone[1].who.as_deref()), (2, None, Some("mallory")));
        assert!(undone[0].suspected && !undone[1].suspected, "it is a suspicion until somebody is named");
        assert_eq!(undone[1].how.as_deref(), Some("event 1"));
    }

    #[test]
    fn a_remark_of_an_older_journal_is_read() {
        let note: Record = serde_json::from_str(r#"{"kind":"note","text":"that was all"}"#).expect("a record");
        assert_eq!(note, Record::note("that was all"));
        assert_eq!(serde_json::to_string(&note).expect("JSON"), r#"{"kind":"note","text":"that was all"}"#);
    }

    #[test]
    fn a_newer_format_is_refused() {
        let newer = Record::RunOpened(RunOpened { format: FORMAT + 1, ..opened() });
        let refusal = Fold::default().apply(time(), &newer);
        assert_eq!(refusal, Err(IllegalRecord::Format { format: FORMAT + 1 }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Judged by a model of its own: no fold, only the records in their order.
        #[test]
        fn no_change_without_intent_evidence_and_order(seed: u64) {
            let records = random_run(seed, 300, |before, after| assert_eq!(before, after)).concat();
            for (at, record) in records.iter().enumerate() {
                let Record::Intended(intent) = record else { continue };
                if !intent.effect.is_mutating() {
                    continue;
                }
                let before = &records[..at];
                let last = before.iter().rev().find_map(|record| match record {
                    Record::Step(moved) if moved.step == intent.step => Some(moved.to),
                    _ => None,
                });
                prop_assert_eq!(last, Some(StepState::Acting));
                let kept = before.iter().any(|record| matches!(record, Record::Captured { step, target, .. }
                    if *step == intent.step && intent.target.is_within(target)));
                prop_assert!(kept);
                for earlier in before {
                    let Record::Intended(earlier) = earlier else { continue };
                    let told = before.iter().any(|record| match record {
                        Record::Ended(ending) => ending.call == earlier.call && ending.outcome != Outcome::InDoubt,
                        Record::Settled { call, .. } => *call == earlier.call,
                        _ => false,
                    });
                    prop_assert!(earlier.step != intent.step || told);
                }
            }
        }

        /// The part that a group is tried on says what the whole would say.
        #[test]
        fn an_excerpt_decides_like_the_whole(seed: u64, other: u64) {
            let mut whole = Fold::default();
            for record in random_run(seed, 80, |_, _| {}).concat() {
                whole.apply(time(), &record).expect("legal");
            }
            for record in random_run(other, 200, |_, _| {}).concat() {
                let mut part = whole.excerpt(std::slice::from_ref(&record));
                prop_assert_eq!(part.apply(time(), &record), whole.clone().apply(time(), &record));
            }
        }
    }
}
