//! Which steps must keep an order that nobody wrote down.
//!
//! Inputs are not known yet, so every step's input is tried with samples: one for each parameter and each field of a
//! query's items. Two inputs that name the same sample are about the same thing, whatever it will be. Whether two
//! *different* expressions will name one thing is decided in the plan, where work on one thing goes one at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use serde_json::Value;

use super::aws_order::{Ground, Side};
use super::gated::Gated;
use super::{Edge, Node, RULES, Rule};
use crate::actions::Registry;
use crate::base::{Entity, Phase, StepId, Touch, canonical_string};
use crate::runbook::{Flavour, Runbook, Samples};

/// One edge that a rule asks for.
pub(super) type Demand = (NodeIndex, NodeIndex, &'static Rule);

/// What one step does to one thing.
type Touched = (Entity, NodeIndex, Touch);

/// More edges than this between the steps of one thing become a chain: its work goes one at a time anyway, and the graph
/// stays linear in its steps.
const MANY: usize = 256;

/// What the steps do to which things.
pub(super) struct Hazards<'a> {
    actions: Vec<Option<&'a str>>,
    lists: Vec<Option<usize>>,
    /// By step.
    touches: Vec<Vec<(Entity, Touch)>>,
    /// By the path of the thing; a child's path starts with that of its parent.
    touched: BTreeMap<Vec<String>, Vec<Touched>>,
}

/// Asks every action what it touches.
pub(super) fn hazards<'a>(runbook: &'a Runbook, registry: &Registry) -> Hazards<'a> {
    let mut schemas: HashMap<&str, Value> = HashMap::new();
    let mut items: Vec<(StepId, Value)> = Vec::new();
    for step in runbook.steps() {
        if let Some(query) = step.query().and_then(|name| registry.query(name)) {
            let schema = schemas.entry(query.name()).or_insert_with(|| query.item_schema().to_value());
            items.push((step.id.clone(), schema.clone()));
        }
    }
    let samples = Flavour::ALL
        .map(|flavour| Samples::new(flavour, runbook.parameters(), items.iter().map(|(id, schema)| (id, schema))));
    let mut inputs: HashMap<&str, Value> = HashMap::new();
    let mut found = Hazards { actions: vec![], lists: vec![], touches: vec![], touched: BTreeMap::new() };
    let mut lists: HashMap<String, usize> = HashMap::new();
    for (index, step) in runbook.steps().iter().enumerate() {
        let at = NodeIndex::new(index);
        found.actions.push(step.action());
        let item = samples[0].item(step);
        found.lists.push(item.as_ref().map(|item| {
            let next = lists.len();
            *lists.entry(canonical_string(item)).or_insert(next)
        }));
        found.touches.push(vec![]);
        let Some((action, with)) = step.action().and_then(|name| registry.action(name)).zip(step.with()) else {
            continue;
        };
        let schema = inputs.entry(action.name()).or_insert_with(|| action.input_schema().to_value());
        let mut touches: BTreeSet<(Entity, Touch)> = BTreeSet::new();
        let mut tried = None;
        for samples in &samples {
            let item = samples.item(step);
            let input = samples.input(with, item.as_ref(), schema);
            if tried.as_ref() != Some(&input) {
                touches.extend(action.touches(&input).unwrap_or_default());
                tried = Some(input);
            }
        }
        found.touches[index].extend(touches.iter().cloned());
        for (entity, touch) in touches {
            found.touched.entry(entity.path.clone()).or_default().push((entity, at, touch));
        }
    }
    found
}

