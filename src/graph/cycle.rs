//! Circles, shown as the path through their steps.

use std::collections::{HashMap, HashSet, VecDeque};

use petgraph::Direction;
use petgraph::algo::kosaraju_scc;
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;

use super::{Edge, Node};

/// The groups of nodes that can all reach each other, by way of nodes in `among`.
pub(super) fn tangles(graph: &StableDiGraph<Node, Edge>, among: &[NodeIndex]) -> Vec<Vec<NodeIndex>> {
    let kept: HashSet<NodeIndex> = among.iter().copied().collect();
    let part = graph.filter_map(|at, _| kept.contains(&at).then_some(()), |_, _| Some(()));
    let mut tangles: Vec<Vec<NodeIndex>> = kosaraju_scc(&part)
        .into_iter()
        .filter(|group| group.len() > 1 || group.first().is_some_and(|at| part.contains_edge(*at, *at)))
        .collect();
    for group in &mut tangles {
        group.sort();
    }
    tangles.sort();
    tangles
}

/// A shortest way along edges that `follow` allows, as its edges; nothing when there is none.
pub(super) fn way(
    graph: &StableDiGraph<Node, Edge>,
    from: NodeIndex,
    to: NodeIndex,
    follow: impl Fn(&Edge, NodeIndex) -> bool,
) -> Option<Vec<EdgeIndex>> {
    let mut came: HashMap<NodeIndex, EdgeIndex> = HashMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        let mut edges: Vec<_> =
            graph.edges_directed(at, Direction::Outgoing).map(|edge| (edge.target(), edge.id())).collect();
        edges.sort();
        for (next, edge) in edges {
            if came.contains_key(&next) || !follow(&graph[edge], next) {
                continue;
            }
            came.insert(next, edge);
            if next == to {
                let mut path = Vec::new();
                let mut at = to;
                loop {
                    let edge = came[&at];
                    path.push(edge);
                    at = graph.edge_endpoints(edge)?.0;
                    if at == from {
                        path.reverse();
                        return Some(path);
                    }
                }
            }
            queue.push_back(next);
        }
    }
    None
}

/// A shortest circle through the first node of a tangle, as its edges.
pub(super) fn circle(graph: &StableDiGraph<Node, Edge>, tangle: &[NodeIndex]) -> Vec<EdgeIndex> {
    let within: HashSet<NodeIndex> = tangle.iter().copied().collect();
    let Some(first) = tangle.first() else { return Vec::new() };
    way(graph, *first, *first, |_, next| within.contains(&next)).unwrap_or_default()
}
