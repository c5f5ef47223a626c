//! Steps that can never run.

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;
use serde_json::Value;

use super::{Edge, Node};
use crate::runbook::{Code, Findings, Runbook};

/// Reports the steps that can never run, whatever is found.
pub(super) fn unreachable(
    runbook: &Runbook,
    graph: &StableDiGraph<Node, Edge>,
    order: &[NodeIndex],
    findings: &mut Findings,
) {
    let mut dead = vec![false; graph.node_count()];
    for at in order {
        let step = &runbook.steps()[at.index()];
        let never = step.when.as_ref().filter(|when| when.value.constant() == Some(Value::Bool(false)));
        let empty = step.for_each.as_ref().filter(|list| list.value.constant() == Some(Value::Array(Vec::new())));
        let needed = graph
            .edges_directed(*at, Direction::Incoming)
            .filter(|edge| edge.weight().kind.needs_success() && dead[edge.source().index()])
            .min_by_key(|edge| edge.id());
        let id = &step.id;
        let finding = if let Some(when) = never {
            findings
                .at(Code::Unreachable, when.span, format!("step `{id}` never runs: its condition is always false"))
                .help("take the step away, or give it a condition that can be true")
        } else if let Some(list) = empty {
            findings
                .at(Code::Unreachable, list.span, format!("step `{id}` never runs: its list is always empty"))
                .help("take the step away, or give it a list such as `${{ steps.rogue.items }}`")
        } else if let Some(edge) = needed {
            let other = &runbook.steps()[edge.source().index()];
            findings
                .at(Code::Unreachable, edge.weight().span, format!("step `{id}` never runs: it needs `{}`", other.id))
                .label(other.span, "this step never runs")
                .help("write `after` if it should run all the same")
        } else {
            continue;
        };
        dead[at.index()] = true;
        findings.push(finding);
    }
}
