//! The contract in states that nobody thought of: somebody works in the account at random, and then every action is
//! proposed, carried out and taken back.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use quell::actions::{AnyAction, Facts, Move, registry};
use quell::aws::Call;
use quell::journal::StepState;
use quell::plan::{Outlook, Plan, PlannedAction};
use quell::range::Moment;
use quell::range::wire::{ApiCall, ServiceName};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::actions::{
    AGENT, Bench, Case, Hand, ROLE, USER, Undone, action, assert_same, cases_by_action, finds_nothing_to_do, refusal,
    scenario,
};
use crate::contract::but_for_made_policies;
use crate::drill::{changes, in_parallel, paused};
use crate::extent::{played, whole};

const POLICY: &str = "QuellRevokeOlderSessions-INC-4711";

fn steps() -> Value {
    json!([
        { "id": "lock", "action": "iam.lock-trust", "with": { "role": ROLE } },
        { "id": "freeze", "action": "iam.revoke-sessions", "with": { "principal": ROLE }, "after": ["lock"] },
        { "id": "freeze_user", "action": "iam.revoke-sessions", "with": { "principal": USER } },
        { "id": "deactivate", "action": "iam.deactivate-access-keys", "with": { "user": "ci-deploy" } },
        { "id": "pause", "action": "bedrock.pause-agent", "with": { "agent": { "region": "us-east-1", "id": AGENT } } },
    ])
}

fn one_of<'a, T>(from: &'a [T], dice: &mut ChaCha8Rng) -> &'a T {
    from.choose(dice).expect("something to choose from")
}

fn document(dice: &mut ChaCha8Rng) -> String {
    let effect = *one_of(&["Allow", "Deny"], dice);
    let time = *one_of(&["2026-11-20T00:00:00Z", "2026-11-22T08:00:00Z", "2027-02-01T00:00:00Z"], dice);
    let mut statement = json!({
        "Sid": "QuellRevokeOlderSessions", "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": time } },
    });
    if dice.random_bool(0.3) {
        statement["Effect"] = json!(effect);
        statement["Action"] = json!("s3:*");
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn trust(dice: &mut ChaCha8Rng) -> String {
    let principals = [
        json!({ "Service": "lambda.amazonaws.com" }),
        json!({ "AWS": "arn:aws:iam::444455556666:root" }),
        json!({ "AWS": "arn:aws:iam::111122223333:user/ci-deploy" }),
    ];
    let mut statements = vec![];
    for _ in 0..dice.random_range(1..4) {
        let who = one_of(&principals, dice).clone();
        statements.push(json!({ "Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole" }));
    }
    if dice.random_bool(0.3) {
        let place = dice.random_range(0..=statements.len());
        let who = one_of(&principals, dice).clone();
        let lock =
            json!({ "Sid": "QuellTrustLockINC4711", "Effect": "Deny", "Principal": who, "Action": "sts:AssumeRole" });
        statements.insert(place, lock);
    }
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// One thing that somebody does. What AWS refuses has not happened.
async fn one_deed(other: &Hand, dice: &mut ChaCha8Rng, number: usize) {
    let (iam, agents) = (ServiceName::Iam, ServiceName::BedrockAgent);
    let alias = one_of(&["live", "spare", "third"], dice);
    let picture = other.0.state();
    let aliases = picture["agents"][0]["aliases"].as_object().expect("aliases");
    let found = aliases.values().find(|known| known["name"] == **alias).cloned().unwrap_or_default();
    let key = *one_of(&["AKIARTX3GSDSQCIDEPLO", "AKIARTX3GSDSXR4W2QZ6"], dice);
    let (service, operation, input) = match dice.random_range(0..11) {
        0 => (
            iam,
            "PutRolePolicy",
            json!({
                "RoleName": "ml-pipeline", "PolicyName": POLICY, "PolicyDocument": document(dice),
            }),
        ),
        1 => (
            iam,
            "PutUserPolicy",
            json!({
                "UserName": "ci-deploy", "PolicyName": POLICY, "PolicyDocument": document(dice),
            }),
        ),
        2 => (iam, "DeleteRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyName": POLICY })),
        3 => (iam, "UpdateAssumeRolePolicy", json!({ "RoleName": "ml-pipeline", "PolicyDocument": trust(dice) })),
        4 | 5 => (
            iam,
            "UpdateAccessKey",
            json!({
                "UserName": "ci-deploy", "AccessKeyId": key, "Status": one_of(&["Active", "Inactive"], dice),
            }),
        ),
        6 => (iam, "DeleteAccessKey", json!({ "UserName": "ci-deploy", "AccessKeyId": key })),
        7 => (iam, "CreateAccessKey", json!({ "UserName": "ci-deploy" })),
        8 => (
            agents,
            "UpdateAgentAlias",
            json!({
                "agentId": AGENT, "agentAliasId": found["id"], "agentAliasName": alias, "description": format!("{number}"),
                "routingConfiguration": [{ "agentVersion": one_of(&["1", "2"], dice) }],
                "aliasInvocationState": one_of(&["ACCEPT_INVOCATIONS", "REJECT_INVOCATIONS"], dice),
            }),
        ),
        9 => (
            agents,
            "CreateAgentAlias",
            json!({
                "agentId": AGENT, "agentAliasName": alias, "routingConfiguration": [{ "agentVersion": "1" }],
            }),
        ),
        _ => (agents, "DeleteAgentAlias", json!({ "agentId": AGENT, "agentAliasId": found["id"] })),
    };
    if operation == "UpdateAgentAlias" && found.is_null() || operation == "DeleteAgentAlias" && found.is_null() {
        return;
    }
    let _ = other.call(service, operation, "us-east-1", input).await;
    tokio::time::sleep(std::time::Duration::from_millis(dice.random_range(0..9_000))).await;
}

