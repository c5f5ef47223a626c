//! Expressions: CEL inside `${{ }}`, a subset of it, typed before anything is read.
//!
//! CEL's own parser reads the text. The expression then becomes a small typed tree, and what is outside the subset, or
//! has the wrong type, is a finding. Evaluation is ours too: it is deterministic, does no I/O and has a budget, and
//! timestamps and durations are the same values as everywhere else.
//!
//! The subset: `parameters.<name>`, `steps.<query>.items`, `item`, `plan_time`; fields and `[index]`,
//! and of an ARN `account`, `role_name` and `user_name`; `==` `!=` `<` `<=`
//! `>` `>=`; `&&` `||` `!` and `? :`; `+` `-` `*` `/` `%` on integers, `+` and `-` on timestamps and durations, `+` on
//! lists; `in`; list literals; `size`, `has`, `filter`, `exists`, `all`, `map`; `timestamp('…')`, `duration('…')`.
//! Texts are never joined: nothing becomes part of an ARN, a policy or an id by pasting.

mod arn_field;
mod evaluate;
mod lower;
mod node;
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
