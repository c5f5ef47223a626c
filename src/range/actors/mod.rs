//! The people of a scenario, as tasks on the range's clock.

mod play;

pub use play::Actors;
