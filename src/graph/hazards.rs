//! Which steps must keep an order that nobody wrote down.
//!
//! Inputs are not known yet, so every step's input is tried with samples: one for each parameter and each field of a
//! query's items. Two inputs that name the same sample are about the same thing, whatever it will be. Whether two
//! *different* expressions will name one thing is decided in the plan, where work on one thing goes one at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;
use serde_json::Value;

use super::aws_order::{Ground, Side};
use super::gated::Gated;
use super::{Edge, Node, RULES, Rule};
use crate::actions::Registry;
use crate::base::{Entity, StepId, Touch, canonical_string};
use crate::runbook::{Flavour, Runbook, Samples};

/// One edge that a rule asks for.
pub(super) type Demand = (NodeIndex, NodeIndex, &'static Rule);

/// More edges than this between the steps of one thing become a chain: its work goes one at a time anyway, and the graph
/// stays linear in its steps.
const MANY: usize = 256;

/// What the steps do to which things.
pub(super) struct Hazards<'a> {
    actions: Vec<Option<&'a str>>,
    lists: Vec<Option<usize>>,
    /// By the path of the thing; a child's path starts with that of its parent.
    touched: BTreeMap<Vec<String>, Vec<(Entity, NodeIndex, Touch)>>,
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
    let mut found = Hazards { actions: Vec::new(), lists: Vec::new(), touched: BTreeMap::new() };
    let mut lists: HashMap<String, usize> = HashMap::new();
    for (index, step) in runbook.steps().iter().enumerate() {
        let at = NodeIndex::new(index);
        found.actions.push(step.action());
        let item = samples[0].item(step);
        found.lists.push(item.as_ref().map(|item| {
            let next = lists.len();
            *lists.entry(canonical_string(item)).or_insert(next)
        }));
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

    fn stands_on(&self, side: &Side, at: NodeIndex, touch: Touch) -> bool {
        match side {
            Side::Action(name) => self.actions[at.index()] == Some(*name),
            Side::Touching(touches) => touches.contains(&touch),
        }
    }

    /// The edges that the rules on things ask for. `place` is each step's position in the author's order.
    pub(super) fn demands(&self, place: &[usize], gated: &Gated) -> Vec<Demand> {
        let mut demands = Vec::new();
        for (path, here) in &self.touched {
            for rule in RULES {
                let then: Vec<&(Entity, NodeIndex, Touch)> =
                    here.iter().filter(|(_, at, touch)| self.stands_on(&rule.then, *at, *touch)).collect();
                if then.is_empty() {
                    continue;
                }
                let below = || {
                    self.touched
                        .range(path.clone()..)
                        .skip(1)
                        .take_while(|(child, _)| child.starts_with(path))
                        .flat_map(|(_, touched)| touched)
                };
                let first: Vec<&(Entity, NodeIndex, Touch)> = match rule.on {
                    Ground::SameThing => here.iter().collect(),
                    Ground::ChildThing => below().collect(),
                    Ground::Phase => continue,
                };
                let first = first.into_iter().filter(|(_, at, touch)| self.stands_on(&rule.first, *at, *touch));
                self.connect(first.collect(), then, rule, (place, gated), &mut demands);
            }
        }
        demands
    }

    fn connect(
        &self,
        mut first: Vec<&(Entity, NodeIndex, Touch)>,
        mut then: Vec<&(Entity, NodeIndex, Touch)>,
        rule: &'static Rule,
        (place, gated): (&[usize], &Gated),
        demands: &mut Vec<Demand>,
    ) {
        // A deny comes later than what would make it better, but waits for nobody's answer.
        let too_late = |before: NodeIndex, after: NodeIndex| rule.is_for_a_deny() && gated.longer(before, after);
        let same = |one: &Entity, two: &Entity| one.kind == two.kind || one.path != two.path;
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

    /// The edges that the rules on phases prefer, where the author's order leaves room.
    pub(super) fn preferences(
        &self,
        graph: &StableDiGraph<Node, Edge>,
        authors: &[NodeIndex],
        gated: &Gated,
    ) -> Vec<Demand> {
        let mut preferences = Vec::new();
        for rule in RULES.iter().filter(|rule| rule.on == Ground::Phase) {
            let of = |side: &Side, at: NodeIndex| match side {
                Side::Action(name) => self.actions[at.index()] == Some(*name),
                Side::Touching(_) => false,
            };
            let mut waiting = vec![false; graph.node_count()];
            let mut stack: Vec<NodeIndex> = authors.iter().copied().filter(|at| of(&rule.then, *at)).collect();
            let then = stack.clone();
            while let Some(at) = stack.pop() {
                for edge in graph.edges_directed(at, Direction::Outgoing) {
                    let next = edge.target();
                    if !std::mem::replace(&mut waiting[next.index()], true) {
                        stack.push(next);
                    }
                }
            }
            let mut firsts = BTreeMap::new();
            let mut before: Vec<&NodeIndex> =
                authors.iter().filter(|at| of(&rule.first, **at) && !waiting[at.index()]).collect();
            before.sort_by_key(|at| gated.is_gated(**at));
            for before in before {
                firsts.entry(graph[*before].phase).or_insert(*before);
            }
            let preferred = |after: NodeIndex| {
                let first = *firsts.get(&graph[after].phase)?;
                (!gated.longer(first, after)).then_some((first, after, rule))
            };
            preferences.extend(then.into_iter().filter_map(preferred));
        }
        preferences
    }
}
