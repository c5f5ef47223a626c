//! The contract that every action keeps, in the range. An action that joins the registry joins it here with its cases.

use std::collections::BTreeSet;

use quell::actions::{Refusal, registry};
use quell::aws::Operation;
use quell::base::Effect;
use quell::journal::StepState;
use serde_json::Value;

use crate::actions::{Bench, Undone, action, assert_same, cases, cases_by_action, finds_nothing_to_do, refusal, row};
use crate::extent::played;

const SEED: u64 = 4711;

#[test]
fn every_action_has_a_case() {
    let with_case: BTreeSet<&str> = cases_by_action().into_keys().collect();
    let all: BTreeSet<&str> = registry().actions().map(|action| action.name()).collect();
    assert_eq!(with_case, all);
}

/// The goal is reached, a second run finds nothing to do, and asking for the same once more changes nothing. Where not all is
/// played, it is one case of each action: the undo goes through every one.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn the_goal_is_reached_once() {
    for case in played(cases_by_action().into_values(), 1, SEED) {
        let name = case.name;
        let bench = case.open(SEED);
        let plan = bench.plan().await;
        assert!(action(&plan).calls().count() > 0, "{name}: {:?}", action(&plan).outlook);
        let ran = bench.run(plan).await;
        assert_eq!(ran.state(), StepState::Verified, "{name}: {}", ran.told());
        let after = bench.stage.range.state();
        let second = bench.plan().await;
        assert!(finds_nothing_to_do(&second), "{name}: {:?}", action(&second).outlook);
        let again = bench.run(second).await;
        assert_eq!((again.state(), again.end.fold.calls().len()), (StepState::Verified, 0), "{name}: {}", again.told());
        // The first plan once more: what it lists is there already.
        let first_again = bench.run(ran.plan.clone()).await;
        assert_eq!((first_again.state(), first_again.end.fold.calls().len()), (StepState::Verified, 0), "{name}");
        assert_same(name, &bench.stage.range.state(), &after);
    }
}

/// What was done is taken back to the byte, or the refusal says why not; twice is as good as once. On the way the range sees
/// what is declared, and nothing else.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn undo_gives_back_what_was_there() {
    let mut sent = BTreeSet::new();
    for case in cases() {
        let name = case.name;
        let bench = case.open(SEED);
        let before = but_for_made_policies(bench.stage.range.state());
        let ran = bench.go().await;
        if case.undone == Undone::ExactlyButLater {
            let early = bench.plan_undo(&ran, false).await;
            assert!(matches!(refusal(&early), Some(Refusal::TooEarly { .. })), "{name}: {:?}", action(&early).outlook);
        }
        let undo = bench.plan_undo(&ran, true).await;
        match case.undone {
            Undone::ForGood => assert!(matches!(refusal(&undo), Some(Refusal::ForGood { .. })), "{name}"),
            Undone::ByHand => assert!(matches!(refusal(&undo), Some(Refusal::ByHand { .. })), "{name}"),
            Undone::Exactly | Undone::ExactlyButLater => {
                let undone = bench.run(undo.clone()).await;
                assert_eq!(undone.state(), StepState::Verified, "{name}: {}", undone.told());
                bench.rest().await;
                assert_same(name, &but_for_made_policies(bench.stage.range.state()), &before);
                let twice = bench.plan_undo(&ran, true).await;
                assert!(finds_nothing_to_do(&twice), "{name}: {:?}", action(&twice).outlook);
                let again = bench.run(undo).await;
                assert_eq!((again.state(), again.end.fold.calls().len()), (StepState::Verified, 0), "{name}");
                assert_same(name, &but_for_made_policies(bench.stage.range.state()), &before);
            }
        }
        sent.extend(declared_and_sent(&bench, case.action));
    }
    let declared: BTreeSet<_> = registry()
        .actions()
        .flat_map(|action| action.sends().iter().map(move |row| (action.name(), row.to_string())))
        .collect();
    assert_eq!(sent, declared, "what is declared is also sent, somewhere");
}

/// The account without what an undo leaves where it does no harm, or makes anew: the managed policies that quell makes where there is
/// no other room stay, attached to nobody, or have another id, and a deleted secret can be brought back for a week.
pub(crate) fn but_for_made_policies(mut state: Value) -> Value {
    if let Some(secrets) = state["secrets"].as_array_mut() {
        secrets.retain(|secret| secret["deleted"] == false);
    }
    if let Some(policies) = state["policies"].as_object_mut() {
        policies.retain(|arn, _| !arn.contains(":policy/quell/"));
    }
    state
}

/// What the range has seen of an action is what the action declares; gives what was sent.
fn declared_and_sent(bench: &Bench, action: &'static str) -> BTreeSet<(&'static str, String)> {
    let known = registry().action(action).expect("an action");
    let mut sent = BTreeSet::new();
    for event in bench.trail() {
        let row = row(&event);
        let declared = if row.effect == Effect::Read { known.reads() } else { known.sends() };
        let of_the_caller = ["GetCallerIdentity", "ListAccountAliases", "SimulatePrincipalPolicy"].contains(&row.name);
        // Two services that CloudTrail does not tell apart have operations of one name.
        let is_it = |one: &&Operation| (one.name, one.service.event_source()) == (row.name, row.service.event_source());
        assert!(declared.iter().any(is_it) || of_the_caller, "{action}: {row} is not declared");
        if row.effect != Effect::Read {
            sent.insert((action, row.to_string()));
        }
    }
    sent
}
