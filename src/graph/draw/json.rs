//! A graph as JSON.

use serde::Serialize;

use crate::graph::Graph;

#[derive(Serialize)]
struct Picture<'a> {
    format: u32,
    runbook: &'a str,
    title: &'a str,
    phases: Vec<PhasePicture<'a>>,
    steps: Vec<StepPicture<'a>>,
    edges: Vec<EdgePicture<'a>>,
}

#[derive(Serialize)]
struct PhasePicture<'a> {
    phase: &'static str,
    /// What stands in one layer may run at the same time.
    layers: Vec<Vec<&'a str>>,
}

#[derive(Serialize)]
struct StepPicture<'a> {
    id: &'a str,
    phase: &'static str,
    kind: &'static str,
    name: &'a str,
    irreversible: bool,
    for_each: bool,
}

#[derive(Serialize)]
struct EdgePicture<'a> {
    from: &'a str,
    to: &'a str,
    kind: &'static str,
    join: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

pub(super) fn draw(graph: &Graph) -> String {
    let phases = graph.phases().map(|phase| PhasePicture {
        phase: phase.as_str(),
        layers: graph
            .layers(phase)
            .into_iter()
            .map(|layer| layer.into_iter().map(|node| node.step.as_str()).collect())
            .collect(),
    });
    let steps = graph.steps().map(|node| StepPicture {
        id: node.step.as_str(),
        phase: node.phase.as_str(),
        kind: node.work.kind(),
        name: node.work.name(),
        irreversible: node.work.is_irreversible(),
        for_each: node.fans_out,
    });
    let edges = graph.steps().flat_map(|node| {
        graph.waits_for(&node.step).into_iter().map(|(other, edge)| EdgePicture {
            from: other.as_str(),
            to: node.step.as_str(),
            kind: edge.kind.as_str(),
            join: edge.join.as_str(),
            rule: edge.kind.rule().map(|rule| rule.name),
            why: edge.kind.rule().map(|rule| rule.why),
        })
    });
    let picture = Picture {
        format: 1,
        runbook: graph.name(),
        title: graph.title(),
        phases: phases.collect(),
        steps: steps.collect(),
        edges: edges.collect(),
    };
    serde_json::to_string_pretty(&picture).expect("a picture is plain data") + "\n"
}
