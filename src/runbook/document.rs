//! The text of a runbook as types. The JSON Schema for editors is made from these.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Scalar;
use super::triggers::TriggerText;
pub use crate::base::Phase;

/// What a gate waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// A person confirms what comes next.
    Confirm,
    /// A person does something that no API can do, and says so.
    Instruction,
    /// Other people approve. Kept for a later version.
    Approval,
}

impl Gate {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Instruction => "instruction",
            Self::Approval => "approval",
        }
    }
}

/// With which role in which account a step acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Seat {
    /// The caller's own.
    #[default]
    Here,
}

impl Seat {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Here => "here",
        }
    }
}

/// The type of a parameter: a scalar type, or `list<…>` of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterType {
    /// The type, or that of the elements.
    pub scalar: Scalar,
    /// Whether it is a list.
    pub list: bool,
}

impl ParameterType {
    /// The types' names, in the order of the documentation.
    pub(super) fn names() -> impl Iterator<Item = String> + Clone {
        let lists = Scalar::ALL.iter().map(|scalar| format!("list<{}>", scalar.as_str()));
        Scalar::ALL.iter().map(|scalar| scalar.as_str().to_owned()).chain(lists)
    }
}

impl fmt::Display for ParameterType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.list {
            true => write!(out, "list<{}>", self.scalar.as_str()),
            false => out.write_str(self.scalar.as_str()),
        }
    }
}

impl TryFrom<String> for ParameterType {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let inner = text.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>'));
        let scalar = Scalar::named(inner.unwrap_or(&text)).ok_or_else(|| format!("there is no type `{text}`"))?;
        Ok(Self { scalar, list: inner.is_some() })
    }
}

impl<'de> Deserialize<'de> for ParameterType {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::try_from(String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for ParameterType {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ParameterType".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "enum": Self::names().collect::<Vec<_>>() })
    }
}

/// The frameworks' ids of what the runbook answers and does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Techniques {
    /// MITRE ATT&CK techniques, such as `T1496.004`.
    pub attack: Vec<String>,
    /// MITRE ATLAS techniques, such as `AML.T0034`.
    pub atlas: Vec<String>,
    /// MITRE D3FEND countermeasures, such as `D3-ANCI`.
    pub d3fend: Vec<String>,
}

/// What kind of incident the runbook is for, in the words of the playbooks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Classification {
    /// The kind of incident, such as `stolen credentials`.
    pub category: Option<String>,
    /// What shows it first, such as a GuardDuty finding.
    pub indicators: Vec<String>,
    /// The logs that tell about it.
    pub sources: Vec<String>,
    /// The teams that have to be there.
    pub teams: Vec<String>,
}

/// A runbook as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "quell runbook")]
#[expect(
    dead_code,
    reason = "makes the schema and checks types; values with expressions are read from the tree, with their places"
)]
pub(super) struct Document {
    /// The version of the format: 1.
    #[schemars(required, range(min = 1, max = 1))]
    pub(super) quell: Option<u32>,
    /// The name by which the runbook is called: lower-case letters, digits and `-`.
    #[schemars(required, regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    pub(super) name: Option<String>,
    /// One line for people.
    #[schemars(required)]
    pub(super) title: Option<String>,
    /// The rehearsal of this runbook, as a path from its folder.
    pub(super) scenario: Option<String>,
    /// The frameworks' ids of what the runbook answers and does.
    pub(super) techniques: Option<Techniques>,
    /// What kind of incident the runbook is for.
    pub(super) classification: Option<Classification>,
    /// When to take this runbook.
    pub(super) use_when: Option<String>,
    /// What the runbook must be told.
    pub(super) parameters: Option<BTreeMap<String, ParameterText>>,
    /// Which detections ask for it: triggers, without `runbook`.
    #[schemars(with = "Option<Vec<TriggerText>>")]
    pub(super) on: Option<IgnoredAny>,
    /// The steps.
    #[schemars(required, length(min = 1))]
    pub(super) steps: Option<Vec<StepText>>,
}

/// A parameter as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Parameter")]
#[expect(
    dead_code,
    reason = "makes the schema and checks types; values with expressions are read from the tree, with their places"
)]
pub(super) struct ParameterText {
    /// Its type.
    #[serde(rename = "type")]
    #[schemars(required)]
    pub(super) of: Option<ParameterType>,
    /// What it is, for people.
    pub(super) description: Option<String>,
    /// The value when none is given; may be an expression of `plan_time` and of parameters above.
    pub(super) default: Option<Value>,
    /// Whether it may have no value at all.
    pub(super) optional: Option<bool>,
    /// Other optional parameters of which one will do: one of them and this has to be given.
    pub(super) or: Option<Vec<String>>,
    /// The values it may have.
    pub(super) allowed: Option<Vec<Value>>,
}

/// A step as it is written. It has exactly one of `action`, `query` and `gate`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Step")]
#[expect(
    dead_code,
    reason = "makes the schema and checks types; values with expressions are read from the tree, with their places"
)]
pub(super) struct StepText {
    /// The name by which other steps and expressions mean it: snake_case.
    #[schemars(required, regex(pattern = "^[a-z][a-z0-9_]{0,63}$"))]
    pub(super) id: Option<String>,
    /// The phase it belongs to.
    #[schemars(required)]
    pub(super) phase: Option<Phase>,
    /// One line for people.
    pub(super) title: Option<String>,
    /// What it changes.
    pub(super) action: Option<String>,
    /// What it reads.
    pub(super) query: Option<String>,
    /// What it waits for.
    pub(super) gate: Option<Gate>,
    /// What the person at a gate reads.
    pub(super) message: Option<String>,
    /// Steps that must have succeeded.
    pub(super) needs: Option<Vec<String>>,
    /// Steps that must have ended, however they ended.
    pub(super) after: Option<Vec<String>>,
    /// A condition, decided while planning.
    #[schemars(with = "Option<BooleanOrExpression>")]
    pub(super) when: Option<IgnoredAny>,
    /// A list; the step runs once for each of its items.
    #[schemars(with = "Option<ListOrExpression>")]
    pub(super) for_each: Option<IgnoredAny>,
    /// The Regions of a query: a list, or `enabled`.
    #[schemars(with = "Option<ListOrExpression>")]
    pub(super) regions: Option<IgnoredAny>,
    /// With which role in which account the step acts.
    pub(super) seat: Option<Seat>,
    /// How long one execution may take before it counts as stuck, such as `15m`.
    pub(super) timeout: Option<String>,
    /// What the action or query takes.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub(super) with: Option<IgnoredAny>,
}

/// `true`, `false`, or an expression.
struct BooleanOrExpression;

impl JsonSchema for BooleanOrExpression {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BooleanOrExpression".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["boolean", "string"] })
    }
}

/// A list, or a text: an expression or a word.
struct ListOrExpression;

impl JsonSchema for ListOrExpression {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ListOrExpression".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["array", "string"] })
    }
}
