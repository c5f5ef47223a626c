//! How the dispatcher behaves when it is stopped, when its disk fails, when a gate or a step does not answer.

use std::cell::Cell;
use std::collections::BTreeMap;

use jiff::SignedDuration;
use quell::base::{Phase, RunId, StepId};
use quell::journal::{
    Answer, CallState, Consent, DiskError, DiskFault, Record, RunOutcome, RunStore, SimDisk, StepState, StoreError,
    read,
};
use quell::range::scenario::{Fault, FaultKind, FaultRepeat, Scenario, Span};
use quell::range::{InFlight, Moment};
use quell::run::{GateAnswer, GivenAnswers, RunEnd, RunError};
use tokio::sync::watch;

use crate::crash_judge::{all_intended, compare};
use crate::drill::{Drill, Site, in_parallel, paused, scratch};
use crate::extent::played;
use crate::fuse::{Done, Fuse, FusedDisk};
use crate::stage::{SCENARIO, yes_to_all};

const SEED: u64 = 7;
/// A chain through a gate, and a step beside it.
const CHAIN: &str = r#"
quell: 1
name: chain
title: A chain through a gate, and a step beside it
parameters:
  principal: { type: iam_arn, description: A role }
  user: { type: iam_arn, description: A user }
steps:
  - { id: lock, phase: contain, action: iam.lock-trust, with: { role: "${{ parameters.principal }}" } }
  - { id: freeze, phase: contain, action: iam.revoke-sessions, with: { principal: "${{ parameters.principal }}" }, needs: [lock] }
  - { id: beside, phase: contain, action: iam.deactivate-access-keys, with: { user: "${{ parameters.user.user_name }}" } }
  - { id: sure, phase: contain, gate: confirm, message: "Go on?", needs: [freeze] }
  - { id: last, phase: contain, action: iam.revoke-sessions, with: { principal: "${{ parameters.user }}" }, needs: [sure] }
"#;
/// Agents whose aliases take their time.
const SLOW: &str = r#"
quell: 1
name: slow
title: Aliases that take longer than the step may
parameters:
  since: { type: timestamp, description: When }
steps:
  - { id: rogue, phase: contain, query: bedrock.agents, regions: enabled, with: { created_after: "${{ parameters.since }}" } }
  - { id: pause, phase: contain, action: bedrock.pause-agent, for_each: "${{ steps.rogue.items }}", with: { agent: "${{ item }}" }, timeout: 30s }
"#;

fn drill(name: &str, runbook: &str, change: impl FnOnce(&mut Scenario)) -> Drill {
    let mut scenario = Scenario::parse(SCENARIO).expect("a scenario");
    scenario.parameters.retain(|name, _| runbook.contains(&format!("  {name}: {{ type")));
    change(&mut scenario);
    Drill::with(name, runbook, scenario, Phase::Contain, SEED)
}

fn chain() -> Drill {
    drill("chain", CHAIN, |_| ())
}

fn state_of(end: &RunEnd, step: &str) -> StepState {
    let mut steps = end.fold.steps().iter().filter(|(key, _)| key.step.as_str() == step);
    steps.next().expect("the run has the step").1.state
}

/// The end of a run that nobody disturbs, the state of the range then, and how many records were told.
fn undisturbed(drill: &Drill) -> (serde_json::Value, usize) {
    paused(async {
        let site = drill.open();
        let told = Cell::new(0);
        let (_stop, stop) = watch::channel(false);
        let gates = yes_to_all(&drill.plan);
        let end = site.go_with(SimDisk::new(), true, &gates, stop, |_| told.set(told.get() + 1)).await;
        assert_eq!(end.expect("an end").outcome, Some(RunOutcome::Complete));
        (site.range.state(), told.get())
    })
}

async fn completes(site: &Site<'_>, disk: &SimDisk, state: &serde_json::Value) -> Result<(), String> {
    let begins = read(&disk.synced()).map_err(|damage| damage.to_string())?.entries.is_empty();
    let end = site.go(disk.clone(), begins).await.map_err(|error| format!("resumed: {error:?}"))?;
    if end.outcome != Some(RunOutcome::Complete) || site.range.state() != *state {
        return Err(format!("resumed, it ended {:?} {:?}", end.outcome, end.fold.counts()));
    }
    compare(site, &disk.synced())
}

