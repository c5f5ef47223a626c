//! Expressions: CEL inside `${{ }}`, a subset of it, typed before anything is read.
//!
//! CEL's own parser reads the text. The expression then becomes a small typed tree, and what is outside the subset, or
//! has the wrong type, is a finding. Evaluation is ours too: it is deterministic, does no I/O and has a budget, and
//! timestamps and durations are the same values as everywhere else.
//!
//! The subset:
//! - `parameters.<name>`, `steps.<query>.items`, `steps.<query>.left_alone`, `item`, `plan_time`;
//! - fields, `[index]`, and of an ARN `account`, `role_name` and `user_name`;
//! - `==` `!=` `<` `<=` `>` `>=` `&&` `||` `!` `? :` `in`;
//! - `+` `-` `*` `/` `%` on integers, `+` and `-` on timestamps and durations, `+` on lists;
//! - list literals, `size`, `has`, `filter`, `exists`, `all`, `map`, `timestamp('…')`, `duration('…')`.
//!
//! Texts are never joined: nothing becomes part of an ARN, a policy or an id by pasting.

mod arn_field;
mod evaluate;
mod lower;
mod node;
mod operator;
mod scope;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::{Code, Type};
use crate::base::StepId;

pub use evaluate::EvaluationError;
pub(crate) use lower::Parsed;
pub(crate) use node::{Names, StepName};
pub use scope::Scope;

/// The longest expression, in bytes. What reads and evaluates expressions may recurse over them.
pub(crate) const MAX_BYTES: usize = 1_024;

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    /// The bytes of the expression that are meant.
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// An expression that was checked: all it names exists, and it has a type.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    of: Type,
    root: Arc<node::Node>,
    uses: Arc<Uses>,
}

/// What an expression depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    pub(crate) steps: BTreeSet<StepId>,
    pub(crate) parameters: BTreeSet<String>,
    /// Parameters that the expression asks for with `has()`.
    pub(crate) asks: BTreeSet<String>,
    pub(crate) item: bool,
    pub(crate) plan_time: bool,
}

impl Expression {
    /// Checks an expression against the names it may use.
    pub(crate) fn check(parsed: &Parsed, names: &Names<'_>) -> Result<Self, Fault> {
        let (root, uses) = lower::lower(parsed, names)?;
        let of = root.of.clone();
        Ok(Self { text: parsed.text().to_owned(), of, root: Arc::new(root), uses: Arc::new(uses) })
    }

    /// The text between `${{` and `}}`, trimmed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The type of its value.
    pub fn of(&self) -> &Type {
        &self.of
    }

    /// The queries whose items it uses.
    pub fn steps(&self) -> impl Iterator<Item = &StepId> {
        self.uses.steps.iter()
    }

