//! What an expression is evaluated against.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::base::StepId;

/// The values that expressions can use.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    parameters: &'a BTreeMap<String, Value>,
    plan_time: Timestamp,
    items: &'a BTreeMap<StepId, Vec<Value>>,
    left_alone: &'a BTreeMap<StepId, Vec<Value>>,
    item: Option<&'a Value>,
}

static NO_VALUES: BTreeMap<String, Value> = BTreeMap::new();
static NO_ITEMS: BTreeMap<StepId, Vec<Value>> = BTreeMap::new();

impl<'a> Scope<'a> {
    /// Parameters by name, and the time at which the plan is made.
    pub fn new(parameters: &'a BTreeMap<String, Value>, plan_time: Timestamp) -> Self {
        Self { parameters, plan_time, items: &NO_ITEMS, left_alone: &NO_ITEMS, item: None }
    }

    pub(super) fn empty() -> Self {
        Self::new(&NO_VALUES, Timestamp::UNIX_EPOCH)
    }

    /// Nothing but a time: noon of 22 November 2026.
    pub(super) fn at_noon() -> Self {
        const NOON: Timestamp = Timestamp::constant(1_795_348_800, 0);
        Self { plan_time: NOON, ..Self::empty() }
    }

    /// With what the queries found.
    pub fn with_items(self, items: &'a BTreeMap<StepId, Vec<Value>>) -> Self {
        Self { items, ..self }
    }

    /// With what the queries leave alone since others made it, in words.
    pub fn with_left_alone(self, left_alone: &'a BTreeMap<StepId, Vec<Value>>) -> Self {
        Self { left_alone, ..self }
    }

    /// For one item of a fan-out.
    pub fn for_item(self, item: &'a Value) -> Self {
        Self { item: Some(item), ..self }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&'a Value> {
        self.parameters.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn plan_time(&self) -> Timestamp {
        self.plan_time
    }

    pub(super) fn items(&self, step: &StepId) -> Option<&'a [Value]> {
        self.items.get(step).map(Vec::as_slice)
    }

    /// In words; nothing where nobody asked who made what.
    pub(super) fn left_alone(&self, step: &StepId) -> &'a [Value] {
        self.left_alone.get(step).map_or(&[], Vec::as_slice)
    }

    pub(super) fn item(&self) -> Option<&'a Value> {
        self.item
    }
}