#[test]
fn told_to_stop_at_any_event_nothing_new_is_sent_and_a_resume_completes() {
    let drill = chain();
    let (state, events) = undisturbed(&drill);
    let stopped_at = |at: usize| {
        paused(async {
            let site = drill.open();
            let (disk, fuse) = (SimDisk::new(), Fuse::default());
            let (stop, stopping) = watch::channel(false);
            let told = Cell::new(0);
            let spots = Cell::new(usize::MAX);
            let fused = FusedDisk { disk: disk.clone(), fuse: fuse.clone(), unsynced: Vec::new() };
            let gates = yes_to_all(&drill.plan);
            let tell = |_| {
                if told.replace(told.get() + 1) == at {
                    stop.send_replace(true);
                    spots.set(fuse.passed().len());
                }
            };
            let end = site.go_with(fused, true, &gates, stopping, tell).await;
            let end = end.map_err(|error| format!("{error:?}"))?;
            let after = fuse.passed().into_iter().skip(spots.get());
            let mut later = after.filter(|spot| spot.done == Done::Decided).flat_map(|spot| spot.records);
            if later.any(|record| matches!(record, Record::Intended(_))) {
                return Err("something was intended after it".to_owned());
            }
            if end.fold.calls().values().any(|call| call.state == CallState::Intended) {
                return Err("a call that was under way is not recorded".to_owned());
            }
            match end.outcome {
                Some(_) => compare(&site, &disk.synced()),
                None if end.interrupted => completes(&site, &disk, &state).await,
                None => Err("it neither ended nor says that it was interrupted".to_owned()),
            }
        })
    };
    in_parallel((0..events).collect(), |at| {
        stopped_at(*at).map_err(|why| format!("seed {SEED}, stopped at event {at}: {why}"))
    });
}

#[test]
fn a_journal_that_cannot_be_written_stops_everything_and_a_resume_completes() {
    let drill = chain();
    let (state, _) = undisturbed(&drill);
    let operations = paused(async {
        let (site, disk) = (drill.open(), SimDisk::new());
        site.go(disk.clone(), true).await.expect("an end");
        disk.operations()
    });
    let errors = [DiskError::Full, DiskError::Broken, DiskError::Short];
    // Each operation fails in two of the six ways, or in one where not all is played; each way meets operations of every kind.
    let way = |at: u64, turn: u64| {
        let number = 2 * at + at / 3 + 3 * turn;
        DiskFault {
            at,
            error: errors[usize::try_from(number % 3).expect("small")],
            lasting: (number / 3).is_multiple_of(2),
        }
    };
    let failing = |fault: DiskFault| {
        paused(async {
            let (site, disk) = (drill.open(), SimDisk::new());
            disk.fail(fault);
            match site.go(disk.clone(), true).await {
                Err(RunError::Journal(_)) => {}
                other => return Err(format!("it ended {:?}", other.map(|end| end.outcome))),
            }
            all_intended(&site, &disk.synced())?;
            let left = disk.after_crash(disk.unsynced() * usize::try_from(fault.at % 4).expect("small") / 3);
            completes(&site, &left, &state).await
        })
    };
    let of_each = (0..operations).map(|at| vec![way(at, 0), way(at, 1)]);
    in_parallel(played(of_each, 1, SEED), |fault| {
        failing(*fault).map_err(|why| format!("seed {SEED}, {fault:?}: {why}"))
    });
}

#[test]
fn a_gate_that_nobody_answers_waits_and_goes_on_when_it_is_confirmed() {
    let drill = chain();
    let (state, _) = undisturbed(&drill);
    paused(async {
        let (site, disk) = (drill.open(), SimDisk::new());
        let (_stop, stop) = watch::channel(false);
        let nobody = GivenAnswers::default();
        for begins in [true, false] {
            let end = site.go_with(disk.clone(), begins, &nobody, stop.clone(), |_| ()).await.expect("an end");
            assert_eq!(end.outcome, None);
            assert_eq!(end.waiting_for.iter().map(ToString::to_string).collect::<Vec<_>>(), ["sure"]);
            assert_eq!(state_of(&end, "last"), StepState::Waiting);
            assert_eq!(state_of(&end, "beside"), StepState::Verified);
        }
        completes(&site, &disk, &state).await.expect("confirmed, it completes");
    });
}

#[test]
fn an_answer_that_is_on_disk_is_not_asked_for_again() {
    let drill = chain();
    paused(async {
        let (site, disk) = (drill.open(), SimDisk::new());
        site.go(disk.clone(), true).await.expect("an end");
        let whole = disk.synced();
        let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        let journal = read(&whole).expect("a sound journal");
        let answered = |record: &Record| matches!(record, Record::GateAnswered { .. });
        let at = journal.entries.iter().position(|entry| answered(&entry.record)).expect("the gate was answered");
        let (_stop, stop) = watch::channel(false);
        // The rest of the group was lost with the process, and nobody is there to answer.
        let cut = SimDisk::holding(lines[..=at].concat());
        let end = site.go_with(cut, false, &GivenAnswers::default(), stop, |_| ()).await.expect("an end");
        assert_eq!(end.outcome, Some(RunOutcome::Complete), "{:?}", end.waiting_for);
    });
}

