//! From the runbook to the graph.

use std::collections::{HashMap, HashSet};

use petgraph::Direction;
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};
use petgraph::visit::EdgeRef;

use super::cycle::{circle, tangles, way};
use super::gated::Gated;
use super::hazards::{Hazards, hazards};
use super::order::order;
use super::reach::unreachable;
use super::{Edge, EdgeKind, Graph, Join, Node, RULES, Rule, WorkKind};
use crate::actions::{AnyAction, Registry};
use crate::base::{Phase, StepId};
use crate::runbook::{Code, Findings, Runbook, Span, Step, Work};

type Inner = StableDiGraph<Node, Edge>;

/// Makes the graph; nothing when its steps wait for each other in a circle. Each pass is linear in steps and edges.
pub(super) fn compile(runbook: &Runbook, registry: &Registry, findings: &mut Findings) -> Option<Graph> {
    let mut inner = Inner::with_capacity(runbook.steps().len(), runbook.steps().len() * 2);
    let by_step: HashMap<StepId, NodeIndex> =
        runbook.steps().iter().map(|step| (step.id.clone(), inner.add_node(node(step, registry)))).collect();
    let known = hazards(runbook, registry);
    let mut compiler = Compiler { runbook, inner, by_step, lists: known.lists(), findings };
    compiler.what_the_author_wrote();
    compiler.what_is_destroyed_too_early(&known);
    let (mut authors, mut rest) = order(&compiler.inner);
    let sound = rest.is_empty();
    while !rest.is_empty() {
        compiler.circles(&rest);
        (authors, rest) = order(&compiler.inner);
    }
    compiler.what_aws_demands(&known, &authors);
    let (mut sorted, mut rest) = order(&compiler.inner);
    if !rest.is_empty() {
        compiler.give_way(&rest);
        (sorted, rest) = order(&compiler.inner);
    }
    let sound = sound && rest.is_empty();
    if !rest.is_empty() {
        compiler.contradictions(&rest);
        (sorted, _) = order(&compiler.inner);
    }
    let Compiler { inner, by_step, findings, .. } = compiler;
    unreachable(runbook, &inner, &sorted, findings);
    sound.then(|| Graph {
        name: runbook.name().to_owned(),
        title: runbook.title().to_owned(),
        inner,
        by_step,
        order: sorted,
    })
}

fn node(step: &Step, registry: &Registry) -> Node {
    let work = match &step.work {
        Work::Action { name, .. } => WorkKind::Action {
            name: name.clone(),
            irreversible: registry.action(name).is_some_and(AnyAction::destroys),
        },
        Work::Query { name, .. } => WorkKind::Query { name: name.clone() },
        Work::Gate { gate, .. } => WorkKind::Gate(*gate),
    };
    Node { step: step.id.clone(), phase: step.phase, work, fans_out: step.for_each.is_some() }
}

struct Compiler<'a> {
    runbook: &'a Runbook,
    inner: Inner,
    by_step: HashMap<StepId, NodeIndex>,
    /// For each step that fans out, what its list is; equal numbers are one list.
    lists: Vec<Option<usize>>,
    findings: &'a mut Findings,
}

