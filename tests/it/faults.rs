//! The fault matrix: whatever goes wrong with a call, the run ends in a named state, and that state is the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex};

use quell::base::{Digest, StepKey};
use quell::journal::{Fold, RunOutcome, SimDisk, StepState};
use quell::plan::{EdgeKind, PlannedStep};
use quell::range::scenario::FaultKind;
use quell::range::wire::ApiCall;
use quell::range::{InFlight, Moment};
use quell::run::RunEnd;
use serde_json::Value;

use crate::crash_judge::compare;
use crate::drill::{Drill, SEED, Site, changes, in_parallel, paused};
use crate::extent::played;
use crate::new_keys::as_if_made_first;

/// What passes by itself when a call is sent again, or is settled by looking.
const PASSING: [FaultKind; 8] = [
    FaultKind::Throttle,
    FaultKind::InternalError,
    FaultKind::Unavailable,
    FaultKind::TimeoutBefore,
    FaultKind::TimeoutAfter,
    FaultKind::Reset,
    FaultKind::Malformed,
    FaultKind::Truncated,
];

/// When a fault strikes: only then is it asked about.
fn strikes(kind: FaultKind, flight: &InFlight<'_>) -> bool {
    let after =
        matches!(kind, FaultKind::TimeoutAfter | FaultKind::Reset | FaultKind::Malformed | FaultKind::Truncated);
    changes(flight.call.operation) && after == (flight.moment == Moment::AfterEffect)
}

/// What tells one call from the others: a call that is sent again is the same one.
fn which(call: &ApiCall) -> String {
    let names = [
        "RoleName",
        "UserName",
        "PolicyName",
        "AccessKeyId",
        "agentId",
        "agentAliasId",
        "applicationId",
        "knowledgeBaseId",
        "dataSourceId",
        "indexId",
        "pluginId",
        "retrieverId",
        "webExperienceId",
        "ingestionJobId",
        "jobIdentifier",
        "guardrailIdentifier",
    ];
    let names: Vec<&str> = names.iter().filter_map(|name| call.input.get(name)?.as_str()).collect();
    format!("{} {} {}", call.operation, call.region, names.join(" "))
}

/// A phase as it goes when nothing goes wrong, and the calls that it makes.
struct Smooth {
    drill: &'static Drill,
    state: Value,
    fold: Fold,
    outcome: Option<RunOutcome>,
    calls: Vec<String>,
}

fn is_good(state: StepState) -> bool {
    matches!(state, StepState::Verified | StepState::Skipped)
}

impl Smooth {
    fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Smooth>> = LazyLock::new(|| Drill::shipped().iter().map(Smooth::of).collect());
        &ALL
    }

    fn of(drill: &'static Drill) -> Self {
        let calls = std::sync::Arc::new(Mutex::new(Vec::new()));
        let seen = std::sync::Arc::clone(&calls);
        let (state, end) = paused(async {
            let site = drill.open();
            site.range.set_hook(move |flight| {
                if strikes(FaultKind::AccessDenied, flight) {
                    seen.lock().expect("nobody panics with it").push(which(flight.call));
                }
                None
            });
            let end = site.go(SimDisk::new(), true).await.expect("an end");
            (as_if_made_first(&site.range.state()), end)
        });
        let calls = calls.lock().expect("nobody panics with it").clone();
        Self { drill, state, fold: end.fold, outcome: end.outcome, calls }
    }

    /// Whether a step ended like that also where nothing went wrong: a phase that is played by itself may find that what an
    /// earlier one does is not done, and refuse.
    fn is_so_anyway(&self, key: &StepKey, state: StepState) -> bool {
        self.fold.step(key).is_some_and(|step| step.state == state) && !is_good(state)
    }

    /// Whether a run ended as if nothing had gone wrong.
    fn is_unharmed(&self, end: &RunEnd, site: &Site<'_>) -> bool {
        end.outcome == self.outcome && as_if_made_first(&site.range.state()) == self.state
    }

    /// Whether a step is where the journal says it is: verified steps have done all that they had to do, others have not.
    fn agrees(&self, fold: &Fold) -> Result<(), String> {
        for (key, step) in fold.steps() {
            let wanted = self.fold.calls().values().filter(|call| call.intent.step == *key);
            let landed = |planned| {
                let mut calls = fold.calls().values().filter(|call| call.intent.step == *key);
                calls.any(|call| call.intent.planned == planned && call.state.has_landed())
            };
            // What is held and sends nothing, such as a gate, has nothing that could be done.
            let sends = wanted.clone().next().is_some();
            let all = wanted.map(|call| call.intent.planned).all(landed) && (sends || step.state != StepState::Held);
            if is_good(step.state) != all && !self.is_so_anyway(key, step.state) {
                return Err(format!("{key} is {} ({:?}), and what it had to do is done: {all}", step.state, step.why));
            }
        }
        Ok(())
    }
}

async fn go(smooth: &Smooth, site: &Site<'_>, disk: &SimDisk, begins: bool) -> Result<RunEnd, String> {
    let end = site.go(disk.clone(), begins).await.map_err(|error| format!("{error:?}"))?;
    compare(site, &disk.synced())?;
    if end.outcome.is_some() {
        smooth.agrees(&end.fold)?;
    }
    Ok(end)
}

