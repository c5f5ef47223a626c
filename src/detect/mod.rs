//! Detections: what an event came in, what it says, and which pattern it matches. Pure: no clock, no files, no network.
//!
//! [`unwrap`] takes single events out of whatever carries them, [`Facts::of`] reads one. Both take anything that anybody may have
//! written: they end, quickly, and guess nothing.
//!
//! A [`Pattern`] is one of Amazon EventBridge, with AWS's own meaning of each operator
//! (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>), and with an error for whatever AWS rejects.

mod decimal;
mod detection;
mod envelope;
mod event;
mod extract;
mod fact;
mod fact_name;
mod json;
mod mapping;
mod matching;
mod mismatch;
mod names;
mod node;
mod parse;
mod pattern;
mod patterns;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod samples;
mod scalar;
mod shape;
mod test;
#[cfg(test)]
mod tests;
mod trigger;
#[cfg(test)]
mod trigger_tests;
mod unwrap;
#[cfg(test)]
mod unwrap_tests;
mod wildcard;
mod wrapping;

pub use detection::Detection;
pub use event::Event;
pub use fact::{Fact, Facts, Said, Unsaid};
pub use json::BadJson;
pub use mapping::{Filled, Filling, Mapped, Missing, Origin};
pub use mismatch::{Found, Mismatch};
pub use pattern::{BadPattern, Pattern};
pub use patterns::Patterns;
pub use trigger::{After, Grade, Trigger, Unattended};
pub use unwrap::{BadInput, Unread, Unwrapped, unwrap};
