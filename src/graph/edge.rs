//! Why one step waits for another.

use super::Rule;
use crate::runbook::Span;

/// Why one step waits for another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EdgeKind {
    /// The author wrote `needs`: the other must have succeeded.
    Needs,
    /// The author wrote `after`: the other must have ended, however it ended.
    After,
    /// An expression uses what the other, a query, found: it must have been answered.
    Reference,
    /// AWS or containment demands the order: the other must have ended, however it ended.
    Hazard(&'static Rule),
}

impl EdgeKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Needs => "needs",
            Self::After => "after",
            Self::Reference => "reference",
            Self::Hazard(_) => "hazard",
        }
    }

    /// The demand behind a hazard.
    pub fn rule(self) -> Option<&'static Rule> {
        match self {
            Self::Hazard(rule) => Some(rule),
            _ => None,
        }
    }

    /// Whether the other must have succeeded, and not only ended.
    pub fn needs_success(self) -> bool {
        matches!(self, Self::Needs | Self::Reference)
    }
}

/// How the executions of two steps meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// Every execution waits for all of the other step.
    All,
    /// Both steps fan out over one list: an execution waits for that of the same item.
    ItemByItem,
}

impl Join {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::ItemByItem => "item-by-item",
        }
    }
}

/// One reason for which a step waits for another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The reason.
    pub kind: EdgeKind,
    /// How executions meet.
    pub join: Join,
    /// Where the text says so; for a hazard, the id of the step that waits.
    pub span: Span,
}
