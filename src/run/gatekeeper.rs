//! Who answers gates.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

use crate::base::{StepId, StepKey};
use crate::journal::{Answer, Consent};

/// An answer to a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateAnswer {
    /// Whether to go on.
    pub answer: Answer,
    /// Who answered, in which way.
    pub how: Consent,
    /// What was typed or given.
    pub text: Option<String>,
}

/// Who answers gates. Nothing means that nobody is there: the run stops in good order and goes on when it is resumed.
pub trait Gatekeeper: Send + Sync {
    /// Asks about a gate that the run has come to.
    fn ask<'a>(&'a self, gate: &'a StepKey, message: &'a str) -> BoxFuture<'a, Option<GateAnswer>>;
}

/// Answers that were given beforehand, such as `quell resume RUN --confirm STEP`.
#[derive(Debug, Clone, Default)]
pub struct GivenAnswers(pub BTreeMap<StepId, GateAnswer>);

impl Gatekeeper for GivenAnswers {
    fn ask<'a>(&'a self, gate: &'a StepKey, _: &'a str) -> BoxFuture<'a, Option<GateAnswer>> {
        Box::pin(async move { self.0.get(&gate.step).cloned() })
    }
}
