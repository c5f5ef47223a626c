//! Which steps wait for a person.

use std::collections::HashSet;

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};

use super::{Edge, Node, WorkKind};
use crate::base::Phase;

/// Which steps stand behind a gate of their phase, by the edges that the author wrote. Phases are applied one after the
/// other: what an earlier one has asked is answered.
pub(super) struct Gated {
    nodes: Vec<Known>,
}

/// What is known of a step.
struct Known {
    phase: Phase,
    gate: bool,
    gated: bool,
    /// What it waits for within its phase.
    before: Vec<NodeIndex>,
}

impl Gated {
    /// Reads it off a graph without circles; `order` has every node after those it waits for.
    pub(super) fn new(graph: &StableDiGraph<Node, Edge>, order: &[NodeIndex]) -> Self {
        let known = |at: NodeIndex| {
            let Node { phase, ref work, .. } = graph[at];
            let before = graph.neighbors_directed(at, Direction::Incoming).filter(|other| graph[*other].phase == phase);
            Known { phase, gate: matches!(work, WorkKind::Gate(_)), gated: false, before: before.collect() }
        };
        let mut nodes: Vec<Known> = graph.node_indices().map(known).collect();
        for at in order {
            let behind = |other: &NodeIndex| nodes[other.index()].gate || nodes[other.index()].gated;
            nodes[at.index()].gated = nodes[at.index()].before.iter().any(behind);
        }
        Self { nodes }
    }

    /// Whether a step waits for a gate.
    pub(super) fn is_gated(&self, at: NodeIndex) -> bool {
        self.nodes[at.index()].gated
    }

    /// Whether `one` waits for a gate that `two`, of the same phase, does not wait for. Not where `one` waits for `two`
    /// itself: that is the author's order, and is judged as such.
    pub(super) fn longer(&self, one: NodeIndex, two: NodeIndex) -> bool {
        if self.nodes[one.index()].phase != self.nodes[two.index()].phase || !self.is_gated(one) {
            return false;
        }
        let (before_one, before_two) = (self.all_before(one), self.all_before(two));
        let mut gates = before_one.iter().filter(|at| self.nodes[at.index()].gate);
        !before_one.contains(&two) && gates.any(|gate| !before_two.contains(gate))
    }

    fn all_before(&self, at: NodeIndex) -> HashSet<NodeIndex> {
        let mut seen = HashSet::new();
        let mut stack = vec![at];
        while let Some(at) = stack.pop() {
            stack.extend(self.nodes[at.index()].before.iter().filter(|other| seen.insert(**other)));
        }
        seen
    }
}
