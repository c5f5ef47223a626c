//! Evaluates typed expressions.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::Scope;
use super::arn_field::ArnField;
use super::node::{Constant, Each, Kind, Node};
use super::operator::Operator;
use crate::base::{format_duration, parse_duration};
use crate::runbook::{Scalar, Type};

/// How many parts of expressions one evaluation may look at. A fan-out over tens of thousands of items fits.
const BUDGET: usize = 2_000_000;

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to evaluate `{expression}`: {why}")]
pub struct EvaluationError {
    /// The expression.
    pub expression: String,
    /// The reason, as a fragment.
    pub why: String,
}

#[derive(Debug, Clone)]
enum Val<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(Cow<'a, str>),
    Timestamp(Timestamp),
    Duration(SignedDuration),
    List(Vec<Val<'a>>),
    Object(&'a Map<String, Value>),
    /// A number that is no integer; only passed on.
    Other(&'a Value),
}

type Evaluated<'a> = Result<Val<'a>, String>;

pub(super) fn evaluate(root: &Node, scope: &Scope<'_>) -> Result<Value, String> {
    let mut evaluation = Evaluation { scope, locals: Vec::new(), left: BUDGET };
    let value = match &root.kind {
        Kind::Parameter(name) if scope.parameter(name).is_none() => Val::Null,
        _ => evaluation.value(root)?,
    };
    value.into_json()
}

struct Evaluation<'a> {
    scope: &'a Scope<'a>,
    locals: Vec<(&'a str, Val<'a>)>,
    left: usize,
}

impl<'a> Val<'a> {
    /// Takes a value of a type from JSON. What does not fit its type is an error: it came from outside.
    fn load(value: &'a Value, of: &Type) -> Evaluated<'a> {
        let misfit = || format!("expected `{of}`, found `{value}`");
        Ok(match (value, of) {
            (Value::Null, _) => Self::Null,
            (Value::String(text), Type::Scalar(Scalar::Timestamp)) => {
                Self::Timestamp(text.parse().map_err(|_| misfit())?)
            }
            (Value::String(text), Type::Scalar(Scalar::Duration)) => {
                let time = parse_duration(text).map_err(|_| misfit())?;
                Self::Duration(SignedDuration::try_from(time).map_err(|_| misfit())?)
            }
            (Value::String(text), Type::Unknown) => Self::Text(text.as_str().into()),
            (Value::String(text), Type::Scalar(scalar)) if scalar.is_text() => Self::Text(text.as_str().into()),
            (Value::Bool(value), Type::Scalar(Scalar::Boolean) | Type::Unknown) => Self::Boolean(*value),
            (Value::Number(number), Type::Scalar(Scalar::Integer) | Type::Unknown) => match number.as_i64() {
                Some(number) => Self::Integer(number),
                None => Self::Other(value),
            },
            (Value::Array(values), Type::List(of)) => {
                Self::List(values.iter().map(|value| Self::load(value, of)).collect::<Result<_, _>>()?)
            }
            (Value::Array(values), Type::Unknown) => {
                Self::List(values.iter().map(|value| Self::load(value, of)).collect::<Result<_, _>>()?)
            }
            (Value::Object(map), Type::Object(_) | Type::Scalar(Scalar::PolicyDocument) | Type::Unknown) => {
                Self::Object(map)
            }
            _ => return Err(misfit()),
        })
    }

    fn into_json(self) -> Result<Value, String> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => value.into(),
            Self::Integer(value) => value.into(),
            Self::Text(text) => text.into_owned().into(),
            Self::Timestamp(time) => time.to_string().into(),
            Self::Duration(time) => {
                let time = std::time::Duration::try_from(time).map_err(|_| "the duration is negative".to_owned())?;
                format_duration(time).into()
            }
            Self::List(values) => values.into_iter().map(Self::into_json).collect::<Result<Vec<_>, _>>()?.into(),
            Self::Object(map) => map.clone().into(),
            Self::Other(value) => value.clone(),
        })
    }

    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(one), Self::Boolean(two)) => one == two,
            (Self::Text(one), Self::Text(two)) => one == two,
            (Self::Object(one), Self::Object(two)) => one == two,
            (Self::Other(one), Self::Other(two)) => one == two,
            (Self::List(one), Self::List(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(two)) => Some(one.cmp(two)),
            (Self::Timestamp(one), Self::Timestamp(two)) => Some(one.cmp(two)),
            (Self::Duration(one), Self::Duration(two)) => Some(one.cmp(two)),
            _ => None,
        }
    }
}

impl<'a> Evaluation<'a> {
    fn spend(&mut self, parts: usize) -> Result<(), String> {
        self.left = self.left.checked_sub(parts).ok_or("it takes too many steps")?;
        Ok(())
    }