impl Compiler<'_> {
    fn step(&self, at: NodeIndex) -> &Step {
        &self.runbook.steps()[at.index()]
    }

    fn join(&self, one: NodeIndex, two: NodeIndex) -> Join {
        match (self.lists[one.index()], self.lists[two.index()]) {
            (Some(one), Some(two)) if one == two => Join::ItemByItem,
            _ => Join::All,
        }
    }

    fn add(&mut self, first: NodeIndex, then: NodeIndex, kind: EdgeKind, span: Span) {
        let join = self.join(first, then);
        self.inner.add_edge(first, then, Edge { kind, join, span });
    }

    fn what_the_author_wrote(&mut self) {
        for (index, step) in self.runbook.steps().iter().enumerate() {
            let then = NodeIndex::new(index);
            let needs = step.needs.iter().map(|one| (one.clone(), EdgeKind::Needs));
            let after = step.after.iter().map(|one| (one.clone(), EdgeKind::After));
            let references = step.references().into_iter().map(|one| (one, EdgeKind::Reference));
            for (other, kind) in needs.chain(after).chain(references) {
                let Some(first) = self.by_step.get(&other.value).copied() else { continue };
                if self.inner[first].phase <= step.phase {
                    self.add(first, then, kind, other.span);
                    continue;
                }
                let earlier = self.step(first);
                let verb = match kind {
                    EdgeKind::Needs => "needs",
                    EdgeKind::After => "comes after",
                    _ => "uses",
                };
                let message = format!(
                    "step `{}` of phase `{}` {verb} `{}` of the later phase `{}`",
                    step.id, step.phase, earlier.id, earlier.phase
                );
                let finding = self
                    .findings
                    .at(Code::PhaseOrder, other.span, message)
                    .label(earlier.span, format!("belongs to `{}`", earlier.phase))
                    .help("phases are applied one after the other: move one of the two steps");
                self.findings.push(finding);
            }
        }
    }

    /// Containment can be taken back, and is approved in a hurry: what is for good belongs into a phase of its own.
    fn what_is_destroyed_too_early(&mut self, known: &Hazards<'_>) {
        for (at, what) in known.destroyers() {
            let step = self.step(at);
            if step.phase != Phase::Contain {
                continue;
            }
            let message = format!(
                "step `{}` destroys for good what it is about ({}), in the phase `contain`",
                step.id,
                what.kind.as_str()
            );
            let finding = self.findings.at(Code::DestroysInContain, step.span, message).help(
                "move it to `eradicate`, behind a gate: containment is approved in a hurry, and has to be something that can be taken back",
            );
            self.findings.push(finding);
        }
    }

    /// Reports circles, and cuts each open where it was reported, so that the rest is looked at as well.
    fn circles(&mut self, rest: &[NodeIndex]) {
        for tangle in tangles(&self.inner, rest) {
            let circle = circle(&self.inner, &tangle);
            let finding = self.circle_finding(&circle);
            self.findings.push(finding);
            for edge in circle {
                self.inner.remove_edge(edge);
            }
        }
    }

    /// The circle as `a → b → a`, each step waiting for the next, with the place of every edge.
    fn circle_finding(&self, circle: &[EdgeIndex]) -> crate::runbook::Diagnostic {
        // Edges lead from what comes first to what waits; people read it the other way round.
        let waits: Vec<(NodeIndex, NodeIndex, &Edge)> = circle
            .iter()
            .rev()
            .filter_map(|edge| self.inner.edge_endpoints(*edge).map(|(first, then)| (then, first, &self.inner[*edge])))
            .collect();
        let mut path: Vec<&str> = waits.iter().map(|(then, ..)| self.inner[*then].step.as_str()).collect();
        path.extend(path.first().copied());
        let message = match waits.len() {
            1 => format!("step `{}` waits for itself", path.first().copied().unwrap_or_default()),
            _ => format!("these steps wait for each other in a circle: {}", path.join(" → ")),
        };
        let at = waits.first().map_or(Span::default(), |(.., edge)| edge.span);
        let mut finding = self.findings.at(Code::Cycle, at, message);
        for (then, first, edge) in waits.iter().skip(1) {
            let (then, first) = (&self.inner[*then].step, &self.inner[*first].step);
            finding = finding.label(edge.span, format!("`{then}` waits for `{first}`"));
        }
        finding.help("take one of these edges away")
    }

    fn what_aws_demands(&mut self, known: &Hazards<'_>, authors: &[NodeIndex]) {
        let mut place = vec![0; self.inner.node_count()];
        for (position, at) in authors.iter().enumerate() {
            place[at.index()] = position;
        }
        let gated = Gated::new(&self.inner, authors);
        let demands = known.demands(&place, &gated);
        let in_time: HashSet<(NodeIndex, &str)> = demands
            .iter()
            .filter(|(first, then, _)| self.inner[*first].phase <= self.inner[*then].phase)
            .map(|(_, then, rule)| (*then, rule.name))
            .collect();
        let mut seen = HashSet::new();
        for (first, then, rule) in demands {
            if !seen.insert((first, then)) {
                continue;
            }
            let span = self.step(then).span;
            if self.inner[first].phase > self.inner[then].phase {
                let is_kept = rule.is_kept_by_one() && in_time.contains(&(then, rule.name));
                if is_kept || !self.is_certain(first, then) {
                    continue;
                }
                let finding = self.contradiction(first, then, rule, span, &[]);
                self.findings.push(finding);
            } else {
                self.add(first, then, EdgeKind::Hazard(rule), span);
            }
        }
        // One rule after the other, so that preferences give way to each other as well.
        for rule in RULES.iter().filter(|rule| rule.on.is_preferred()) {
            for (first, then, rule) in known.preferences(rule, &self.inner, authors, &gated) {
                let span = self.step(then).span;
                self.add(first, then, EdgeKind::Hazard(rule), span);
            }
        }
    }

    /// Whether two steps that are about one thing are so for certain: different lists may pick different items of it.
    fn is_certain(&self, one: NodeIndex, two: NodeIndex) -> bool {
        let list = |at: NodeIndex| self.step(at).for_each.as_ref().map(|list| list.value.text());
        list(one).zip(list(two)).is_none_or(|(one, two)| one == two)
    }

    /// Takes away the hazard edges in circles that are not certain, or whose order another step has kept already.
    fn give_way(&mut self, rest: &[NodeIndex]) {
        for tangle in tangles(&self.inner, rest) {
            let within: HashSet<NodeIndex> = tangle.into_iter().collect();
            let gives_way = |edge: &EdgeIndex| {
                let Some((first, then)) = self.inner.edge_endpoints(*edge) else { return false };
                let Some(rule) = self.inner[*edge].kind.rule() else { return false };
                let inside = within.contains(&first) && within.contains(&then);
                inside && (!self.is_certain(first, then) || self.is_kept_without(then, rule, &within))
            };
            let doubtful: Vec<EdgeIndex> = self.inner.edge_indices().filter(gives_way).collect();
            for edge in doubtful {
                self.inner.remove_edge(edge);
            }
        }
    }

    /// Whether a step outside of a circle keeps a rule already for `then`.
    fn is_kept_without(&self, then: NodeIndex, rule: &Rule, circle: &HashSet<NodeIndex>) -> bool {
        let mut before = self.inner.edges_directed(then, Direction::Incoming);
        rule.is_kept_by_one()
            && before.any(|edge| edge.weight().kind.rule() == Some(rule) && !circle.contains(&edge.source()))
    }

    /// Hazard edges in circles: the author's order, or that of several demands, runs against them. They are taken away when they
    /// have been reported, so that the rest is looked at as well.
    fn contradictions(&mut self, rest: &[NodeIndex]) {
        for tangle in tangles(&self.inner, rest) {
            let within: HashSet<NodeIndex> = tangle.iter().copied().collect();
            let mut against: Vec<(NodeIndex, NodeIndex, &'static Rule)> = self
                .inner
                .edge_indices()
                .filter_map(|edge| {
                    let (first, then) = self.inner.edge_endpoints(edge)?;
                    let rule = self.inner[edge].kind.rule()?;
                    (within.contains(&first) && within.contains(&then)).then_some((first, then, rule))
                })
                .collect();
            against.sort_by_key(|(first, then, _)| (*first, *then));
            let before = self.findings.count();
            for (first, then, rule) in &against {
                let authors = |edge: &Edge, next: NodeIndex| edge.kind.rule().is_none() && within.contains(&next);
                if let Some(path) = way(&self.inner, *then, *first, authors) {
                    self.report(*first, *then, rule, &path);
                }
            }
            // No single demand runs against the author alone: several do together.
            if self.findings.count() == before
                && let Some((first, then, rule)) = against.first()
                && let Some(path) = way(&self.inner, *then, *first, |_, next| within.contains(&next))
            {
                self.report(*first, *then, rule, &path);
            }
            for (first, then, _) in against {
                let both = self.inner.edges_connecting(first, then);
                let demands: Vec<EdgeIndex> =
                    both.filter(|edge| edge.weight().kind.rule().is_some()).map(|edge| edge.id()).collect();
                for edge in demands {
                    self.inner.remove_edge(edge);
                }
            }
        }
    }

    fn report(&mut self, first: NodeIndex, then: NodeIndex, rule: &Rule, path: &[EdgeIndex]) {
        let span = path.last().map_or(self.step(first).span, |edge| self.inner[*edge].span);
        let finding = self.contradiction(first, then, rule, span, path);
        self.findings.push(finding);
    }

    fn contradiction(
        &self,
        first: NodeIndex,
        then: NodeIndex,
        rule: &Rule,
        span: Span,
        path: &[EdgeIndex],
    ) -> crate::runbook::Diagnostic {
        let (first, then) = (self.step(first), self.step(then));
        let line = |span: Span| self.findings.source().position(span.start).0;
        let message = format!(
            "step `{}` (line {}) must come before `{}` (line {}), and here it comes after it",
            first.id,
            line(first.span),
            then.id,
            line(then.span)
        );
        let mut finding = self
            .findings
            .at(Code::ContradictsAws, span, message)
            .label(first.span, "must come first")
            .label(then.span, "must come later");
        let between = path.len().saturating_sub(1);
        for edge in path.iter().take(between) {
            finding = finding.label(self.inner[*edge].span, "by way of this");
        }
        finding.help(format!("{}: {}", rule.name, rule.why))
    }
}
