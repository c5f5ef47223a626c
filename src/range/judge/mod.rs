//! Whether the adversary is contained, decided by the world and not by whoever contains it.

mod closure;
mod judgement;
mod probe;
mod watch;

pub use judgement::{Judgement, SeenCall};
pub use probe::{Attempt, Holder};
pub(crate) use watch::Judge;