    fn load(&mut self, value: &'a Value, of: &Type) -> Evaluated<'a> {
        self.spend(value.as_array().map_or(1, Vec::len))?;
        Val::load(value, of)
    }

    fn value(&mut self, node: &'a Node) -> Evaluated<'a> {
        self.spend(1)?;
        match &node.kind {
            Kind::Constant(constant) => Ok(match constant {
                Constant::Null => Val::Null,
                Constant::Boolean(value) => Val::Boolean(*value),
                Constant::Integer(value) => Val::Integer(*value),
                Constant::Text(text) => Val::Text(text.as_str().into()),
                Constant::Timestamp(time) => Val::Timestamp(*time),
                Constant::Duration(time) => Val::Duration(*time),
            }),
            Kind::PlanTime => Ok(Val::Timestamp(self.scope.plan_time())),
            Kind::Parameter(name) => {
                let value = self.scope.parameter(name).ok_or_else(|| format!("parameter `{name}` has no value"))?;
                self.load(value, &node.of)
            }
            Kind::HasParameter(name) => Ok(Val::Boolean(self.scope.parameter(name).is_some())),
            Kind::Items(step) => {
                let items = self.scope.items(step).ok_or_else(|| format!("query `{step}` was not asked"))?;
                self.spend(items.len())?;
                let of = match &node.of {
                    Type::List(of) => of.as_ref(),
                    other => other,
                };
                Ok(Val::List(items.iter().map(|item| Val::load(item, of)).collect::<Result<_, _>>()?))
            }
            Kind::LeftAlone(step) => {
                let told = self.scope.left_alone(step);
                self.spend(told.len())?;
                let of = Type::Scalar(Scalar::String);
                Ok(Val::List(told.iter().map(|one| Val::load(one, &of)).collect::<Result<_, _>>()?))
            }
            Kind::Item => {
                let item = self.scope.item().ok_or("there is no item")?;
                self.load(item, &node.of)
            }
            Kind::Local(name) => {
                let found = self.locals.iter().rev().find(|(local, _)| local == name);
                found.map(|(_, value)| value.clone()).ok_or_else(|| format!("there is no `{name}`"))
            }
            Kind::Field(operand, field) => {
                self.field(operand, field, &node.of)?.ok_or_else(|| format!("the value has no `{field}`"))
            }
            Kind::Has(operand, field) => Ok(Val::Boolean(self.field(operand, field, &Type::Unknown)?.is_some())),
            Kind::List(nodes) => Ok(Val::List(nodes.iter().map(|node| self.value(node)).collect::<Result<_, _>>()?)),
            Kind::Apply(operator, nodes) => self.apply(*operator, nodes),
            Kind::Each(each, over, name, body) => self.each(*each, over, name, body),
        }
    }

    fn field(&mut self, operand: &'a Node, field: &str, of: &Type) -> Result<Option<Val<'a>>, String> {
        match self.value(operand)? {
            Val::Object(map) => match map.get(field).filter(|value| !value.is_null()) {
                Some(value) => self.load(value, of).map(Some),
                None => Ok(None),
            },
            Val::Text(arn) if operand.of == Type::Scalar(Scalar::IamArn) => {
                let part = ArnField::named(field).and_then(|part| part.read(&arn));
                part.map(|part| Ok(Val::Text(part.into()))).transpose()
            }
            _ => Err(format!("the value has no `{field}`")),
        }
    }

    fn truth(&mut self, node: &'a Node) -> Result<bool, String> {
        match self.value(node)? {
            Val::Boolean(value) => Ok(value),
            _ => Err("a condition is neither true nor false".to_owned()),
        }
    }

    fn each(&mut self, each: Each, over: &'a Node, name: &'a str, body: &'a Node) -> Evaluated<'a> {
        let Val::List(values) = self.value(over)? else { return Err("the value is not a list".to_owned()) };
        let mut kept = Vec::new();
        for value in values {
            self.locals.push((name, value.clone()));
            let result = self.value(body);
            self.locals.pop();
            match (each, result?) {
                (Each::Map, result) => kept.push(result),
                (Each::Filter, Val::Boolean(true)) => kept.push(value),
                (Each::Exists, Val::Boolean(true)) => return Ok(Val::Boolean(true)),
                (Each::All, Val::Boolean(false)) => return Ok(Val::Boolean(false)),
                (_, Val::Boolean(_)) => {}
                _ => return Err("a condition is neither true nor false".to_owned()),
            }
        }
        Ok(match each {
            Each::Map | Each::Filter => Val::List(kept),
            Each::Exists => Val::Boolean(false),
            Each::All => Val::Boolean(true),
        })
    }

    fn apply(&mut self, operator: Operator, nodes: &'a [Node]) -> Evaluated<'a> {
        match (operator, nodes) {
            (Operator::And, [one, two]) => Ok(Val::Boolean(self.truth(one)? && self.truth(two)?)),
            (Operator::Or, [one, two]) => Ok(Val::Boolean(self.truth(one)? || self.truth(two)?)),
            (Operator::Not, [one]) => Ok(Val::Boolean(!self.truth(one)?)),
            (Operator::If, [condition, yes, no]) => {
                if self.truth(condition)? {
                    self.value(yes)
                } else {
                    self.value(no)
                }
            }
            (Operator::Negate, [one]) => match self.value(one)? {
                Val::Integer(number) => number.checked_neg().map(Val::Integer).ok_or_else(overflow),
                _ => Err("the value is not a number".to_owned()),
            },
            (Operator::Size, [one]) => match self.value(one)? {
                Val::List(values) => Ok(Val::Integer(values.len() as i64)),
                Val::Text(text) => Ok(Val::Integer(text.chars().count() as i64)),
                _ => Err("the value has no size".to_owned()),
            },
            (_, [one, two]) => {
                let (one, two) = (self.value(one)?, self.value(two)?);
                self.spend(match (&one, &two) {
                    (Val::List(values), _) | (_, Val::List(values)) => values.len(),
                    _ => 1,
                })?;
                binary(operator, one, two)
            }
            _ => Err("an operator has the wrong number of operands".to_owned()),
        }
    }
}

/// A moment that can be one of an incident. AWS has nothing older, and what is written with more digits nobody reads.
fn moment<'a>(time: Timestamp) -> Evaluated<'a> {
    const END: i64 = 253_402_300_800;
    match (0..END).contains(&time.as_second()) {
        true => Ok(Val::Timestamp(time)),
        false => Err("the time lies before 1970 or after 9999".to_owned()),
    }
}

fn overflow() -> String {
    "a number is too large".to_owned()
}

fn binary<'a>(operator: Operator, one: Val<'a>, two: Val<'a>) -> Evaluated<'a> {
    let ordered = |fits: fn(Ordering) -> bool| {
        one.order(&two).map(|order| Val::Boolean(fits(order))).ok_or_else(|| "the values have no order".to_owned())
    };
    match operator {
        Operator::Equal => return Ok(Val::Boolean(one.same(&two))),
        Operator::NotEqual => return Ok(Val::Boolean(!one.same(&two))),
        Operator::Less => return ordered(Ordering::is_lt),
        Operator::LessOrEqual => return ordered(Ordering::is_le),
        Operator::Greater => return ordered(Ordering::is_gt),
        Operator::GreaterOrEqual => return ordered(Ordering::is_ge),
        _ => {}
    }
    match (operator, one, two) {
        (Operator::In, one, Val::List(values)) => Ok(Val::Boolean(values.iter().any(|value| value.same(&one)))),
        (Operator::Index, Val::List(values), Val::Integer(at)) => usize::try_from(at)
            .ok()
            .and_then(|at| values.into_iter().nth(at))
            .ok_or_else(|| format!("the list has no element {at}")),
        (Operator::Add, Val::List(mut one), Val::List(two)) => {
            one.extend(two);
            Ok(Val::List(one))
        }
        (_, Val::Integer(one), Val::Integer(two)) => match operator {
            Operator::Add => one.checked_add(two),
            Operator::Subtract => one.checked_sub(two),
            Operator::Multiply => one.checked_mul(two),
            Operator::Divide | Operator::Remainder if two == 0 => return Err("a division by zero".to_owned()),
            Operator::Divide => one.checked_div(two),
            Operator::Remainder => one.checked_rem(two),
            _ => None,
        }
        .map(Val::Integer)
        .ok_or_else(overflow),
        (Operator::Add, Val::Timestamp(time), Val::Duration(by))
        | (Operator::Add, Val::Duration(by), Val::Timestamp(time)) => {
            time.checked_add(by).map_err(|_| overflow()).and_then(moment)
        }
        (Operator::Subtract, Val::Timestamp(time), Val::Duration(by)) => {
            time.checked_sub(by).map_err(|_| overflow()).and_then(moment)
        }
        (Operator::Subtract, Val::Timestamp(one), Val::Timestamp(two)) => Ok(Val::Duration(one.duration_since(two))),
        (Operator::Add, Val::Duration(one), Val::Duration(two)) => {
            one.checked_add(two).map(Val::Duration).ok_or_else(overflow)
        }
        (Operator::Subtract, Val::Duration(one), Val::Duration(two)) => {
            one.checked_sub(two).map(Val::Duration).ok_or_else(overflow)
        }
        _ => Err("an operator does not fit its values".to_owned()),
    }
}
