//! A graph as Graphviz DOT.

use std::fmt::Write as _;

use crate::graph::{EdgeKind, Graph, Node, WorkKind};

pub(super) fn draw(graph: &Graph) -> String {
    let mut text = format!("digraph \"{}\" {{\n  rankdir=TB;\n  node [shape=box];\n", graph.name());
    for phase in graph.phases() {
        let _ = writeln!(text, "  subgraph cluster_{phase} {{\n    label=\"{phase}\";");
        for node in graph.steps_of(phase) {
            let _ = writeln!(text, "    \"{}\" [{}];", node.step, look(node));
        }
        text.push_str("  }\n");
    }
    for node in graph.steps() {
        for (other, edge) in graph.waits_for(&node.step) {
            let look = match edge.kind {
                EdgeKind::Needs => "label=\"needs\", style=bold".to_owned(),
                EdgeKind::After => "label=\"after\"".to_owned(),
                EdgeKind::Reference => "label=\"uses\", arrowhead=odot".to_owned(),
                EdgeKind::Hazard(rule) => format!("label=\"{}\", style=dashed", rule.name),
            };
            let _ = writeln!(text, "  \"{other}\" -> \"{}\" [{look}];", node.step);
        }
    }
    text.push_str("}\n");
    text
}

fn look(node: &Node) -> String {
    let each = if node.fans_out { "\\nfor each item" } else { "" };
    let id = &node.step;
    match &node.work {
        WorkKind::Action { name, irreversible: false } => format!("label=\"{id}\\n{name}{each}\""),
        WorkKind::Action { name, irreversible: true } => {
            format!("label=\"{id}\\n{name}{each}\\nirreversible\", peripheries=2")
        }
        WorkKind::Query { name } => format!("label=\"{id}\\n{name}\", shape=cylinder"),
        WorkKind::Gate(gate) => format!("label=\"{id}\\ngate: {}\", shape=hexagon", gate.as_str()),
    }
}
