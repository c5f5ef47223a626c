//! The order of the nodes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};

use super::{Edge, Node};

/// Every node after those it waits for, phase by phase, and otherwise as in the text; and the nodes that wait for each
/// other in a circle, or for such a node.
pub(super) fn order(graph: &StableDiGraph<Node, Edge>) -> (Vec<NodeIndex>, Vec<NodeIndex>) {
    let mut waiting: Vec<usize> = vec![0; graph.node_count()];
    for at in graph.node_indices() {
        waiting[at.index()] = graph.neighbors_directed(at, Direction::Incoming).count();
    }
    let key = |at: NodeIndex| Reverse((graph[at].phase, at));
    let mut free: BinaryHeap<_> = graph.node_indices().filter(|at| waiting[at.index()] == 0).map(key).collect();
    let mut order = Vec::with_capacity(graph.node_count());
    while let Some(Reverse((_, at))) = free.pop() {
        order.push(at);
        for next in graph.neighbors_directed(at, Direction::Outgoing) {
            waiting[next.index()] -= 1;
            if waiting[next.index()] == 0 {
                free.push(key(next));
            }
        }
    }
    let rest = graph.node_indices().filter(|at| waiting[at.index()] > 0).collect();
    (order, rest)
}
