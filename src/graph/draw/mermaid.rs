//! A graph as a Mermaid flowchart.

use std::fmt::Write as _;

use crate::graph::{EdgeKind, Graph, Node, WorkKind};

pub(super) fn draw(graph: &Graph) -> String {
    let mut text = "flowchart TD\n".to_owned();
    for phase in graph.phases() {
        let _ = writeln!(text, "  subgraph {phase}");
        for node in graph.steps_of(phase) {
            let _ = writeln!(text, "    {}", shape(node));
        }
        text.push_str("  end\n");
    }
    for node in graph.steps() {
        for (other, edge) in graph.waits_for(&node.step) {
            let arrow = match edge.kind {
                EdgeKind::Needs => "==>|needs|".to_owned(),
                EdgeKind::After => "-->|after|".to_owned(),
                EdgeKind::Reference => "--o|uses|".to_owned(),
                EdgeKind::Hazard(rule) => format!("-.->|{}|", rule.name),
            };
            let _ = writeln!(text, "  s_{other} {arrow} s_{}", node.step);
        }
    }
    text.push_str("  classDef irreversible stroke-width:3px,stroke-dasharray:6 3\n");
    text
}

/// Ids get a prefix, since a step may have the name of a Mermaid keyword.
fn shape(node: &Node) -> String {
    let each = if node.fans_out { "<br/>for each item" } else { "" };
    let id = &node.step;
    match &node.work {
        WorkKind::Action { name, irreversible: false } => format!("s_{id}[\"{id}<br/>{name}{each}\"]"),
        WorkKind::Action { name, irreversible: true } => {
            format!("s_{id}[[\"{id}<br/>{name}{each}<br/>irreversible\"]]:::irreversible")
        }
        WorkKind::Query { name } => format!("s_{id}[(\"{id}<br/>{name}\")]"),
        WorkKind::Gate(gate) => format!("s_{id}{{{{\"{id}<br/>gate: {}\"}}}}", gate.as_str()),
    }
}
