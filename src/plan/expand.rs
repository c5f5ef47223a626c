//! From steps of the runbook to the executions that a plan lists: conditions, fan-out, inputs, edges.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{Edge, EdgeKind};
use crate::actions::{called, registry};
use crate::base::{Digest, StepId, StepKey};
use crate::graph::{Graph, Join};
use crate::runbook::{Expression, Gate, Runbook, Scope, Step, Work};

/// One execution of a step, before the account is looked at for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Execution {
    pub(super) key: StepKey,
    pub(super) title: String,
    pub(super) work: Prepared,
}

/// What an execution is to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Prepared {
    Action {
        name: String,
        input: Value,
    },
    Gate {
        confirm: bool,
        message: String,
    },
    Skipped {
        why: String,
    },
    Refused {
        why: String,
    },
    /// A gate whose condition is false.
    Unasked {
        why: String,
    },
}

/// What expressions can see.
pub(super) struct Known<'a> {
    pub(super) parameters: &'a BTreeMap<String, Value>,
    pub(super) now: Timestamp,
    pub(super) items: &'a BTreeMap<StepId, Vec<Value>>,
    /// What the queries leave alone since others made it, in words.
    pub(super) left_alone: &'a BTreeMap<StepId, Vec<Value>>,
    /// Queries whose list may not be all there is, and why: nothing may be done on such a list.
    pub(super) truncated: &'a BTreeMap<StepId, String>,
}

impl<'a> Known<'a> {
    pub(super) fn scope(&self) -> Scope<'a> {
        Scope::new(self.parameters, self.now).with_items(self.items).with_left_alone(self.left_alone)
    }

    /// Why a list that a step uses may not be all there is, if so.
    pub(super) fn incomplete(&self, step: &Step) -> Option<String> {
        step.references().into_iter().find_map(|used| {
            let why = self.truncated.get(&used.value)?;
            Some(format!("the list of `{}` may not be complete: {why}", used.value))
        })
    }
}

/// The executions of a step: one, or one for each item.
pub(super) fn executions(runbook: &Runbook, step: &Step, known: &Known<'_>) -> Vec<Execution> {
    let once = |work| Execution { key: StepKey::once(step.id.clone()), title: title(step, known.scope()), work };
    if let Some(why) = known.incomplete(step) {
        return vec![once(Prepared::Refused { why })];
    }
    if let Some(when) = &step.when {
        match when.value.evaluate(&known.scope()) {
            Ok(Value::Bool(true)) => {}
            Ok(_) if matches!(step.work, Work::Gate { .. }) => {
                return vec![once(Prepared::Unasked { why: format!("`{}` is false", when.value.text()) })];
            }
            Ok(_) => return vec![once(Prepared::Skipped { why: format!("`{}` is false", when.value.text()) })],
            Err(error) => return vec![once(Prepared::Refused { why: error.to_string() })],
        }
    }
    let Some(for_each) = &step.for_each else {
        return vec![once(prepared(step, known.scope()))];
    };
    match for_each.value.evaluate(&known.scope()) {
        Ok(Value::Array(items)) => items
            .iter()
            .map(|item| {
                let scope = known.scope().for_item(item);
                Execution {
                    key: StepKey::for_item(step.id.clone(), item_key(runbook, &for_each.value, item)),
                    title: title(step, scope),
                    work: match spared(step, item) {
                        Some(why) => Prepared::Refused { why },
                        None => prepared(step, scope),
                    },
                }
            })
            .collect(),
        Ok(_) => vec![once(Prepared::Refused { why: format!("`{}` is not a list", for_each.value.text()) })],
        Err(error) => vec![once(Prepared::Refused { why: error.to_string() })],
    }
}

/// Why an item is not destroyed: those who are asked about are not known to have made it, and a mistake there is for good. What
/// can be put back may be done to it.
fn spared(step: &Step, item: &Value) -> Option<String> {
    let Work::Action { name, .. } = &step.work else { return None };
    let is_for_good = registry().action(name)?.destroys();
    let is_theirs = item.get("theirs").and_then(Value::as_bool).unwrap_or(true);
    (is_for_good && !is_theirs).then(|| {
        let what = called(item);
        format!(
            "nobody is known to have made {what}; `even_if_unknown: true` of its query counts it as theirs all the same"
        )
    })
}

/// Decides of the gates that nobody is asked about: what a gate guards is not free because nobody had to be asked, but where
/// it guards nothing it is left out like any other step.
pub(super) fn close_unasked(listed: &mut [(Execution, &Step)]) {
    let idle = |work: &Prepared| matches!(work, Prepared::Skipped { .. } | Prepared::Unasked { .. });
    let guards: Vec<StepId> = listed
        .iter()
        .filter(|(execution, _)| !idle(&execution.work))
        .flat_map(|(_, step)| step.needs.iter().map(|needed| needed.value.clone()))
        .collect();
    for (execution, _) in listed {
        if let Prepared::Unasked { why } = &execution.work {
            execution.work = match guards.contains(&execution.key.step) {
                true => Prepared::Refused { why: format!("{why}, and a gate that is left out lets nothing through") },
                false => Prepared::Skipped { why: why.clone() },
            };
        }
    }
}

fn title(step: &Step, scope: Scope<'_>) -> String {
    step.title.as_ref().and_then(|title| title.text(&scope).ok()).unwrap_or_else(|| step.id.to_string())
}

fn prepared(step: &Step, scope: Scope<'_>) -> Prepared {
    match &step.work {
        Work::Action { name, with } => match with.evaluate(&scope) {
            Ok(input) => Prepared::Action { name: name.clone(), input },
            Err(error) => Prepared::Refused { why: error.to_string() },
        },
        Work::Gate { gate, message } => match message.text(&scope) {
            Ok(message) => Prepared::Gate { confirm: *gate == Gate::Confirm, message },
            Err(error) => Prepared::Refused { why: error.to_string() },
        },
        Work::Query { .. } => Prepared::Skipped { why: "queries are asked while planning".to_owned() },
    }
}

/// The key of an item: what its query says, or itself where it is a text.
fn item_key(runbook: &Runbook, list: &Expression, item: &Value) -> String {
    let query = list.steps().find_map(|step| registry().query(runbook.step(step)?.query()?));
    match (query.and_then(|query| query.key(item).ok()), item) {
        (Some(key), _) => key,
        (None, Value::String(text)) => text.clone(),
        (None, other) => Digest::of(other).short(),
    }
}

/// The edges of one execution: item by item where both steps run over the same list, and to every execution otherwise.
/// Steps of earlier phases are not in this plan; what they came to was settled before it was made.
pub(super) fn edges(graph: &Graph, execution: &StepKey, planned: &BTreeMap<StepId, Vec<StepKey>>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (step, edge) in graph.waits_for(&execution.step) {
        // A query is answered before the plan is made.
        let kind = if edge.kind.needs_success() { EdgeKind::Needs } else { EdgeKind::After };
        let because = edge.kind.rule().map(|rule| rule.why.to_owned());
        let item_by_item = edge.join == Join::ItemByItem;
        for before in planned.get(step).into_iter().flatten() {
            if item_by_item && before.item.is_some() && execution.item.is_some() && before.item != execution.item {
                continue;
            }
            match edges.iter_mut().find(|edge| edge.before == *before) {
                Some(known) => known.kind = known.kind.min(kind),
                None => edges.push(Edge { before: before.clone(), kind, because: because.clone() }),
            }
        }
    }
    edges
}
