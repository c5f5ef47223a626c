//! The graph of a runbook: which step waits for which, and why.
//!
//! A [`Graph`] is made of a runbook by [`check`], with all that is wrong with its order as findings. What the author
//! wrote (`needs`, `after`, references to queries) and what AWS and containment demand (hazards) stay told apart, so that
//! a person sees where an edge comes from. A hazard edge waits like `after`: one refused call must not stop the rest.
//!
//! **Unreachable** is a step that can never run, whatever is found: its `when` is constantly false, its `for_each` a
//! constant empty list, or a step or query that it needs is unreachable. A step that merely comes `after` such a step runs.

mod aws_order;
mod check;
mod compile;
mod cycle;
mod draw;
#[cfg(test)]
mod draw_tests;
mod edge;
#[cfg(test)]
mod findings_tests;
mod gated;
mod hazards;
mod model;
mod order;
#[cfg(test)]
mod order_tests;
mod reach;
#[cfg(test)]
mod rules_tests;

pub use aws_order::{RULES, Rule, before_its_role};
pub use check::{Checked, check};
pub use draw::{Drawing, draw};
pub use edge::{Edge, EdgeKind, Join};
pub use model::{Graph, Node, WorkKind};