/// Every proposed call is declared and lies within what the step is about, and proposing is a function of the state.
fn proposals_are_sound(name: &str, plan: &Plan) {
    for (step, planned) in plan.actions() {
        let known = registry().action(&planned.action).expect("an action");
        for call in planned.calls() {
            assert_declared(name, plan, planned, known, call);
        }
        let again = known
            .propose(&plan.assignment(), &planned.input, &planned.state, &Facts::default())
            .expect("its own state");
        match (&planned.outlook, again) {
            (Outlook::Moves { moves }, Ok(again)) => assert_eq!(*moves, again, "{name}: {}", step.key),
            (Outlook::Refused { because }, Err(again)) => assert_eq!(*because, again, "{name}: {}", step.key),
            (outlook, again) => panic!("{name}: {outlook:?}, then {again:?}"),
        }
    }
}

fn proposed_undo_is_sound(name: &str, undo: &Plan) {
    for (_, planned) in undo.actions() {
        let known = registry().action(&planned.action).expect("an action");
        for call in planned.moves().iter().filter_map(Move::call) {
            assert_declared(name, undo, planned, known, call);
        }
    }
}

/// A call is one that its action declares, on what the step is about, or on what the action says it touches as well. What takes the
/// target off others, such as a policy off its holders, names the target; what was made for the target alone names its immutable
/// id in its path.
fn assert_declared(name: &str, plan: &Plan, planned: &PlannedAction, known: &dyn AnyAction, call: &Call) {
    assert!(known.sends().contains(&call.operation()), "{name}: {}", call.operation());
    let target = plan.place.target(call.region(), call.entity());
    let touched = known.touches(&planned.input).expect("its own input");
    let declared = touched.iter().any(|(entity, _)| call.entity().is_within(entity));
    let said = serde_json::to_string(call).expect("JSON");
    let names_it = said.contains(planned.target.entity.id());
    let id = planned.state.pointer("/found/id").and_then(Value::as_str);
    let made_for_it = id.is_some_and(|id| said.contains(&format!("policy/quell/INC-4711/{id}/")));
    let declared = declared || names_it || made_for_it;
    assert!(target.is_within(&planned.target) || declared, "{name}: {target} of {}", planned.target);
}

async fn story(seed: u64) {
    let name = format!("seed {seed}");
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let bench = Bench::of_steps(steps(), &scenario(), seed);
    let other = bench.other();
    for number in 0..dice.random_range(2..12) {
        one_deed(&other, &mut dice, number).await;
    }
    // Not always at rest: what is still changing is waited for.
    if dice.random_bool(0.7) {
        bench.rest().await;
    }
    let plan = bench.plan().await;
    proposals_are_sound(&name, &plan);
    bench.stage.clock.sleep(std::time::Duration::from_secs(20)).await;
    let before = bench.stage.range.state();
    let ran = bench.run(bench.plan().await).await;
    for (key, step) in ran.end.fold.steps() {
        assert_eq!(step.state, StepState::Verified, "{name}: {key}: {}", step.why.as_deref().unwrap_or("-"));
    }
    let second = bench.plan().await;
    assert!(finds_nothing_to_do(&second), "{name}: {:?}", second.calls().collect::<Vec<_>>());
    let undo = bench.plan_undo(&ran, true).await;
    proposed_undo_is_sound(&name, &undo);
    let undone = bench.run(undo).await;
    for (key, step) in undone.end.fold.steps() {
        assert_eq!(step.state, StepState::Verified, "{name}: undo {key}: {}", step.why.as_deref().unwrap_or("-"));
    }
    bench.rest().await;
    assert_same(&name, &bench.stage.range.state(), &before);
    assert!(finds_nothing_to_do(&bench.plan_undo(&ran, true).await), "{name}");
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn whatever_somebody_did_before() {
    for seed in 1..=8 {
        story(seed).await;
    }
}

/// What carrying out a case and taking it back sends, as it arrives in the range: what somebody else may have done of it.
async fn deeds(case: &Case, seed: u64) -> Vec<ApiCall> {
    let bench = case.open(seed);
    let arrived = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&arrived);
    bench.stage.range.set_hook(move |flight| {
        if flight.moment == Moment::BeforeEffect && changes(flight.call.operation) {
            keeps.lock().expect("nobody panics with it").push(flight.call.clone());
        }
        None
    });
    let ran = bench.go().await;
    if matches!(case.undone, Undone::Exactly | Undone::ExactlyButLater) {
        bench.run(bench.plan_undo(&ran, true).await).await;
    }
    std::mem::take(&mut *arrived.lock().expect("nobody panics with it"))
}

