//! What AWS alone makes a run take, whoever carries it out.
//!
//! The bound is the longest of
//! - the critical path: on the longest chain of steps, each request there and back, the times that AWS takes to change what was
//!   asked for, and once, at the end, the window in which AWS may disagree with itself, with the look after it;
//! - for each operation in each Region, its published rate: what comes before the first request, all requests but those
//!   that may leave at once, and what has to follow the last one.
//!
//! Time that a run waits without need, for a step that need not come first or a pause that was too long, is not in it.

use std::collections::BTreeMap;
use std::time::Duration;

use quell::aws::{Operation, operations};
use quell::base::StepKey;
use quell::journal::Fold;
use quell::plan::{Plan, PlannedStep};
use quell::range::TrailEvent;
use quell::range::scenario::Knobs;
use quell::run::WINDOW;

/// The bound.
pub(crate) struct LowerBound {
    pub(crate) time: Duration,
    /// What makes it as long as it is.
    pub(crate) because: String,
}

/// The bound of what a run did: its calls are in the fold, its reads as well in the range's trail.
pub(crate) fn lower_bound(plan: &Plan, fold: &Fold, trail: &[TrailEvent], knobs: &Knobs) -> LowerBound {
    let world = World { round_trip: knobs.latency.0, alias: knobs.alias_change.0, deletion: knobs.agent_deletion.0 };
    let path = critical_path(plan, fold, &world);
    let (rate, slowest) = slowest_operation(fold, trail, &world);
    if path >= rate {
        LowerBound { time: path, because: "critical path".to_owned() }
    } else {
        LowerBound { time: rate, because: format!("rate of {slowest}") }
    }
}

/// What a request costs in the range, on average.
struct World {
    round_trip: Duration,
    alias: Duration,
    deletion: Duration,
}

impl World {
    /// How long AWS takes to do what it has accepted, where something has to wait for it.
    fn settling(&self, operation: &str) -> Duration {
        match operation {
            "bedrock-agent:UpdateAgentAlias" => self.alias,
            "bedrock-agent:DeleteAgentAlias" | "bedrock-agent:DeleteAgent" => self.deletion,
            _ => Duration::ZERO,
        }
    }

    /// A look, which everything begins with, and the calls of a step with what AWS takes for them. Calls of one kind are
    /// sent one after the other and settle together.
    fn work(&self, calls: &[String]) -> Duration {
        let mut kinds: Vec<&String> = calls.iter().collect();
        kinds.dedup();
        let settling: Duration = kinds.into_iter().map(|kind| self.settling(kind)).sum();
        self.round_trip * (1 + u32::try_from(calls.len()).unwrap_or(u32::MAX)) + settling
    }

    /// The end of whatever has changed something: the window, and the look after it.
    fn end(&self) -> Duration {
        WINDOW + self.round_trip
    }
}

fn calls_of(fold: &Fold, step: &StepKey) -> Vec<String> {
    let calls = fold.step(step).map(|step| step.calls.as_slice()).unwrap_or_default();
    calls.iter().filter_map(|call| fold.calls().get(call)).map(|call| call.intent.operation.to_string()).collect()
}

fn critical_path(plan: &Plan, fold: &Fold, world: &World) -> Duration {
    let mut paths: BTreeMap<&StepKey, Duration> = BTreeMap::new();
    let mut longest = Duration::ZERO;
    // A step stands in the plan before those that wait for it, but the order does not matter: it is asked until it is known.
    while paths.len() < plan.steps.len() {
        let known = paths.len();
        for step in plan.steps.iter().filter(|step| step.action().is_none() || fold.step(&step.key).is_some()) {
            let before: Option<Vec<Duration>> =
                step.edges.iter().map(|edge| paths.get(&edge.before).copied()).collect();
            let Some(before) = before else { continue };
            let (work, end) = own(step, fold, world);
            let path = before.into_iter().max().unwrap_or_default() + work;
            longest = longest.max(path + end);
            paths.insert(&step.key, path);
        }
        if paths.len() == known {
            break;
        }
    }
    longest
}

/// What a step takes by itself, and what follows it before the run can end.
fn own(step: &PlannedStep, fold: &Fold, world: &World) -> (Duration, Duration) {
    if step.action().is_none() {
        return (Duration::ZERO, Duration::ZERO);
    }
    let calls = calls_of(fold, &step.key);
    (world.work(&calls), if calls.is_empty() { Duration::ZERO } else { world.end() })
}

fn slowest_operation(fold: &Fold, trail: &[TrailEvent], world: &World) -> (Duration, String) {
    let mut counts: BTreeMap<(&'static str, &str), (u32, &'static Operation)> = BTreeMap::new();
    for event in trail {
        let row =
            operations().find(|row| row.service.event_source() == event.event_source && row.name == event.event_name);
        if let Some(row) = row {
            counts.entry((row.rate.name, &event.aws_region)).or_insert((0, row)).0 += 1;
        }
    }
    let bounds = counts.into_iter().map(|((_, region), (count, row))| {
        let rate = row.rate.per_second;
        let queued = Duration::from_secs_f64((f64::from(count) - rate).max(0.0) / rate);
        let around = if row.effect.is_mutating() { around(fold, row, world) } else { Duration::ZERO };
        (queued + around, format!("{row} in {region}, {count} requests"))
    });
    bounds.max().unwrap_or_default()
}

/// What comes before the first request of an operation, and after the last: the shortest of all steps that send it.
fn around(fold: &Fold, row: &Operation, world: &World) -> Duration {
    let name = row.to_string();
    let steps = fold.steps().keys().map(|step| calls_of(fold, step)).filter(|calls| calls.contains(&name));
    let least = steps.map(|calls| {
        let others: Vec<String> = calls.into_iter().filter(|call| *call != name).collect();
        world.work(&others) + world.round_trip + world.settling(&name)
    });
    least.min().unwrap_or_default() + world.end()
}
