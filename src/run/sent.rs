//! Which calls a run has sent, and what became of them: facts for later moves, and what one step leaves to another.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;

use super::agenda::is_left_to_another;
use super::desk::{Asked, Request, Requests};
use super::ready::{Readiness, readiness};
use crate::base::{Entity, StepKey};
use crate::journal::{CallNumber, Fold, Record};
use crate::plan::Plan;

/// Which calls landed on an entity and on what lies below it, and when, by AWS's clock where it told the time.
type LandedOn = BTreeMap<(String, Entity), Timestamp>;

/// The calls of a run, from the records that are on disk.
pub(super) struct SentCalls {
    /// By what is at the top of the path of their entity.
    landed: BTreeMap<Entity, LandedOn>,
    requests: Requests,
}

impl SentCalls {
    /// Those of a journal, whose run begins or goes on now.
    pub(super) fn remember(plan: &Plan, fold: &Fold, agreed: &dyn Fn(&StepKey) -> bool, now: Timestamp) -> Self {
        let mut sent = Self { landed: BTreeMap::new(), requests: Requests::default() };
        fold.calls().keys().for_each(|call| sent.note_call(fold, *call));
        for step in &plan.steps {
            // A step that has to wait finds nothing out: whom it waits for would wait for it.
            let has_ended = fold.step(&step.key).is_some_and(|view| view.state.has_ended());
            if has_ended || matches!(readiness(plan, fold, step, agreed), Readiness::NotYet) {
                sent.let_go(fold, &step.key, now);
            }
        }
        sent
    }

    /// Takes note of a record that is on disk since `now`.
    pub(super) fn note(&mut self, fold: &Fold, record: &Record, now: Timestamp) {
        match record {
            Record::Intended(intent) => self.note_call(fold, intent.call),
            Record::Ended(ending) => self.note_call(fold, ending.call),
            Record::Settled { call, .. } => self.note_call(fold, *call),
            Record::Step(moved) if moved.to.has_ended() => self.let_go(fold, &moved.step, now),
            _ => {}
        }
    }

    /// The calls as the steps see them.
    pub(super) fn requests(&self) -> Requests {
        Rc::clone(&self.requests)
    }

    /// What landed on an entity at the top of a path.
    pub(super) fn landed_on(&self, entity: &Entity) -> LandedOn {
        self.landed.get(entity).cloned().unwrap_or_default()
    }

    /// Whether another step has sent the call that a step asks to send, or is about to with records that are not written yet.
    pub(super) fn has_another(&self, asked: &Asked, step: &StepKey, unwritten: &[Record], now: Timestamp) -> bool {
        let Asked { intent, gives_way } = asked;
        let Some(window) = *gives_way else { return false };
        let same = |record: &Record| matches!(record, Record::Intended(other) if other.planned == intent.planned);
        is_left_to_another(intent.planned, window, step, &self.requests, now) || unwritten.iter().any(same)
    }

    fn note_call(&mut self, fold: &Fold, number: CallNumber) {
        let Some(call) = fold.calls().get(&number) else { return };
        let (planned, by) = (call.intent.planned, call.intent.step.clone());
        let mut requests = self.requests.borrow_mut();
        if call.state.is_open() {
            requests.insert(planned, Request { by, over: None });
            return;
        }
        if !call.state.has_landed() {
            if requests.get(&planned).is_some_and(|request| request.by == by) {
                requests.remove(&planned);
            }
            return;
        }
        let (operation, entity) = (call.intent.operation.clone(), call.intent.target.entity.clone());
        let Some(landed) = fold.landed(&operation, &call.intent.target) else { return };
        requests.insert(planned, Request { by, over: Some(landed.at) });
        let at = landed.aws_time.unwrap_or(landed.at);
        self.landed.entry(entity.root()).or_default().insert((operation.to_string(), entity), at);
    }