/// Somebody does some of what the case would do, or take back, in any order. What AWS refuses has not happened.
async fn somebody_does_some_of_it(bench: &Bench, deeds: &[ApiCall], dice: &mut ChaCha8Rng) {
    for number in 0..dice.random_range(1..4) {
        let deed = one_of(deeds, dice);
        let mut input = deed.input.clone();
        for (member, value) in input.as_object_mut().expect("an object") {
            // A token is its sender's own.
            if member.to_lowercase().ends_with("token") {
                *value = json!(format!("mallory-{number}-{:032x}", dice.random::<u128>()));
            }
        }
        let _ = bench.other().call(deed.service, deed.operation, &deed.region, input).await;
        tokio::time::sleep(std::time::Duration::from_millis(dice.random_range(0..9_000))).await;
    }
}

/// Somebody else has been at work on the target of a case. Says whether there was still something to do.
async fn case_in_any_state(case: &Case, deeds: &[ApiCall], seed: u64) -> bool {
    let name = format!("{}, seed {seed}", case.name);
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let bench = case.open(seed);
    somebody_does_some_of_it(&bench, deeds, &mut dice).await;
    // Not always at rest.
    if dice.random_bool(0.7) {
        bench.rest().await;
    }
    proposals_are_sound(&name, &bench.plan().await);
    // What goes without showing it has gone by then; until then, AWS refuses to delete it once more.
    for _ in 0..3 {
        bench.rest().await;
    }
    let plan = bench.plan().await;
    proposals_are_sound(&name, &plan);
    let before = bench.stage.range.state();
    let does_something = action(&plan).calls().next().is_some();
    let refused = refusal(&plan).is_some();
    let ran = bench.run(plan).await;
    let expected = match refused {
        // What is ambiguous is for a person.
        true => matches!(ran.state(), StepState::Refused | StepState::Stuck),
        false => ran.state() == StepState::Verified,
    };
    assert!(expected, "{name}: {}", ran.told());
    if refused || !does_something {
        assert_eq!(ran.end.fold.calls().len(), 0, "{name}");
        assert_same(&name, &bench.stage.range.state(), &before);
        return false;
    }
    let second = bench.plan().await;
    assert!(finds_nothing_to_do(&second), "{name}: {:?}", action(&second).outlook);
    let undo = bench.plan_undo(&ran, true).await;
    proposed_undo_is_sound(&name, &undo);
    if refusal(&undo).is_none() {
        let undone = bench.run(undo).await;
        assert_eq!(undone.state(), StepState::Verified, "{name}: undo: {}", undone.told());
        bench.rest().await;
        let should_be = as_undone(case.action, but_for_made_policies(before));
        assert_same(&name, &but_for_made_policies(bench.stage.range.state()), &should_be);
        assert!(finds_nothing_to_do(&bench.plan_undo(&ran, true).await), "{name}");
    } else {
        assert!(matches!(case.undone, Undone::ForGood | Undone::ByHand), "{name}: {:?}", refusal(&undo));
    }
    true
}

/// The account as an undo should leave it. Edits of an agent's draft that nobody had prepared are prepared afterwards, as the page of
/// the action says: AWS has no way back from that.
fn as_undone(action: &str, mut before: Value) -> Value {
    if action == "bedrock.disable-agent-tools" && before["agents"][0]["status"] == "NOT_PREPARED" {
        before["agents"][0]["status"] = json!("PREPARED");
    }
    before
}

/// Every action that the contract has a case of, in accounts in which somebody has done a part of its work already, or taken it
/// back. Fewer cases, where not all are played, but each action.
#[test]
fn every_action_whatever_somebody_did_before() {
    let of_actions = cases_by_action();
    let all: BTreeSet<&str> = of_actions.keys().copied().collect();
    assert_eq!(all, registry().actions().map(|action| action.name()).collect(), "every action has a case");
    let seeds = if whole() { 1..=3 } else { 1..=2 };
    let at_work = Mutex::new(BTreeSet::new());
    in_parallel(played(of_actions.into_values(), 1, 4711), |case| {
        let deeds = paused(deeds(case, 4711));
        let mut wrong = Vec::new();
        for seed in seeds.clone() {
            // The message of a panic stands in the output; here it is only told which case it was of.
            match catch_unwind(AssertUnwindSafe(|| paused(case_in_any_state(case, &deeds, seed)))) {
                Ok(true) => drop(at_work.lock().expect("nobody panics with it").insert(case.action)),
                Ok(false) => {}
                Err(_) => wrong.push(format!("{}, seed {seed}", case.name)),
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
    // Of what is deleted, somebody else has often left nothing to do; of most there is something.
    let at_work = at_work.into_inner().expect("nobody panics with it");
    assert!(at_work.len() * 2 > all.len(), "{at_work:?} of {all:?}");
}
