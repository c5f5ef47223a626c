//! The operators: how they are written, what they work on, and what comes of it.

use cel::common::ast::operators;

use super::node::Node;
use crate::runbook::{Scalar, Type};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    And,
    Or,
    Not,
    Negate,
    If,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    In,
    Index,
    Size,
}

/// The type of an operator's result, if it works on these operands.
pub(super) fn result_of(operator: Operator, nodes: &[Node]) -> Option<Type> {
    use Scalar::{Boolean, Duration, Integer, Timestamp};
    let all = |scalar| nodes.iter().all(|node| node.is(scalar));
    let scalar = |at: usize| match &nodes.get(at)?.of {
        Type::Scalar(scalar) => Some(*scalar),
        _ => None,
    };
    let known = |scalar: Scalar, when: bool| when.then_some(Type::Scalar(scalar));
    match operator {
        Operator::And | Operator::Or | Operator::Not => known(Boolean, all(Boolean)),
        Operator::Negate => known(Integer, all(Integer)),
        Operator::If => {
            let [condition, yes, no] = nodes else { return None };
            (condition.is(Boolean) && yes.of.comparable(&no.of))
                .then(|| if yes.of.accepts(&no.of) { yes.of.clone() } else { no.of.clone() })
        }
        Operator::Equal | Operator::NotEqual => known(Boolean, nodes[0].of.comparable(&nodes[1].of)),
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            known(Boolean, all(Integer) || all(Timestamp) || all(Duration))
        }
        Operator::Add => match (scalar(0), scalar(1)) {
            (Some(Integer), Some(Integer)) => known(Integer, true),
            (Some(Timestamp), Some(Duration)) | (Some(Duration), Some(Timestamp)) => known(Timestamp, true),
            (Some(Duration), Some(Duration)) => known(Duration, true),
            (None, None) if nodes[0].of.comparable(&nodes[1].of) && matches!(nodes[0].of, Type::List(_)) => {
                Some(if nodes[0].of.accepts(&nodes[1].of) { nodes[0].of.clone() } else { nodes[1].of.clone() })
            }
            _ => None,
        },
        Operator::Subtract => match (scalar(0), scalar(1)) {
            (Some(Integer), Some(Integer)) => known(Integer, true),
            (Some(Timestamp), Some(Duration)) => known(Timestamp, true),
            (Some(Timestamp), Some(Timestamp)) | (Some(Duration), Some(Duration)) => known(Duration, true),
            _ => None,
        },
        Operator::Multiply | Operator::Divide | Operator::Remainder => known(Integer, all(Integer)),
        Operator::In => match &nodes[1].of {
            Type::List(of) => known(Boolean, of.comparable(&nodes[0].of)),
            Type::Unknown => known(Boolean, true),
            _ => None,
        },
        Operator::Index => match &nodes[0].of {
            Type::List(of) => nodes[1].is(Integer).then(|| of.as_ref().clone()),
            _ => None,
        },
        Operator::Size => known(Integer, true),
    }
}

/// What an operator works on.
pub(super) fn wants(operator: Operator) -> &'static str {
    match operator {
        Operator::And | Operator::Or | Operator::Not => "it joins conditions, such as `size(steps.rogue.items) > 0`",
        Operator::If => "write `condition ? one : other`, both of one type",
        Operator::Equal | Operator::NotEqual => "both sides have to be of one type",
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            "it compares two whole numbers, two timestamps or two durations"
        }
        Operator::Add | Operator::Subtract => {
            "it works on whole numbers, on timestamps and durations, and `+` on lists of one type"
        }
        Operator::Negate | Operator::Multiply | Operator::Divide | Operator::Remainder => "it works on whole numbers",
        Operator::In => "write `value in list`, the value of the type that the list holds",
        Operator::Index => "write `list[0]`: a list, and a whole number",
        Operator::Size => "it counts a list or a text",
    }
}

const OPERATORS: [(&str, Operator, &str); 18] = [
    (operators::LOGICAL_AND, Operator::And, "&&"),
    (operators::LOGICAL_OR, Operator::Or, "||"),
    (operators::LOGICAL_NOT, Operator::Not, "!"),
    (operators::NEGATE, Operator::Negate, "-"),
    (operators::CONDITIONAL, Operator::If, "? :"),
    (operators::EQUALS, Operator::Equal, "=="),
    (operators::NOT_EQUALS, Operator::NotEqual, "!="),
    (operators::LESS, Operator::Less, "<"),
    (operators::LESS_EQUALS, Operator::LessOrEqual, "<="),
    (operators::GREATER, Operator::Greater, ">"),
    (operators::GREATER_EQUALS, Operator::GreaterOrEqual, ">="),
    (operators::ADD, Operator::Add, "+"),
    (operators::SUBSTRACT, Operator::Subtract, "-"),
    (operators::MULTIPLY, Operator::Multiply, "*"),
    (operators::DIVIDE, Operator::Divide, "/"),
    (operators::MODULO, Operator::Remainder, "%"),
    (operators::IN, Operator::In, "in"),
    (operators::INDEX, Operator::Index, "[]"),
];

pub(super) fn operator(name: &str) -> Option<Operator> {
    OPERATORS.iter().find(|(cel, ..)| *cel == name).map(|(_, operator, _)| *operator)
}

pub(super) fn symbol(operator: Operator) -> &'static str {
    OPERATORS.iter().find(|(_, one, _)| *one == operator).map_or("size", |(.., symbol)| symbol)
}
