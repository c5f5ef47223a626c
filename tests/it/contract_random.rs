//! The contract in states that nobody thought of: somebody works in the account at random, and then every action is
//! proposed, carried out and taken back.

use quell::actions::{Facts, Move, registry};
use quell::journal::StepState;
use quell::plan::{Outlook, Plan};
use quell::range::wire::ServiceName;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::actions::{AGENT, Bench, Hand, ROLE, USER, assert_same, finds_nothing_to_do, scenario};

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
            assert!(known.sends().contains(&call.operation()), "{name}: {}", call.operation());
            let target = plan.place.target(call.region(), call.entity());
            assert!(target.is_within(&planned.target), "{name}: {target} of {}", step.key);
        }
        let again = known
            .propose(&plan.assignment(), &planned.input, &planned.state, &Facts::default())
            .expect("its own state");
        match (&planned.outlook, again) {
            (Outlook::Moves { moves }, Ok(again)) => assert_eq!(*moves, again, "{name}"),
            (Outlook::Refused { because }, Err(again)) => assert_eq!(*because, again, "{name}"),
            (outlook, again) => panic!("{name}: {outlook:?}, then {again:?}"),
        }
    }
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

fn proposed_undo_is_sound(name: &str, undo: &Plan) {
    for (_, planned) in undo.actions() {
        let known = registry().action(&planned.action).expect("an action");
        for call in planned.moves().iter().filter_map(Move::call) {
            assert!(known.sends().contains(&call.operation()), "{name}: {}", call.operation());
            assert!(undo.place.target(call.region(), call.entity()).is_within(&planned.target), "{name}");
        }
    }
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn whatever_somebody_did_before() {
    for seed in 1..=16 {
        story(seed).await;
    }
}
