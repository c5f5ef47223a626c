//! Which steps may start: pure, from the plan and the fold.

use crate::base::StepKey;
use crate::journal::{Fold, StepState};
use crate::plan::{EdgeKind, Plan, PlannedStep};

/// What is to be done about a step that is waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Readiness {
    /// Something before it has not ended.
    NotYet,
    /// It may start.
    Ready,
    /// Something that it needs has not succeeded.
    Held {
        /// What.
        by: String,
    },
}

/// Whether a step may start. A step that counts as done may still be put back to work when somebody undoes it; what
/// comes after it does not wait for that. Nor does it wait for a step to which nobody has agreed yet, unless it needs that one.
pub(super) fn readiness(plan: &Plan, fold: &Fold, step: &PlannedStep, agreed: &dyn Fn(&StepKey) -> bool) -> Readiness {
    debug_assert!(plan.step(&step.key).is_some(), "the step is the plan's");
    let mut all_ended = true;
    for edge in &step.edges {
        let state = fold.step(&edge.before).map_or(StepState::Waiting, |before| before.state);
        let under_way = matches!(state, StepState::Waiting | StepState::Looked | StepState::Acting);
        let succeeded = state.has_succeeded() || state == StepState::Skipped;
        if edge.kind == EdgeKind::Needs && !under_way && !succeeded {
            return Readiness::Held { by: format!("{} is {state}", edge.before) };
        }
        let waits = under_way && (edge.kind == EdgeKind::Needs || agreed(&edge.before));
        all_ended &= !waits;
    }
    if all_ended { Readiness::Ready } else { Readiness::NotYet }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::journal::{Record, StepMoved};
    use crate::plan::{Edge, PlannedWork};
    use crate::run::testing::{opened, plan_of};

    const MOST_STEPS: usize = 9;

    fn key(number: usize) -> StepKey {
        StepKey::once(format!("step{number}").parse().expect("a step"))
    }

    /// Steps in an order that respects their edges, as every plan has them.
    fn steps() -> impl Strategy<Value = Vec<PlannedStep>> {
        let kind = || prop_oneof![Just(EdgeKind::Needs), Just(EdgeKind::After)];
        let edges = proptest::collection::btree_map(0..MOST_STEPS, kind(), 0..4);
        proptest::collection::vec(edges, 1..MOST_STEPS).prop_map(|all| {
            let step = |(number, before): (usize, BTreeMap<usize, EdgeKind>)| PlannedStep {
                key: key(number),
                title: String::new(),
                edges: before
                    .into_iter()
                    .filter(|(before, _)| *before < number)
                    .map(|(before, kind)| Edge { before: key(before), kind, because: None })
                    .collect(),
                work: PlannedWork::Gate { confirm: true, message: String::new() },
            };
            all.into_iter().enumerate().map(step).collect()
        })
    }

    /// The ways that a step can go.
    const WAYS: [&[StepState]; 6] = [
        &[StepState::Looked, StepState::Done, StepState::Verified],
        &[StepState::Looked, StepState::Done, StepState::NotVerified],
        &[StepState::Skipped],
        &[StepState::Refused],
        &[StepState::Looked, StepState::Acting, StepState::Failed],
        &[StepState::Looked, StepState::Acting, StepState::Stuck],
    ];

    fn is_good(state: StepState) -> bool {
        matches!(state, StepState::Done | StepState::Verified | StepState::Skipped)
    }

    proptest! {
        #[test]
        fn nothing_starts_before_what_it_needs_and_everything_ends(
            steps in steps(),
            ways in proptest::collection::vec(0..WAYS.len(), MOST_STEPS),
            order in proptest::collection::vec(any::<prop::sample::Index>(), 3 * MOST_STEPS),
        ) {
            let plan = plan_of(steps);
            let mut fold = Fold::default();
            fold.apply(plan.made, &Record::RunOpened(opened(&plan))).expect("a beginning");
            let mut order = order.into_iter();
            let mut started = BTreeSet::new();
            let mut under_way: Vec<(usize, &[StepState])> = Vec::new();
            loop {
                for (number, step) in plan.steps.iter().enumerate() {
                    if started.contains(&number) {
                        continue;
                    }
                    let before = |edge: &Edge| fold.step(&edge.before).expect("the run's").state;
                    let needs = || step.edges.iter().filter(|edge| edge.kind == EdgeKind::Needs);
                    match readiness(&plan, &fold, step, &|_| true) {
                        Readiness::NotYet => continue,
                        Readiness::Ready => {
                            let over = |edge: &Edge| before(edge).has_ended() || before(edge) == StepState::Done;
                            prop_assert!(step.edges.iter().all(over), "{} started early", step.key);
                            prop_assert!(needs().all(|edge| is_good(before(edge))), "{} lacks something", step.key);
                            under_way.push((number, WAYS[ways[number]]));
                        }
                        Readiness::Held { .. } => {
                            let bad = |edge: &Edge| before(edge).has_ended() && !is_good(before(edge));
                            prop_assert!(needs().any(bad), "{} is held for nothing", step.key);
                            let held = Record::Step(StepMoved::to(step.key.clone(), StepState::Held));
                            fold.apply(plan.made, &held).expect("legal");
                        }
                    }
                    started.insert(number);
                }
                if under_way.is_empty() {
                    break;
                }
                let at = order.next().map_or(0, |luck| luck.index(under_way.len()));
                let (number, way) = under_way.swap_remove(at);
                let moved = Record::Step(StepMoved::to(key(number), way[0]));
                fold.apply(plan.made, &moved).expect("legal");
                if way.len() > 1 {
                    under_way.push((number, &way[1..]));
                }
            }
            prop_assert!(fold.steps().values().all(|step| step.state.has_ended()), "{:?}", fold.counts());
        }
    }
}
