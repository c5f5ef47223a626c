//! What a run itself has made.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::seat_operations::ELSEWHERE;
use crate::aws::{Call, Operation};
use crate::base::Entity;

/// What this run itself has made, folded from its journal; empty while planning.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    values: BTreeMap<String, Value>,
    landed: BTreeMap<(String, Entity), Timestamp>,
    refused: BTreeSet<(String, Entity)>,
}

impl Facts {
    /// The facts of one step, and when the run's calls landed (by operation and entity, AWS's clock).
    pub fn new(values: BTreeMap<String, Value>, landed: BTreeMap<(String, Entity), Timestamp>) -> Self {
        Self { values, landed, refused: BTreeSet::new() }
    }

    /// The same, with a call that AWS has refused to this execution of the step.
    pub fn with_refused(mut self, call: &Call) -> Self {
        self.refused.insert((call.operation().to_string(), call.entity()));
        self
    }

    /// Whether AWS has refused a call on an entity to this execution of the step, so that it is not sent again.
    pub fn refused(&self, operation: &Operation, entity: &Entity) -> bool {
        self.refused.contains(&(operation.to_string(), entity.clone()))
    }

    /// A value that an earlier call or symbol of the same step made.
    pub fn value<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.values.get(name)?.clone()).ok()
    }

    /// Whether the step has made anything that is worth remembering.
    pub fn is_anything(&self) -> bool {
        !self.values.is_empty()
    }

    /// The value as it was recorded.
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The cut-off that this step took when it was sent.
    pub fn cut_off(&self) -> Option<Timestamp> {
        self.value("cut-off")
    }

    /// When a call of this run on an entity, or on what lies below it, was last accepted.
    pub fn last_landed_within(&self, operation: &Operation, entity: &Entity) -> Option<Timestamp> {
        let name = operation.to_string();
        let within = self.landed.iter().filter(|((landed, on), _)| *landed == name && on.is_within(entity));
        within.map(|(_, at)| *at).max()
    }

    /// Whether the run has let a policy stand on the target elsewhere than inline: whoever looks again has to look there too, although
    /// there may be room inline by now.
    pub fn stands_elsewhere(&self) -> bool {
        let elsewhere: BTreeSet<String> = ELSEWHERE.iter().map(ToString::to_string).collect();
        self.landed.keys().any(|(operation, _)| elsewhere.contains(operation))
    }

    /// When a call of this run on an entity was last accepted.
    pub fn landed(&self, operation: &Operation, entity: &Entity) -> Option<Timestamp> {
        self.landed.get(&(operation.to_string(), entity.clone())).copied()
    }
}