    /// The parameters it uses.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.uses.parameters.iter().map(String::as_str)
    }

    pub(crate) fn uses(&self) -> &Uses {
        &self.uses
    }

    /// The parameter whose value this is, if it is nothing but that.
    pub(crate) fn only_parameter(&self) -> Option<&str> {
        match &self.root.kind {
            node::Kind::Parameter(name) => Some(name),
            _ => None,
        }
    }

    /// The value, when it depends on nothing.
    pub(crate) fn constant(&self) -> Option<Value> {
        (*self.uses == Uses::default()).then(|| self.evaluate(&Scope::empty()).ok()).flatten()
    }

    /// Why it never has a value, where that shows without an account: it depends on nothing, or on the time alone.
    pub(crate) fn never(&self) -> Option<String> {
        let Uses { steps, parameters, asks, item, plan_time: _ } = self.uses();
        if !(steps.is_empty() && parameters.is_empty() && asks.is_empty()) || *item {
            return None;
        }
        // Any day will do: what a runbook adds to the time, or takes from it, is hours or days.
        self.evaluate(&Scope::at_noon()).err().map(|error| error.why)
    }

    /// The value in a scope: deterministic, without I/O, within a budget of steps.
    ///
    /// A parameter without a value is `null` where it stands alone, and an error inside a larger expression.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
        evaluate::evaluate(&self.root, scope).map_err(|why| EvaluationError { expression: self.text.clone(), why })
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.of == other.of
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "${{{{ {} }}}}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use serde_json::json;

    use super::super::Scalar;
    use super::*;

    fn id(text: &str) -> StepId {
        StepId::new(text).expect("an id")
    }

    fn check(text: &str) -> Result<Expression, Fault> {
        let item = Type::of_schema(&json!({ "type": "object", "required": ["id", "made"], "properties": {
            "id": { "type": "string", "format": "bedrock_agent_id" },
            "made": { "type": "string", "format": "date-time" },
            "role": { "type": ["string", "null"], "format": "iam_arn" },
        }}));
        let parameters = HashMap::from([
            ("since".to_owned(), Scalar::Timestamp.into()),
            ("user".to_owned(), Scalar::IamArn.into()),
            ("many".to_owned(), Type::list(Scalar::String.into())),
            ("most".to_owned(), Scalar::Integer.into()),
        ]);
        let steps = HashMap::from([(id("rogue"), StepName::Query(item.clone())), (id("pause"), StepName::Other)]);
        let names = Names { parameters: &parameters, steps: Some(&steps), item: Some(&item) };
        Expression::check(&Parsed::parse(text)?, &names)
    }

    fn evaluate(text: &str) -> Result<Value, String> {
        let parameters = BTreeMap::from([
            ("since".to_owned(), json!("2026-11-21T00:00:00Z")),
            ("user".to_owned(), json!("arn:aws:iam::111122223333:user/ops/kai")),
            ("many".to_owned(), json!(["a", "b"])),
            ("most".to_owned(), Value::Null),
        ]);
        let items = BTreeMap::from([(
            id("rogue"),
            vec![
                json!({ "id": "AAAAAAAAAA", "made": "2026-11-21T10:00:00Z", "role": null }),
                json!({ "id": "BBBBBBBBBB", "made": "2026-11-20T10:00:00Z", "role": "arn:aws:iam::111122223333:role/r" }),
            ],
        )]);
        let item = json!({ "id": "AAAAAAAAAA", "made": "2026-11-21T10:00:00Z" });
        let scope = Scope::new(&parameters, "2026-11-22T03:00:00Z".parse().expect("a time")).with_items(&items);
        let expression = check(text).map_err(|fault| format!("{}: {}", fault.code, fault.message))?;
        expression.evaluate(&scope.for_item(&item)).map_err(|error| error.why)
    }

    #[test]
    fn the_subset_means_what_cel_says() {
        for (text, value) in [
            ("plan_time - duration('24h')", json!("2026-11-21T03:00:00Z")),
            ("plan_time - parameters.since", json!("1d3h")),
            ("size(steps.rogue.items)", json!(2)),
            ("steps.rogue.items.filter(a, a.made > parameters.since).map(a, a.id)", json!(["AAAAAAAAAA"])),
            ("steps.rogue.items.exists(a, has(a.role) && a.role == parameters.user)", json!(false)),
            ("steps.rogue.items.all(a, size(a.id) == 10)", json!(true)),
            ("steps.rogue.left_alone", json!([])),
            ("size(steps.rogue.left_alone.filter(told, told == 'a')) == 0", json!(true)),
            ("steps.rogue.items[1].role", json!("arn:aws:iam::111122223333:role/r")),
            ("'b' in parameters.many && !('c' in parameters.many)", json!(true)),
            ("(parameters.many + ['c']).size() == 3 ? 'yes' : 'no'", json!("yes")),
            ("parameters.user.user_name", json!("kai")),
            ("parameters.user.account", json!("111122223333")),
            ("has(parameters.user.role_name)", json!(false)),
            ("has(parameters.most) || 7 % 4 * 2 - 1 == 5", json!(true)),
            ("timestamp('2026-01-01T00:00:00Z') < plan_time", json!(true)),
            ("item.id", json!("AAAAAAAAAA")),
            ("parameters.most", Value::Null),
            ("-(1 + 2) == -3", json!(true)),
        ] {
            assert_eq!(evaluate(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_has_no_value_says_why() {
        for (text, why) in [
            ("parameters.most > 1", "parameter `most` has no value"),
            ("steps.rogue.items[2].id", "the list has no element 2"),
            ("steps.rogue.items[0].role", "the value has no `role`"),
            ("1 / 0 == 1", "a division by zero"),
            ("9223372036854775807 + 1 == 0", "a number is too large"),
            ("parameters.since - plan_time", "the duration is negative"),
            ("parameters.user.role_name", "the value has no `role_name`"),
        ] {
            assert_eq!(evaluate(text), Err(why.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_outside_the_subset_or_mistyped_is_refused() {
        for (text, code) in [
            ("item.id.matches('a.*')", Code::ExpressionSubset),
            ("{'a': 1}", Code::ExpressionSubset),
            ("1.5 > 1.0", Code::ExpressionSubset),
            ("string(1)", Code::ExpressionSubset),
            ("steps.rogue.items.exists_one(a, true)", Code::ExpressionSubset),
            ("'a' + 'b'", Code::ExpressionType),
            ("item.id == 1", Code::ExpressionType),
            ("item.name", Code::ExpressionType),
            ("steps.pause.items", Code::ExpressionType),
            ("steps.rogue", Code::ExpressionType),
            ("plan_time + plan_time", Code::ExpressionType),
            ("duration('1x')", Code::ExpressionType),
            ("planned", Code::ExpressionType),
            ("steps.nobody.items", Code::UnknownStep),
            ("parameters.nothing", Code::UnknownParameter),
            ("1 +", Code::ExpressionSyntax),
        ] {
            assert_eq!(check(text).expect_err(text).code, code, "{text}");
        }
    }

    #[test]
    fn evaluation_has_a_budget() {
        let inner = "steps.rogue.items.all(a, ";
        let text = format!("{}{}true{}", inner, inner.replace("(a,", "(b,"), "))");
        let parameters = BTreeMap::new();
        let item = json!({ "id": "AAAAAAAAAA", "made": "2026-11-21T10:00:00Z" });
        let items = BTreeMap::from([(id("rogue"), vec![item; 3_000])]);
        let scope = Scope::new(&parameters, "2026-11-22T03:00:00Z".parse().expect("a time")).with_items(&items);
        let error = check(&text).expect("it is sound").evaluate(&scope).expect_err("nine million parts");
        assert_eq!(error.why, "it takes too many steps");
    }
}
