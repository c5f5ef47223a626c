//! The Condition element.

use serde_json::{Map, Value};

use super::compare::passes;
use super::context::{Context, KeyValue};
use super::error::PolicyError;
use super::operator::{Comparison, Operator, Quantifier};
use super::truth::{Doubt, Truth};

/// One key under one operator.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Known {
        operator: Operator,
        key: String,
        values: Vec<String>,
    },
    /// An operator that we do not know; its values may have any form.
    Strange(String),
}

impl Condition {
    /// Reads the element: `{operator: {key: value or list}}`.
    pub(super) fn read_all(element: &Value) -> Result<Vec<Self>, PolicyError> {
        let operators = as_map(element, "Condition")?;
        let mut conditions = Vec::new();
        for (name, keys) in operators {
            let Some(operator) = Operator::read(name) else {
                conditions.push(Self::Strange(name.clone()));
                continue;
            };
            for (key, values) in as_map(keys, name)? {
                let values = read_values(values)
                    .ok_or_else(|| PolicyError::malformed(format!("the values of the condition key `{key}`")))?;
                conditions.push(Self::Known { operator, key: key.clone(), values });
            }
        }
        Ok(conditions)
    }

    /// Whether the request meets the condition. `variables` as in [`super::pattern::Reading`].
    pub(super) fn is_met(&self, context: &Context, variables: Option<&Context>) -> Truth {
        let (operator, key, wanted) = match self {
            Self::Known { operator, key, values } => (operator, key, values),
            Self::Strange(name) => return Truth::doubt(Doubt::Operator(name.clone())),
        };
        let found = match (context.get(key), operator.comparison) {
            (KeyValue::Unknown, _) => return Truth::doubt(Doubt::Key(key.to_ascii_lowercase())),
            (found, Comparison::Presence) => return is_absent(found, wanted),
            (KeyValue::Absent, _) => return without_the_key(*operator),
            (KeyValue::Present(found), _) => found,
        };
        let one = |found: &String| {
            let some = Truth::any(wanted.iter().map(|wanted| passes(*operator, wanted, found, variables)));
            if operator.negated { some.not() } else { some }
        };
        match operator.quantifier {
            Quantifier::All => Truth::all(found.iter().map(one)),
            Quantifier::Any => Truth::any(found.iter().map(one)),
            Quantifier::One => match &found[..] {
                [found] => one(found),
                _ => Truth::doubt(Doubt::Value(format!("{key}: several values"))),
            },
        }
    }
}

/// What an operator says when the request does not have the key: the values do not match, so plain operators fail and
/// negated ones hold. This is why `DateLessThan` on `aws:TokenIssueTime` spares long-term keys.
fn without_the_key(operator: Operator) -> Truth {
    match (operator.quantifier, operator.if_exists) {
        (Quantifier::All, _) | (Quantifier::One, true) => Truth::Yes,
        (Quantifier::One, false) => operator.negated.into(),
        (Quantifier::Any, false) => Truth::No,
        // The documentation of `ForAnyValue` says no, that of `IfExists` says yes.
        (Quantifier::Any, true) => Truth::doubt(Doubt::Operator("ForAnyValue:…IfExists".to_owned())),
    }
}

fn is_absent(found: &KeyValue, wanted: &[String]) -> Truth {
    let absent = *found == KeyValue::Absent;
    Truth::any(wanted.iter().map(|wanted| match wanted.to_ascii_lowercase().as_str() {
        "true" => absent.into(),
        "false" => (!absent).into(),
        _ => Truth::doubt(Doubt::Value(wanted.clone())),
    }))
}

fn as_map<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, PolicyError> {
    value.as_object().ok_or_else(|| PolicyError::malformed(format!("`{name}` is not an object")))
}

/// A value or a list of values; IAM takes numbers and booleans with or without quotation marks.
fn read_values(value: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().map(one).collect(),
        value => Some(vec![one(value)?]),
    }
}
