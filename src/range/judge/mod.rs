//! Whether the adversary is contained, decided by the world and not by whoever contains it.

mod closure;
mod judge;
mod judgement;

pub(crate) use judge::Judge;
pub use judgement::{Judgement, SeenCall};
