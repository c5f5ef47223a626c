//! The text of triggers as types. The JSON Schema for editors is made from these.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::detect::{Fact, Grade, Unattended};

/// A file of triggers as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "quell triggers")]
#[expect(
    dead_code,
    reason = "makes the schema and checks types; the triggers are read from the tree, with their places"
)]
pub struct TriggersDocument {
    /// The version of the format: 1.
    #[schemars(required, range(min = 1, max = 1))]
    pub(in crate::runbook) quell: Option<u32>,
    /// The triggers.
    #[schemars(required, with = "Vec<TriggerText>", length(min = 1))]
    pub(in crate::runbook) triggers: Option<IgnoredAny>,
}

/// A trigger as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Trigger")]
#[expect(
    dead_code,
    reason = "makes the schema and checks types; what has parts is read from the tree, with its places"
)]
pub(in crate::runbook) struct TriggerText {
    /// The name by which people mean it: lower-case letters, digits and `-`; no other trigger has it.
    #[schemars(required, regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    pub(in crate::runbook) name: Option<String>,
    /// One line for people.
    #[schemars(required)]
    pub(in crate::runbook) title: Option<String>,
    /// How much it weighs.
    #[schemars(required)]
    pub(in crate::runbook) grade: Option<Grade>,
    /// The name of a runbook that is part of the program, or the path of one from the folder of this file. In a runbook it is that runbook.
    pub(in crate::runbook) runbook: Option<String>,
    /// What may happen before a person has looked; `never` where it does not say.
    pub(in crate::runbook) unattended: Option<Unattended>,
    /// An event pattern of Amazon EventBridge, of 2,048 characters at most.
    #[schemars(required, with = "Option<BTreeMap<String, Value>>")]
    pub(in crate::runbook) pattern: Option<IgnoredAny>,
    /// By the name of the runbook's parameter, where its value comes from.
    #[schemars(with = "Option<BTreeMap<String, FillingText>>")]
    pub(in crate::runbook) parameters: Option<IgnoredAny>,
    /// What makes two detections the same incident, besides the runbook; account and principal where it does not say.
    pub(in crate::runbook) dedupe: Option<Vec<Fact>>,
    /// How long the same detection is the same incident, from the last one on; `6h` where it does not say.
    pub(in crate::runbook) window: Option<String>,
    /// How many of the same make one that counts.
    #[schemars(with = "Option<AfterText>")]
    pub(in crate::runbook) after: Option<IgnoredAny>,
}

/// Where a value comes from, as it is written: one of `from`, `all`, `is` and `ask`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Filling")]
#[expect(dead_code, reason = "makes the schema and checks types; a constant is read from the tree, with its place")]
pub(super) struct FillingText {
    /// The one value that the event has for something.
    pub(super) from: Option<Fact>,
    /// Every value that the event has for something, as a list.
    pub(super) all: Option<Fact>,
    /// Always this value.
    #[schemars(with = "Option<Value>")]
    pub(super) is: Option<IgnoredAny>,
    /// A person has to say it: what they have to find out.
    pub(super) ask: Option<String>,
    /// How much earlier than the point in time that `from` names, such as `1h`.
    pub(super) earlier: Option<String>,
}

/// How many of the same make one that counts, as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "After")]
pub(super) struct AfterText {
    /// How many, two at least.
    #[schemars(required, range(min = 2))]
    pub(super) times: Option<u32>,
    /// Within which time, such as `15m`.
    #[schemars(required)]
    pub(super) within: Option<String>,
}