/// Every call goes wrong the first time.
async fn once_each(smooth: &Smooth, kind: FaultKind) -> Result<(), String> {
    let site = smooth.drill.open();
    let seen = Mutex::new(BTreeSet::new());
    site.range.set_hook(move |flight| {
        let first = strikes(kind, flight) && seen.lock().expect("nobody panics with it").insert(which(flight.call));
        first.then_some(kind)
    });
    let end = go(smooth, &site, &SimDisk::new(), true).await?;
    match smooth.is_unharmed(&end, &site) {
        true => Ok(()),
        false => Err(format!("it ended {:?}: {:?}", end.outcome, end.fold.counts())),
    }
}

/// One call goes wrong every time.
async fn persistently(smooth: &Smooth, call: &str, kind: FaultKind) -> Result<(), String> {
    let site = smooth.drill.open();
    let victim = call.to_owned();
    site.range.set_hook(move |flight| (strikes(kind, flight) && which(flight.call) == victim).then_some(kind));
    let disk = SimDisk::new();
    let end = go(smooth, &site, &disk, true).await?;
    if kind == FaultKind::ExpiredToken {
        if end.outcome.is_some() || end.credentials.is_none() {
            return Err(format!("expired credentials, and it ended {:?}", end.outcome));
        }
        site.range.set_hook(|_| None);
        let end = go(smooth, &site, &disk, false).await?;
        return match smooth.is_unharmed(&end, &site) {
            true => Ok(()),
            false => Err(format!("resumed, it ended {:?}: {:?}", end.outcome, end.fold.counts())),
        };
    }
    // Every other step goes on: nothing is taken back, and nothing is held but what needs it.
    let steps = end.fold.steps().iter();
    let bad: BTreeMap<&StepKey, StepState> = steps
        .map(|(key, step)| (key, step.state))
        .filter(|(key, state)| !is_good(*state) && !smooth.is_so_anyway(key, *state))
        .collect();
    let needs_it = |key: &StepKey| {
        let edges = smooth.drill.plan.step(key).into_iter().flat_map(|step| &step.edges);
        edges.filter(|edge| edge.kind == EdgeKind::Needs).any(|edge| bad.contains_key(&edge.before))
    };
    let nothing_landed = end.fold.calls().values().all(|call| !call.state.has_landed());
    // Two steps may list the same call, such as those that delete a role and a policy that the role has: it is both's matter, also
    // where one has waited for the other until its time was up.
    let failed =
        end.fold.calls().values().filter(|call| bad.contains_key(&call.intent.step) && !call.state.has_landed());
    let failed: BTreeSet<Digest> = failed.map(|call| call.intent.planned).collect();
    let lists = |key: &StepKey, wanted: &Digest| {
        let action = smooth.drill.plan.step(key).and_then(PlannedStep::action);
        action.is_some_and(|action| action.calls().any(|call| Digest::of(call) == *wanted))
    };
    let not_good = bad.iter().filter(|(key, state)| **state != StepState::Held || !needs_it(key)).map(|(key, _)| *key);
    let not_good: Vec<&StepKey> = not_good.collect();
    let one_matter = match not_good.as_slice() {
        [] => false,
        [_] => true,
        several => failed.iter().any(|call| several.iter().all(|key| lists(key, call))),
    };
    match end.outcome {
        Some(_) if not_good.is_empty() && smooth.is_unharmed(&end, &site) => Ok(()),
        Some(RunOutcome::Partial | RunOutcome::Stuck) if one_matter => Ok(()),
        // Where everything needs the one step, nothing has happened at all.
        Some(RunOutcome::Refused) if one_matter && bad.len() == end.fold.steps().len() && nothing_landed => Ok(()),
        other => Err(format!("it ended {other:?}: {:?}", end.fold.counts())),
    }
}

#[test]
fn what_passes_is_sent_again_or_settled_by_looking() {
    let phases = Smooth::all();
    let of_each = phases.iter().map(|smooth| PASSING.map(|kind| (smooth, kind)).to_vec());
    in_parallel(played(of_each, 1, SEED), |(smooth, kind)| {
        let played = paused(once_each(smooth, *kind));
        played.map_err(|why| format!("{}, seed {SEED}, each call once {kind:?}: {why}", smooth.drill.name))
    });
}

#[test]
fn what_stays_wrong_fails_its_step_and_no_other() {
    let phases = Smooth::all();
    let mut of_each = Vec::new();
    for smooth in phases {
        let mut cases = Vec::new();
        for (number, call) in smooth.calls.iter().enumerate() {
            cases.extend([(smooth, call, FaultKind::AccessDenied), (smooth, call, FaultKind::ExpiredToken)]);
            // The others take turns: each call meets two of them, each of them meets calls of every kind.
            for turn in 0..2 {
                cases.push((smooth, call, PASSING[(2 * number + turn) % PASSING.len()]));
            }
        }
        of_each.push(cases);
    }
    in_parallel(played(of_each, 1, SEED), |(smooth, call, kind)| {
        let played = paused(persistently(smooth, call, *kind));
        played.map_err(|why| format!("{}, seed {SEED}, {call} always {kind:?}: {why}", smooth.drill.name))
    });
}
