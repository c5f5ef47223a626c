//! Whether the adversary is contained, decided by the world and not by whoever contains it.

mod closure;
mod watch;
mod judgement;

pub(crate) use watch::Judge;
pub use judgement::{Judgement, SeenCall};
