//! What AWS alone makes a run take, whoever carries it out.
//!
//! The bound is the longer of
//! - the critical path: on the longest chain of steps, each request there and back, the time that AWS takes for what was asked
//!   (as the range takes it on average), and at the end the window in which AWS may disagree with itself, with the look after
//!   it;
//! - for each operation in each Region, its rate: what comes before the first request, all requests but those that may
//!   leave at once, and what has to follow the last one.
//!
//! Before an agent goes for good it has to be known who hands work to it, and AWS has no call that says so: each agent of the
//! Region is asked for its versions, and each version for the agents that it works with. The least that this takes at AWS's
//! rates is part of the path. It is reckoned from what is in the account, not from what was asked.
//!
//! Time that a run waits without need, for a step that need not come first or in a pause that was too long, is not in it.

use std::collections::BTreeMap;
use std::time::Duration;

use quell::aws::{ListAgentCollaborators, ListAgentVersions, Operation, Request as _, operations};
use quell::base::StepKey;
use quell::journal::Fold;
use quell::plan::{Plan, PlannedStep};
use quell::range::TrailEvent;
use quell::range::scenario::Knobs;
use quell::run::WINDOW;
use serde_json::Value;

/// The bound.
pub(crate) struct LowerBound {
    pub(crate) time: Duration,
    /// What makes it as long as it is.
    pub(crate) because: String,
}

/// The bound of what a run did in an account, as that was before: its calls are in the fold, its reads as well in the range's trail.
pub(crate) fn lower_bound(
    plan: &Plan,
    fold: &Fold,
    trail: &[TrailEvent],
    (account, knobs): (&Value, &Knobs),
) -> LowerBound {
    let (round_trip, users) = (knobs.latency.0, users_known(account, knobs.latency.0));
    let world = World { round_trip, alias: knobs.alias_change.0, deletion: knobs.agent_deletion.0, users };
    let run = Run { plan, fold, world: &world };
    let path = run.critical_path();
    let (rate, slowest) = run.slowest_operation(trail);
    if path >= rate {
        LowerBound { time: path, because: "critical path".to_owned() }
    } else {
        LowerBound { time: rate, because: format!("rate of {slowest}") }
    }
}

/// How long it takes in each Region to learn who hands work to its agents: the agents are listed, then their versions, then what
/// each version works with.
fn users_known(account: &Value, round_trip: Duration) -> BTreeMap<String, Duration> {
    let mut asked: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for agent in account["agents"].as_array().into_iter().flatten() {
        let (agents, versions) = asked.entry(agent["region"].as_str().unwrap_or_default().to_owned()).or_default();
        *agents += 1;
        // The draft is one as well.
        *versions += 1 + agent["versions"].as_object().map_or(0, serde_json::Map::len);
    }
    let time = |(agents, versions)| {
        let slower =
            queued(ListAgentVersions::OPERATION, agents).max(queued(ListAgentCollaborators::OPERATION, versions));
        round_trip * 3 + slower
    };
    asked.into_iter().map(|(region, asked)| (region, time(asked))).collect()
}

/// How long the last of many requests waits that are all ready at once.
fn queued(row: &Operation, requests: usize) -> Duration {
    let rate = row.rate.per_second;
    Duration::from_secs_f64((requests as f64 - rate).max(0.0) / rate)
}

/// What things take in the range, on average.
struct World {
    round_trip: Duration,
    alias: Duration,
    deletion: Duration,
    /// How long it takes in a Region to learn who hands work to its agents.
    users: BTreeMap<String, Duration>,
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

    /// The calls of a step after a look, and what AWS takes for all but the last kind. Calls of one kind are sent one after the
    /// other and settle together.
    fn sending(&self, calls: &[String], look: Duration) -> Duration {
        let mut kinds: Vec<&String> = calls.iter().collect();
        kinds.dedup();
        kinds.pop();
        let settling: Duration = kinds.into_iter().map(|kind| self.settling(kind)).sum();
        look + self.round_trip * u32::try_from(calls.len()).unwrap_or(u32::MAX) + settling
    }

