//! Legal records by the dozen, for the tests of this room.

use jiff::Timestamp;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use crate::base::{Clock, Digest, Effect, Entity, EntityKind, Partition, Phase, StepId, StepKey, Target};

use super::*;

pub(super) fn time() -> Timestamp {
    "2026-11-22T03:00:00Z".parse().expect("a timestamp")
}

pub(super) fn clock() -> Clock {
    Clock::starting_at(time())
}

pub(super) fn step(number: usize) -> StepKey {
    let id = StepId::new("pause").expect("a step id");
    if number == 0 { StepKey::once(id) } else { StepKey::for_item(id, format!("AGENT{number}")) }
}

pub(super) fn target(number: usize) -> Target {
    let agent = Entity::new(EntityKind::Agent, format!("AGENT{}", number / 2));
    Target {
        partition: Partition::Aws,
        account: "111122223333".parse().expect("an account"),
        region: Some("us-east-1".parse().expect("a region")),
        entity: if number.is_multiple_of(2) { agent } else { agent.child(EntityKind::AgentAlias, "TSTALIASID") },
    }
}

pub(super) fn opened() -> RunOpened {
    RunOpened {
        format: FORMAT,
        quell: "0.1.0".into(),
        run: "7c1e0000".parse().expect("a run id"),
        incident: "INC-4711".parse().expect("an incident id"),
        plan: Digest::of_bytes(b"plan"),
        phase: Phase::Contain,
        undoes: None,
        world: World::Range,
        partition: Partition::Aws,
        account: "111122223333".parse().expect("an account"),
        caller: "arn:aws:sts::111122223333:assumed-role/ir/mika".parse().expect("an ARN"),
        acts_as: None,
        detected: None,
        steps: (0..4).map(step).collect(),
        sealed_to: vec![],
    }
}

pub(super) fn moved(number: usize, to: StepState) -> Record {
    Record::Step(StepMoved::to(step(number), to))
}

pub(super) fn captured(number: usize, of: usize) -> Record {
    Record::Captured { step: step(number), target: target(of), evidence: Digest::of_bytes(&[of as u8]), sealed: None }
}

pub(super) fn intended(call: u64, number: usize, of: usize, effect: Effect) -> Record {
    Record::Intended(Intent {
        call: CallNumber(call),
        step: step(number),
        operation: "bedrock-agent:UpdateAgentAlias".parse().expect("an operation"),
        effect,
        target: target(of),
        request: json!({"agentAliasName": "é\u{1b}", "agentId": "A", "routing": [{"version": "3", "share": 0.5}]}),
        sealed: None,
        planned: Digest::of_bytes(b"planned"),
        token: Some("token".into()),
    })
}

pub(super) fn ended(call: u64, outcome: Outcome) -> Record {
    Record::Ended(Ending {
        call: CallNumber(call),
        outcome,
        request_id: Some("8f1".into()),
        aws_time: Some(time()),
        fault: None,
    })
}

pub(super) fn settled(call: u64, outcome: Settlement) -> Record {
    Record::Settled { call: CallNumber(call), outcome, why: "the alias rejects".into() }
}

/// A short run with one call, closed: ten records.
pub(super) fn short_run() -> Vec<Vec<Record>> {
    let counts = [(StepState::Waiting, 3), (StepState::Verified, 1)].into();
    let closing = Closing { outcome: RunOutcome::Partial, exit_code: 20, counts };
    vec![
        vec![Record::RunOpened(opened())],
        vec![moved(0, StepState::Looked), captured(0, 0), moved(0, StepState::Acting)],
        vec![intended(0, 0, 1, Effect::Reversible)],
        vec![ended(0, Outcome::Done), moved(0, StepState::Done)],
        vec![moved(0, StepState::Verified)],
        vec![Record::note("that was all")],
        vec![Record::Closed(closing)],
    ]
}

/// Any record, legal here or not.
fn any_record(random: &mut impl Rng, fold: &Fold) -> Record {
    let next = fold.next_call().0;
    let call = random.random_range(0..=next);
    let number = random.random_range(0..5);
    let text = || "because".to_owned();
    match random.random_range(0..20) {
        0..6 => moved(number, StepState::ALL[random.random_range(0..StepState::ALL.len())]),
        6 | 7 => captured(number, random.random_range(0..4)),
        8..11 => {
            let effect = [Effect::Read, Effect::Reversible, Effect::Irreversible][random.random_range(0..3)];
            intended(next + u64::from(random.random_bool(0.1)), number, random.random_range(0..4), effect)
        }
        11 => Record::Attempted(Attempt {
            call: CallNumber(call),
            attempt: random.random_range(1..3),
            fault: CallFault { code: "ThrottlingException".into(), message: "Rate exceeded".into() },
            request_id: None,
            wait_ms: 250,
        }),
        12 | 13 => ended(call, [Outcome::Done, Outcome::Failed, Outcome::InDoubt][random.random_range(0..3)]),
        14 => {
            let outcomes = [Settlement::Happened, Settlement::Lost, Settlement::DidNotHappen, Settlement::Stuck];
            settled(call, outcomes[random.random_range(0..4)])
        }
        15 => Record::Fact { step: step(number), name: "cut_off".into(), value: json!({"b": 1, "a": "z"}) },
        16 => Record::LeftOver { step: step(number), items: vec![json!("AGENT9")] },
        17 => Record::Resumed { by: "mika".into(), why: text() },
        18 => match random.random_range(0..5) {
            0 => Record::Paused { why: text() },
            1 => Record::Interrupted { why: text() },
            2 => Record::Drift { step: step(number), what: text() },
            3 if random.random_bool(0.5) => {
                let by = UndoneBy { step: step(number), nth: 0, who: Some(text()), how: text() };
                Record::Note { text: text(), undone_by: Some(by), evidence: Some(Digest::of_bytes(b"kept")) }
            }
            3 => Record::UndoneByOther { step: step(number), what: text(), who: None, suspected: number % 2 == 0 },
            _ => Record::GateAnswered { step: step(number), answer: Answer::Yes, how: Consent::Typed, text: None },
        },
        _ => {
            let closing = Closing { outcome: RunOutcome::Partial, exit_code: 20, counts: fold.counts().clone() };
            if random.random_bool(0.1) { Record::Closed(closing) } else { Record::note(text()) }
        }
    }
}

/// A legal run in groups, made by refusing whatever the fold refuses. `refused` hears of every refusal.
pub(super) fn random_run(seed: u64, length: usize, mut refused: impl FnMut(&Fold, &Fold)) -> Vec<Vec<Record>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut fold = Fold::default();
    let first = Record::RunOpened(opened());
    fold.apply(time(), &first).expect("a beginning");
    let mut groups = vec![vec![first]];
    for _ in 0..length {
        let record = any_record(&mut random, &fold);
        let before = fold.clone();
        match fold.apply(time(), &record) {
            Err(_) => refused(&before, &fold),
            Ok(()) if random.random_bool(0.5) => groups.push(vec![record]),
            Ok(()) => groups.last_mut().expect("the first group").push(record),
        }
    }
    groups
}

/// The bytes of a journal with these groups.
pub(super) fn written(groups: &[Vec<Record>]) -> Vec<u8> {
    let disk = SimDisk::new();
    let mut writer = None;
    for group in groups {
        let mut rest = group.clone();
        if writer.is_none() {
            let Record::RunOpened(opened) = rest.remove(0) else { panic!("a run begins with its opening") };
            writer = Some(Writer::create(disk.clone(), clock(), opened).expect("begun"));
        }
        writer.as_mut().expect("begun").append(rest).expect("a legal group");
    }
    disk.synced()
}
