//! The order of the nodes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};

use super::{Edge, Node, WorkKind};

/// Every node after those it waits for, phase by phase, what waits for no gate of its phase before what does, and otherwise
/// as in the text; and the nodes that wait for each other in a circle, or for such a node.
///
/// The plan puts work on one thing in this order, so that no deny gets behind a gate by way of it.
pub(super) fn order(graph: &StableDiGraph<Node, Edge>) -> (Vec<NodeIndex>, Vec<NodeIndex>) {
    let mut waiting: Vec<usize> = vec![0; graph.node_count()];
    for at in graph.node_indices() {
        waiting[at.index()] = graph.neighbors_directed(at, Direction::Incoming).count();
    }
    let mut gated = vec![false; graph.node_count()];
    let free = graph.node_indices().filter(|at| waiting[at.index()] == 0);
    let mut free: BinaryHeap<_> = free.map(|at| Reverse((graph[at].phase, false, at))).collect();
    let mut order = Vec::with_capacity(graph.node_count());
    while let Some(Reverse((phase, _, at))) = free.pop() {
        order.push(at);
        let holds_up = gated[at.index()] || matches!(graph[at].work, WorkKind::Gate(_));
        for next in graph.neighbors_directed(at, Direction::Outgoing) {
            waiting[next.index()] -= 1;
            gated[next.index()] |= holds_up && graph[next].phase == phase;
            if waiting[next.index()] == 0 {
                free.push(Reverse((graph[next].phase, gated[next.index()], next)));
            }
        }
    }
    let rest = graph.node_indices().filter(|at| waiting[at.index()] > 0).collect();
    (order, rest)
}