    /// What AWS takes for the last kind: what comes after the step waits for it.
    fn done(&self, calls: &[String]) -> Duration {
        calls.last().map_or(Duration::ZERO, |last| self.settling(last))
    }

    /// What follows the last call before the run can end: the window and the look after it.
    fn verified(&self, calls: &[String]) -> Duration {
        if calls.is_empty() { Duration::ZERO } else { self.done(calls).max(WINDOW) + self.round_trip }
    }
}

/// What was planned, and what was sent for it.
struct Run<'a> {
    plan: &'a Plan,
    fold: &'a Fold,
    world: &'a World,
}

impl Run<'_> {
    /// The operations that a step has sent, in order.
    fn calls(&self, step: &StepKey) -> Vec<String> {
        let calls = self.fold.step(step).map(|step| step.calls.as_slice()).unwrap_or_default();
        let known = calls.iter().filter_map(|call| self.fold.calls().get(call));
        known.map(|call| call.intent.operation.to_string()).collect()
    }

    /// The look of a step before its first call: there and back, or as long as it takes to learn who uses what goes for good.
    fn look(&self, step: &StepKey) -> Duration {
        let deletes = self.calls(step).iter().any(|call| call == "bedrock-agent:DeleteAgentAlias");
        let planned = self.plan.steps.iter().find(|planned| planned.key == *step).and_then(PlannedStep::action);
        let region = planned.filter(|_| deletes).and_then(|action| action.target.region.as_ref());
        let users = region.and_then(|region| self.world.users.get(region.as_str()));
        users.copied().unwrap_or_default().max(self.world.round_trip)
    }

    /// What follows the last call of a step before the run can end: its own window, and whatever waits for it.
    fn tail(&self, step: &StepKey) -> Duration {
        let calls = self.calls(step);
        let waiting = self.plan.steps.iter().filter(|other| other.edges.iter().any(|edge| edge.before == *step));
        let later = waiting.map(|other| self.whole(other)).max().unwrap_or_default();
        self.world.verified(&calls).max(self.world.done(&calls) + later)
    }

    /// From the start of a step to the end of the run.
    fn whole(&self, step: &PlannedStep) -> Duration {
        let sending = || self.world.sending(&self.calls(&step.key), self.look(&step.key));
        step.action().map_or(Duration::ZERO, |_| sending()) + self.tail(&step.key)
    }

    fn critical_path(&self) -> Duration {
        self.plan.steps.iter().map(|step| self.whole(step)).max().unwrap_or_default()
    }

    fn slowest_operation(&self, trail: &[TrailEvent]) -> (Duration, String) {
        let mut counts: BTreeMap<_, (usize, &'static Operation)> = BTreeMap::new();
        for event in trail {
            let mut rows = operations().filter(|row| row.service.event_source() == event.event_source);
            if let Some(row) = rows.find(|row| row.name == event.event_name) {
                counts.entry((row.rate_class(), &event.aws_region)).or_insert((0, row)).0 += 1;
            }
        }
        let bounds = counts.into_iter().map(|((_, region), (count, row))| {
            let around = if row.effect.is_mutating() { self.around(row) } else { Duration::ZERO };
            (queued(row, count) + around, format!("{row} in {region}, {count} requests"))
        });
        bounds.max().unwrap_or_default()
    }

    /// What comes before the first request of an operation and after the last: the least of all steps that send it.
    fn around(&self, row: &Operation) -> Duration {
        let name = row.to_string();
        let steps = self.fold.steps().keys().map(|step| (step, self.calls(step)));
        let least = steps.filter(|(_, calls)| calls.contains(&name)).map(|(step, calls)| {
            let others: Vec<String> = calls.iter().filter(|call| **call != name).cloned().collect();
            let between = match calls.last() {
                Some(last) if *last == name => self.world.done(&others),
                _ => self.world.settling(&name),
            };
            self.world.sending(&others, self.look(step)) + self.world.round_trip + between + self.tail(step)
        });
        least.min().unwrap_or_default()
    }
}