    /// What a step that has ended left open is found out by nobody: other steps may look at it themselves after a while.
    fn let_go(&mut self, fold: &Fold, key: &StepKey, now: Timestamp) {
        let Some(step) = fold.step(key) else { return };
        let mut requests = self.requests.borrow_mut();
        for call in step.calls.iter().filter_map(|number| fold.calls().get(number)) {
            match requests.get_mut(&call.intent.planned) {
                Some(request) if request.by == *key && request.over.is_none() => request.over = Some(now),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::aws::Place;
    use crate::base::{Digest, Effect, EntityKind, Partition};
    use crate::journal::{Ending, Intent, Outcome, StepMoved, StepState};
    use crate::plan::{PlannedStep, PlannedWork};
    use crate::run::testing::{opened, plan_of};

    fn key(name: &str) -> StepKey {
        StepKey::once(name.parse().expect("an id"))
    }

    fn intent(by: &str, number: u64) -> Intent {
        let place = Place { partition: Partition::Aws, account: "111122223333".parse().expect("an account") };
        Intent {
            call: CallNumber(number),
            step: key(by),
            operation: "iam:DetachRolePolicy".parse().expect("an operation"),
            effect: Effect::Reversible,
            target: place.target(None, Entity::new(EntityKind::Role, "backdoor")),
            request: json!({}),
            sealed: None,
            planned: Digest::of(&"detach"),
            token: None,
        }
    }

    /// The role goes and the policy goes: both steps take the one from the other. Only one of them sends it, also where both hand it in
    /// at once, until what it did must show.
    #[test]
    fn a_call_of_two_steps_is_sent_by_one() {
        let step = |name: &str| PlannedStep {
            key: key(name),
            title: String::new(),
            edges: vec![],
            work: PlannedWork::Gate { confirm: true, message: String::new() },
        };
        let plan = plan_of(vec![step("role"), step("policy")]);
        let mut fold = Fold::default();
        fold.apply(plan.made, &Record::RunOpened(opened(&plan))).expect("a beginning");
        let mut sent = SentCalls::remember(&plan, &fold, &|_| true, plan.made);
        let window = Duration::from_secs(12);
        let asks = |by: &str, gives_way| Asked { intent: Box::new(intent(by, 1)), gives_way };
        let policy = |sent: &SentCalls, unwritten: &[Record], gives_way, after: i64| {
            let now = plan.made + jiff::SignedDuration::from_secs(after);
            sent.has_another(&asks("policy", gives_way), &key("policy"), unwritten, now)
        };
        let first = Record::Intended(intent("role", 0));
        assert!(!policy(&sent, &[], Some(window), 0), "nobody has sent it");
        assert!(policy(&sent, std::slice::from_ref(&first), Some(window), 0), "it is about to be written");

        let mut happens = |sent: &mut SentCalls, record: &Record| {
            fold.apply(plan.made, record).expect("legal");
            sent.note(&fold, record, plan.made);
        };
        for state in [StepState::Looked, StepState::Acting] {
            happens(&mut sent, &Record::Step(StepMoved::to(key("role"), state)));
        }
        let target = intent("role", 0).target;
        happens(&mut sent, &Record::Captured { step: key("role"), target, evidence: Digest::ZERO, sealed: None });
        happens(&mut sent, &first);
        assert!(policy(&sent, &[], Some(window), 3_600), "its reply may take long");
        assert!(!policy(&sent, &[], None, 0), "no step waits beyond its own time");
        assert!(!sent.has_another(&asks("role", Some(window)), &key("role"), &[], plan.made), "its own is no other's");
        let end = Ending { call: CallNumber(0), outcome: Outcome::Done, request_id: None, aws_time: None, fault: None };
        happens(&mut sent, &Record::Ended(end));
        assert!(policy(&sent, &[], Some(window), 11), "what it did may not show yet");
        assert!(!policy(&sent, &[], Some(window), 13), "by now it must");
    }
}
