//! A graph as text.

use std::collections::BTreeMap;

use crate::base::{on_screen, on_screen_within};
use crate::graph::{Edge, EdgeKind, Graph, Join, Node, WorkKind};

const WIDTH: usize = 90;
const INDENT: &str = "        ";

pub(super) fn draw(graph: &Graph) -> String {
    let mut lines = vec![on_screen_within(graph.name(), WIDTH), on_screen_within(graph.title(), WIDTH)];
    let mut demands = BTreeMap::new();
    let width = graph.steps().map(|node| node.step.as_str().len()).max().unwrap_or(0).min(32);
    for phase in graph.phases() {
        lines.extend([String::new(), phase.as_str().to_uppercase()]);
        for (layer, nodes) in graph.layers(phase).into_iter().enumerate() {
            for node in nodes {
                lines.push(on_screen_within(
                    &format!(" {:>3}  {:<width$}  {}", layer + 1, node.step.as_str(), work(node)),
                    WIDTH,
                ));
                let waits = graph.waits_for(&node.step);
                for kind in ["needs", "after", "uses"] {
                    let of_kind = waits.iter().filter(|(_, edge)| word(edge.kind) == kind);
                    let names: Vec<String> = of_kind.map(|(other, edge)| format!("{other}{}", join(edge))).collect();
                    wrap(&mut lines, &format!("{INDENT}{kind:<6} "), &names, ", ");
                }
                for (other, edge) in &waits {
                    if let Some(rule) = edge.kind.rule() {
                        demands.insert(rule.name, rule.why);
                        lines.push(format!("{INDENT}hazard {other}{}: {}", join(edge), rule.name));
                    }
                }
            }
        }
    }
    lines.push(String::new());
    lines.push("Steps with one number may run at the same time. needs: must have succeeded. after: must".to_owned());
    lines.push("have ended, however it ended. uses: the query must have been answered.".to_owned());
    if !demands.is_empty() {
        lines.push("hazard: the order that AWS or containment demands, like `after`:".to_owned());
    }
    for (name, why) in demands {
        let words: Vec<String> = why.split(' ').map(str::to_owned).collect();
        lines.push(format!("  {name}"));
        wrap(&mut lines, "    ", &words, " ");
    }
    lines.join("\n") + "\n"
}

fn word(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Reference => "uses",
        other => other.as_str(),
    }
}

fn join(edge: &Edge) -> &'static str {
    match edge.join {
        Join::ItemByItem => " (item by item)",
        Join::All => "",
    }
}

fn work(node: &Node) -> String {
    let mut text = match &node.work {
        WorkKind::Action { name, .. } => name.clone(),
        WorkKind::Query { name } => format!("query {name}"),
        WorkKind::Gate(gate) => format!("GATE {}", gate.as_str()),
    };
    if node.fans_out {
        text.push_str("  for each item");
    }
    if node.work.is_irreversible() {
        text.push_str("  ! irreversible");
    }
    on_screen(&text)
}

/// Adds words to lines that start with `lead` or, further down, with as many spaces.
fn wrap(lines: &mut Vec<String>, lead: &str, words: &[String], between: &str) {
    if words.is_empty() {
        return;
    }
    let mut line = lead.to_owned();
    for (at, word) in words.iter().enumerate() {
        let last = at + 1 == words.len();
        let piece = if last { word.clone() } else { format!("{word}{between}") };
        if line.len() + piece.trim_end().len() > WIDTH && line.len() > lead.len() {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(lead.len());
        }
        line.push_str(&piece);
    }
    lines.push(line.trim_end().to_owned());
}