impl Hazards<'_> {
    /// For each step that fans out, the number of its list.
    pub(super) fn lists(&self) -> Vec<Option<usize>> {
        self.lists.clone()
    }

    /// The steps that destroy something for good, and what first of it.
    pub(super) fn destroyers(&self) -> BTreeMap<NodeIndex, &Entity> {
        let all = self.touched.values().flatten().filter(|(_, _, touch)| *touch == Touch::Destroys);
        let mut destroyers = BTreeMap::new();
        for (entity, at, _) in all {
            destroyers.entry(*at).or_insert(entity);
        }
        destroyers
    }

    fn stands_on(&self, side: &Side, (entity, at, touch): &Touched) -> bool {
        self.actions[at.index()].is_some_and(|action| side.has(action, entity, *touch))
    }

    fn takes(&self, side: &Side, at: NodeIndex) -> bool {
        self.actions[at.index()].is_some_and(|action| side.takes(action, &self.touches[at.index()]))
    }

    /// The edges that the rules on things ask for. `place` is each step's position in the author's order.
    pub(super) fn demands(&self, place: &[usize], gated: &Gated) -> Vec<Demand> {
        let mut demands = Vec::new();
        for (path, here) in &self.touched {
            for rule in RULES {
                let then: Vec<&Touched> = here.iter().filter(|one| self.stands_on(&rule.then, one)).collect();
                if then.is_empty() {
                    continue;
                }
                let below = || {
                    let after = self.touched.range(path.clone()..).skip(1);
                    after.take_while(|(child, _)| child.starts_with(path)).flat_map(|(_, touched)| touched)
                };
                let above = || (1..path.len()).filter_map(|length| self.touched.get(&path[..length])).flatten();
                let first: Vec<&Touched> = match rule.on {
                    Ground::SameThing => here.iter().collect(),
                    Ground::ChildThing => below().collect(),
                    Ground::OneLine | Ground::OneLineOrPhase => above().chain(here).chain(below()).collect(),
                    Ground::Phase | Ground::ItsRole => continue,
                };
                let first = first.into_iter().filter(|one| self.stands_on(&rule.first, one));
                self.connect(first.collect(), then, rule, (place, gated), &mut demands);
            }
        }
        demands
    }

    fn connect(
        &self,
        mut first: Vec<&Touched>,
        mut then: Vec<&Touched>,
        rule: &'static Rule,
        (place, gated): (&[usize], &Gated),
        demands: &mut Vec<Demand>,
    ) {
        // A deny comes later than what would make it better, but waits for nobody's answer.
        let too_late = |before: NodeIndex, after: NodeIndex| rule.is_for_a_deny() && gated.longer(before, after);
        // A role and a user of one name are two things.
        let same = |one: &Entity, two: &Entity| {
            one.root().kind == two.root().kind && (one.kind == two.kind || one.path != two.path)
        };
        if first.len() * then.len() <= MANY {
            for (one, before, _) in &first {
                for (two, after, _) in &then {
                    if before != after && same(one, two) && !too_late(*before, *after) {
                        demands.push((*before, *after, rule));
                    }
                }
            }
            return;
        }
        if rule.is_for_a_deny() {
            first.retain(|(_, at, _)| !gated.is_gated(*at));
            then.retain(|(_, at, _)| !gated.is_gated(*at));
            if first.is_empty() {
                return;
            }
        }
        first.sort_by_key(|(_, at, _)| place[at.index()]);
        then.sort_by_key(|(_, at, _)| place[at.index()]);
        let chain: Vec<NodeIndex> = first.iter().chain(&then).map(|(_, at, _)| *at).collect();
        demands.extend(chain.windows(2).filter(|pair| pair[0] != pair[1]).map(|pair| (pair[0], pair[1], rule)));
    }

    /// The edges that a rule prefers within a phase, where the order that `graph` has already leaves room: what comes then waits
    /// for all that comes first, unless it does so already.
    pub(super) fn preferences(
        &self,
        rule: &'static Rule,
        graph: &StableDiGraph<Node, Edge>,
        authors: &[NodeIndex],
        gated: &Gated,
    ) -> Vec<Demand> {
        let then: Vec<NodeIndex> = authors.iter().copied().filter(|at| self.takes(&rule.then, *at)).collect();
        let mut waiting = after(graph, &then);
        for at in &then {
            waiting[at.index()] = true;
        }
        let mut first: Vec<NodeIndex> =
            authors.iter().copied().filter(|at| !waiting[at.index()] && self.takes(&rule.first, *at)).collect();
        first.sort_by_key(|at| gated.is_gated(*at));
        let mut preferences = Vec::new();
        for phase in Phase::ALL {
            let of_phase = |all: &[NodeIndex]| -> Vec<NodeIndex> {
                all.iter().copied().filter(|at| graph[*at].phase == phase).collect()
            };
            let (mut first, then) = (of_phase(&first), of_phase(&then));
            if first.is_empty() || then.is_empty() {
                continue;
            }
            // Where there are very many, one stands for all.
            if first.len() * then.len() > MANY {
                first.truncate(1);
            }
            let waits: Vec<Vec<bool>> = first.iter().map(|before| after(graph, &[*before])).collect();
            for at in then {
                let has_room = |before: usize| !waits[before][at.index()] && !gated.longer(first[before], at);
                let new: Vec<usize> = (0..first.len()).filter(|before| has_room(*before)).collect();
                // What another of them waits for comes first by way of that one.
                let last = new.iter().filter(|before| !new.iter().any(|other| waits[**before][first[*other].index()]));
                preferences.extend(last.map(|before| (first[*before], at, rule)));
            }
        }
        preferences
    }
}

/// Which nodes wait for one of these, directly or by way of others.
fn after(graph: &StableDiGraph<Node, Edge>, nodes: &[NodeIndex]) -> Vec<bool> {
    let mut waiting = vec![false; graph.node_count()];
    let mut stack = nodes.to_vec();
    while let Some(at) = stack.pop() {
        for next in graph.neighbors_directed(at, Direction::Outgoing) {
            if !std::mem::replace(&mut waiting[next.index()], true) {
                stack.push(next);
            }
        }
    }
    waiting
}
