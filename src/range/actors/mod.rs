//! The people of a scenario, as tasks on the range's clock. They call through the same door as everybody else.

mod adversary;
mod hand;
mod moves;
mod play;
mod workload;

pub use play::Actors;
