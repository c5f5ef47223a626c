//! The typed tree of an expression.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::operator::Operator;
use crate::base::StepId;
use crate::runbook::{Scalar, Type};

/// What a name of a step stands for in expressions.
#[derive(Debug, Clone)]
pub(crate) enum StepName {
    /// A query, with the type of one item.
    Query(Type),
    /// An action or a gate, which finds nothing.
    Other,
}

/// The names that an expression may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    /// The parameters and their types.
    pub(crate) parameters: &'a HashMap<String, Type>,
    /// The steps; nothing where expressions cannot use steps at all.
    pub(crate) steps: Option<&'a HashMap<StepId, StepName>>,
    /// The type of `item`, in a step that fans out.
    pub(crate) item: Option<&'a Type>,
}

impl Names<'_> {
    /// The names of steps for a suggestion, in order. Where there are very many, none: a suggestion for each of very many
    /// findings would take too long.
    pub(crate) fn step_names(&self, wanted: impl Fn(&StepName) -> bool) -> Vec<&str> {
        const MANY: usize = 1_000;
        let steps = self.steps.filter(|steps| steps.len() <= MANY).into_iter().flatten();
        let mut names: Vec<&str> = steps.filter(|(_, of)| wanted(of)).map(|(id, _)| id.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// A part of an expression with its type.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) of: Type,
    pub(super) kind: Kind,
}

impl Node {
    /// Whether its value is of a scalar type, or may be.
    pub(super) fn is(&self, scalar: Scalar) -> bool {
        Type::Scalar(scalar).accepts(&self.of)
    }
}

#[derive(Debug)]
pub(super) enum Kind {
    Constant(Constant),
    PlanTime,
    Parameter(String),
    HasParameter(String),
    Items(StepId),
    LeftAlone(StepId),
    Item,
    Local(String),
    Field(Box<Node>, String),
    Has(Box<Node>, String),
    List(Vec<Node>),
    Apply(Operator, Vec<Node>),
    Each(Each, Box<Node>, String, Box<Node>),
}

#[derive(Debug, Clone)]
pub(super) enum Constant {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
    Timestamp(Timestamp),
    Duration(SignedDuration),
}

/// What is done with each element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Each {
    Filter,
    Exists,
    All,
    Map,
}
