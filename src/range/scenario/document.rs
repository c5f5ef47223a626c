//! The scenario file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AccountSpec, AdversarySpec, Fault, GateAnswer, Knobs, WorkloadSpec};

/// What is in the range, who works there, who attacks, what breaks and who answers the gates.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The version of the format: 1.
    pub scenario: u32,
    /// The story in a sentence.
    #[serde(default)]
    pub title: String,
    /// The time on the range's clock at the start.
    #[serde(default = "start")]
    #[schemars(with = "String")]
    pub start: Timestamp,
    /// What decides chance, unless the caller says otherwise.
    #[serde(default = "seed")]
    pub seed: u64,
    /// The account.
    #[serde(default)]
    pub account: AccountSpec,
    /// How AWS behaves where it does not say so.
    #[serde(default)]
    pub knobs: Knobs,
    /// The values of the runbook's parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    /// Who works in the account.
    #[serde(default)]
    pub workload: Vec<WorkloadSpec>,
    /// Who attacks.
    #[serde(default)]
    pub adversary: AdversarySpec,
    /// What goes wrong for the responder.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The answers to the gates of the runbook, by step.
    #[serde(default)]
    pub gates: BTreeMap<String, GateAnswer>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            scenario: 1,
            title: String::new(),
            start: start(),
            seed: seed(),
            account: AccountSpec::default(),
            knobs: Knobs::default(),
            parameters: BTreeMap::new(),
            workload: Vec::new(),
            adversary: AdversarySpec::default(),
            faults: Vec::new(),
            gates: BTreeMap::new(),
        }
    }
}

fn start() -> Timestamp {
    Timestamp::from_second(1_795_316_400).expect("a second of the year 2026")
}

fn seed() -> u64 {
    1
}
