//! An action in a situation.

use quell::base::Digest;
use serde_json::{Value, json};

use super::account::scenario;
use crate::actions::Bench;
use crate::actions::bench::STEP;

/// What stands in a scenario for the immutable id of the role, which the range makes up.
pub(crate) const ROLE_ID: &str = "ID-OF-THE-ROLE";
/// The same of the user.
pub(crate) const USER_ID: &str = "ID-OF-THE-USER";

/// What stands in a scenario for the mark of the incident and the role in the names of policies that are made for both.
pub(crate) const ROLE_MARK: &str = "MARK-OF-THE-ROLE";

/// An action in a situation.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) action: &'static str,
    pub(crate) with: Value,
    pub(crate) scenario: Value,
    pub(crate) undone: Undone,
    timeout: Option<&'static str>,
}

/// What an undo comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// Everything is as it was.
    Exactly,
    /// The same, but not as long as old sessions live, unless the target was the wrong one.
    ExactlyButLater,
    /// Only a person can do it.
    ByHand,
    /// It cannot be undone.
    ForGood,
}

impl Case {
    pub(crate) fn open(&self, seed: u64) -> Bench {
        let mut step = json!({ "id": STEP, "action": self.action, "with": self.with });
        if let Some(timeout) = self.timeout {
            step["timeout"] = json!(timeout);
        }
        let open = |scenario: &Value| Bench::of_steps(json!([step.clone()]), scenario, seed);
        let text = self.scenario.to_string();
        if ![ROLE_ID, USER_ID].iter().any(|id| text.contains(id)) {
            return open(&self.scenario);
        }
        let there = open(&self.scenario).stage.range.state();
        let id = |pointer: &str| there.pointer(pointer).and_then(Value::as_str).expect("an id").to_owned();
        let role = id("/roles/ml-pipeline/id");
        let mark = Digest::of(&("INC-4711", &role)).short();
        let text = text.replace(ROLE_ID, &role).replace(USER_ID, &id("/users/ci-deploy/id")).replace(ROLE_MARK, &mark);
        open(&serde_json::from_str(&text).expect("JSON"))
    }

    /// The same case with another time after which it counts as stuck.
    pub(crate) fn patient_for(&self, timeout: &'static str) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    /// The same case under another name.
    pub(crate) fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The same case in another account.
    pub(crate) fn with(mut self, pointer: &str, value: Value) -> Self {
        set(&mut self.scenario, pointer, value);
        self
    }
}

/// Sets a value below a document, with the objects that lead to it.
pub(crate) fn set(document: &mut Value, pointer: &str, value: Value) {
    let mut place = document;
    for part in pointer.trim_start_matches('/').split('/') {
        place = match part.parse::<usize>() {
            Ok(index) => &mut place[index],
            Err(_) => &mut place[part],
        };
    }
    *place = value;
}

pub(crate) fn case(name: &'static str, action: &'static str, with: Value, undone: Undone) -> Case {
    Case { name, action, with, scenario: scenario(), undone, timeout: None }
}
