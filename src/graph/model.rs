//! The graph.

use std::collections::HashMap;

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;

use super::Edge;
use crate::base::StepId;
use crate::runbook::{Gate, Phase};

/// What a step of the graph does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkKind {
    /// An action, by name.
    Action {
        /// Its name.
        name: String,
        /// Whether it may send calls that cannot be put back.
        irreversible: bool,
    },
    /// A query, by name.
    Query {
        /// Its name.
        name: String,
    },
    /// A gate.
    Gate(Gate),
}

impl WorkKind {
    /// Whether it may send calls that cannot be put back.
    pub fn is_irreversible(&self) -> bool {
        matches!(self, Self::Action { irreversible: true, .. })
    }

    /// `action`, `query` or `gate`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Action { .. } => "action",
            Self::Query { .. } => "query",
            Self::Gate(_) => "gate",
        }
    }

    /// The name of the action or query, or the kind of gate.
    pub fn name(&self) -> &str {
        match self {
            Self::Action { name, .. } | Self::Query { name } => name,
            Self::Gate(gate) => gate.as_str(),
        }
    }
}

/// A step in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The step.
    pub step: StepId,
    /// Its phase.
    pub phase: Phase,
    /// What it does.
    pub work: WorkKind,
    /// Whether it runs once for each item of a list.
    pub fans_out: bool,
}

/// Which step waits for which, without circles.
#[derive(Debug, Clone)]
pub struct Graph {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) inner: StableDiGraph<Node, Edge>,
    pub(super) by_step: HashMap<StepId, NodeIndex>,
    /// Every node after those it waits for; phases one after the other.
    pub(super) order: Vec<NodeIndex>,
}

impl Graph {
    /// The name of the runbook.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The title of the runbook.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The phases that have steps, in their order.
    pub fn phases(&self) -> impl Iterator<Item = Phase> {
        Phase::ALL.into_iter().filter(|phase| self.steps().any(|node| node.phase == *phase))
    }

    /// All steps, each after those it waits for, phase by phase; where that leaves a choice, as in the text.
    pub fn steps(&self) -> impl Iterator<Item = &Node> {
        self.order.iter().map(|at| &self.inner[*at])
    }

    /// The steps of a phase, in the same order.
    pub fn steps_of(&self, phase: Phase) -> impl Iterator<Item = &Node> {
        self.steps().filter(move |node| node.phase == phase)
    }

    /// The step of an id.
    pub fn step(&self, id: &StepId) -> Option<&Node> {
        self.by_step.get(id).map(|at| &self.inner[*at])
    }

    /// What a step waits for, and why; earlier phases included. One step may be there for several reasons.
    pub fn waits_for(&self, id: &StepId) -> Vec<(&StepId, &Edge)> {
        self.around(id, Direction::Incoming)
    }

    /// What waits for a step, and why.
    pub fn held_up_by(&self, id: &StepId) -> Vec<(&StepId, &Edge)> {
        self.around(id, Direction::Outgoing)
    }

    fn around(&self, id: &StepId, direction: Direction) -> Vec<(&StepId, &Edge)> {
        let Some(at) = self.by_step.get(id) else { return Vec::new() };
        let mut edges: Vec<_> = self
            .inner
            .edges_directed(*at, direction)
            .map(|edge| {
                let other = if direction == Direction::Incoming { edge.source() } else { edge.target() };
                (other, edge.id(), edge.weight())
            })
            .collect();
        edges.sort_by_key(|(other, id, _)| (*other, *id));
        edges.into_iter().map(|(other, _, edge)| (&self.inner[other].step, edge)).collect()
    }

    /// The steps of a phase in layers: a step stands one layer below the last of those of its phase that it waits for.
    pub fn layers(&self, phase: Phase) -> Vec<Vec<&Node>> {
        let mut layer_of: HashMap<NodeIndex, usize> = HashMap::new();
        let mut layers: Vec<Vec<&Node>> = Vec::new();
        for at in self.order.iter().filter(|at| self.inner[**at].phase == phase) {
            let before = self.inner.neighbors_directed(*at, Direction::Incoming);
            let layer = before.filter_map(|other| layer_of.get(&other)).max().map_or(0, |layer| layer + 1);
            layer_of.insert(*at, layer);
            if layers.len() <= layer {
                layers.resize_with(layer + 1, Vec::new);
            }
            layers[layer].push(&self.inner[*at]);
        }
        layers
    }
}