#[test]
fn a_gate_that_is_refused_holds_what_needs_it_and_nothing_else() {
    let drill = chain();
    paused(async {
        let site = drill.open();
        let (_stop, stop) = watch::channel(false);
        let no = GateAnswer { answer: Answer::No, how: Consent::Flags, text: None };
        let gates = GivenAnswers(BTreeMap::from([("sure".parse::<StepId>().expect("a step"), no)]));
        let end = site.go_with(SimDisk::new(), true, &gates, stop, |_| ()).await.expect("an end");
        assert_eq!(end.outcome, Some(RunOutcome::Partial));
        let states = ["lock", "freeze", "beside", "sure", "last"].map(|step| state_of(&end, step));
        use StepState::{Held, Refused, Verified};
        assert_eq!(states, [Verified, Verified, Verified, Refused, Held]);
    });
}

#[test]
fn what_needs_a_failed_step_is_held_and_nothing_is_undone() {
    let drill = chain();
    paused(async {
        let (site, disk) = (drill.open(), SimDisk::new());
        site.range.set_hook(|flight: &InFlight<'_>| {
            let victim = flight.call.operation == "PutRolePolicy" && flight.moment == Moment::BeforeEffect;
            victim.then_some(FaultKind::AccessDenied)
        });
        let end = site.go(disk.clone(), true).await.expect("an end");
        assert_eq!(end.outcome, Some(RunOutcome::Partial));
        let states = ["lock", "freeze", "beside", "sure", "last"].map(|step| state_of(&end, step));
        use StepState::{Failed, Held, Verified};
        assert_eq!(states, [Verified, Failed, Verified, Held, Held]);
        compare(&site, &disk.synced()).expect("an honest journal");
        let locks = site.range.trail().into_iter().filter(|event| event.event_name == "UpdateAssumeRolePolicy");
        assert_eq!(locks.count(), 1, "the lock stays");
    });
}

#[test]
fn a_step_whose_time_is_up_is_stuck_and_nothing_is_undone() {
    let drill = drill("slow", SLOW, |scenario| scenario.knobs.alias_change = Span::seconds(3_600));
    paused(async {
        let (site, disk) = (drill.open(), SimDisk::new());
        let end = site.go(disk.clone(), true).await.expect("an end");
        assert_eq!(end.outcome, Some(RunOutcome::Stuck));
        for step in end.fold.steps().values() {
            assert_eq!(step.state, StepState::Stuck, "{:?}", step.why);
        }
        compare(&site, &disk.synced()).expect("an honest journal");
        let sent = |event: &quell::range::TrailEvent| !event.read_only && event.event_time >= drill.plan.made;
        for event in site.range.trail().into_iter().filter(sent) {
            assert_eq!(event.request_parameters["aliasInvocationState"], "REJECT_INVOCATIONS");
        }
    });
}

#[test]
fn two_runs_never_change_one_target_at_once() {
    let (one, other) = (chain(), drill("chain again", CHAIN, |_| ()));
    let targets = |drill: &Drill| drill.plan.actions().map(|(_, action)| action.target.clone()).collect::<Vec<_>>();
    let folder = scratch();
    let store = RunStore::open(folder.path()).expect("a store");
    let run = |id: &str| store.create(RunId::new(id).expect("a run id")).expect("a run");
    let (first, second) = (run("00000001"), run("00000002"));
    let leases = store.lease(&first, &targets(&one)).expect("nobody else is there");
    let refused = store.lease(&second, &targets(&other)).expect_err("the first run holds them");
    assert!(matches!(refused, StoreError::Leased { by, .. } if by == *first.run()));
    drop(leases);
    assert!(store.lease(&second, &targets(&other)).is_ok());
}

const FREEZE: &str = r#"
quell: 1
name: freeze
title: Sessions end
parameters:
  principal: { type: iam_arn, description: Whose }
steps:
  - { id: freeze, phase: contain, action: iam.revoke-sessions, with: { principal: "${{ parameters.principal }}" }, timeout: 30s }
"#;

/// A deny that never gets through, or only now and then, under a step that has half a minute.
fn freezing(repeat: FaultRepeat) -> Drill {
    drill("freeze", FREEZE, |scenario| {
        let operation = "PutRolePolicy".to_owned();
        scenario.faults = vec![Fault { operation, region: None, nth: 1, kind: FaultKind::TimeoutBefore, repeat }];
    })
}

/// The time of a step holds for what is tried again as well: nothing is sent after it, and a look says what came of it.
#[test]
fn what_is_tried_again_keeps_to_the_time_of_its_step() {
    let drill = freezing(FaultRepeat::Persistent);
    paused(async {
        let (site, disk) = (drill.open(), SimDisk::new());
        let began = site.clock.now();
        let end = site.go(disk.clone(), true).await.expect("an end");
        assert_eq!(state_of(&end, "freeze"), StepState::Stuck);
        compare(&site, &disk.synced()).expect("an honest journal");
        // One try takes a minute of waiting for an answer at most, and a doubt is settled by looking once more.
        let tries = end.fold.calls().values().map(|call| call.attempts.len() + 1).sum::<usize>();
        let took = site.clock.now().duration_since(began);
        assert!(tries <= 3 && took < SignedDuration::from_mins(3), "{tries} tries in {took:#}");
    });
}
