//! What the actions do in a range: the cases of the shared contract, and what is special to each of them.

mod bench;
mod cases;
pub(crate) mod other;

pub(crate) use bench::{Bench, Ran, action, finds_nothing_to_do};
pub(crate) use cases::{Case, Undone, cases};
