//! Triggers: which detection asks for which runbook.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Event, Fact, Facts, Filling, Pattern};
use crate::base::TriggerName;

/// How much a detection weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// It is recorded and told, and starts nothing.
    Notice,
    /// A plan is made, and waits for a person.
    Suspicious,
    /// It is an incident until somebody says otherwise.
    Incident,
}

impl Grade {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Suspicious => "suspicious",
            Self::Incident => "incident",
        }
    }
}

/// What may happen before a person has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unattended {
    /// Nothing.
    #[default]
    Never,
    /// The steps that can be taken back, have no impact that was seen, and that the guardrails allow.
    WhenHarmless,
}

impl Unattended {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::WhenHarmless => "when_harmless",
        }
    }
}

/// How many detections of one kind make one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// How many, this one included; two at least.
    pub times: u32,
    /// Within which time.
    pub within: Duration,
}

/// What turns a detection into a runbook with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// The name by which people mean it.
    pub name: TriggerName,
    /// One line for people.
    pub title: String,
    /// How much it weighs.
    pub grade: Grade,
    /// The runbook: the name of one that is part of the program, or the path of a file.
    pub runbook: String,
    /// What may happen before a person has looked.
    pub unattended: Unattended,
    /// Which events it is about.
    pub pattern: Pattern,
    /// The same as it is written, for rules of Amazon EventBridge.
    pub written: Value,
    /// By the name of the parameter, where its value comes from.
    pub parameters: BTreeMap<String, Filling>,
    /// What makes two detections the same incident, besides the runbook.
    pub dedupe: Vec<Fact>,
    /// How long the same detection is the same incident, from the last one on.
    pub window: Duration,
    /// How many of the same make one that counts; every one where this is nothing.
    pub after: Option<After>,
}

impl Trigger {
    /// Whether it is about an event.
    pub fn matches(&self, event: &Event) -> bool {
        self.pattern.matches(event)
    }

    /// What detections of one incident have in common: the runbook, and the values of the trigger's `dedupe`. The name of the trigger is no
    /// part of it, since two that ask for one runbook about one principal tell of one incident. Nothing where the event does not say all
    /// of it: such a detection is an incident of its own.
    pub fn key(&self, facts: &Facts) -> Option<Vec<String>> {
        let mut key = vec![format!("runbook={}", self.runbook)];
        for fact in &self.dedupe {
            let mut values: Vec<&str> = facts.all(*fact).iter().map(|said| said.value.as_str()).collect();
            if values.is_empty() {
                return None;
            }
            values.sort_unstable();
            values.dedup();
            key.extend(values.into_iter().map(|value| format!("{fact}={value}")));
        }
        Some(key)
    }
}
